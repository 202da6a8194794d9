"""What a word or heading says by itself, whatever a mapping makes of it: to notice a mapping that says the opposite."""

from datetime import UTC, datetime
from typing import Literal

from connectors.generic.table.dictionary import plain, plain_heading, words
from connectors.generic.table.mapping import Word
from connectors.inputs.dates import DateStyle

Works = Literal["works", "ended"]
_OPPOSITE: dict[Works, Works] = {"works": "ended", "ended": "works"}
_OF: dict[Word, Works] = {"active": "works", "disabled": "ended", "expired": "ended"}
"""`Locked` may be either: by wrong passwords, which passes, or how somebody is marked who has left."""
_NOT = frozenset(("not", "no", "non", "never", "isn", "isnt", "without"))
SINCE = datetime(1971, 1, 1, tzinfo=UTC)
"""No product has a sign-in from before."""
MOST_PARTS = 5
"""A longer text is a sentence, of which single words say little."""


def state_said(word: str, heading: str = "") -> Works | None:
    """
    Return whether a word says that an account works; `None` where it does not tell, or says both.

    Yes and no say it under a heading that asks for it: `Active: Yes`. One letter says nothing for sure.
    """
    text = plain(word)
    if heading and (said := _by_heading(word, heading)):
        return said
    whole = words().status_of(word)
    if whole is not None:
        return _OF.get(whole) if len(text) > 1 else None
    return _by_parts(text)


def _by_heading(word: str, heading: str) -> Works | None:
    folded, known = word.strip().casefold(), words()
    says_yes = folded in known.yes
    if not folded or (not says_yes and folded not in known.no):
        return None
    head = plain_heading(heading)
    flag = known.flag_of(heading)
    if flag.headings:
        return _OF.get(flag.yes if says_yes else flag.no)
    if head not in known.coded and set(head.split()) & set(known.working):
        return "works" if says_yes else "ended"
    return None


def _by_parts(text: str) -> Works | None:
    """Read `Active user` and `no longer active`; a text that says both, or that something is to come, says nothing."""
    parts = text.split()
    if not 1 < len(parts) <= MOST_PARTS:
        return None
    said: set[Works] = set()
    negated = False
    for part in parts:
        negated = negated or part in _NOT
        status = words().status_of(part) if len(part) > 2 else None
        if status == "unknown":
            return None
        if status is not None and (works := _OF.get(status)):
            said.add(_OPPOSITE[works] if negated else works)
            negated = False
    return said.pop() if len(said) == 1 else None


def factor_said(word: str, heading: str) -> bool | None:
    """
    Return whether a word says for sure that somebody has a second factor; `None` where it does not tell.

    Under a heading such as `MFA disabled`, yes is no. Names of methods, `Enabled` and `Enforced` are no sure yes: some
    do not count a text message, and some products enforce what nobody has registered yet.
    """
    folded, known = word.strip().casefold(), words()
    if not folded:
        return None
    turned = bool(set(plain_heading(heading).split()) & set(known.lacking))
    if folded in known.yes and plain(word) != "enabled":
        return not turned
    if folded in known.no:
        return turned
    if known.mfa_of(word) is False:
        return None if turned else False
    return True if plain(word) in known.mfa_has and not turned else None


def is_of_something_else(meaning: Literal["status", "mfa", "last_login"], heading: str) -> bool:
    """Whether a heading with words of a status, a second factor or a sign-in has others that make it another thing."""
    headings = words().headings[meaning]
    padded = f" {plain_heading(heading)} "
    if meaning == "last_login":
        others = any(f" {plain(word)} " in padded for word in headings.never)
        return headings.score(heading) == 0 and (others or words().headings["created"].score(heading) >= 1)
    speaks = any(f" {plain(word)} " in padded for word in (*headings.part, *headings.exact))
    return speaks and headings.score(heading) == 0


def signed_in_said(word: str, dates: DateStyle) -> bool:
    """Whether a word says that somebody did sign in, or that nobody knows, rather than that they never did."""
    text = plain(word)
    if not text or text in map(plain, words().never):
        return False
    if text in map(plain, words().untold) or reads_as_date(word, dates):
        return True
    parts = set(text.split())
    return len(parts) <= MOST_PARTS and not _NOT & parts and bool(parts & set(words().recently))


def reads_as_date(word: str, dates: DateStyle) -> bool:
    """Whether a word is a day or instant; what is older than any product is how a database writes `none`."""
    try:
        return dates.instant(word.strip()) >= SINCE
    except ValueError:
        return False


def file_said(stem: str) -> Works | None:
    """Return whether the name of a file says that the accounts in it work: `inactive-users_2026-11` says no."""
    text = " ".join(part for part in plain(stem).split() if part.isalpha())
    return state_said(text.replace("active directory", ""))


def grants_said(word: str) -> bool | None:
    """Return what yes and no say of a right, and levels such as `Full` and `None`; `None` for other words."""
    folded, known = word.strip().casefold(), words()
    if not folded:
        return None
    if folded in known.no or folded in known.no_level:
        return False
    return True if folded in known.yes or folded in known.levels else None


def takes_away(heading: str) -> bool:
    """Whether yes under a heading takes something away, as in `Block export`."""
    text = plain_heading(heading)
    return any(text.startswith(f"{word} ") for word in words().takes_away)
