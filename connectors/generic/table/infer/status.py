"""Whether an account works: the words of its status, and every further column that can end it."""

from typing import Any

from connectors.errors import shorten
from connectors.generic.table.dictionary import plain, plain_heading, words
from connectors.generic.table.infer.profile import ColumnProfile
from connectors.generic.table.infer.proposal import ProposalDraft, Sure
from connectors.generic.table.infer.values import dates_in, says_yes_or_no, yes_and_no
from connectors.generic.table.infer.varying import of_rows
from connectors.generic.table.mapping import Word


def add_status(draft: ProposalDraft) -> None:
    """Map the words of the status; one that is not known counts as live, and is asked."""
    _add_ends(draft)
    column = draft.column("status")
    if column is None:
        return
    values: dict[str, Word] = {}
    if says_yes_or_no(column):
        values = _codes(draft, column) or _by_heading(draft, column)
        if _ends_everybody(column, values):
            _not_of_the_account(draft, column)
        else:
            draft.mapping["status_values"] = _folded(values)
        return
    own = draft.product.status if draft.product else {}
    standing, unknown = [], []
    for word in column.values:
        status = own.get(plain(word)) or words().status_of(word) or _by_flag(column, word)
        if status is None and plain(word) in words().standing:
            standing.append(word)
            status = "active"
        values[word] = status or "unknown"
        if status is None:
            unknown.append(word)
    draft.mapping["status_values"] = _folded(values)
    _tell_apart(draft, column, values)
    if standing:
        _hold_standing(draft, column, standing)
    _ask_words(draft, column, unknown)


def _codes(draft: ProposalDraft, column: ColumnProfile) -> dict[str, Word]:
    """Ask what 0 and 1 are where the heading does not say of what: in some products 0 is what works."""
    if plain_heading(column.name) not in words().coded or not set(column.distinct) <= {"0", "1"}:
        return {}
    _ask_words(draft, column, column.distinct)
    return dict.fromkeys(column.values, "unknown")


def _ends_everybody(column: ColumnProfile, values: dict[str, Word]) -> bool:
    """Whether a heading that only has a word of the status in it would leave nobody: it speaks of something else."""
    held = {values.get(value, "unknown") for value in column.values}
    return words().headings["status"].score(column.name) < 1 and held <= {"disabled", "expired"}


def _not_of_the_account(draft: ProposalDraft, column: ColumnProfile) -> None:
    draft.drop("status", "")
    draft.ask(
        column,
        "status",
        f"{shorten(column.name, 40)} would leave nobody who can sign in: does it speak of the account, or of something "
        "else? until somebody says, all count as live",
        f"columns: {{status: {column.name}}}   # and its words under status_values",
        f"harmless: [{column.name}]   # of something else",
    )


def _tell_apart(draft: ProposalDraft, column: ColumnProfile, values: dict[str, Word]) -> None:
    """Words that mean one thing in most products and another in some."""
    for word, status in values.items():
        if status == "locked":
            draft.doubts.append(
                f"{shorten(word, 30)} in `{column.name}` is read as locked by wrong passwords, so live; in some "
                "products it is how somebody who has left is marked: then write `disabled`"
            )
        elif plain(word) == "inactive":
            draft.doubts.append(
                f"{shorten(word, 30)} in `{column.name}` is read as unable to sign in; in some products it only says "
                "that nobody has signed in for long: then write `unknown`"
            )


def _by_flag(column: ColumnProfile, word: str) -> Word | None:
    """Read yes and no also where a row has something else: a value that has slid is asked, and loses no other."""
    flag, folded = words().flag_of(column.name), word.casefold()
    if not flag.headings and len(folded) == 1 and folded not in ("y", "n"):
        return None  # `T` beside `A` is rather terminated than true, and `X` crossed out
    if not folded or folded not in (*words().yes, *words().no):
        return None
    return flag.yes if folded in words().yes else flag.no


def _ask_words(draft: ProposalDraft, column: ColumnProfile, unknown: list[str]) -> None:
    if unknown:
        told = ", ".join(shorten(word, 30) if word else "an empty cell" for word in unknown[:6])
        draft.ask_words(
            column,
            "status",
            f"does an account still work where `{column.name}` says {told}? until somebody says, it counts as live",
            "status_values: write `active` or `disabled` in place of `unknown`",
        )


