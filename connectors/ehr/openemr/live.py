"""
The tables of OpenEMR, read from its database in one consistent snapshot, and proven whole.

Every table is counted by the server in the same snapshot in which it is read, so that rows which a proxy, a limit of
the session or a broken connection keeps back are noticed. A row that names a user, group or list that does not exist
gives nobody anything: OpenEMR's own joins pass over it, and so does this, and counts it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from connectors.ehr.openemr.grants import ADDED_LATER, READ, Rights
from connectors.ehr.openemr.sql_text import quoted
from connectors.ehr.openemr.tables import TableRow, Tables
from connectors.ehr.openemr.wire import MysqlConnection
from connectors.errors import SourceMalformed, SourceTruncated, shorten
from connectors.inputs.dates import DateStyle
from connectors.inputs.tables import MAX_ROWS, MAX_VALUE

WHERE = {
    "users": " WHERE `username` <> ''",  # the others are contacts in the address book
    "users_secure": " WHERE `username` <> ''",
    "groups": " WHERE `user` <> ''",
    "users_facility": " WHERE `tablename` = 'users'",
}
OF_A_USER = {"users": "id", "users_secure": "id", "users_facility": "table_id", "login_mfa_registrations": "user_id"}
"""The tables whose rows belong to one user each, and the column that says to whom."""
SIGN_INS = "FROM `log` WHERE `event` = 'login' AND `success` = 1 AND `user` <> ''"
EMPTY_IS_WRONG = ("users", "users_secure", "groups", "gacl_aro", "gacl_aro_groups", "gacl_groups_aro_map", "gacl_acl")
"""Tables that have rows wherever somebody can sign in to OpenEMR."""
REPEATABLE = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"
SNAPSHOT = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"


@dataclass(frozen=True, slots=True)
class DatabaseTable:
    """One table of the database."""

    system: str
    table: str
    strays: Counter[str]

    def refuse(self, line: int, column: str, problem: str, *, found: object, expected: str, hint: str) -> NoReturn:
        """Raise the `SourceMalformed` that names table, row and column."""
        text = f"`{self.system}`: `{self.table}`, row {line}, `{column}`: {problem}"
        text += f": found {shorten(found)}" if found is not None else ""
        text += f"; expected {expected}" if expected else ""
        raise SourceMalformed(text, hint=hint or "correct the row in OpenEMR's database")

    def stray(self, line: int, column: str, what: str, found: str) -> None:  # noqa: ARG002 - told as a number only
        """Count it: the snapshot is whole, so what the row names is really not there."""
        self.strays[self.table] += 1

    def hollow(self, line: int, column: str, problem: str, found: str) -> None:  # noqa: ARG002
        """Count it: the snapshot is whole, so the row is really empty and gives nothing."""
        self.strays[self.table] += 1


class DatabaseSnapshot(Tables):
    """All tables as they were at one moment."""

    def __init__(
        self,
        wire: MysqlConnection,
        system: str,
        found: Rights,
        *,
        read_at: datetime,
        sign_ins: DateStyle | None,
        only: Sequence[int] | None = None,
    ) -> None:
        """
        Read them; `sign_ins` says how the log writes its dates, `None`: it is not read.

        With `only`, rows of users are read of those with these ids alone; nothing is then proven whole.
        """
        self._only = None if only is None else ", ".join(str(int(id_)) for id_ in only) or "NULL"
        self.strays: Counter[str] = Counter()
        """By table: rows that were passed over, because what they name does not exist."""
        self.counts: dict[str, int] = {}
        """By table: rows as the server counts them."""
        self._wire, self._system = wire, system
        wire.run(REPEATABLE)
        wire.run(SNAPSHOT)
        tables = {name: self._read(name, columns, found) for name, columns in READ.items() if name != "log"}
        log_from = None
        if sign_ins is not None:
            last = self._sign_ins()
            if last:
                tables["last_login"] = last
                log_from = self._log_from(sign_ins) or read_at
        wire.run("COMMIT")
        super().__init__(tables, read_at=read_at, log_from=log_from)

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return sum(len(records) for records in self.tables.values())

    def _read(self, name: str, columns: tuple[str, ...], found: Rights) -> list[TableRow]:
        columns = tuple(c for c in columns if (name, c) not in ADDED_LATER or (name, c) in found.columns)
        source = f"FROM {quoted(name)}{WHERE.get(name, '')}"
        if self._only is not None and name in OF_A_USER:
            source += f"{' AND' if name in WHERE else ' WHERE'} {quoted(OF_A_USER[name])} IN ({self._only})"
        place = DatabaseTable(self._system, name, self.strays)
        stated = self._count(source)
        if stated > MAX_ROWS:
            place.refuse(MAX_ROWS, columns[0], "too many rows", found=stated, expected=f"at most {MAX_ROWS}", hint="")
        records = []
        rows = self._wire.stream(f"SELECT {', '.join(map(quoted, columns))} {source}", len(columns))
        for line, row in enumerate(rows, 1):
            values = [value.strip() if value else "" for value in row]
            if max(map(len, values)) > MAX_VALUE:
                column, value = next((c, v) for c, v in zip(columns, values, strict=True) if len(v) > MAX_VALUE)
                limit = f"at most {MAX_VALUE} characters"
                place.refuse(line, column, "the value is too long", found=value, expected=limit, hint="")
            records.append(TableRow(place, line, dict(zip(columns, values, strict=True))))
        if len(records) != stated:
            self._cut_short(name, stated, len(records))
        if not records and name in EMPTY_IS_WRONG and (self._only is None or name not in OF_A_USER):
            raise SourceTruncated(
                f"`{self._system}` has not one row in `{name}`", hint="is `database` the one that OpenEMR uses?"
            )
        self.counts[name] = stated
        return records

    def _sign_ins(self) -> list[TableRow]:
        """Return the last successful sign-in of each user; the last row of the answer is the server's own total."""
        place = DatabaseTable(self._system, "log", self.strays)
        records, total, seen = [], None, 0
        sql = f"SELECT `user`, MAX(`date`), COUNT(*) {SIGN_INS} GROUP BY `user` WITH ROLLUP"
        for line, (user, at, count) in enumerate(self._wire.stream(sql, 3), 1):
            if user is None:
                total = int(count or 0)
                continue
            seen += int(count or 0)
            if at is not None:
                values = {"username": user.strip(), "last_login": at}
                records.append(TableRow(place, line, values))
        if total is None and not seen:
            total = self._count(SIGN_INS)
        if total != seen:
            self._cut_short("log", total or 0, seen)
        return records

    def _log_from(self, dates: DateStyle) -> datetime | None:
        first = self._wire.value("SELECT `date` FROM `log` ORDER BY `id` LIMIT 1")
        try:
            return dates.instant(first)
        except ValueError:
            return None

    def _count(self, source: str) -> int:
        text = self._wire.value(f"SELECT COUNT(*) {source}")
        if not text.isdecimal() or len(text) > 18:
            raise SourceMalformed(f"`{self._system}` does not say how many rows it has `{source}`")
        return int(text)

    def _cut_short(self, name: str, stated: int, read: int) -> NoReturn:
        raise SourceTruncated(
            f"`{self._system}` said that `{name}` has {stated} rows but returned {read}",
            hint="look for a limit on answers: `sql_select_limit` of the server or the account, or a proxy before it",
        )


def refuse_odd_tables(wire: MysqlConnection, system: str) -> None:
    """
    Raise `SourceMalformed` unless the tables are tables of InnoDB.

    A view could leave rows out, and other engines know no snapshot, so nothing read from them would be proven whole.
    """
    for name, kind, engine in wire.all(
        "SELECT TABLE_NAME, TABLE_TYPE, ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()",
        3,
    ):
        if name in READ and (kind != "BASE TABLE" or (engine or "").casefold() != "innodb"):
            raise SourceMalformed(
                f"`{system}`: `{name}` is {f'a table of the engine {engine}' if engine else 'no table but a view'}, "
                "and only a table of InnoDB can be read in one snapshot",
                hint="give the account the tables themselves; convert those of an old OpenEMR to InnoDB, as its "
                "upgrade does, or use `openemr-export`",
            )
