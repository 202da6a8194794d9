"""From rows to accounts, entitlements and grants, by a mapping."""

from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import NoReturn

from connectors.errors import SourceTruncated
from connectors.facts import NEVER, Account, Never, Status
from connectors.generic.table.columns import UnmappedWord, missing, others_of, present
from connectors.generic.table.facts import TableFacts, merged
from connectors.generic.table.mapping_columns import Condition, EntitlementColumn
from connectors.generic.table.odd import UnknownWord
from connectors.generic.table.settings import ReportFile
from connectors.generic.table.trailer import TableTrailer
from connectors.inputs.dates import DateStyle
from connectors.inputs.tables import Row, Table

_ENDS = "`granted` or `not_granted` under `ends`"
_FACTORS = "`mfa_true`, `mfa_false` or `mfa_unknown`"
_GRANTS = "`granted` or `not_granted`"


class PartReading:
    """Reads one file of a report: one row an account, or one row a grant."""

    def __init__(self, facts: TableFacts, part: ReportFile, path: Path, table: Table, trailer: TableTrailer) -> None:
        assert facts.mapping.columns is not None  # noqa: S101 - checked with the mapping
        self.facts, self.mapping, self.part, self.path = facts, facts.mapping, part, path
        self.table, self.trailer = table, trailer
        self.columns = present(facts.mapping, table)
        self.missing = missing(facts.mapping, table)
        """Optional columns that this file lacks."""
        self.entitlements = (
            *(e for e in self.mapping.entitlements if e.column in table.header),
            *others_of(self.mapping, table),
        )
        self.dates = DateStyle(self.mapping.date_format, self.mapping.timezone)
        self.key = self.columns.id or self.columns.login
        self.used = tuple(dict.fromkeys((*self.columns.used(), *self.mapping.factors, *self._ending())))
        self.pick = itemgetter(*self.used, self.used[0])  # twice the first, so that it is always a tuple
        self.rows = 0
        self.without_login = 0
        """Rows of lines and rooms, to which a person says that nobody signs in."""
        facts.naming.update(e.column for e in self.entitlements if not e.is_flag)
        self.seen: dict[str, tuple[int, tuple[str, ...]]] = {}
        self._above = ""

    def _ending(self) -> tuple[str, ...]:
        return tuple(ending.column for ending in self.mapping.ends)

    def read(self) -> None:
        """Read the file to its end; raises `InputError` and `SourceTruncated`."""
        for line, row in self.table.rows:
            self.rows += 1
            self._add(line, row)
        self.trailer.check()
        self._check_total()

    def _add(self, line: int, row: Row) -> None:
        if self.mapping.without_login == "count" and not row[self.columns.login].strip():
            self.without_login += 1
            return
        id_ = self._id(line, row)
        values = self.pick(row)
        known = self.seen.get(id_)
        if known is None:
            self.seen[id_] = line, values
            self._new(line, row, id_)
        elif self._above == id_ and not any(map(str.strip, values)):
            pass  # a further row of the account above
        elif self.mapping.rows == "one-per-account":
            self._duplicate(self.key, known[0], line, id_)
        elif known[1] != values:
            column = next(c for c, old, new in zip(self.used, known[1], values, strict=False) if old != new)
            self.table.refuse(
                line,
                column,
                f"lines {known[0]} and {line} say different things of one account",
                expected="the same value on each row of an account",
                hint="export again; only the entitlement may differ from row to row",
            )
        self._above = id_
        for entitlement in self.entitlements:
            for name in self._names(line, row, entitlement, id_):
                full, kind = self._place(row, entitlement) + entitlement.prefix + name, entitlement.kind
                self.facts.grant(self.table, line, entitlement.column, account=id_, id_=full, kind=kind)
        if self.part.gives is not None:
            self.facts.said.setdefault(id_, set()).update(self.facts.naming)
            self.facts.grant(self.table, line, "gives", account=id_, id_=self.part.gives, kind=self.part.kind)

    def _place(self, row: Row, entitlement: EntitlementColumn) -> str:
        place = row[entitlement.of].strip() if entitlement.of else ""
        return f"{place}: " if place else ""

    def _id(self, line: int, row: Row) -> str:
        if self.mapping.rows == "grouped" and self._above and not row[self.key].strip():
            for column in self.used:
                if row[column].strip():
                    self.table.refuse(
                        line,
                        column,
                        f"a row without `{self.key}` says something of an account",
                        expected="only entitlements on the further rows of an account",
                        hint="export again; if each row is an account of its own, set `rows`",
                    )
            return self._above
        return self.table.value(line, row, self.key, required=True)

    def _new(self, line: int, row: Row, id_: str) -> None:
        account = self._account(line, row, id_)
        before = self.facts.accounts.get(id_)
        if before is None:
            self.facts.sources[id_] = self.path.name, line
            self.facts.accounts[id_] = account
            return
        joined = merged(before, account)
        if joined is None:
            file, other = self.facts.sources[id_]
            self.table.refuse(
                line,
                self.key,
                f"this account is described otherwise in {file}, line {other}",
                found=id_,
                expected="the same in every file of the report",
                hint="export all files on the same day, and with the same columns",
            )
        self.facts.accounts[id_] = joined

    def _account(self, line: int, row: Row, id_: str) -> Account:
        c = self.columns
        login = self.table.value(line, row, c.login, required=True)
        first = self.facts.logins.setdefault(login, (line, id_))
        if first[1] != id_:
            self._duplicate(c.login, first[0], line, login)
        names = [self._optional(line, row, column) for column in (c.name, c.first_name, c.last_name)]
        return Account(
            system=self.facts.system,
            id=id_,
            login=login,
            name=" ".join(name for name in names if name) or login,
            status=self._status(line, row, expires := self._instant(line, row, c.expires)),
            email=self._optional(line, row, c.email) or None,
            employee_id=self._optional(line, row, c.employee_id) or None,
            created=self._instant(line, row, c.created),
            last_login=self._last_login(line, row),
            mfa=self._mfa(line, row),
            expires=expires,
        )

    def _optional(self, line: int, row: Row, column: str | None) -> str:
        return self.table.value(line, row, column) if column else ""

    def _status(self, line: int, row: Row, expires: datetime | None) -> Status:
        status, doubtful = self._stated(line, row), False
        for ending in self.mapping.ends:
            text = row[ending.column].strip()
            ended = bool(text) and not self.mapping.says_nothing(text) if ending.filled else ending.grants(text)
            if ended is None:
                self._odd(UnknownWord("status", ending.column, line, text, _ENDS))
            elif ended and not ending.doubtful:
                return Status.DISABLED
            doubtful = doubtful or ended is None or ending.doubtful
        if expires is not None and expires <= self.facts.as_of and status is not Status.DISABLED:
            return Status.EXPIRED
        return Status.UNKNOWN if doubtful and status not in (Status.DISABLED, Status.EXPIRED) else status

    def _stated(self, line: int, row: Row) -> Status:
        column = self.columns.status
        if column is None:
            return Status(self.trailer.section or self.part.status or Status.UNKNOWN)
        word = self.table.value(line, row, column)
        status = self.mapping.status_of(word)
        if status is None:
            self._odd(UnknownWord("status", column, line, word, "`status_values`"))
        return status or Status.UNKNOWN

    def _mfa(self, line: int, row: Row) -> bool | None:
        column = self.columns.mfa
        if column is None:
            return None
        said = [self._factor(line, row, name) for name in (column, *self.mapping.factors)]
        if True in said:
            return True
        return None if None in said else False

    def _factor(self, line: int, row: Row, column: str) -> bool | None:
        word = self.table.value(line, row, column)
        mfa = self.mapping.mfa_of(word)
        if mfa is None and word and not self.mapping.leaves_open(word):
            self._odd(UnknownWord("factor", column, line, word, _FACTORS))
        return mfa

    def _last_login(self, line: int, row: Row) -> datetime | Never | None:
        column = self.columns.last_login
        if column is None:
            return None
        word = self.table.value(line, row, column)
        if not word:
            return NEVER if self.mapping.empty_last_login == "never" else None
        if word.casefold() in map(str.casefold, self.mapping.never_values):
            return NEVER
        return self._instant(line, row, column)

    def _instant(self, line: int, row: Row, column: str | None) -> datetime | None:
        text = self._optional(line, row, column)
        if not column or not text or self.mapping.says_nothing(text):
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

    def _names(self, line: int, row: Row, column: EntitlementColumn, id_: str) -> list[str]:
        """Give the native names that a cell grants."""
        text = row[column.column].strip()
        if column.is_flag:
            granted = column.grants(text)
            if granted is None:
                self._odd(UnknownWord("rights", column.column, line, text, _GRANTS), id_)
            return [column.column] if granted else []
        if text:
            self.facts.said.setdefault(id_, set()).add(column.column)
        if column.where is not None and not self._is_held(line, row, column.where, id_):
            return []
        parts = text.split(column.separator) if column.separator else [text]
        names = [name for part in parts if (name := part.strip())]
        if not column.nothing:
            return names
        nothing = {word.casefold() for word in column.nothing}
        return [name for name in names if name.casefold() not in nothing]

    def _is_held(self, line: int, row: Row, where: Condition, id_: str) -> bool:
        word = row[where.column].strip()
        granted = where.grants(word)
        if granted is None:
            self._odd(UnknownWord("rights", where.column, line, word, f"{_GRANTS} under `where`"), id_)
        return bool(granted)

    def _check_total(self) -> None:
        total, mapping = self.trailer.number, self.mapping
        if total is None or mapping.total is None:
            return
        read = len(self.seen) if mapping.total.counts == "accounts" else self.rows
        if total != read:
            raise SourceTruncated(
                f"`{self.path.name}` says that it lists {total} {mapping.total.counts} but holds {read}",
                hint="export it again, whole; if the line counts something else, correct `total`",
            )

    def _duplicate(self, column: str, first: int, line: int, found: str) -> NoReturn:
        self.table.refuse(
            line,
            column,
            f"duplicate account on lines {first} and {line}",
            found=found,
            expected="one row an account" if self.mapping.rows == "one-per-account" else "one id a login",
            hint="export again; if the report has one row for each role, set `rows: one-per-grant`",
        )

    def _odd(self, place: UnknownWord, id_: str = "") -> None:
        """Note a word that the mapping does not know: what it says of the account is left open, and told."""
        odd = self.facts.odd
        if not odd.add(place) or odd.has_slid(place):
            raise UnmappedWord(self.table, place.line, place.column, place.word, f"a word of {place.where}")
        if id_:
            odd.holders.add(id_)
