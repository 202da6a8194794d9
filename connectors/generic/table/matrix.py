"""A matrix: roles down the side, logins across the top."""

from pathlib import Path

from connectors.errors import InputError
from connectors.facts import Account, Status
from connectors.generic.table.columns import UnmappedWord
from connectors.generic.table.facts import TableFacts
from connectors.generic.table.odd import UnknownWord
from connectors.generic.table.settings import ReportFile
from connectors.generic.table.trailer import TableTrailer
from connectors.inputs.tables import MAX_VALUE, Table, require

FIRST = "(first column)"
"""What the first column is called when its head is empty, and in a mapping that names none."""


def read_matrix(facts: TableFacts, part: ReportFile, path: Path, table: Table, trailer: TableTrailer) -> int:
    """
    Read one matrix into `facts` and return how many rows it had.

    Every column but the first and the ignored ones is an account, also one that holds nothing. Raises `InputError`.
    """
    mapping = facts.mapping
    matrix = mapping.matrix
    assert matrix is not None  # noqa: S101 - checked with the mapping
    side = matrix.entitlement
    if side == FIRST:
        side = table.header[0]
    require(table, (side, *mapping.ignore))
    logins = [column for column in table.header if column != side and column not in mapping.ignore]
    if not logins:
        raise InputError(path, "no column is an account", line=table.header_line, expected="one column a login")
    status = Status(part.status or Status.UNKNOWN)
    for login in logins:
        _add_account(facts, path, table, login, status)
    rows = 0
    seen: dict[str, int] = {}
    for line, row in table.rows:
        rows += 1
        name = table.value(line, row, side, required=True)
        if seen.setdefault(name, line) != line:
            table.refuse(
                line, side, f"this stands on line {seen[name]} already", found=name, expected="one row for each"
            )
        for login in logins:
            word = row[login].strip()
            granted = matrix.grants(word)
            if granted is None:
                place = UnknownWord("rights", login, line, word, "`granted` or `not_granted`")
                if not facts.odd.add(place):
                    raise UnmappedWord(table, line, login, word, f"a word of {place.where}")
                facts.odd.holders.add(login)
            if granted:
                facts.grant(table, line, side, account=login, id_=name, kind=matrix.kind)
    trailer.check()
    return rows


def _add_account(facts: TableFacts, path: Path, table: Table, login: str, status: Status) -> None:
    assert len(login) <= MAX_VALUE  # noqa: S101 - names of columns are shorter
    account = Account(system=facts.system, id=login, login=login, name=login, status=status)
    before = facts.accounts.setdefault(login, account)
    if before != account:
        file, line = facts.sources[login]
        table.refuse(
            table.header_line,
            login,
            f"this account is described otherwise in {file}, line {line}",
            expected="the same status in every file of the report",
        )
    facts.sources.setdefault(login, (path.name, table.header_line))
