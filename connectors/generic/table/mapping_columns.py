"""The columns of a mapping: what they say of an account, and what they say that it holds."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from connectors.generic.table.layout import Name
from connectors.inputs.strict import Settings

Kind = Literal["role", "privilege", "group"]


class MappedColumns(Settings):
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
    expires: Name | None = None
    """When the account ends by itself; once that has passed, it is not live."""

    def used(self) -> tuple[str, ...]:
        """Return the columns that are mapped."""
        return tuple(column for column in self.model_dump().values() if column)


class Flags(Settings):
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


class Ticked(Flags):
    """Cells that must say yes or no."""

    granted: Annotated[tuple[str, ...], Field(min_length=1)] = ("X",)
    """The words that mean yes."""
    not_granted: tuple[str, ...] = ("",)
    """The words that mean no; `""` is an empty cell."""
    kind: Kind
    """What the things are called in the product."""


class Condition(Flags):
    """A second column that says of each row whether what stands in the first one is held: `Access: Allowed`."""

    column: Name
    """Its name in the report."""
    granted: Annotated[tuple[str, ...], Field(min_length=1)]
    """The words that mean yes."""


class Ending(Flags):
    """A column that ends an account whatever its status says, such as `suspended` or a day of deletion."""

    column: Name
    """Its name in the report."""
    filled: bool = False
    """Whether anything in it ends the account; otherwise the words of `granted` do."""
    doubtful: bool = False
    """Whether nobody knows what it ends: the state of an account that nothing else ends is then unknown."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.filled is bool(self.granted):
            raise ValueError("either `filled: true`, or the words that end an account under `granted`")
        return self


class EntitlementColumn(Flags):
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
    where: Condition | None = None
    """Another column that says whether it is held, where each right has a row of its own."""
    of: Name | None = None
    """A column that is put before each name, such as the organization in which a role counts."""
    empty: Literal["ask", "nothing", "everything"] | None = None
    """
    What an empty cell means here: in some products nothing, in others everything.

    Left out, it is asked of live accounts about which no such column says anything; `ask`: of every empty cell.
    """

    @property
    def is_flag(self) -> bool:
        """Whether the column itself is the entitlement."""
        return bool(self.granted)

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if self.not_granted and not self.granted:
            raise ValueError("`granted` beside `not_granted`")
        if self.granted and (self.separator or self.nothing or self.where or self.empty):
            raise ValueError("either `granted`, or `separator`, `nothing`, `where` and `empty`; not both")
        return self


class Others(Ticked):
    """Every column that nothing else names is something that an account holds or not."""

    prefix: Annotated[str, Field(max_length=50)] = ""
    """Put before the name of the column."""


class Matrix(Ticked):
    """Roles down the side, logins across the top: each other column is an account."""

    entitlement: Name = "(first column)"
    """The column that names what is held; left out, it is the first one, whatever its name."""


def either(word: str, yes: tuple[str, ...], no: tuple[str, ...]) -> bool | None:
    """Say whether a word is one of `yes` or of `no`, whatever its case; `None` when of neither."""
    if word.casefold() in map(str.casefold, yes):
        return True
    return False if word.casefold() in map(str.casefold, no) else None


def distinct(yes_name: str, yes: tuple[str, ...], no_name: str, no: tuple[str, ...]) -> None:
    """Raise `ValueError` for a word that stands in both lists."""
    if set(map(str.casefold, yes)) & set(map(str.casefold, no)):
        raise ValueError(f"each word in `{yes_name}` or in `{no_name}`, not in both")
