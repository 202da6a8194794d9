"""The sheets of a workbook: none that a mapping does not speak of may be there, once it speaks of several."""

from pathlib import Path

from connectors.errors import InputError, shorten
from connectors.generic.table.dictionary import plain
from connectors.generic.table.known import known
from connectors.generic.table.mapping import Mapping
from connectors.inputs import xlsx
from connectors.inputs.files import opened
from connectors.inputs.tables import MAX_COLUMNS, MAX_ROWS


def check_sheets(path: Path, mapping: Mapping) -> None:
    """Raise `InputError` for a sheet that has been added since the mapping was made."""
    if not mapping.sheets:
        return
    with opened(path) as file:
        if not file.read(4).startswith(xlsx.ZIP):
            return
    named = {sheet.name for sheet in mapping.sheets}
    named.update(mapping.harmless, (question.column for question in mapping.questions))
    for name in xlsx.visible_sheets(path, MAX_ROWS, MAX_COLUMNS):
        if name not in named and not is_beside(name):
            raise InputError(
                path,
                "the workbook has a sheet of which the mapping says nothing",
                found=name,
                expected=f"only {', '.join(shorten(sheet, 40) for sheet in sorted(named))}",
                hint="add it under `sheets`, or under `harmless` if it holds no accounts",
            )


def is_beside(name: str) -> bool:
    """Whether a sheet explains the others, by its name."""
    return plain(name) in known().other_sheets
