"""Where columns, pages and totals stand in a report that was made for a printer: `fixed` and `total`."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from connectors.inputs.dates import DateFormat
from connectors.inputs.strict import Settings

Word = Literal["active", "disabled", "locked", "expired", "unknown"]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Label = Annotated[str, Field(min_length=3, max_length=200)]
"""How a line begins; shorter ones could be somebody's login."""


class FixedColumn(Settings):
    """One column at a fixed place."""

    name: Name
    start: Annotated[int, Field(ge=1, le=10_000)]
    """The first character, counted from 1."""
    width: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """How many characters; left out for a last column that goes to the end of the line."""


class Fixed(Settings):
    """The columns of a report in fixed layout, and how its pages begin."""

    columns: tuple[FixedColumn, ...] = ()
    """Left out, the columns are read from the ruler: the line of hyphens under the heading."""
    heading: bool = True
    """Whether the names of the columns stand above them, on every page; they are then checked."""
    page_begins: Label | None = None
    """How the first line of every page begins, where no form feed says so."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.columns and not self.heading:
            raise ValueError("`columns`, where no heading names them")
        end, names = 0, set()
        for place, column in enumerate(self.columns, 1):
            if column.start <= end:
                raise ValueError(f"columns from left to right, without overlap; `{column.name}` begins too early")
            if column.width is None and place != len(self.columns):
                raise ValueError(f"a `width` for each column but the last; `{column.name}` has none")
            if column.name in names:
                raise ValueError(f"each name once; `{column.name}` stands twice")
            names.add(column.name)
            end = column.start + (column.width or 0) - 1
        return self


class Total(Settings):
    """The line in which a report says how many it lists."""

    label: Label
    """How the line begins, such as `Total users`; its first number is the total. Or with `{n}` where it stands."""
    counts: Literal["accounts", "rows"] = "accounts"
    """What is counted: accounts, or rows of the report."""


class Printed(Settings):
    """The line in which a report says when it was made."""

    label: Label
    """What stands before the date, such as `Printed on`."""
    date_format: DateFormat = "YYYY-MM-DD"
    """How the date is written; ISO 8601 is always understood."""


class Sheet(Settings):
    """One sheet of a workbook that has several."""

    name: Name
    status: Word | None = None
    """The status of all accounts on it, where its name says so and no column does."""
