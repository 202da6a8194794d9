"""
Where a mapping says the opposite of what the words of a report say by themselves: asked, and unknown until confirmed.

`Active: disabled` would make live accounts ended, `No` for a second factor would give one to whoever has none. Both may
be so in some product, so a person can confirm them, each by the sentence that the question prints (`confirmed`).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import shorten
from connectors.generic.table.dictionary import Meaning, words
from connectors.generic.table.layout import Sheet
from connectors.generic.table.mapping import About, Mapping, MappingQuestion
from connectors.generic.table.mapping_columns import Ending, Flags
from connectors.generic.table.meant import (
    Works,
    factor_said,
    file_said,
    grants_said,
    is_of_something_else,
    reads_as_date,
    signed_in_said,
    state_said,
    takes_away,
)
from connectors.generic.table.settings import ReportFile
from connectors.inputs.dates import DateStyle

ENDED = frozenset(("disabled", "expired"))
_UNTIL: dict[str, str] = {
    "status": "the state is unknown, and the account counts as live",
    "factor": "there is neither a second factor nor none",
    "sign-in": "it is not believed",
    "rights": "what the accounts may do is not evaluated",
}


@dataclass(frozen=True, slots=True)
class Contrary:
    """One place where a mapping contradicts the words of the report."""

    about: About
    where: str
    """The column, sheet or line."""
    claim: str
    """What the mapping says, as a sentence; written under `confirmed`, it is believed."""
    why: str
    word: str = ""
    """The word that is meant; empty where the whole column is."""

    def question(self) -> MappingQuestion:
        """Ask about it."""
        line = f"confirmed: [{json.dumps(self.claim, ensure_ascii=False)}]"
        text = (
            f"your mapping says {shorten(self.claim, 120)}; {self.why}. Until it is corrected, or confirmed in the "
            f"mapping, {_UNTIL[self.about]}"
        )
        return MappingQuestion(
            column=self.where[:200], about=self.about, asks=text[:600], claim=self.claim[:500], answer=line
        )


def questioned(mapping: Mapping, files: Sequence[ReportFile] = ()) -> Mapping:
    """
    Return a mapping in which what contradicts the words of the report, and is not confirmed, is left open.

    What is said of whole files is asked as well; `doubted` leaves it open.
    """
    found = [one for one in contraries(mapping) if not mapping.confirms(one.claim)]
    of_files = [one for file in files for one in _of_file(mapping, file) if not mapping.confirms(one.claim)]
    if not found and not of_files:
        return mapping
    asked = tuple(dict.fromkeys(one.question() for one in (*found, *of_files)))
    return mapping.model_copy(update={"questions": (*mapping.questions, *asked), **_left_open(mapping, found)})


def contraries(mapping: Mapping) -> Iterator[Contrary]:
    """Yield everything in a mapping that contradicts the words of the report."""
    yield from _of_status(mapping)
    yield from _of_factor(mapping)
    for ending in mapping.ends:
        yield from _of_ending(ending)
    for label, status in mapping.sections.items():
        yield from _of_name(label, status, state_said(label))
    for sheet in mapping.sheets:
        if sheet.status is not None:
            yield from _of_name(sheet.name, sheet.status, state_said(sheet.name))
    yield from _of_sign_in(mapping)
    yield from _of_rights(mapping)


def doubted(mapping: Mapping, file: ReportFile) -> ReportFile:
    """Return what is said of a file, without the status that its own name contradicts until that is confirmed."""
    if all(mapping.confirms(one.claim) for one in _of_file(mapping, file)):
        return file
    return file.model_copy(update={"status": "unknown"})


def _of_file(mapping: Mapping, file: ReportFile) -> Iterator[Contrary]:
    """Compare the status that a file gives to its accounts with its name, and with that of its sheet."""
    if file.status is None or (mapping.columns and mapping.columns.status):
        return
    yield from _of_name(file.file.name, file.status, file_said(file.file.stem))
    if file.sheet is not None:
        yield from _of_name(file.sheet, file.status, state_said(file.sheet))


def _of_status(mapping: Mapping) -> Iterator[Contrary]:
    column = mapping.columns.status if mapping.columns else None
    if not column:
        return
    if is_of_something_else("status", column):
        why = f"{shorten(column, 40)} seems to speak of something else than whether the account works"
        yield Contrary("status", column, f"{column} is the status of the account", why)
    for word, status in mapping.status_values.items():
        said = state_said(word, column)
        if (said == "works" and status in ENDED) or (said == "ended" and status == "active"):
            means = "works" if said == "works" else "does not work"
            why = f"{_shown(word)} under {shorten(column, 40)} seems to say that the account {means}"
            yield Contrary("status", column, f"{column}: {word} means {status}", why, word)


def _of_factor(mapping: Mapping) -> Iterator[Contrary]:
    column = mapping.columns.mfa if mapping.columns else None
    for name in (column, *mapping.factors) if column else ():
        assert name is not None  # noqa: S101 - there is a column
        if is_of_something_else("mfa", name):
            why = f"{shorten(name, 40)} seems to say what must or may be had, or something of a device, not that it is"
            yield Contrary("factor", name, f"{name} tells of a second factor", why)
        for listed, has in ((mapping.mfa_true, True), (mapping.mfa_false, False)):
            for word in listed:
                if factor_said(word, name) is (not has):
                    means = "a second factor" if has else "no second factor"
                    why = f"{_shown(word)} under {shorten(name, 40)} seems to say the opposite"
                    yield Contrary("factor", name, f"{name}: {word} means {means}", why, word)


def _of_ending(ending: Ending) -> Iterator[Contrary]:
    name = ending.column
    if ending.filled:
        headings = words().headings
        others: tuple[Meaning, ...] = ("login", "id", "name", "email", "created", "last_login", "mfa")
        if any(headings[meaning].score(name) >= 1 for meaning in others):
            why = f"{shorten(name, 40)} seems to speak of something else"
            yield Contrary("status", name, f"{name} ends the account when it is filled", why)
        return
    for listed, ends in ((ending.granted, True), (ending.not_granted, False)):
        for word in listed:
            if state_said(word, name) == ("works" if ends else "ended"):
                does = "ends the account" if ends else "does not end the account"
                why = f"{_shown(word)} under {shorten(name, 40)} seems to say the opposite"
                yield Contrary("status", name, f"{name}: {word} {does}", why, word)


def _of_name(name: str, status: str, said: Works | None) -> Iterator[Contrary]:
    """Compare what a file, a sheet or a line between the rows is called with the status that it gives."""
    if (said == "works" and status in ENDED) or (said == "ended" and status == "active"):
        yield Contrary("status", name, f"{name} means {status}", f"{shorten(name, 40)} seems to say the opposite", name)


def _of_sign_in(mapping: Mapping) -> Iterator[Contrary]:
    column = mapping.columns.last_login if mapping.columns else None
    if not column:
        return
    if is_of_something_else("last_login", column):
        why = f"{shorten(column, 40)} seems to speak of something else than a sign-in that worked"
        yield Contrary("sign-in", column, f"{column} is the last sign-in", why)
    dates = DateStyle(mapping.date_format, mapping.timezone)
    for word in mapping.never_values:
        if signed_in_said(word, dates):
            why = f"{_shown(word)} seems to say that somebody did sign in, or that nobody knows"
            yield Contrary("sign-in", column, f"{column}: {word} means never", why, word)


def _of_rights(mapping: Mapping) -> Iterator[Contrary]:
    for entitlement in mapping.entitlements:
        yield from _of_flags(entitlement.column, entitlement, taken=takes_away(entitlement.column))
        if entitlement.where is not None:
            yield from _of_flags(
                entitlement.where.column, entitlement.where, taken=takes_away(entitlement.where.column)
            )
        if entitlement.empty == "nothing" and takes_away(entitlement.column):
            column = entitlement.column
            why = f"{shorten(column, 40)} seems to take something away, and an empty cell then takes nothing"
            yield Contrary("rights", column, f"{column}: empty means nothing is held", why)
        for word in entitlement.nothing:
            if grants_said(word):
                why = f"{_shown(word)} seems to be a level at which something is held"
                column = entitlement.column
                yield Contrary("rights", column, f"{column}: {word} means nothing is held", why, word)
    for flags, name in ((mapping.others, "others"), (mapping.matrix, "matrix"), (mapping.contents, "contents")):
        if flags is not None:
            yield from _of_flags(name, flags, taken=False)


def _of_flags(name: str, flags: Flags, *, taken: bool) -> Iterator[Contrary]:
    for listed, gives in ((flags.granted, True), (flags.not_granted, False)):
        for word in listed:
            if grants_said(word) is (gives if taken else not gives):
                does = "is held" if gives else "is not held"
                why = f"{_shown(word)} under {shorten(name, 40)} seems to say the opposite"
                yield Contrary("rights", name, f"{name}: {word} means that it {does}", why, word)


def _left_open(mapping: Mapping, found: list[Contrary]) -> dict[str, Any]:
    """Return what of a mapping says `unknown` instead; of rights everything stays, and the question says the rest."""
    of_status = [one for one in found if one.about == "status"]
    names = {one.where for one in of_status}
    status = mapping.columns.status if mapping.columns else None
    whole = any(one.where == status and not one.word for one in of_status)
    doubted = {_folded(one.word) for one in of_status if one.where == status}
    factor = [one for one in found if one.about == "factor"]
    sign_in = [one for one in found if one.about == "sign-in"]
    never = {_folded(one.word) for one in sign_in}
    columns = mapping.columns
    if columns is not None and any(not one.word for one in sign_in):
        columns = columns.model_copy(update={"last_login": None})
    every = [*mapping.mfa_true, *mapping.mfa_false]
    open_ = every if any(not one.word for one in factor) else [one.word for one in factor]
    unsure = {_folded(word) for word in open_}
    return {
        "columns": columns,
        "never_values": tuple(word for word in mapping.never_values if _folded(word) not in never),
        "unknown_values": (*mapping.unknown_values, *_no_dates(mapping, sign_in)),
        "status_values": {
            word: "unknown" if whole or _folded(word) in doubted else means
            for word, means in mapping.status_values.items()
        },
        "ends": tuple(e.model_copy(update={"doubtful": True}) if e.column in names else e for e in mapping.ends),
        "sections": {label: "unknown" if label in names else means for label, means in mapping.sections.items()},
        "sheets": tuple(_sheet(sheet, names) for sheet in mapping.sheets),
        "mfa_true": tuple(word for word in mapping.mfa_true if _folded(word) not in unsure),
        "mfa_false": tuple(word for word in mapping.mfa_false if _folded(word) not in unsure),
        "mfa_unknown": tuple(dict.fromkeys((*mapping.mfa_unknown, *open_))),
    }


def _no_dates(mapping: Mapping, sign_in: list[Contrary]) -> Iterator[str]:
    """Yield the words that cannot be read as the day that they are."""
    dates = DateStyle(mapping.date_format, mapping.timezone)
    yield from (one.word for one in sign_in if one.word and not reads_as_date(one.word, dates))


def _sheet(sheet: Sheet, names: set[str]) -> Sheet:
    return sheet.model_copy(update={"status": "unknown"}) if sheet.name in names and sheet.status else sheet


def _shown(word: str) -> str:
    return shorten(word, 30) if word else "an empty cell"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