def _hold_standing(draft: ProposalDraft, column: ColumnProfile, standing: list[str]) -> None:
    """Words such as `Owner` in the status say what is held, too."""
    nothing = [value for value in column.distinct if value not in standing]
    entry: dict[str, Any] = {"column": column.name, "kind": "role"}
    if nothing:
        entry["nothing"] = nothing
    draft.mapping.setdefault("entitlements", []).append(entry)
    guess = draft.guesses[column.name]
    draft.note(column, f"{guess.meaning}, held: role", guess.sure, "some of its words say what somebody is")


def _by_heading(draft: ProposalDraft, column: ColumnProfile) -> dict[str, Word]:
    """Read yes and no by what the heading asks: `Active: Yes`, `Locked: Yes`."""
    known = words()
    flag = known.flag_of(column.name)
    result: dict[str, Word] = {}
    said_no = [value for value in column.distinct if value.casefold() in known.no]
    for value in column.values:
        if value:
            result[value] = flag.yes if value.casefold() in known.yes else flag.no
        elif not said_no:
            result[value] = flag.no  # an empty cell is a box that is not ticked
        else:
            result[value] = "unknown"
            _ask_words(draft, column, [""])
    for first, second in known.pairs:
        if any(value.casefold() in (first.casefold(), second.casefold()) for value in column.distinct):
            result.setdefault(first, flag.yes)
            if second or not said_no:
                result.setdefault(second, flag.no)
    return result


def _folded(values: dict[str, Word]) -> dict[str, Word]:
    """Keep each word once, large or small."""
    kept: dict[str, str] = {}
    return {word: status for word, status in values.items() if kept.setdefault(word.casefold(), word) == word}


def _add_ends(draft: ProposalDraft) -> None:
    """Take every further column that ends an account, and ask about those that may."""
    ends: list[dict[str, Any]] = []
    known = words()
    for column in draft.free():
        heading = plain_heading(column.name)
        if heading in known.filled_ends and (not column.filled or dates_in(column) is not None):
            ends.append({"column": column.name, "filled": True})
            draft.note(column, "ends the account", Sure.SURE, "a day on which it was deleted")
        elif not column.filled:
            continue
        elif says_yes_or_no(column) and {heading, plain(column.name)} & set(known.may_flags):
            _ask_flag(draft, column)
        elif says_yes_or_no(column) and known.headings["status"].score(column.name):
            _second_flag(draft, column, ends)
        elif heading in known.ends and dates_in(column) is not None and draft.column("expires") is None:
            if of_rows(draft):
                _ask_end_of_right(draft, column)
                continue
            draft.take(column, "expires", Sure.LIKELY, "the heading says that the account ends then")
        elif heading in known.may_end and dates_in(column) is not None:
            draft.ask(
                column,
                "status",
                f"does the account end on the day in {shorten(column.name, 40)}, or only the person's work? "
                "until somebody says, it counts as live",
                f"columns: {{expires: {column.name}}}   # the account ends then",
                f"harmless: [{column.name}]             # it does not",
            )
    if ends:
        draft.mapping["ends"] = ends


def _ask_end_of_right(draft: ProposalDraft, column: ColumnProfile) -> None:
    """Where each right has a row, a day in it is rather the right's end than the account's."""
    draft.ask(
        column,
        "status",
        f"there is a row for each right: does the day in {shorten(column.name, 40)} end the right of that row, or the "
        "account? until somebody says, it ends neither, and the account is live",
        f"columns: {{expires: {column.name}}}   # the account ends then",
        f"harmless: [{column.name}]   # only the right of that row: it is then told as held until the row is gone",
    )


def _second_flag(draft: ProposalDraft, column: ColumnProfile, ends: list[dict[str, Any]]) -> None:
    flag = words().flag_of(column.name)
    exact = plain_heading(column.name) in flag.headings
    if flag.yes == "disabled" and exact:
        granted, not_granted = yes_and_no([column])
        ends.append({"column": column.name, "granted": granted, "not_granted": not_granted})
        draft.note(column, "ends the account", Sure.LIKELY, "yes under this heading means that it does not work")
    elif flag.yes == "locked":
        draft.leave(column, "locked by wrong passwords, which passes by itself; the account counts as live")
    elif flag.no == "unknown" and exact:
        draft.leave(column, "whether somebody has ever used it; until then it counts as live")
    elif words().headings["status"].score(column.name) >= 1:
        _ask_flag(draft, column)


def _ask_flag(draft: ProposalDraft, column: ColumnProfile) -> None:
    draft.ask(
        column,
        "status",
        f"{shorten(column.name, 40)} says something of the status too: does an account stop working by it?",
        f"ends: [{{column: {column.name}, granted: [the word that ends it], not_granted: [the other]}}]",
        f"harmless: [{column.name}]   # it works all the same",
    )
