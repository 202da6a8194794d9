"""Which columns say what an account holds: names of roles, yes and no, or levels of access."""

from typing import Any

from connectors.errors import shorten
from connectors.generic.table.dictionary import plain_heading, words
from connectors.generic.table.infer.opaque import ask_opaque
from connectors.generic.table.infer.profile import ColumnProfile
from connectors.generic.table.infer.proposal import NOT_KEPT, ProposalDraft, Sure
from connectors.generic.table.infer.values import (
    are_levels,
    dates_in,
    mail_share,
    says_yes_or_no,
    separator_of,
    unique_share,
    yes_and_no,
)
from connectors.generic.table.known import known
from connectors.generic.table.mapping import Kind

MANY_FLAGS = 3
"""From so many columns of yes and no on, a new one of next month is taken for a permission too."""


def find_decided(draft: ProposalDraft) -> None:
    """
    Find a column of rights with a row for each, and the one that says whether it is held: `Access: Allowed`.

    Where its heading may mean something else, such as `Status`, it must differ between the rows of one account.
    """
    rights = [column for column in draft.free() if _kind(column)[1] and not says_yes_or_no(column)]
    for column in draft.free():
        heading = plain_heading(column.name)
        if heading not in words().decides or not says_yes_or_no(column):
            continue
        # What is decided has another value in nearly each row of an account: a right, rather than a role.
        best = max(
            (r for r in rights if r is not column),
            key=lambda r: (_kind(r)[0] == "privilege", len(r.values)),
            default=None,
        )
        if best is None:
            continue
        if not _differs(draft, column) and (heading in ("status", "state", "enabled", "value") or _kind(best)[1] < 1):
            continue
        draft.decided = best, column
        draft.note(column, "whether it is held", Sure.SURE, f"it says of each row whether {best.name} is held")
        return


def _differs(draft: ProposalDraft, column: ColumnProfile) -> bool:
    """Whether a column says several things of one account."""
    people = [
        other
        for other in draft.seen.columns
        if other is not column and unique_share(other) < 1 and _names_people(other.name)
    ]
    for other in people:
        seen: dict[str, str] = {}
        for row in draft.seen.sample:
            if row[other.place] and seen.setdefault(row[other.place], row[column.place]) != row[column.place]:
                return True
    return False


def _names_people(heading: str) -> bool:
    headings = words().headings
    return any(headings[m].score(heading) for m in ("login", "id", "name", "email"))


def guess_rights(draft: ProposalDraft) -> None:
    """Map every column that says what an account holds."""
    if draft.product is not None:
        _by_product(draft)
    _not_written(draft)
    entitlements = draft.mapping.pop("entitlements", [])
    if draft.product is None or draft.product.rights is None:
        entitlements += [*_levels(draft), *_names(draft)]
    _harmless(draft)
    entitlements += _flags(draft)
    if entitlements:
        draft.mapping["entitlements"] = entitlements
        if draft.mapping.get("rights") == "elsewhere":
            draft.mapping["rights"] = "in part"
    elif "others" in draft.mapping and draft.column("login") is None:
        draft.doubts.append(
            "does it say what each role or group may do, and not who holds it? then name it under `contents`"
        )


def _by_product(draft: ProposalDraft) -> None:
    product = draft.product
    assert product is not None  # noqa: S101 - asked by the caller
    if product.rights == "elsewhere":
        draft.mapping["rights"] = "elsewhere"
    elif product.incomplete:
        draft.mapping["rights"] = "in part"
    for column in draft.free():
        heading = plain_heading(column.name)
        if heading in product.held and column.filled:
            entry = {"column": column.name, **product.held[heading]}
            draft.mapping.setdefault("entitlements", []).append(entry)
            draft.note(column, f"held: {entry['kind']}", Sure.SURE, f"so it is in {product.title}")
        elif heading in product.harmless:
            draft.leave(column, f"it means nothing for access in {product.title}")


def _not_written(draft: ProposalDraft) -> None:
    """Take a column in which a program wrote the name of a type for what it is: not read."""
    for column in draft.free():
        values = column.distinct
        if values and all(known().was_not_written(value) for value in values):
            if _kind(column)[1]:
                draft.mapping["rights"] = "elsewhere"
                draft.note(column, NOT_KEPT, Sure.SURE, "the export did not write the list out: not read, never none")
                draft.doubts.append(
                    f"`{column.name}` holds the name of a type and no names, so nothing of it was read: export it "
                    "again with the list joined, such as @{n='MemberOf';e={$_.MemberOf -join ';'}}"
                )
            else:
                draft.leave(column, "the export did not write the list out, and it is none of rights")


def _flags(draft: ProposalDraft) -> list[dict[str, Any]]:
    flags = []
    for column in draft.free():
        if not says_yes_or_no(column):
            continue
        if _numbers_something(column):
            continue
        if _takes_away(column):
            _ask_taken(draft, column)
            continue
        draft.note(column, "permission", Sure.LIKELY, "its cells say yes or no, so the column itself is what is held")
        flags.append(column)
    flags = ask_opaque(draft, flags)
    if len(flags) >= MANY_FLAGS and draft.product is None:
        granted, not_granted = yes_and_no(flags)
        draft.mapping["others"] = {"kind": "privilege", "granted": granted, "not_granted": not_granted}
        draft.flags = flags
        draft.doubts.append(
            "a column that the product adds later counts as a permission, and must say yes or no; otherwise it is told"
        )
        return []
    found = []
    for column in flags:
        granted, not_granted = yes_and_no([column])
        found.append({"column": column.name, "kind": "privilege", "granted": granted, "not_granted": not_granted})
    return found


