"""How a user-access report is mapped: what stands where in it, and what its words mean."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.dates import DateFormat, known_timezone
from connectors.ehr._table_layout import Fixed, Label, Name, Strict, Total
from connectors.facts import Status
from connectors.text_lines import Encoding

Word = Literal["active", "disabled", "locked", "expired", "unknown"]
Kind = Literal["role", "privilege", "group"]


class Format(Strict):
    """How the file is built: everything that must be known before a column can be found."""

    layout: Literal["delimited", "fixed"] = "delimited"
    """`delimited`: CSV or XLSX; `fixed`: text in which each column stands at a fixed place."""
    sheet: Name | None = None
    """The sheet of a workbook that has several."""
    encoding: Encoding = "utf-8"
    """How the letters of a text file are written: utf-8, utf-16 or windows-1252."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1, pattern=r'^[^"\r\n]$')] = ","
    """What stands between the values of a CSV file."""
    skip_rows: Annotated[int, Field(ge=0, le=100)] = 0
    """How many title lines stand above the header."""
    fixed: Fixed | None = None
    """Where the columns and pages of a report in fixed layout begin."""
    footer: tuple[Label, ...] = ()
    """How the lines below the table begin, such as `Printed on`; on each page no row may follow them."""
    total: Total | None = None
    """The line in which the report says how many it lists; without that line the report was cut."""

    @model_validator(mode="after")
    def _one_layout(self) -> Self:
        if self.fixed is not None and self.layout != "fixed":
            raise ValueError("`layout: fixed` beside `fixed`")
        return self


class Columns(Strict):
    """Which column of the report says what; columns that are not named here are not kept."""

    login: Name = ""
    """What people sign in with; required, here or in the file or preset beneath."""
    id: Name | None = None
    """The identifier that survives a rename; the login when the report has none."""
    name: Name | None = None
    """The whole name; or `first_name` and `last_name`."""
    first_name: Name | None = None
    """The first name."""
    last_name: Name | None = None
    """The last name."""
    email: Name | None = None
    """The work e-mail address."""
    employee_id: Name | None = None
    """The number of the person in the roster."""
    status: Name | None = None
    """Whether the account works; `status_values` says what its words mean."""
    created: Name | None = None
    """When the account was made."""
    last_login: Name | None = None
    """When it was last signed in to; `never_values` says which words mean never."""
    mfa: Name | None = None
    """Whether it takes a second factor; `mfa_true` and `mfa_false` say what its words mean."""

    def used(self) -> tuple[str, ...]:
        """Return the columns that are mapped."""
        return tuple(column for column in self.model_dump().values() if column)


class _Flags(Strict):
    """Cells that say yes or no."""

    granted: tuple[str, ...] = ()
    """The words that mean yes."""
    not_granted: tuple[str, ...] = ()
    """The words that mean no; `""` is an empty cell."""

    def grants(self, word: str) -> bool | None:
        """Say whether a cell grants it; `None` when the word is not mapped."""
        return either(word, self.granted, self.not_granted)

    @model_validator(mode="after")
    def _apart(self) -> Self:
        distinct("granted", self.granted, "not_granted", self.not_granted)
        return self


class _Ticked(_Flags):
    """Cells that must say yes or no."""

    granted: Annotated[tuple[str, ...], Field(min_length=1)] = ("X",)
    """The words that mean yes."""
    not_granted: tuple[str, ...] = ("",)
    """The words that mean no; `""` is an empty cell."""
    kind: Kind
    """What the things are called in the product."""


class EntitlementColumn(_Flags):
    """
    A column that says what an account holds.

    Either its cells name what is held, one or several with a `separator`; or the column itself is what is held, and
    its cells say whether (`granted`, `not_granted`), as in a matrix of permissions.
    """

    column: Name
    """Its name in the report."""
    kind: Kind
    """What the things are called in the product."""
    separator: Annotated[str, Field(min_length=1, max_length=5)] | None = None
    """What stands between several names in one cell."""
    nothing: tuple[str, ...] = ()
    """Names that mean that nothing is held, such as `None` in a column of levels."""
    prefix: Annotated[str, Field(max_length=50)] = ""
    """Put before each name, where two columns use one name for different things."""
    optional: bool = False
    """Whether the report may lack the column; what it would have said is then not known."""

    @property
    def is_flag(self) -> bool:
        """Whether the column itself is the entitlement."""
        return bool(self.granted)

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if self.not_granted and not self.granted:
            raise ValueError("`granted` beside `not_granted`")
        if self.granted and (self.separator or self.nothing):
            raise ValueError("either `granted`, or `separator` and `nothing`; not both")
        return self


class Others(_Ticked):
    """Every column that nothing else names is something that an account holds or not."""

    prefix: Annotated[str, Field(max_length=50)] = ""
    """Put before the name of the column."""


class Matrix(_Ticked):
    """Roles down the side, logins across the top: each other column is an account."""

    entitlement: Name = "(first column)"
    """The column that names what is held; left out, it is the first one, whatever its name."""


class Part(Strict):
    """Which part of a joined cell to take: `{separator: " / ", number: 3}`."""

    separator: Annotated[str, Field(min_length=1, max_length=5)]
    """What stands between the parts."""
    number: Annotated[int, Field(ge=1, le=20)]
    """Which one counts; the first is 1."""


