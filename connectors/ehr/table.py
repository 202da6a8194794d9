"""
Any product's user-access report, as CSV or XLSX, by a mapping of its columns.

Only mapped columns are kept, so whatever else the report holds goes no further than the row it stands in.
"""

from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import NoReturn

from connectors.connector import Page
from connectors.dates import DateStyle
from connectors.ehr._table_settings import EntitlementColumn, Settings
from connectors.errors import InputError, shorten
from connectors.facts import NEVER, Account, Entitlement, EntitlementKind, Evidence, Grant, Never, Status, System
from connectors.files import modified_at, sha256_of
from connectors.tables import MAX_VALUE, Row, Table, read_table, require

__all__ = ["Settings", "TableConnector", "connect"]

MAX_WORDS_SHOWN = 20
"""More different words than this are no status column, and may be names."""


def connect(system: System, settings: Settings, folder: Path) -> "TableConnector":
    """Return a connector for the export; nothing is read yet."""
    return TableConnector(system, settings, folder / settings.file)


class TableConnector:
    """Reads the whole report as one page; raises `InputError` for any row that cannot be trusted."""

    def __init__(self, system: System, settings: Settings, path: Path) -> None:
        self.system, self.settings, self.path = system, settings, path

    @property
    def source(self) -> str:
        """The name of the file."""
        return self.path.name

    @property
    def canary(self) -> str | None:
        """The login that must be in the report."""
        return self.settings.canary

    def as_of(self) -> datetime:
        """When the file was written."""
        return modified_at(self.path)

    def read_page(self, token: str | None) -> Page:  # noqa: ARG002 - there is only one page
        """Read the report to its end."""
        table = self._table()
        before = self.path.stat()
        reading = _Reading(self, table)
        for line, row in table.rows:
            reading.add(line, row)
        digest, after = sha256_of(self.path), self.path.stat()
        if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
            raise InputError(
                self.path, "the file changed while it was read", expected="a finished export", hint="run again"
            )
        return reading.page(digest)

    def words(self, column: str) -> str:
        """List the different words of a column, for the person who maps them."""
        table = self._table()
        seen = {table.value(line, row, column) for line, row in table.rows}
        if len(seen) > MAX_WORDS_SHOWN:
            return f"`{column}` has {len(seen)} different words; is it the right column?"
        return f"the words in `{column}` are: {', '.join(shorten(word, 40) for word in sorted(seen))}"

    def _table(self) -> Table:
        s = self.settings
        table = read_table(self.path, delimiter=s.delimiter, sheet=s.sheet, skip_rows=s.skip_rows)
        require(table, (*s.columns.used(), *(e.column for e in s.entitlements)))
        return table


