"""The shape of a report: a matrix or a list, one row an account or several, and what stands around the rows."""

from collections.abc import Sequence

from connectors.errors import shorten
from connectors.generic.table.dictionary import words
from connectors.generic.table.infer.profile import ColumnProfile
from connectors.generic.table.infer.proposal import DROPPED, ProposalDraft, Sure
from connectors.generic.table.infer.values import says_yes_or_no, spaced_share, unique_share, yes_and_no


def guess_matrix(draft: ProposalDraft) -> bool:
    """Map a report with roles down the side and logins across the top; return whether it is one."""
    side, *others = draft.seen.columns
    ticked = [column for column in others if says_yes_or_no(column)]
    if not ticked or any(column.filled and not says_yes_or_no(column) for column in others):
        return False
    if not side.filled or says_yes_or_no(side) or unique_share(side) < 1 or side.filled < side.rows:
        return False
    sure = _side_names_rights(side, others)
    if sure is None:
        return False
    granted, not_granted = yes_and_no(ticked)
    matrix: dict[str, object] = {"kind": _kind(side), "granted": granted, "not_granted": not_granted}
    if side.name:
        matrix = {"entitlement": side.name, **matrix}
    draft.mapping["matrix"] = matrix
    draft.note(side, f"held: {_kind(side)}", sure, "down the side stands what is held")
    ignored = [column.name for column in others if _guess_is(draft, column, DROPPED)]
    if ignored:
        draft.mapping["ignore"] = ignored
    for column in draft.free():
        draft.note(column, "account", sure, "across the top stand the logins")
    if sure is Sure.GUESS:
        draft.doubts.append(
            "roles down the side and logins across the top? if it is the other way round, do not use this"
        )
    draft.doubts.append("a matrix has no status and no last sign-in: every account counts as live")
    return True


def _guess_is(draft: ProposalDraft, column: ColumnProfile, meaning: str) -> bool:
    guess = draft.guesses.get(column.name)
    return guess is not None and guess.meaning == meaning


def _side_names_rights(side: ColumnProfile, others: Sequence[ColumnProfile]) -> Sure | None:
    """Say how sure the first column names rights and not people; `None`: it names people."""
    known = words()
    people = max(
        known.headings[m].score(side.name) for m in ("login", "id", "name", "first_name", "last_name", "email")
    )
    rights = max(headings.score(side.name) for headings in known.entitlements.values())
    if rights > people:
        return Sure.SURE
    if people > 0:
        return None
    # Nobody names a login `Front Desk`, and few rights are one word in small letters.
    heads = [column.name for column in others]
    small = sum(name == name.lower() and " " not in name for name in heads) / len(heads)
    if small > 0.8 and spaced_share(heads) < 0.2:
        return Sure.LIKELY if not side.name or spaced_share(side.distinct) > 0.2 else Sure.GUESS
    return None


def _kind(side: ColumnProfile) -> str:
    kinds = words().entitlements
    best = max(kinds, key=lambda kind: kinds[kind].score(side.name))
    return best if kinds[best].score(side.name) else "role"


def add_shape(draft: ProposalDraft) -> None:
    """Add how the rows belong together, and the lines that are no rows."""
    if "matrix" not in draft.mapping:
        _add_rows(draft)
    seen = draft.seen
    if seen.sections and "matrix" not in draft.mapping:
        draft.mapping["sections"] = seen.sections
        found = ", ".join(f"{shorten(label, 40)}: {word}" for label, word in seen.sections.items())
        draft.doubts.append(f"lines between the rows were taken for the status of those below them: {found}")
    if seen.footer:
        draft.mapping["footer"] = seen.footer
    _add_total(draft)
    if seen.strange:
        lines = ", ".join(map(str, seen.strange[:8]))
        draft.doubts.append(
            f"these lines are no rows: {lines}; the report will be refused until they are gone, or named under `footer`"
        )


def _add_rows(draft: ProposalDraft) -> None:
    login = draft.column("login")
    if login is None:
        return
    if login.filled < login.rows and _is_grouped(draft, login):
        draft.mapping["rows"] = "grouped"
        draft.doubts.append("rows without login were taken for further rows of the account above")
    elif unique_share(login) < 1 and not login.many:
        draft.mapping["rows"] = "one-per-grant"


def _is_grouped(draft: ProposalDraft, login: ColumnProfile) -> bool:
    """Whether the rows without login say nothing else of an account, and the first row has one."""
    places = [column.place for column in draft.found.values()]
    rows = draft.seen.sample
    if not rows or not rows[0][login.place]:
        return False
    return all(not any(row[place] for place in places) for row in rows if not row[login.place])


def _add_total(draft: ProposalDraft) -> None:
    total = draft.seen.total
    if total is None:
        return
    label, number = total
    login = draft.column("login")
    accounts = len(login.distinct) if login is not None else None
    entry = {"label": label}
    if number != accounts and number == draft.seen.rows:
        entry["counts"] = "rows"
    elif number != accounts:
        draft.doubts.append(
            f"the report says {shorten(label, 40)} {number}, but {accounts} accounts in {draft.seen.rows} rows"
            " were found"
        )
    draft.mapping["total"] = entry