class Contents(Format, _Flags):
    """
    A second report: what each role or group of the first one lets its members do.

    With `flags` each of these columns is a right of its own, as `View`, `Add` and `Delete` of one module.
    """

    file: Path | None = None
    """The second report."""
    of: Name = ""
    """The column that names the role or group as the first report does."""
    of_part: Part | None = None
    """Where that column joins several names."""
    name: tuple[Name, ...] = ()
    """The columns that together name the right."""
    joined: Annotated[str, Field(min_length=1, max_length=5)] = " > "
    """What is put between these names."""
    flags: tuple[Name, ...] = ()
    """The columns that say yes or no."""
    kind: Kind = "privilege"
    """What the rights are called in the product."""
    repeats: Literal["every-row", "first-row"] = "every-row"
    """Whether the role or group stands on every row, or only on the first of its rows."""

    def check(self) -> None:
        """Raise `ValueError` unless nothing is missing."""
        if not (self.of and self.name):
            raise ValueError("`of` and `name` in `contents`: the columns that name the role, and the right")
        if bool(self.flags) is not bool(self.granted):
            raise ValueError("`flags` and `granted` in `contents`, or neither")
        if self.total is not None and self.total.counts != "rows":
            raise ValueError("`counts: rows` for the total of the second report")


class Mapping(Format):
    """Everything that has to be known about a report, in a mapping file, a preset or the settings themselves."""

    columns: Columns | None = None
    """Which column says what; a `matrix` needs none."""
    entitlements: tuple[EntitlementColumn, ...] = ()
    """The columns that say what an account holds."""
    others: Others | None = None
    """For reports in which every further column is a permission."""
    matrix: Matrix | None = None
    """For reports with roles down the side and logins across the top."""
    contents: Contents | None = None
    """A second report, which says what each role or group contains."""
    ignore: tuple[Name, ...] = ()
    """Columns that are neither accounts nor permissions, for `others` and `matrix`; they are not kept."""
    optional: tuple[Name, ...] = ()
    """Columns of `columns` that the report may lack; what they would have said is then not known."""
    rows: Literal["one-per-account", "one-per-grant", "grouped"] = "one-per-account"
    """`grouped`: the account stands on the first of its rows only."""
    sections: dict[Label, Word] = Field(default_factory=dict)
    """Lines between the rows that say the status of the accounts below them, such as `Inactive Users: disabled`."""
    status_values: dict[str, Word] = Field(default_factory=dict)
    """What the words in the column `status` mean."""
    mfa_true: tuple[str, ...] = ("yes", "true", "on", "enabled", "1", "y")
    """The words in the column `mfa` that mean yes."""
    mfa_false: tuple[str, ...] = ("no", "false", "off", "disabled", "0", "n")
    """The words in the column `mfa` that mean no."""
    empty_last_login: Literal["never", "unknown"] = "unknown"
    """What an empty cell in `last_login` means."""
    never_values: tuple[str, ...] = ("Never",)
    """Words in `last_login` that mean: no sign-in yet."""
    unknown_values: tuple[str, ...] = ()
    """Words that mean: the report does not say, such as `N/A`."""
    date_format: DateFormat = "YYYY-MM-DD"
    """How the report writes dates; ISO 8601 is always understood."""
    timezone: Annotated[str, AfterValidator(known_timezone)] = "UTC"
    """The time zone of times that name none."""

    def status_of(self, word: str) -> Status | None:
        """Translate a native word; `None` when it is not mapped."""
        return next((Status(s) for w, s in self.status_values.items() if w.casefold() == word.casefold()), None)

    def mfa_of(self, word: str) -> bool | None:
        """Translate a native word; `None` when it is not mapped."""
        return either(word, self.mfa_true, self.mfa_false)

    def says_nothing(self, word: str) -> bool:
        """Whether a cell is a way of leaving it empty."""
        return word.casefold() in map(str.casefold, self.unknown_values)

    def check(self) -> None:
        """Raise `ValueError` unless nothing is missing and nothing can be read in two ways."""
        if self.matrix is not None:
            if self.columns or self.entitlements or self.others or self.rows != "one-per-account":
                raise ValueError("either `matrix`, or `columns` with `entitlements`")
        elif self.columns is None or not self.columns.login:
            raise ValueError("`columns` with `login`, or `matrix`")
        elif not (self.entitlements or self.others):
            raise ValueError("`entitlements` or `others`: which columns say what an account holds")
        elif self.columns.status and not self.status_values:
            raise ValueError("`status_values` beside the column `status`")
        if self.ignore and not (self.others or self.matrix):
            raise ValueError("`others` or `matrix` beside `ignore`; other columns are not kept anyway")
        if self.contents is not None:
            self.contents.check()
        if self.layout == "fixed" and self.fixed is None:
            raise ValueError("`fixed` beside `layout: fixed`")
        if len({word.casefold() for word in self.status_values}) != len(self.status_values):
            raise ValueError("each word of `status_values` once, large or small")
        distinct("mfa_true", self.mfa_true, "mfa_false", self.mfa_false)
        distinct("never_values", self.never_values, "unknown_values", self.unknown_values)


def either(word: str, yes: tuple[str, ...], no: tuple[str, ...]) -> bool | None:
    """Say whether a word is one of `yes` or of `no`, whatever its case; `None` when of neither."""
    if word.casefold() in map(str.casefold, yes):
        return True
    return False if word.casefold() in map(str.casefold, no) else None


def distinct(yes_name: str, yes: tuple[str, ...], no_name: str, no: tuple[str, ...]) -> None:
    """Raise `ValueError` for a word that stands in both lists."""
    if set(map(str.casefold, yes)) & set(map(str.casefold, no)):
        raise ValueError(f"each word in `{yes_name}` or in `{no_name}`, not in both")
