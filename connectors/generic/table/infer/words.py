"""What the words in the columns of an account mean: dates, second factor."""

import re

from connectors.errors import shorten
from connectors.generic.table.dictionary import Meaning, plain, plain_heading, words
from connectors.generic.table.infer.profile import ColumnProfile
from connectors.generic.table.infer.proposal import ProposalDraft, Sure
from connectors.generic.table.infer.values import Dates, dates_in, once, says_yes_or_no

_ZONED = re.compile(r".*(Z|[+-][0-9]{2}:?[0-9]{2}| (UTC|GMT|[ECMP][SD]T))$")


def add_dates(draft: ProposalDraft) -> None:
    """Find the order of day and month that fits every column of dates; a column that needs another is asked about."""
    meanings: tuple[Meaning, ...] = ("last_login", "created", "expires")
    found = {meaning: dates for meaning in meanings if (dates := _dates(draft, meaning)) is not None}
    if not found:
        return
    first = next(iter(found.values()))
    common = [f for f in first.formats if all(f in dates.formats or _iso(dates) for dates in found.values())]
    if _iso(first):
        common = [f for dates in found.values() if not _iso(dates) for f in dates.formats] or ["YYYY-MM-DD"]
    format_ = common[0] if common else first.formats[0]
    for meaning, dates in list(found.items()):
        if format_ not in dates.formats and not _iso(dates):
            column = draft.found[meaning]
            draft.drop(meaning, "")
            draft.ask(
                column,
                "status",
                f"{shorten(column.name, 40)} writes dates as {dates.formats[0]}, another column as {format_}; "
                "only one way can be read: which column is needed more?",
                f"harmless: [{column.name}]",
            )
    if format_ != "YYYY-MM-DD":
        draft.mapping["date_format"] = format_
    if len(common) > 1:
        draft.doubts.append(f"dates fit {' and '.join(common)}: {format_} was taken; look at one that you know")
    never = [word for dates in found.values() for word in dates.never]
    nothing = [word for dates in found.values() for word in dates.nothing]
    if never:
        draft.mapping["never_values"] = list(dict.fromkeys(never))
    if nothing:
        draft.mapping["unknown_values"] = list(dict.fromkeys(nothing))
    _zone(draft)


def _zone(draft: ProposalDraft) -> None:
    column = draft.column("last_login")
    if column is None:
        return
    timed = [value for value in column.distinct if ":" in value and not _ZONED.match(value)]
    if {"utc", "gmt"} & set(plain(column.name).split()):
        draft.mapping["timezone"] = "UTC"
    elif timed:
        draft.doubts.append("in which time zone are the times? until `timezone` says so, they are read as UTC")


def _dates(draft: ProposalDraft, meaning: Meaning) -> Dates | None:
    column = draft.column(meaning)
    return dates_in(column) if column is not None else None


def _iso(dates: Dates) -> bool:
    return dates.formats == ("YYYY-MM-DD",)


def add_mfa(draft: ProposalDraft) -> None:
    """
    Map the words for a second factor, in every column that speaks of one: one yes is enough.

    A method, such as TOTP, is a yes; a word that nobody knows is neither yes nor no, and is asked.
    """
    column = draft.column("mfa")
    for other in draft.free():
        if plain_heading(other.name) in words().may_factor and other.filled:
            draft.ask(
                other,
                "factor",
                f"does a word, or a number above 0, in {shorten(other.name, 40)} mean  a second factor?",
                f"columns: {{mfa: {other.name}}}   # and its words under mfa_true and mfa_false",
                f"harmless: [{other.name}]   # it says nothing of a second factor",
            )
    if column is None:
        return
    columns = [column, *_factors(draft)]
    known = words()
    values = list(dict.fromkeys(value for each in columns for value in each.distinct))
    meant = {value: known.mfa_of(value) for value in values}
    if any(plain(value) == "enforced" for value in values):
        # Microsoft 365 per person: whom it is enabled for has perhaps not registered any, and signs in by password.
        meant |= {value: None for value in values if plain(value) == "enabled"}
    nothing = [v for v in values if v.casefold() in known.nothing and plain(v) != "none"]
    yes = [v for v in values if meant[v] is True]
    no = [v for v in values if meant[v] is False and v not in nothing]
    unknown = [v for v in values if meant[v] is None and v not in nothing]
    if not all(says_yes_or_no(each) for each in columns) or unknown:
        draft.doubts.append(f"`{column.name}`: {_listed(yes)} taken for a second factor, {_listed(no)} for none")
    draft.mapping["mfa_true"], draft.mapping["mfa_false"] = _with_opposites(once(yes), once(no), unknown)
    if unknown:
        draft.mapping["mfa_unknown"] = once(unknown)
        draft.ask_words(
            column,
            "factor",
            f"is there a second factor where `{column.name}` says {_listed(unknown)}? until somebody says, neither",
            "mfa_true or mfa_false: move the word there from mfa_unknown",
        )
    if nothing:
        before = draft.mapping.get("unknown_values", [])
        draft.mapping["unknown_values"] = list(dict.fromkeys([*before, *nothing]))


def _with_opposites(yes: list[str], no: list[str], asked: list[str]) -> tuple[list[str], list[str]]:
    """Add to `Yes` its `No`, so that a report in which everybody has one is still read when somebody has none."""
    unknown = {v.casefold() for v in asked}
    for first, second in words().pairs:
        folded_yes, folded_no = {v.casefold() for v in yes}, {v.casefold() for v in no}
        if unknown & {first.casefold(), second.casefold()}:
            continue
        if second and (first.casefold() in folded_yes or second.casefold() in folded_no):
            if first.casefold() not in folded_yes | folded_no:
                yes.append(first)
            if second.casefold() not in folded_yes | folded_no:
                no.append(second)
    return yes, no


def _factors(draft: ProposalDraft) -> list[ColumnProfile]:
    """Return the further columns that say of another method whether it is there."""
    found = []
    for column in draft.free():
        if not words().headings["mfa"].score(column.name) or column.many or not column.distinct:
            continue
        if says_yes_or_no(column) or all(words().mfa_of(value) is not None for value in column.distinct):
            draft.note(column, "mfa", Sure.LIKELY, "another method of a second factor; one yes is enough")
            found.append(column)
    if found:
        draft.mapping["factors"] = [column.name for column in found]
    return found


def _listed(values: list[str]) -> str:
    return ", ".join(shorten(value, 30) for value in values[:6]) or "nothing"
