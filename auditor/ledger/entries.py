"""
The ledger's format: one signed entry for each audit, and for each notice, each bound to the one before it.

An entry names what its audit was and what its audit changed in the history, both as SHA-256, so whoever changes, adds
or removes a row, or an entry, is noticed by anybody who has the public key. `docs/ledger.md` describes the format for
strangers; this module is the only code that knows it. It reads nothing, writes nothing and needs no key.

Source: RFC 8785 (canonical JSON), RFC 6962 section 2.1 (the 0x00 prefix of a leaf), RFC 8032 (Ed25519).
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from connectors.errors import AuditorError, shorten

FORMAT = "auditor-ledger/v1"
"""First line of every text that is signed, so that a signature made for the ledger means nothing elsewhere."""

NO_ENTRY = "0" * 64
"""What the first entry has in place of the hash of the entry before it."""

MAX_BODY_BYTES = 64 * 2**10
"""No honest body comes near; a larger one is not parsed."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "account": ("system", "account"),
    "sign_in": ("system", "account"),
    "owner": ("system", "account"),
    "entitlement": ("system", "entitlement"),
    "grant": ("system", "account", "entitlement", "path"),
    "engagement": ("vma",),
    "period": ("vma", "start"),
    "finding": ("finding",),
    "term": ("kind", "term"),
    "work_order": ("work_order",),
}
"""The tables that hold history as intervals, and what names one thing in them beside the practice."""

RECORDS: Mapping[str, str] = {
    "audit": "id",
    "collection": "audit",
    "accepted_drop": "audit",
    "statement": "audit",
    "order_end": "audit",
    "log_read": "audit",
    "log_event": "audit",
}
"""The tables that are written once for each audit, and the column that names the audit.

A statement is recorded when somebody makes it, and gets the next audit of its practice."""

ALONE: Mapping[str, str] = {"notice": "id", "review_seal": "id"}
"""The tables of which each row has an entry of its own, made in the same moment, and the column that numbers them."""

BESIDE = frozenset({"web_session", "web_link", "web_identity", "web_request", "review_state", "review_progress"})
"""
The tables for which no entry vouches: their rows come, change and go (`auditor.store.tables.web` says why), or follow
from sealed ones, with which `auditor.ledger.standing` compares how each question stands.
"""

SEALED = (
    "review_campaign",
    "review_person",
    "review_question",
    "review_item",
    "review_decision",
    "review_signature",
    "review_event",
)
"""The tables of reviews, only ever added to: the seals of a campaign vouch for their rows (`auditor.ledger.seals`)."""

Value = str | int | None
"""What a column holds; booleans are 0 and 1, instants and days are text, nothing is a float."""


class Signs(Protocol):
    """Holds the private key."""

    def sign(self, text: bytes) -> bytes:
        """Return the 64 bytes of an Ed25519 signature."""


def canonical(value: Any) -> bytes:
    """
    Return JSON with sorted keys, no white space, and nothing escaped that need not be.

    Equals RFC 8785 for text, integers, lists and objects with ASCII names, which is all that the ledger holds. A byte
    that is not UTF-8 (only a changed store has one) comes out as it was, so it cannot look like anything else.
    """
    return _ENCODE(value).encode("utf-8", "surrogateescape")


def _not_json(value: object) -> str:
    """Show what no honest row holds, such as a blob, so that it is hashed and noticed instead of raising."""
    return f"{type(value).__name__} {value!r}"


_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_not_json).encode


