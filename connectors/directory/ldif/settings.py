"""What a practice says of an LDIF export."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from connectors.directory.changes.files import Zone
from connectors.directory.schema.dn import normalise
from connectors.inputs.strict import Settings as StrictSettings

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4096)]


class Settings(StrictSettings):
    """Which export to read, and what is known about it."""

    file: Path
    """The LDIF file."""
    base_dn: Text | None = None
    """Only what lies under it counts; left out: the whole file."""
    group_base_dn: Text | None = None
    """Where groups count, when it is more than `base_dn`; groups outside of it are not read."""
    canary: Text | None = None
    """The login of an account that must be seen."""
    expect_accounts: Annotated[int, Field(ge=1)] | None = None
    """How many accounts the directory has, from another source than this file."""
    expect_entries: Annotated[int, Field(ge=1)] | None = None
    """How many entries the tool said that it exported; needed where the file does not tell its own end, as that of
    `ldifde`, `db2ldif` or `slapcat`."""
    log_files: tuple[Path, ...] = ()
    """Saved logs that tell when access ended, and who ended it: Samba's JSON audit logs, the audit file of 389, or an
    export of `cn=accesslog` or `cn=changelog`."""
    log_zone: Zone | None = None
    """The zone of the server's local time, such as `America/New_York`: the audit file of 389 does not say it."""
    mfa_group: Text | None = None
    """DN or cn of the group whose members must use MFA; left out: MFA is unknown."""

    @field_validator("base_dn", "group_base_dn")
    @classmethod
    def _is_dn(cls, dn: str | None) -> str | None:
        if dn is not None:
            normalise(dn)
        return dn
