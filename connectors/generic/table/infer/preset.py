"""What a shipped mapping knows of a product goes over what was only recognised."""

from typing import Any

from connectors.generic.table.infer.proposal import ProposalDraft, Sure
from connectors.generic.table.preset import Preset, load_preset, preset_names

ENOUGH = 4
"""So many columns of a preset in one report are no accident."""


def needed(preset: Preset) -> tuple[str, ...]:
    """Return the columns that a report must have for a preset."""
    mapping = preset.mapping
    columns = mapping.columns.used() if mapping.columns is not None else ()
    entitlements = (e.column for e in mapping.entitlements if not e.optional)
    return tuple(dict.fromkeys([*(c for c in columns if c not in mapping.optional), *entitlements]))


def suggest_preset(draft: ProposalDraft) -> None:
    """Say when a report has all columns of a preset."""
    names = {column.name for column in draft.seen.columns}
    for name in preset_names():
        columns = needed(load_preset(name))
        if len(columns) >= ENOUGH and names.issuperset(columns):
            draft.doubts.append(
                f"these are the columns of the preset `{name}`: if it comes from there, map it with `--product {name}`"
            )


def lay_over(draft: ProposalDraft, preset: Preset) -> None:
    """Put what the preset says over the proposal, or say why it does not fit."""
    names = {column.name for column in draft.seen.columns}
    absent = [column for column in needed(preset) if column not in names]
    if absent:
        draft.doubts.append(
            f"the preset `{preset.name}` expects {', '.join(f'`{c}`' for c in absent)}, which the report lacks; "
            "what is proposed comes from the report alone"
        )
        return
    said = preset.mapping.model_dump(exclude_unset=True, mode="json")
    reason = f"the preset `{preset.name}` says so"
    if "matrix" in said and "matrix" in draft.mapping:
        draft.mapping["matrix"] |= said["matrix"]
    if "columns" in said and "matrix" not in draft.mapping:
        _columns(draft, said["columns"], reason)
    if "entitlements" in said:
        found = [entry for entry in said["entitlements"] if entry["column"] in names]
        draft.mapping["entitlements"] = found
        draft.mapping.pop("rights", None)
        for column in draft.seen.columns:
            if any(entry["column"] == column.name for entry in found):
                draft.note(column, "held", Sure.SURE, reason)
    if "status_values" in said and "status" in draft.mapping.get("columns", {}):
        known = {word.casefold() for word in said["status_values"]}
        others = {w: s for w, s in draft.mapping.get("status_values", {}).items() if w.casefold() not in known}
        draft.mapping["status_values"] = {**said["status_values"], **others}
    mapped = {entry["column"] for entry in draft.mapping.get("entitlements", [])}
    mapped.update(draft.mapping.get("columns", {}).values(), ["(no column)"] if mapped else [])
    draft.asked[:] = [asked for asked in draft.asked if asked.column not in mapped]
    draft.doubts += [f"not on the page that the preset was made from: {text}" for text in preset.not_known]


def _columns(draft: ProposalDraft, said: dict[str, Any], reason: str) -> None:
    used = set(said.values())
    kept = {m: c for m, c in draft.mapping.get("columns", {}).items() if m not in said and c not in used}
    draft.mapping["columns"] = {**kept, **said}
    draft.missing[:] = [gap for gap in draft.missing if not gap.startswith("columns")]
    for column in draft.seen.columns:
        meanings = [meaning for meaning, name in said.items() if name == column.name]
        if meanings:
            draft.note(column, ", ".join(meanings), Sure.SURE, reason)
