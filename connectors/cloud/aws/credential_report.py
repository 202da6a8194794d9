"""
The IAM credential report: who has a password, keys and MFA, and when they were last used.

Source: IAM User Guide, "Generate credential reports for your AWS account", with the meaning of each column.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from connectors.facts import NEVER, Never, Status

COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_used_date",
    "access_key_2_active",
    "access_key_2_last_used_date",
    "cert_1_active",
    "cert_2_active",
)
KEYS = ("access_key_1_active", "access_key_2_active", "cert_1_active", "cert_2_active")
NONE = frozenset(["N/A", "no_information", "not_supported", ""])
"""What the report writes where there is nothing: no such credential, or never used."""

MAX_ROWS = 100_000
"""AWS allows 5,000 users in an account, more on request."""

Refuse = Callable[[str, int], NoReturn]
"""Called with a problem and its line; raises the error of whoever reads."""


@dataclass(frozen=True, slots=True)
class Key:
    """An access key, of which the report does not tell the id."""

    name: str
    active: bool
    rotated: datetime | None
    last_used: datetime | Never


@dataclass(frozen=True, slots=True)
class Row:
    """One user of the report."""

    user: str
    arn: str
    created: datetime | None
    password: bool | None
    """`None` for the root user, of whom the report does not say it."""
    key_active: bool
    """Whether an access key or a signing certificate works."""
    mfa_active: bool
    last_login: datetime | Never
    password_last_used: datetime | Never = NEVER
    keys: tuple[Key, ...] = ()
    """The keys that it has; one that never was is in no list."""

    @property
    def status(self) -> Status:
        """Active with a password for the console, a key or a certificate; disabled when the report denies them all."""
        if self.password or self.key_active:
            return Status.ACTIVE
        return Status.UNKNOWN if self.password is None else Status.DISABLED

    @property
    def mfa(self) -> bool:
        """
        Whether a second factor guards the sign-in.

        A user with keys but no password is not guarded, even with a device: a key alone is enough to act, unless a
        policy asks for MFA, which is not judged here.
        """
        return self.mfa_active and not (self.password is False and self.key_active)


def parse_report(text: str, refuse: Refuse) -> dict[str, Row]:
    """
    Read the CSV text of a report, by ARN; the root user by its name `<root_account>`.

    Calls `refuse` for a column that is missing, a row that is cut off, a value that is not as documented, or a user
    who stands twice.
    """
    reader = csv.reader(io.StringIO(text), strict=True)
    rows: dict[str, Row] = {}
    try:
        header = next(reader, [])
        places = {name: place for place, name in enumerate(header)}
        missing = [name for name in COLUMNS if name not in places]
        if missing:
            refuse(f"this is no credential report: it has no column `{missing[0]}`", 1)
        for fields in reader:
            if not fields:
                continue
            if len(fields) != len(header):
                refuse(
                    f"the row has {len(fields)} columns instead of {len(header)}; was the file cut off?",
                    reader.line_num,
                )
            named = {name: fields[place] for name, place in places.items()}
            row = _row(named, refuse, reader.line_num)
            key = row.user if row.user.startswith("<") else row.arn
            if key in rows:
                refuse("a user stands twice in the credential report", reader.line_num)
            rows[key] = row
            if len(rows) > MAX_ROWS:
                refuse(f"the credential report has more than {MAX_ROWS} rows", reader.line_num)
    except csv.Error:
        refuse("the credential report is not valid CSV", reader.line_num)
    return rows


def _row(fields: dict[str, str], refuse: Refuse, line: int) -> Row:
    def flag(name: str) -> bool | None:
        value = fields[name].casefold()
        if value == "not_supported":
            return None
        if value not in ("true", "false"):
            refuse(f"`{name}` is neither `true` nor `false`", line)
        return value == "true"

    def moment(name: str) -> datetime | None:
        if fields.get(name, "") in NONE:
            return None
        try:
            found = datetime.fromisoformat(fields[name])
        except ValueError:
            refuse(f"`{name}` is not a time", line)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)

    def key(name: str) -> Key | None:
        active, rotated = flag(f"{name}_active"), moment(f"{name}_last_rotated")
        last_used = moment(f"{name}_last_used_date")
        # The report writes `false` and `N/A` for a key that does not exist.
        return Key(name, bool(active), rotated, last_used or NEVER) if active or rotated else None

    password = moment("password_last_used")
    used = [password, moment("access_key_1_last_used_date"), moment("access_key_2_last_used_date")]
    keys = [flag(name) for name in KEYS]
    return Row(
        user=fields["user"],
        arn=fields["arn"],
        created=moment("user_creation_time"),
        password=flag("password_enabled"),
        key_active=any(keys),
        mfa_active=bool(flag("mfa_active")),
        last_login=max((m for m in used if m is not None), default=NEVER),
        password_last_used=password or NEVER,
        keys=tuple(found for name in ("access_key_1", "access_key_2") if (found := key(name))),
    )
