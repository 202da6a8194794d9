"""
The tables of OpenEMR that say who has access: their columns, and rows that know where they stand.

Rows come from an export (`_openemr_files`) or from the database itself (`_openemr_live`); what they mean is the same.
Source: sql/database.sql and library/classes/Installer.class.php of OpenEMR (database version 541, ACL version 13).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, Protocol

from connectors.inputs.tables import Row

SECRET_COLUMNS = ("password", "password_history", "var1", "var2", "salt", "login_work_area")
"""Columns, or how they begin, that hold hashes and secrets; an account or a file that has them is refused."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is read of one table."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    may_be_absent: bool = False
    may_be_empty: bool = False
    why_absent: str = ""


FILES: dict[str, Shape] = {
    "users": Shape(
        ("id", "username", "active"),
        (
            *("fname", "mname", "lname", "email", "authorized", "see_auth"),
            *("facility_id", "date_created", "google_signin_email"),
        ),
    ),
    "users_secure": Shape(
        ("id", "username"),
        ("login_fail_counter", "total_login_fail_counter", "last_login_fail", "last_update_password"),
        may_be_absent=True,
    ),
    "groups": Shape(("user",), ("id", "name")),
    "gacl_aro": Shape(("id", "section_value", "value")),
    "gacl_aro_groups": Shape(("id", "parent_id", "name", "value"), ("lft", "rgt")),
    "gacl_groups_aro_map": Shape(("group_id", "aro_id")),
    "gacl_aro_groups_map": Shape(("acl_id", "group_id")),
    "gacl_aro_map": Shape(("acl_id", "section_value", "value"), may_be_empty=True),
    "gacl_acl": Shape(("id", "allow", "enabled", "return_value"), ("section_value", "note")),
    "gacl_aco_map": Shape(("acl_id", "section_value", "value")),
    "gacl_axo_map": Shape(("acl_id",), may_be_absent=True, may_be_empty=True),
    "gacl_axo_groups_map": Shape(("acl_id",), may_be_absent=True, may_be_empty=True),
    "login_mfa_registrations": Shape(
        ("user_id",), ("name", "method", "last_challenge"), may_be_absent=True, may_be_empty=True
    ),
    "facility": Shape(("id", "name"), may_be_absent=True),
    "users_facility": Shape(("table_id", "facility_id"), ("tablename",), may_be_absent=True, may_be_empty=True),
    # An empty list of sign-ins would turn everybody into `never signed in`; a purged log looks just like that.
    "last_login": Shape(
        ("username", "last_login"),
        may_be_absent=True,
        why_absent="if the log was purged, leave the file out: the last sign-in is then `not evaluated`",
    ),
}


def is_secret(column: str) -> bool:
    """Whether a column holds a hash or a secret."""
    return column.casefold().startswith(SECRET_COLUMNS)


class RowPlace(Protocol):
    """Where rows stand, and what follows when something is wrong with one."""

    def refuse(self, line: int, column: str, problem: str, *, found: object, expected: str, hint: str) -> NoReturn:
        """Raise the error that names the place, the line and the column."""

    def stray(self, line: int, column: str, what: str, found: str) -> None:
        """Raise, or count a row that names something which does not exist and so gives nobody anything."""

    def hollow(self, line: int, column: str, problem: str, found: str) -> None:
        """Raise, or count a row to which rows of another table belong that are not there."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row, which knows where it stands."""

    place: RowPlace
    line: int
    values: Row

    def refuse(
        self, column: str, problem: str, *, found: object = None, expected: str = "", hint: str = ""
    ) -> NoReturn:
        """Raise the error that names place, line and column."""
        self.place.refuse(self.line, column, problem, found=found, expected=expected, hint=hint)

    def stray(self, column: str, what: str) -> None:
        """Tell that the row names `what`, which does not exist; the caller then passes over the row."""
        self.place.stray(self.line, column, what, self[column])

    def hollow(self, column: str, problem: str) -> None:
        """Tell that rows of another table which belong to this one are not there."""
        self.place.hollow(self.line, column, problem, self[column])

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    def number(self, column: str, *, empty: int | None = None) -> int:
        """Return a whole number that is not negative; `empty` is what an absent value means, if it may be absent."""
        text = self[column]
        if not text and empty is not None:
            return empty
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            self.refuse(column, "this is no number", found=text, expected="a whole number")
        return int(text)

    def flag(self, column: str) -> bool:
        """Return a 0 or 1 as a truth value; an absent value is 0, as it is for OpenEMR."""
        number = self.number(column, empty=0)
        if number > 1:
            self.refuse(column, "this is neither 0 nor 1", found=number, expected="0 or 1")
        return bool(number)


class Tables:
    """The rows of all tables, wherever they came from."""

    def __init__(
        self, tables: Mapping[str, list[TableRow]], *, read_at: datetime, log_from: datetime | None = None
    ) -> None:
        self.tables = tables
        self.read_at = read_at
        """When the rows were true."""
        self.log_from = log_from
        """Since when sign-ins were kept; `None`: always, as whoever gave the tables says."""

    def has(self, name: str) -> bool:
        """Say whether the table was read."""
        return name in self.tables

    def __getitem__(self, name: str) -> list[TableRow]:
        return self.tables.get(name, [])