class _Reading:
    """What has been read of the report so far."""

    def __init__(self, connector: TableConnector, table: Table) -> None:
        self.connector, self.settings, self.table = connector, connector.settings, table
        self.system = connector.system.id
        self.dates = DateStyle(self.settings.date_format, self.settings.timezone)
        self.used = tuple(dict.fromkeys(self.settings.columns.used()))
        self.pick = itemgetter(*self.used, self.used[0])  # twice the first, so that it is always a tuple
        self.rows = 0
        self.accounts: dict[str, Account] = {}
        self.seen: dict[str, tuple[int, tuple[str, ...]]] = {}
        self.logins: dict[str, tuple[int, str]] = {}
        self.entitlements: dict[str, EntitlementKind] = {}
        self.grants: set[tuple[str, str]] = set()

    def add(self, line: int, row: Row) -> None:
        self.rows += 1
        columns = self.settings.columns
        id_ = self.table.value(line, row, columns.id or columns.login, required=True)
        values = self.pick(row)
        known = self.seen.get(id_)
        if known is None:
            self.seen[id_] = line, values
            self.accounts[id_] = self._account(line, row, id_)
        elif self.settings.rows == "one-per-account":
            self._duplicate(columns.id or columns.login, known[0], line, id_)
        elif known[1] != values:
            column = next(c for c, old, new in zip(self.used, known[1], values, strict=False) if old != new)
            self.table.refuse(
                line,
                column,
                f"lines {known[0]} and {line} say different things of one account",
                expected="the same value on each row of an account",
                hint="export again; only the entitlement may differ from row to row",
            )
        for entitlement in self.settings.entitlements:
            for name in self._names(line, row, entitlement):
                self._grant(line, id_, entitlement, name)

    def page(self, digest: str) -> Page:
        if not self.grants and self.accounts:
            names = ", ".join(e.column for e in self.settings.entitlements)
            raise InputError(
                self.table.path,
                "no account holds anything",
                field=names,
                expected="entitlements of at least one account",
                hint="check which columns hold the roles; an empty column would make everybody look harmless",
            )
        return Page(
            accounts=tuple(self.accounts.values()),
            entitlements=tuple(Entitlement(self.system, id_, id_, k) for id_, k in self.entitlements.items()),
            grants=tuple(Grant(account, entitlement) for account, entitlement in self.grants),
            total=self.settings.expect_accounts,
            evidence=(
                Evidence("end", f"end of file after {self.rows} rows"),
                Evidence("sha256", f"{self.table.path.name} {digest}"),
            ),
        )

    def _account(self, line: int, row: Row, id_: str) -> Account:
        c = self.settings.columns
        login = self.table.value(line, row, c.login, required=True)
        if login in self.logins:
            self._duplicate(c.login, self.logins[login][0], line, login)
        self.logins[login] = line, id_
        names = [self._optional(line, row, column) for column in (c.name, c.first_name, c.last_name)]
        return Account(
            system=self.system,
            id=id_,
            login=login,
            name=" ".join(name for name in names if name) or login,
            status=self._status(line, row),
            email=self._optional(line, row, c.email) or None,
            employee_id=self._optional(line, row, c.employee_id) or None,
            created=self._instant(line, row, c.created),
            last_login=self._last_login(line, row),
            mfa=self._mfa(line, row),
        )

    def _optional(self, line: int, row: Row, column: str | None) -> str:
        return self.table.value(line, row, column) if column else ""

    def _status(self, line: int, row: Row) -> Status:
        column = self.settings.columns.status
        if column is None:
            return Status.UNKNOWN
        word = self.table.value(line, row, column)
        status = self.settings.status_of(word)
        if status is None:
            self._unmapped(line, column, word, "a word of `status_values`")
        return status

    def _mfa(self, line: int, row: Row) -> bool | None:
        column = self.settings.columns.mfa
        if column is None:
            return None
        word = self.table.value(line, row, column)
        mfa = self.settings.mfa_of(word)
        if mfa is None and word:
            self._unmapped(line, column, word, "a word of `mfa_true` or `mfa_false`")
        return mfa

    def _last_login(self, line: int, row: Row) -> datetime | Never | None:
        column = self.settings.columns.last_login
        if column is None:
            return None
        word = self.table.value(line, row, column)
        if not word:
            return NEVER if self.settings.empty_last_login == "never" else None
        return (
            NEVER
            if word.casefold() in map(str.casefold, self.settings.never_values)
            else self._instant(line, row, column)
        )

    def _instant(self, line: int, row: Row, column: str | None) -> datetime | None:
        text = self._optional(line, row, column)
        if not column or not text:
            return None
        try:
            return self.dates.instant(text)
        except ValueError:
            self.table.refuse(
                line,
                column,
                "this is no date",
                found=text,
                expected=self.dates.expected,
                hint="set `date_format`; words that mean `never` go into `never_values`",
            )

    def _names(self, line: int, row: Row, column: EntitlementColumn) -> list[str]:
        """Give the native names that a cell grants."""
        text = row[column.column].strip()
        if column.is_flag:
            granted = column.grants(text)
            if granted is None:
                self._unmapped(line, column.column, text, "a word of `granted` or `not_granted`")
            return [column.column] if granted else []
        parts = text.split(column.separator) if column.separator else [text]
        return [name for part in parts if (name := part.strip())]

    def _grant(self, line: int, account: str, column: EntitlementColumn, name: str) -> None:
        id_ = column.prefix + name
        if len(id_) > MAX_VALUE:
            self.table.refuse(
                line,
                column.column,
                "the name of an entitlement is too long",
                found=id_,
                expected=f"at most {MAX_VALUE} characters",
                hint="if the cell holds several, set `separator`",
            )
        kind = EntitlementKind(column.kind)
        if self.entitlements.setdefault(id_, kind) != kind:
            self.table.refuse(
                line,
                column.column,
                "two columns use this name for different kinds of things",
                found=id_,
                expected="one kind",
                hint="give one of the columns a `prefix`",
            )
        self.grants.add((account, id_))

    def _duplicate(self, column: str, first: int, line: int, found: str) -> NoReturn:
        self.table.refuse(
            line,
            column,
            f"duplicate account on lines {first} and {line}",
            found=found,
            expected="one row an account" if self.settings.rows == "one-per-account" else "one id a login",
            hint="export again; if the report has one row for each role, set `rows: one-per-grant`",
        )

    def _unmapped(self, line: int, column: str, word: str, expected: str) -> NoReturn:
        hint = self.connector.words(column)
        self.table.refuse(line, column, "this word is not mapped", found=word, expected=expected, hint=hint)
