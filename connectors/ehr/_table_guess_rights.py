"""Which columns say what an account holds: names of roles, yes and no, or levels of access."""

from typing import Any

from connectors.ehr._table_mapping import Kind
from connectors.ehr._table_proposal import NOT_KEPT, Draft, Sure
from connectors.ehr._table_survey import Column
from connectors.ehr._table_values import (
    are_levels,
    dates_in,
    mail_share,
    says_yes_or_no,
    separator_of,
    unique_share,
    yes_and_no,
)
from connectors.ehr._table_words import words
from connectors.errors import shorten

MANY_FLAGS = 3
"""From so many columns of yes and no on, a new one of next month is taken for a permission too."""


def guess_rights(draft: Draft) -> None:
    """Map every column that says what an account holds."""
    entitlements = [*_levels(draft), *_names(draft)]
    flags = [column for column in draft.free() if says_yes_or_no(column)]
    for column in flags:
        draft.note(column, "permission", Sure.LIKELY, "its cells say yes or no, so the column itself is what is held")
    if len(flags) >= MANY_FLAGS:
        granted, not_granted = yes_and_no(flags)
        draft.mapping["others"] = {"kind": "privilege", "granted": granted, "not_granted": not_granted}
        draft.settle()
        used = {*draft.mapping.get("columns", {}).values(), *(e["column"] for e in entitlements)}
        ignored = [c.name for c in draft.seen.columns if c not in flags and c.name not in used]
        if ignored:
            draft.mapping["ignore"] = ignored
        draft.doubts.append(
            "a column that the product adds later counts as a permission, and must say yes or no; otherwise it is told"
        )
    else:
        for column in flags:
            granted, not_granted = yes_and_no([column])
            entitlements.append(
                {"column": column.name, "kind": "privilege", "granted": granted, "not_granted": not_granted}
            )
    if entitlements:
        draft.mapping["entitlements"] = entitlements
    elif "others" in draft.mapping:
        if draft.column("login") is None:
            draft.doubts.append(
                "does it say what each role or group may do, and not who holds it? then name it under `contents`"
            )
    else:
        draft.missing.append("entitlements: a column with roles, groups or permissions")


def _levels(draft: Draft) -> list[dict[str, Any]]:
    columns = [column for column in draft.free() if are_levels(column)]
    if len(columns) < 2:
        return []
    found = []
    for column in columns:
        nothing = [value for value in column.distinct if value.casefold() in words().no_level]
        entry: dict[str, Any] = {"column": column.name, "kind": "privilege", "prefix": f"{column.name[:48]}: "}
        if nothing:
            entry["nothing"] = nothing
        found.append(entry)
        draft.note(column, "level of access", Sure.LIKELY, "its cells are levels, such as view and edit")
    return found


def _names(draft: Draft) -> list[dict[str, Any]]:
    found: list[tuple[Column, dict[str, Any]]] = []
    for column in draft.free():
        kind, score = _kind(column)
        if not score:
            continue
        entry: dict[str, Any] = {"column": column.name, "kind": kind}
        separator, sure = separator_of(column)
        if separator is not None:
            entry["separator"] = separator
            if not sure:
                draft.doubts.append(f"does `{separator}` in `{column.name}` separate several, or belong to a name?")
        if separator is None and unique_share(column) > 0.9 and column.filled > 20:
            draft.note(column, NOT_KEPT, Sure.GUESS, "the heading fits, but hardly two accounts have the same in it")
            draft.doubts.append(f"`{column.name}` was left out: is it really no role?")
            continue
        how = "several in one cell" if separator is not None else "one in a cell"
        draft.note(column, f"held: {kind}", Sure.SURE if score >= 1 and sure else Sure.LIKELY, f"the heading, {how}")
        found.append((column, entry))
    _tell_apart(found)
    return [entry for _, entry in found]


def _kind(column: Column) -> tuple[Kind, float]:
    best: tuple[Kind, float] = ("role", 0.0)
    if not column.filled or says_yes_or_no(column) or dates_in(column) or mail_share(column.distinct) > 0.5:
        return best
    for kind, headings in words().entitlements.items():
        score = headings.score(column.name)
        if score > best[1]:
            best = kind, score
    return best


def _tell_apart(found: list[tuple[Column, dict[str, Any]]]) -> None:
    """Give columns of different kinds a prefix where they use one name for different things."""
    for place, (column, entry) in enumerate(found):
        for other, second in found[place + 1 :]:
            if entry["kind"] != second["kind"] and _parts(column, entry) & _parts(other, second):
                entry["prefix"] = f"{shorten(column.name, 46).strip('`')}: "
                second["prefix"] = f"{shorten(other.name, 46).strip('`')}: "


def _parts(column: Column, entry: dict[str, Any]) -> set[str]:
    separator = entry.get("separator")
    values = column.distinct
    return {part.strip() for value in values for part in (value.split(separator) if separator else [value])}
