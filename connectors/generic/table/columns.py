"""Which columns of a file the mapping speaks of, and the words in them."""

from connectors.errors import InputError, shorten
from connectors.generic.table.mapping import EntitlementColumn, MappedColumns, Mapping
from connectors.generic.table.odd import MAX_WORDS_SHOWN
from connectors.inputs.tables import Table, require


class UnmappedWord(InputError):
    """A word that the mapping does not know; whoever can open the file again adds the words of that column."""

    def __init__(self, table: Table, line: int, column: str, word: str, expected: str) -> None:
        super().__init__(table.path, "this word is not mapped", line=line, field=column, found=word, expected=expected)
        self.column = column


def words_of(table: Table, column: str) -> str:
    """List the different words of a column, for the person who maps them."""
    seen: set[str] = set()
    for line, row in table.rows:
        seen.add(table.value(line, row, column))
    if len(seen) > MAX_WORDS_SHOWN:
        return f"`{column}` has {len(seen)} different words; is it the right column?"
    return f"the words in `{column}` are: {', '.join(shorten(word, 40) for word in sorted(seen))}"


def check_columns(mapping: Mapping, table: Table) -> None:
    """Raise `InputError` for the first column that the mapping needs and the table lacks."""
    if mapping.columns is None:
        return
    used = [column for column in mapping.columns.used() if column not in mapping.optional]
    beside = [c for e in mapping.entitlements for c in (e.of, e.where and e.where.column) if c and not e.optional]
    ends = [ending.column for ending in mapping.ends]
    held = [e.column for e in mapping.entitlements if not e.optional]
    require(table, (*used, *mapping.factors, *ends, *held, *beside, *mapping.ignore))


def present(mapping: Mapping, table: Table) -> MappedColumns:
    """Return the mapping of columns without the optional ones that this table lacks."""
    assert mapping.columns is not None  # noqa: S101 - checked with the mapping
    kept = {
        key: column
        for key, column in mapping.columns.model_dump().items()
        if column in table.header or column not in mapping.optional
    }
    return MappedColumns.model_validate(kept)


def missing(mapping: Mapping, table: Table) -> tuple[str, ...]:
    """Return the columns that a mapping allows to be absent, and that are."""
    optional = (*mapping.optional, *(e.column for e in mapping.entitlements if e.optional))
    return tuple(column for column in dict.fromkeys(optional) if column not in table.header)


def others_of(mapping: Mapping, table: Table) -> tuple[EntitlementColumn, ...]:
    """Return every column that nothing names, as a right of its own."""
    others = mapping.others
    if others is None or mapping.columns is None:
        return ()
    beside = {c for e in mapping.entitlements for c in (e.of, e.where and e.where.column) if c}
    ends = {ending.column for ending in mapping.ends}
    asked = {*mapping.harmless, *(question.column for question in mapping.questions)}
    held = {e.column for e in mapping.entitlements}
    named = {*mapping.columns.used(), *mapping.factors, *held, *beside, *ends, *mapping.ignore, *asked}
    return tuple(
        EntitlementColumn(
            column=column,
            kind=others.kind,
            granted=others.granted,
            not_granted=others.not_granted,
            prefix=others.prefix,
        )
        for column in table.header
        if column not in named
    )
