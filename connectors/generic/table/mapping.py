"""How a user-access report is mapped: what stands where in it, and what its words mean."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.facts import Status
from connectors.generic.table.layout import Fixed, Label, Name, Printed, Sheet, Total, Word
from connectors.generic.table.mapping_columns import (
    Ending,
    EntitlementColumn,
    Flags,
    Kind,
    MappedColumns,
    Matrix,
    Others,
    distinct,
    either,
)
from connectors.inputs.dates import DateFormat, known_timezone
from connectors.inputs.strict import Settings
from connectors.inputs.text_lines import Encoding

__all__ = ["Contents", "EntitlementColumn", "FileFormat", "Kind", "MappedColumns", "Mapping", "MappingQuestion", "Word"]

About = Literal["rights", "status", "factor", "sheet", "sign-in"]


class FileFormat(Settings):
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
    header_rows: Annotated[int, Field(ge=1, le=2)] = 1
    """2 where a line of groups stands above the names: `Billing` over `View` and `Edit` gives `Billing: View`."""
    fixed: Fixed | None = None
    """Where the columns and pages of a report in fixed layout begin."""
    footer: tuple[Label, ...] = ()
    """How the lines below the table begin, such as `Printed on`; on each page no row may follow them."""
    total: Total | None = None
    """The line in which the report says how many it lists; without that line the report was cut."""
    printed: Printed | None = None
    """The line in which the report says when it was made; otherwise the date of the file counts."""

    @model_validator(mode="after")
    def _one_layout(self) -> Self:
        if self.fixed is not None and self.layout != "fixed":
            raise ValueError("`layout: fixed` beside `fixed`")
        return self


class CellPart(Settings):
    """Which part of a joined cell to take: `{separator: " / ", number: 3}`."""

    separator: Annotated[str, Field(min_length=1, max_length=5)]
    """What stands between the parts."""
    number: Annotated[int, Field(ge=1, le=20)]
    """Which one counts; the first is 1."""


class Contents(FileFormat, Flags):
    """
    A second report: what each role or group of the first one lets its members do.

    With `flags` each of these columns is a right of its own, as `View`, `Add` and `Delete` of one module.
    """

    file: Path | None = None
    """The second report."""
    of: Name = ""
    """The column that names the role or group as the first report does."""
    of_part: CellPart | None = None
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


class MappingQuestion(Settings):
    """Something in a report that nobody has explained yet."""

    column: Name
    """The column, or sheet; it is answered once it is mapped, or named under `harmless`."""
    about: About = "rights"
    """What it may speak of; while one about rights is open, no account counts as holding only what was read."""
    asks: Annotated[str, Field(max_length=1000)] = ""
    """The question in words."""
    claim: Annotated[str, Field(max_length=500)] = ""
    """What the mapping says against the words of the report; answered once it stands under `confirmed`."""
    answer: Annotated[str, Field(max_length=700)] = ""
    """The line that answers it, where there is one."""

    @property
    def told(self) -> str:
        """The question with the line that answers it."""
        return f"{self.asks}; to confirm it: {self.answer}" if self.answer else self.asks


class Mapping(FileFormat):
    """Everything that has to be known about a report, in a mapping file, a preset or the settings themselves."""

    columns: MappedColumns | None = None
    """Which column says what; a `matrix` needs none."""
    entitlements: tuple[EntitlementColumn, ...] = ()
    """The columns that say what an account holds."""
    others: Others | None = None
    """For reports in which every further column is a permission."""
    matrix: Matrix | None = None
    """For reports with roles down the side and logins across the top."""
    ends: tuple[Ending, ...] = ()
    """Further columns that end an account, such as `suspended` beside `archived`."""
    factors: tuple[Name, ...] = ()
    """Further columns that say, of another method, what `mfa` says; one yes is enough."""
    rights: Literal["here", "elsewhere", "in part"] = "here"
    """`elsewhere`: the report says nothing of rights; `in part`: not all; the others are not read, never none."""
    harmless: tuple[Name, ...] = ()
    """Columns and sheets of which a person says that they mean nothing for access: answers to `questions`."""
    questions: tuple[MappingQuestion, ...] = ()
    """What nobody has answered yet."""
    confirmed: tuple[Annotated[str, Field(min_length=1, max_length=500)], ...] = ()
    """What a person says although the words of the report say the opposite: `Status: Active means disabled`."""
    sheets: tuple[Sheet, ...] = ()
    """The sheets of a workbook that together are the report, all with the same columns."""
    without_login: Literal["refuse", "count"] = "refuse"
    """What rows without login are: a fault, or, as a person says, lines and rooms to which nobody signs in."""
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
    mfa_unknown: tuple[str, ...] = ()
    """The words in the column `mfa` that nobody has explained: neither yes nor no."""
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

    def open_questions(self) -> tuple[MappingQuestion, ...]:
        """Return what is still to be answered."""
        mapped = {*self.harmless, *self.ignore, *self.factors, *(e.column for e in self.ends)}
        if self.columns is not None:
            mapped.update(self.columns.used())
        for entitlement in self.entitlements:
            mapped.add(entitlement.column)
            mapped.update(c for c in (entitlement.of, entitlement.where and entitlement.where.column) if c)
        mapped.update(sheet.name for sheet in self.sheets)
        return tuple(q for q in self.questions if (not self.confirms(q.claim) if q.claim else q.column not in mapped))

    def confirms(self, claim: str) -> bool:
        """Whether a person has confirmed a sentence, large or small."""
        return " ".join(claim.casefold().split()) in {" ".join(said.casefold().split()) for said in self.confirmed}

    def leaves_open(self, word: str) -> bool:
        """Whether a word of `mfa` says neither yes nor no."""
        return self.says_nothing(word) or word.casefold() in map(str.casefold, self.mfa_unknown)

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
        elif not (self.entitlements or self.others or self.rights == "elsewhere" or self.questions):
            raise ValueError(
                "`entitlements` or `others`: which columns say what an account holds; or `rights: elsewhere`"
            )
        elif self.columns.status and not self.status_values:
            raise ValueError("`status_values` beside the column `status`")
        self._check_layout()
        if len({word.casefold() for word in self.status_values}) != len(self.status_values):
            raise ValueError("each word of `status_values` once, large or small")
        distinct("mfa_true", self.mfa_true, "mfa_false", self.mfa_false)
        distinct("mfa_true", self.mfa_true, "mfa_unknown", self.mfa_unknown)
        distinct("mfa_false", self.mfa_false, "mfa_unknown", self.mfa_unknown)
        distinct("never_values", self.never_values, "unknown_values", self.unknown_values)

    def _check_layout(self) -> None:
        if self.ignore and not (self.others or self.matrix):
            raise ValueError("`others` or `matrix` beside `ignore`; other columns are not kept anyway")
        if self.contents is not None:
            self.contents.check()
        if self.layout == "fixed" and self.fixed is None:
            raise ValueError("`fixed` beside `layout: fixed`")
        if self.sheet is not None and self.sheets:
            raise ValueError("either `sheet` or `sheets`, not both")
        if self.header_rows > 1 and self.layout == "fixed":
            raise ValueError("`header_rows` only for `layout: delimited`")
