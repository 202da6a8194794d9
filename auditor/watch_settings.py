"""`watch:` in the configuration: when to audit, whom to tell, and what; every secret by the name of its variable."""

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from connectors.http.credentials import Variable, is_loopback
from connectors.inputs.strict import Settings
from policies.engine.outcomes import Severity

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Address = Annotated[str, Field(pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}$")]
"""One plain address (RFC 5321 §4.1.2 without quoting): nothing that could end a header or name a second recipient."""


class Schedule(Settings):
    """Times of the day in the practice's time zone."""

    at: tuple[time, ...] = (time(6),)
    """Such as `["06:00", "13:30"]`; an empty list: no schedule."""
    days: Annotated[tuple[Day, ...], Field(min_length=1)] = DAYS
    """At least one: `at: []` says that there is no schedule."""

    @field_validator("at", mode="before")
    @classmethod
    def _times(cls, value: object) -> object:
        # YAML 1.1 reads 13:30 without quotes as a number to the base of sixty.
        return [_time(one) for one in value] if isinstance(value, list) else value


def _time(value: object) -> time:
    minutes = value if isinstance(value, int) and not isinstance(value, bool) else -1
    if isinstance(value, str):
        hour, _, minute = value.partition(":")
        if len(hour) == len(minute) == 2 and (hour + minute).isdecimal() and int(minute) < 60:
            minutes = int(hour) * 60 + int(minute)
    if not 0 <= minutes < 24 * 60:
        raise ValueError("times of the day such as `06:00`")
    return time(minutes // 60, minutes % 60)


class Tell(Settings):
    """What is worth a message; that an audit could not be made at all is always told."""

    findings: Severity | Literal["none"] = Severity.HIGH
    """New findings at or above this severity."""
    headcount: bool = True
    """Headcount events."""
    not_evaluated: bool = True
    """More that could not be evaluated than before, or other systems that were not read whole."""
    falls_due_days: Annotated[int, Field(ge=0, le=365)] = 14
    """What falls out of step within so many days, each once; 0: never."""
    orders_overdue_hours: Annotated[tuple[Annotated[int, Field(ge=0, le=366 * 24)], ...], Field(max_length=20)] = (
        0,
        24,
        72,
    )
    """An order is told when it is overdue by so many hours, once for each step; an empty list: never."""


class Webhook(Settings):
    """An HTTPS address that takes a POST of JSON."""

    url_env: Variable
    """The variable that holds the address: most services put their secret into it."""
    token_env: Variable | None = None
    """The variable that holds a token, sent as `Authorization: Bearer …`."""
    ca_file: Path | None = None
    """PEM certificate of the authority that signed the server's; left out: those that the machine trusts."""


class Chat(Settings):
    """A chat service, by its Apprise address."""

    url_env: Variable
    """The variable that holds the address, such as `slack://…`, `msteams://…`, `gchat://…`: it is a secret."""


class Recipient(Settings):
    """Whom to tell: exactly one way."""

    email: Address | None = None
    webhook: Webhook | None = None
    chat: Chat | None = None
    tell: Tell | None = None
    """Instead of the `tell` of all."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(way is not None for way in (self.email, self.webhook, self.chat)) != 1:
            raise ValueError("exactly one of `email`, `webhook`, `chat`")
        return self


class MailServer(Settings):
    """The server that takes e-mail."""

    host: Annotated[str, Field(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`tls` from the first byte (port 465); `none` for a server on this machine only."""
    sender: Address
    user: str | None = None
    password_env: Variable | None = None
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError("`security: starttls` or `tls` (`none` only for this machine)")
        if (self.user is None) != (self.password_env is None):
            raise ValueError("`user` and `password_env` together, or neither")
        return self


class WatchSettings(Settings):
    """When to audit, and whom to tell what."""

    schedule: Schedule = Schedule()
    settle_s: Annotated[float, Field(ge=0, le=600)] = 10
    """For so many seconds a file must not have changed before it is read."""
    tell: Tell = Tell()
    recipients: Annotated[Mapping[Name, Recipient], Field(min_length=1)]
    mail_server: MailServer | None = None

    @model_validator(mode="after")
    def _can_mail(self) -> Self:
        if self.mail_server is None and any(r.email for r in self.recipients.values()):
            raise ValueError("a `mail_server`, because a recipient is told by `email`")
        return self

    def tell_of(self, recipient: str) -> Tell:
        """Return what a recipient is told."""
        return self.recipients[recipient].tell or self.tell
