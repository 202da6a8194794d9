"""What the words in the columns of an account mean: status, dates, second factor."""

from connectors.ehr._table_mapping import Word
from connectors.ehr._table_proposal import NOT_KEPT, Draft, Guess, Sure
from connectors.ehr._table_survey import Column
from connectors.ehr._table_values import Dates, dates_in, says_yes_or_no
from connectors.ehr._table_words import Meaning, plain, words
from connectors.errors import shorten


def add_status(draft: Draft) -> None:
    """Map the words of the status; one that is not known counts as live."""
    column = draft.column("status")
    if column is None:
        return
    values: dict[str, Word] = _by_heading(column) if says_yes_or_no(column) else {}
    for word in () if values else column.values:
        status = words().status_of(word)
        values[word] = status or "unknown"
        if status is None:
            what = shorten(word, 40) if word else "an empty cell"
            draft.doubts.append(
                f"what does {what} in `{column.name}` mean? until you say so, the account counts as live"
            )
    draft.mapping["status_values"] = _folded(values)
    _leave_second_status(draft)


def _by_heading(column: Column) -> dict[str, Word]:
    """Read yes and no by what the heading asks: `Active: Yes`, `Locked: Yes`."""
    reversed_ = plain(column.name) in words().reversed_status
    closed: Word = "locked" if "locked" in plain(column.name) else "disabled"
    yes: Word = closed if reversed_ else "active"
    no: Word = "active" if reversed_ else "disabled"
    known = words()
    result: dict[str, Word] = {}
    for value in column.values:
        # An empty cell is a box that is not ticked.
        result[value] = yes if value and value.casefold() in known.yes else no
    for first, second in known.pairs:
        if any(value.casefold() in (first.casefold(), second.casefold()) for value in column.distinct):
            result.setdefault(first, yes)
            result.setdefault(second, no)
    return result


def _folded(values: dict[str, Word]) -> dict[str, Word]:
    """Keep each word once, large or small."""
    kept: dict[str, str] = {}
    return {word: status for word, status in values.items() if kept.setdefault(word.casefold(), word) == word}


def _leave_second_status(draft: Draft) -> None:
    for column in draft.free():
        if words().headings["status"].score(column.name) and says_yes_or_no(column):
            draft.guesses[column.name] = Guess(column.name, NOT_KEPT, Sure.LIKELY, "another column says the status")
            draft.doubts.append(f"`{column.name}` says something of the status too, and only one column can be mapped")


def add_dates(draft: Draft) -> None:
    """Find the order of day and month that fits every column of dates; a column that needs another is left out."""
    meanings: tuple[Meaning, ...] = ("last_login", "created")
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
            draft.drop(meaning, f"it writes dates as {dates.formats[0]}, another column as {format_}")
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
    if "last_login" in draft.found and any(":" in value for value in draft.found["last_login"].distinct):
        draft.doubts.append("in which time zone are the times? until `timezone` says so, they are read as UTC")


def _dates(draft: Draft, meaning: Meaning) -> Dates | None:
    column = draft.column(meaning)
    return dates_in(column) if column is not None else None


def _iso(dates: Dates) -> bool:
    return dates.formats == ("YYYY-MM-DD",)


def add_mfa(draft: Draft) -> None:
    """Map the words for a second factor; a method, such as TOTP, is a yes."""
    column = draft.column("mfa")
    if column is None or says_yes_or_no(column):
        return
    known = words()
    no = [v for v in column.distinct if v.casefold() in (*known.no, *known.no_level, "not set", "not enrolled")]
    nothing = [v for v in column.distinct if v.casefold() in known.nothing and v not in no]
    yes = [v for v in column.distinct if v not in no and v not in nothing]
    draft.mapping["mfa_true"], draft.mapping["mfa_false"] = yes, no
    if nothing:
        before = draft.mapping.get("unknown_values", [])
        draft.mapping["unknown_values"] = list(dict.fromkeys([*before, *nothing]))
    draft.doubts.append(f"`{column.name}`: {_listed(yes)} taken for a second factor, {_listed(no)} for none")


def _listed(values: list[str]) -> str:
    return ", ".join(shorten(value, 30) for value in values[:6]) or "nothing"
