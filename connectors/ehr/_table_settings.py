"""How a user-access report is mapped: the settings of the connector `table`."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.dates import DateFormat, known_timezone
from connectors.facts import Status

Name = Annotated[str, Field(min_length=1, max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Columns(_Strict):
    """Which column of the report says what; columns that are not named here are not kept."""

    login: Name
    id: Name | None = None
    """The identifier that survives a rename; the login when the report has none."""
    name: Name | None = None
    first_name: Name | None = None
    last_name: Name | None = None
    email: Name | None = None
    employee_id: Name | None = None
    status: Name | None = None
    created: Name | None = None
    last_login: Name | None = None
    mfa: Name | None = None

    def used(self) -> tuple[str, ...]:
        """Return the columns that are mapped."""
        return tuple(column for column in self.model_dump().values() if column is not None)


class EntitlementColumn(_Strict):
    """
    A column that says what an account holds.

    Either its cells name what is held, one or several with a `separator`; or the column itself is what is held, and
    its cells say whether (`granted`, `not_granted`), as in a matrix of permissions.
    """

    column: Name
    kind: Literal["role", "privilege", "group"]
    separator: Annotated[str, Field(min_length=1, max_length=5)] | None = None
    granted: tuple[str, ...] = ()
    not_granted: tuple[str, ...] = ()
    prefix: Annotated[str, Field(max_length=50)] = ""
    """Put before each name, where two columns use one name for different things."""

    @property
    def is_flag(self) -> bool:
        """Whether the column itself is the entitlement."""
        return bool(self.granted)

    def grants(self, word: str) -> bool | None:
        """Say whether a cell grants it; `None` when the word is not mapped."""
        return _either(word, self.granted, self.not_granted)

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if self.not_granted and not self.granted:
            raise ValueError("`granted` beside `not_granted`")
        if self.granted and self.separator:
            raise ValueError("either `separator` or `granted`, not both")
        _distinct("granted", self.granted, "not_granted", self.not_granted)
        return self


class Settings(_Strict):
    """Settings of the connector `table`."""

    file: Path
    sheet: Name | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1, pattern=r'^[^"\r\n]$')] = ","
    skip_rows: Annotated[int, Field(ge=0, le=100)] = 0
    columns: Columns
    entitlements: Annotated[tuple[EntitlementColumn, ...], Field(min_length=1)]
    rows: Literal["one-per-account", "one-per-grant"] = "one-per-account"
    status_values: dict[str, Literal["active", "disabled", "locked", "expired"]] = {}
    mfa_true: tuple[str, ...] = ("yes", "true", "on", "enabled", "1", "y")
    mfa_false: tuple[str, ...] = ("no", "false", "off", "disabled", "0", "n")
    empty_last_login: Literal["never", "unknown"] = "unknown"
    never_values: tuple[str, ...] = ("Never",)
    date_format: DateFormat = "YYYY-MM-DD"
    timezone: Annotated[str, AfterValidator(known_timezone)] = "UTC"
    expect_accounts: Annotated[int, Field(ge=1)] | None = None
    """How many accounts the product itself says it has, read from its screen."""
    canary: Name | None = None
    """The login of an account that exists, usually that of the person who exported."""

    def status_of(self, word: str) -> Status | None:
        """Translate a native word; `None` when it is not mapped."""
        return next((Status(s) for w, s in self.status_values.items() if w.casefold() == word.casefold()), None)

    def mfa_of(self, word: str) -> bool | None:
        """Translate a native word; `None` when it is not mapped."""
        return _either(word, self.mfa_true, self.mfa_false)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.columns.status and not self.status_values:
            raise ValueError("`status_values` beside the column `status`")
        if len({word.casefold() for word in self.status_values}) != len(self.status_values):
            raise ValueError("each word of `status_values` once, large or small")
        _distinct("mfa_true", self.mfa_true, "mfa_false", self.mfa_false)
        return self


def _either(word: str, yes: tuple[str, ...], no: tuple[str, ...]) -> bool | None:
    if word.casefold() in map(str.casefold, yes):
        return True
    return False if word.casefold() in map(str.casefold, no) else None


def _distinct(yes_name: str, yes: tuple[str, ...], no_name: str, no: tuple[str, ...]) -> None:
    if set(map(str.casefold, yes)) & set(map(str.casefold, no)):
        raise ValueError(f"each word in `{yes_name}` or in `{no_name}`, not in both")
