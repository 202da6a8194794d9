"""
The tables of an OpenEMR export: which files and columns are read, and that together they are whole.

Source: sql/database.sql and library/classes/Installer.class.php of OpenEMR (database version 541, ACL version 13).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from connectors.errors import InputError
from connectors.files import sha256_of
from connectors.tables import Row, read_table, refuse_unknown, require

SECRET_COLUMNS = ("password", "password_history", "var1", "var2", "salt", "login_work_area")
NULLS = (r"\N", "NULL")
"""How the MySQL tools write an absent value."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One file of the export."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    may_be_absent: bool = False
    may_be_empty: bool = False
    why_absent: str = ""


FILES: dict[str, Shape] = {
    "users": Shape(
        ("id", "username", "active"),
        ("fname", "mname", "lname", "email", "authorized", "see_auth", "facility_id", "date_created"),
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
    "login_mfa_registrations": Shape(
        ("user_id",), ("name", "method", "last_challenge"), may_be_absent=True, may_be_empty=True
    ),
    # An empty list of sign-ins would turn everybody into `never signed in`; a purged log looks just like that.
    "last_login": Shape(
        ("username", "last_login"),
        may_be_absent=True,
        why_absent="if the log was purged, leave the file out: the last sign-in is then `not evaluated`",
    ),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One row of one file, which knows where it stands."""

    path: Path
    line: int
    values: Row

    def refuse(
        self, column: str, problem: str, *, found: object = None, expected: str = "", hint: str = ""
    ) -> NoReturn:
        """Raise the `InputError` that names file, line and column."""
        raise InputError(self.path, problem, line=self.line, field=column, found=found, expected=expected, hint=hint)

    def cut(self, column: str, what: str) -> NoReturn:
        """Raise the `InputError` for a row that names something which the other files do not have."""
        self.refuse(
            column,
            f"this names {what} that is not in the export",
            found=self[column],
            expected=f"{what} of the export",
            hint="export all files again, together and without a limit",
        )

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


class Export:
    """All files of an export."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InputError(folder, "there is no such folder", expected="the folder with the exported CSV files")
        _refuse_other_files(folder)
        self.folder = folder
        self.tables: dict[str, list[Record]] = {}
        self.files: dict[str, str] = {}
        """File name and SHA-256 of each file that was read."""
        times: list[float] = []
        for name, shape in FILES.items():
            path = folder / f"{name}.csv"
            if shape.may_be_absent and not path.exists():
                continue
            self.tables[name] = _read(path, shape)
            self.files[path.name] = sha256_of(path)
            times.append(path.stat().st_mtime)
        # Only the oldest time is used: copying and version control change times, so they prove nothing; that the
        # files refer only to each other does.
        self.as_of = datetime.fromtimestamp(int(min(times)), UTC)

    def has(self, name: str) -> bool:
        """Say whether the export holds this file."""
        return name in self.tables

    def __getitem__(self, name: str) -> list[Record]:
        return self.tables.get(name, [])


def _read(path: Path, shape: Shape) -> list[Record]:
    table = read_table(path)
    for column in table.header:
        if column.casefold().startswith(SECRET_COLUMNS):
            table.refuse(
                table.header_line,
                column,
                "the export holds a secret",
                expected=f"only: {', '.join((*shape.required, *shape.optional))}",
                hint="delete this file, and export it again without password, password history, var1 and var2",
            )
    require(table, shape.required)
    refuse_unknown(
        table,
        (*shape.required, *shape.optional),
        hint="export only the columns that the connector documents; more data than needed must not leave OpenEMR",
    )
    records = []
    for line, row in table.rows:
        values = {column: _plain(table.value(line, row, column)) for column in row}
        records.append(Record(path, line, values))
    if not records and not shape.may_be_empty:
        raise InputError(
            path,
            "the file has a header only",
            expected="at least one row",
            hint=shape.why_absent or "the export was cut, or its account may not read this table; export it again",
        )
    return records


def _plain(text: str) -> str:
    return "" if text in NULLS else text


def _refuse_other_files(folder: Path) -> None:
    # A mistyped optional file would otherwise be ignored without a word.
    for path in sorted(folder.iterdir()):
        if path.suffix.casefold() == ".csv" and path.name.removesuffix(".csv") not in FILES:
            raise InputError(
                path,
                "unknown file",
                expected=f"only: {', '.join(f'{name}.csv' for name in FILES)}",
                hint="correct its name, or move it out of the folder",
            )
