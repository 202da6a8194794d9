"""A second report: what each role or group of the first one lets its members do."""

from pathlib import Path

from connectors.errors import InputError, SourceTruncated
from connectors.generic.table.columns import UnmappedWord
from connectors.generic.table.mapping import Contents
from connectors.generic.table.open import open_report
from connectors.generic.table.trailer import TableTrailer
from connectors.inputs.tables import MAX_VALUE, Row, Table, require


def read_contents(path: Path, contents: Contents) -> tuple[dict[str, dict[str, None]], int]:
    """
    Return the rights of each role or group, and how many rows the report had.

    Raises `InputError` naming file, line and column; a report in which nothing gives anything is a wrong column.
    """
    trailer = TableTrailer(path, contents.footer, contents.total)
    table = open_report(path, contents, None, trailer)
    require(table, (contents.of, *contents.name, *contents.flags))
    rights: dict[str, dict[str, None]] = {}
    rows, above = 0, ""
    for line, row in table.rows:
        rows += 1
        above = _holder(table, line, row, contents, above)
        rights.setdefault(above, {}).update(dict.fromkeys(_rights(table, line, row, contents)))
    trailer.check()
    if trailer.number not in (None, rows):
        raise SourceTruncated(
            f"`{path.name}` says that it lists {trailer.number} rows but holds {rows}",
            hint="export it again, whole; if the line counts something else, correct `contents.total`",
        )
    if not any(rights.values()):
        raise InputError(
            path,
            "nothing in it gives anything",
            field=", ".join(contents.flags or contents.name),
            expected="at least one right of one role or group",
            hint="check which columns say yes or no; an empty column would make every role look harmless",
        )
    return rights, rows


def _holder(table: Table, line: int, row: Row, contents: Contents, above: str) -> str:
    text = table.value(line, row, contents.of)
    if not text and above and contents.repeats == "first-row":
        return above
    if contents.of_part is not None and text:
        parts = [part.strip() for part in text.split(contents.of_part.separator)]
        if len(parts) < contents.of_part.number:
            table.refuse(
                line,
                contents.of,
                "the cell has too few parts",
                found=text,
                expected=f"at least {contents.of_part.number} parts, separated by `{contents.of_part.separator}`",
            )
        text = parts[contents.of_part.number - 1]
    if not text:
        table.refuse(
            line,
            contents.of,
            "the value is empty",
            expected="the role or group that the row speaks of",
            hint="if it stands on the first of its rows only, set `contents.repeats: first-row`",
        )
    return text


def _rights(table: Table, line: int, row: Row, contents: Contents) -> list[str]:
    parts = [table.value(line, row, column) for column in contents.name]
    name = contents.joined.join(part for part in parts if part)
    if not name:
        table.refuse(line, contents.name[0], "the value is empty", expected="the name of a right")
    if not contents.flags:
        return [_short(table, line, contents, name)]
    rights = []
    for flag in contents.flags:
        word = row[flag].strip()
        granted = contents.grants(word)
        if granted is None:
            raise UnmappedWord(table, line, flag, word, "a word of `contents.granted` or `contents.not_granted`")
        if granted:
            rights.append(_short(table, line, contents, f"{name}: {flag}"))
    return rights


def _short(table: Table, line: int, contents: Contents, name: str) -> str:
    if len(name) > MAX_VALUE:
        table.refuse(
            line,
            contents.name[0],
            "the name of a right is too long",
            found=name,
            expected=f"at most {MAX_VALUE} characters",
        )
    return name
