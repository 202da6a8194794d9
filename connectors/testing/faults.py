"""
What can go wrong between a connector and its source, and how a read may end then.

A read under a fault ends as the truth or as `Partial` with a cause; `END` says for each fault which of the two, and
which words count as naming the cause.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """One way in which a source, or what lies between, misbehaves."""

    OTHER_ORDER = "other-order"
    """The same entries in the opposite order, over all pages."""
    REPEATED_TOKEN = "repeated-token"  # noqa: S105 - a page token
    """From the second page on, the second page again and again."""
    DROPPED_PAGE = "dropped-page"
    """A page is left out: what follows comes in its place."""
    DUPLICATE_ENTRY = "duplicate-entry"
    """An entry of the first page stands on the second again."""
    HALF_ANSWER = "half-answer"
    """The connection ends after half of an answer."""
    CUT_DOCUMENT = "cut-document"
    """Half of a document, delivered as if it were whole."""
    WRONG_TYPE = "wrong-type"
    """Where a list of entries should be is a text."""
    WRONG_ENTRY = "wrong-entry"
    """An entry among the others is a bare text."""
    WRONG_FIELD = "wrong-field"
    """One field of an entry has another type; tried for each field in turn."""
    EMPTY_LIST = "empty-list"
    """Success, and no entries."""
    EMPTY_ANSWER = "empty-answer"
    """Success, and not a byte."""
    TOTAL_OF_PAGE = "total-of-page"
    """The stated total counts the entries of the page, and nothing names another page; read without a canary."""
    NO_END = "no-end"
    """Neither a total nor a link: a page that does not say whether there is more; read without a canary."""
    SHORT_PAGE = "short-page"
    """A page holds fewer entries than were asked for, and is not the last."""
    NOT_SIGNED_IN = "not-signed-in"
    """The sign-in has run out (401), from the second page on."""
    FORBIDDEN = "forbidden"
    """The right is missing (403), from the second page on."""
    REFUSED_AT_ONCE = "refused-at-once"
    """The very first request is refused (401)."""
    TOO_MANY = "too-many"
    """Too many requests (429), with a time to wait; then fine."""
    ERROR_ONCE = "error-once"
    """An error of the server (500), once."""
    ERROR_FOR_EVER = "error-for-ever"
    """An error of the server (500), from the second page on."""
    SLOW_DRIP = "slow-drip"
    """A byte at a time, each before any time-out strikes."""
    RESET = "reset"
    """The connection is reset, from the second page on."""
    UNKNOWN_AUTHORITY = "unknown-authority"
    """A certificate of an authority that nobody trusts."""
    WRONG_NAME = "wrong-name"
    """A trusted certificate of another server."""
    EXPIRED_CERTIFICATE = "expired-certificate"
    """A trusted certificate that has expired."""
    CLOCK_AHEAD = "clock-ahead"
    """The server's clock is five hours ahead of ours."""
    CLOCK_BEHIND = "clock-behind"
    """The server's clock is five hours behind ours."""


class Expected(StrEnum):
    """How a read may end under a fault."""

    TRUTH = "truth"
    """It must be `Complete`, with the truth: the fault is an everyday one."""
    CAUSE = "cause"
    """It must be `Partial`, with the cause."""
    EITHER = "either"
    """`Complete` with the truth, or `Partial` with the cause; never anything else."""


@dataclass(frozen=True, slots=True)
class ExpectedEnd:
    """How a read may end, and the words that name the cause, as a regular expression."""

    may: Expected
    cause: str = ""

    def names_cause(self, text: str) -> bool:
        """Whether the text of a `Partial` names the cause."""
        return re.search(self.cause, text, re.IGNORECASE) is not None


_MISSING = (
    r"said (it|that)|but (returned|holds)|at all|did not|not (say|know|return)|missing|short|fewer|total|ended|whole"
    r"|instead of|\bno\b|\bmore\b|sequence|position"
)
_TWICE = r"twice|duplicate|two ways|more than once|already|again|" + _MISSING
_SHAPE = r"not|else than|no\b|without|neither|cannot|instead of|twice|ends in|cut|wrong|expected|unknown|empty|whole"
_BROKEN = r"broke|reach|fail|reset|connection|did not answer|did not finish|cannot be read|cut|lost|ended|closed|middle"
_REFUSED = r"refuse|deni|allow|sign|right|auth|403|401"
_TLS = r"certificate|tls|trust"
_CLOCK = r"clock|skew|expired|time"

END: dict[Fault, ExpectedEnd] = {
    Fault.OTHER_ORDER: ExpectedEnd(Expected.TRUTH),
    Fault.REPEATED_TOKEN: ExpectedEnd(Expected.CAUSE, r"token|" + _TWICE),
    Fault.DROPPED_PAGE: ExpectedEnd(Expected.CAUSE, r"limit|referral|holds|not in|" + _TWICE),
    Fault.DUPLICATE_ENTRY: ExpectedEnd(Expected.EITHER, _TWICE),
    Fault.HALF_ANSWER: ExpectedEnd(Expected.CAUSE, _BROKEN + "|" + _SHAPE),
    Fault.CUT_DOCUMENT: ExpectedEnd(Expected.CAUSE, _SHAPE + "|" + _MISSING),
    Fault.WRONG_TYPE: ExpectedEnd(Expected.CAUSE, _SHAPE + "|" + _MISSING),
    Fault.WRONG_ENTRY: ExpectedEnd(Expected.CAUSE, _SHAPE + "|" + _MISSING),
    Fault.WRONG_FIELD: ExpectedEnd(Expected.EITHER, _SHAPE + "|" + _MISSING),
    Fault.EMPTY_LIST: ExpectedEnd(Expected.CAUSE, _MISSING + "|empty"),
    Fault.EMPTY_ANSWER: ExpectedEnd(Expected.CAUSE, _SHAPE + "|" + _MISSING + "|" + _BROKEN),
    Fault.TOTAL_OF_PAGE: ExpectedEnd(Expected.EITHER, "chang|" + _MISSING),
    Fault.NO_END: ExpectedEnd(Expected.EITHER, _MISSING + "|without"),
    Fault.SHORT_PAGE: ExpectedEnd(Expected.TRUTH),
    Fault.NOT_SIGNED_IN: ExpectedEnd(Expected.EITHER, _REFUSED),
    Fault.FORBIDDEN: ExpectedEnd(Expected.CAUSE, _REFUSED),
    Fault.REFUSED_AT_ONCE: ExpectedEnd(Expected.CAUSE, _REFUSED),
    Fault.TOO_MANY: ExpectedEnd(Expected.TRUTH),
    Fault.ERROR_ONCE: ExpectedEnd(Expected.TRUTH),
    Fault.ERROR_FOR_EVER: ExpectedEnd(
        Expected.CAUSE, r"500|did not|error|busy|unavailable|no connection|result 5[0-9]"
    ),
    Fault.SLOW_DRIP: ExpectedEnd(Expected.CAUSE, r"in time|within|slow|timed out"),
    Fault.RESET: ExpectedEnd(Expected.CAUSE, _BROKEN + "|no such file"),
    Fault.UNKNOWN_AUTHORITY: ExpectedEnd(Expected.CAUSE, _TLS),
    Fault.WRONG_NAME: ExpectedEnd(Expected.CAUSE, _TLS),
    Fault.EXPIRED_CERTIFICATE: ExpectedEnd(Expected.CAUSE, _TLS),
    Fault.CLOCK_AHEAD: ExpectedEnd(Expected.EITHER, _CLOCK),
    Fault.CLOCK_BEHIND: ExpectedEnd(Expected.EITHER, _CLOCK),
}