def _numbers_something(column: ColumnProfile) -> bool:
    """Whether 0 and 1 are numbers here, as in `ClinicNum`: neither no nor yes."""
    parts = plain_heading(column.name).split()
    return bool(parts) and parts[-1] in words().counted and set(column.distinct) <= {"0", "1"}


def _takes_away(column: ColumnProfile) -> bool:
    """Whether yes seems to narrow what somebody may do: `Block export`, `Read Only`, `Time Clock Only`."""
    if known().limits.names(column.name):
        return True
    heading = plain_heading(column.name)
    only = heading.endswith(" only") and not heading.endswith(" view only")  # a level of `Billing: View Only`
    return only or any(heading.startswith(f"{word} ") for word in words().takes_away)


def _ask_taken(draft: ProposalDraft, column: ColumnProfile) -> None:
    draft.ask(
        column,
        "rights",
        f"yes in {shorten(column.name, 40)} seems to take something away: may whoever has no do it?",
        f"entitlements: add {{column: {column.name}, kind: privilege, granted: [the word by which people may], "
        "not_granted: [the other]}",
        f"harmless: [{column.name}]   # it means nothing for access",
    )


def _levels(draft: ProposalDraft) -> list[dict[str, Any]]:
    found = []
    for column in draft.free():
        if not are_levels(column) or known().why_harmless(column.name) or _kind(column)[1] >= 1:
            continue
        nothing = [value for value in column.distinct if value.casefold() in words().no_level]
        entry: dict[str, Any] = {"column": column.name, "kind": "privilege", "prefix": f"{column.name[:48]}: "}
        if nothing:
            entry["nothing"] = nothing
        found.append(entry)
        draft.note(column, "level of access", Sure.LIKELY, "its cells are levels, such as view and edit")
    return found


def _harmless(draft: ProposalDraft) -> None:
    for column in draft.free():
        reason = known().why_harmless(column.name)
        if reason is not None and not (_kind(column)[1] and not column.filled):
            draft.leave(column, reason)


def _names(draft: ProposalDraft) -> list[dict[str, Any]]:
    found: list[tuple[ColumnProfile, dict[str, Any]]] = []
    scored = [(column, *_kind(column)) for column in draft.free()]
    surest = max((score for _, _, score in scored), default=0.0)
    others = [column for column, _, score in scored if score and score != WEAK]
    for column, kind, score in scored:
        if not score:
            continue
        if score == WEAK and others and surest != WEAK:
            _ask_rights(draft, column, "does it give rights beside the other columns?")
            continue
        entry: dict[str, Any] = {"column": column.name, "kind": kind}
        separator, sure = separator_of(column)
        if separator is not None:
            entry["separator"] = separator
            if not sure:
                draft.doubts.append(f"does `{separator}` in `{column.name}` separate several, or belong to a name?")
        if separator is None and unique_share(column) > 0.9 and column.filled > 20:
            _ask_rights(draft, column, "hardly two accounts have the same in it: does it say what they may do?")
            draft.doubts.append(f"`{column.name}` was left out: is it really no role?")
            continue
        how = "several in one cell" if separator is not None else "one in a cell"
        draft.note(column, f"held: {kind}", Sure.SURE if score >= 1 and sure else Sure.LIKELY, f"the heading, {how}")
        if draft.decided is not None and draft.decided[0] is column:
            granted, not_granted = yes_and_no([draft.decided[1]])
            if any(value for value in not_granted if value in draft.decided[1].distinct):
                not_granted = [value for value in not_granted if value]
            entry["where"] = {"column": draft.decided[1].name, "granted": granted, "not_granted": not_granted}
        found.append((column, entry))
    _tell_apart(found)
    return [entry for _, entry in found]


WEAK = 0.9
"""The score of a heading that says what is held in some products, and in others what somebody is called."""


def _ask_rights(draft: ProposalDraft, column: ColumnProfile, text: str) -> None:
    shown = ", ".join(shorten(value, 24) for value in column.distinct[:5])
    draft.ask(
        column,
        "rights",
        f"{shorten(column.name, 40)} says {shown}: {text}",
        f"entitlements: add {{column: {column.name}, kind: role}}   # it says what people may do",
        f"harmless: [{column.name}]   # it does not",
    )


def _kind(column: ColumnProfile) -> tuple[Kind, float]:
    best: tuple[Kind, float] = ("role", 0.0)
    if not column.filled or says_yes_or_no(column) or dates_in(column) or mail_share(column.distinct) > 0.5:
        return best
    for kind, headings in words().entitlements.items():
        score = headings.score(column.name)
        if score > best[1]:
            best = kind, score
    return best


def _tell_apart(found: list[tuple[ColumnProfile, dict[str, Any]]]) -> None:
    """Give columns of different kinds a prefix where they use one name for different things."""
    for place, (column, entry) in enumerate(found):
        for other, second in found[place + 1 :]:
            if entry["kind"] != second["kind"] and _parts(column, entry) & _parts(other, second):
                entry["prefix"] = f"{shorten(column.name, 46).strip('`')}: "
                second["prefix"] = f"{shorten(other.name, 46).strip('`')}: "


def _parts(column: ColumnProfile, entry: dict[str, Any]) -> set[str]:
    separator = entry.get("separator")
    values = column.distinct
    return {part.strip() for value in values for part in (value.split(separator) if separator else [value])}