def instant(at: datetime) -> str:
    """Write an instant as the store and the ledger do: UTC, to the microsecond; raises `AuditorError` without zone."""
    if at.tzinfo is None:
        raise AuditorError(f"the instant {shorten(at.isoformat())} has no time zone", hint="use UTC")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Changes:
    """
    What one audit changed: the rows that it opened, closed and recorded, in any order.

    Keeps 32 bytes for each, so that the first audit of a large practice needs no memory worth speaking of.
    """

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._rows: dict[str, list[int]] = {}

    def opened(self, table: str, row: Mapping[str, Any]) -> None:
        """Add a row that begins with this audit: every column but `id` and `to_audit`."""
        self._add("opened", table, {k: v for k, v in row.items() if k not in ("id", "to_audit")})

    def closed(self, table: str, row: Mapping[str, Any]) -> None:
        """Add a row that was true until this audit: what names it, and since when it was true."""
        self._add("closed", table, {k: row.get(k) for k in ("practice", *KEYS[table], "from_audit")})

    def recorded(self, table: str, row: Mapping[str, Any]) -> None:
        """Add a row that was written once, for this audit: every column."""
        self._add("recorded", table, row)

    def _add(self, event: str, table: str, row: Mapping[str, Any]) -> None:
        # What is null is left out: a column that a later version adds does not change what was signed before.
        line = canonical([event, table, {k: v for k, v in row.items() if v is not None}])
        self._lines.append(hashlib.sha256(line).digest())
        self._rows.setdefault(table, [0, 0])[event == "closed"] += 1

    @property
    def rows(self) -> dict[str, tuple[int, int]]:
        """How many rows of each table were opened or recorded, and how many closed."""
        return {table: (opened, closed) for table, (opened, closed) in sorted(self._rows.items())}

    def digest(self) -> str:
        """Return SHA-256 of the sorted SHA-256 of all lines."""
        return hashlib.sha256(b"".join(sorted(self._lines))).hexdigest()


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """The last entry in one line: whoever keeps it can tell later whether the ledger was cut or rewritten."""

    n: int
    hash: str
    signature: str

    def __str__(self) -> str:
        return f"{self.n} {self.hash} {self.signature}"

    @classmethod
    def parse(cls, text: str) -> "LedgerHead":
        """Read what `str` wrote; raises `AuditorError` for anything else."""
        parts = text.split()
        if (
            len(parts) != 3
            or not is_number(parts[0])
            or not is_sha256(parts[1])
            or decode_signature(parts[2].encode(errors="replace")) is None
        ):
            raise AuditorError(
                f"this is not the head of a ledger: {shorten(text)}",
                hint="copy the whole line `number hash signature` as the report or `auditor verify` printed it",
            )
        return cls(int(parts[0]), parts[1], parts[2])


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One audit, or one row that has an entry of its own, bound to the entry before it and signed."""

    n: int
    """1 for the first."""
    prev: str
    """The hash of the entry before it."""
    practice: str
    at: datetime
    tool_version: str
    changes: str
    """SHA-256 over what the audit changed in the history, or over the one row (`Changes.digest`)."""
    rows: Mapping[str, tuple[int, int]]
    """How many rows of each table it opened and closed (`Changes.rows`)."""
    audit: int | None = None
    """`None` for an entry about one row."""
    policy: str | None = None
    """SHA-256 of the policy that judged."""
    result: str | None = None
    """SHA-256 of everything that was judged."""
    record: str | None = None
    """The table of the one row (`ALONE`); `None` for an audit."""
    row: int | None = None
    """The number of the one row in its table."""
    signature: str = ""
    """Base64; empty as long as nobody has signed."""

    def body(self) -> bytes:
        """Return the canonical JSON that is hashed and stored."""
        whole = {
            "n": self.n,
            "prev": self.prev,
            "practice": self.practice,
            "audit": self.audit,
            "at": instant(self.at),
            "tool_version": self.tool_version,
            "policy": self.policy,
            "result": self.result,
            "record": self.record,
            "row": self.row,
            "changes": self.changes,
            "rows": {table: list(counts) for table, counts in self.rows.items()},
        }
        return canonical({key: value for key, value in whole.items() if value is not None})

    @property
    def hash(self) -> str:
        """SHA-256 of the body."""
        return hash_body(self.body())

    @property
    def head(self) -> LedgerHead:
        """This entry as the head of the ledger that ends with it."""
        return LedgerHead(self.n, self.hash, self.signature)

    @classmethod
    def parse(cls, body: bytes, signature: str = "") -> "LedgerEntry":
        """Read a body; raises `ValueError` when it is not exactly what `body` writes."""
        if len(body) > MAX_BODY_BYTES:
            raise ValueError("the body is too large")
        try:
            found = json.loads(body)
            entry = cls(
                at=datetime.fromisoformat(found["at"]),
                rows={str(table): (int(opened), int(closed)) for table, (opened, closed) in found["rows"].items()},
                signature=signature,
                **{k: v for k, v in found.items() if k not in ("at", "rows")},
            )
            whole = type(entry.n) is int and entry._about_one() and entry.body() == body
        except (TypeError, KeyError, AttributeError, RecursionError, OverflowError, AuditorError) as error:
            raise ValueError("the body is malformed") from error
        if not whole:
            raise ValueError("the body is not canonical")
        return entry

    def _about_one(self) -> bool:
        """Whether it is about an audit, with all that one has, or about one row, and not both."""
        if self.record is None:
            return type(self.audit) is int and self.row is None and None not in (self.policy, self.result)
        return self.record in ALONE and type(self.row) is int and (self.audit, self.policy, self.result) == (None,) * 3


def hash_body(body: bytes) -> str:
    """
    Hash an entry, as hex.

    The 0x00 prefix keeps an entry from ever being read as an inner node, should the ledger become a tree one day.
    """
    return hashlib.sha256(b"\x00" + body).hexdigest()


def signed_text(n: int, hash: str) -> bytes:  # noqa: A002 - the word of the format
    """Return what is signed for entry `n`."""
    return f"{FORMAT}\n{n}\n{hash}\n".encode()


def sign(entry: LedgerEntry, signer: Signs) -> str:
    """Return the signature of an entry, base64."""
    return base64.b64encode(signer.sign(signed_text(entry.n, entry.hash))).decode()


def decode_signature(text: bytes) -> bytes | None:
    """Return the 64 bytes, or `None` unless the text is the only base64 of them that there is."""
    try:
        signature = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    # Base64 has spare bits before the padding: without this check they could be flipped unnoticed.
    return signature if len(signature) == 64 and base64.b64encode(signature) == text else None


def is_sha256(text: str) -> bool:
    """Whether this is SHA-256 as lower-case hex."""
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def is_number(text: str) -> bool:
    """Whether this is the number of an entry, as it is printed."""
    return text.isascii() and text.isdecimal() and len(text) < 19 and not text.startswith("0")
