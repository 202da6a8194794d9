"""How to reach a directory, and which part of it to read: every combination that would show a password is refused."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from connectors.directory.changes.files import Zone
from connectors.directory.schema.attributes import GROUP_FILTER
from connectors.directory.schema.dn import normalise
from connectors.http.credentials import Variable, is_loopback
from connectors.inputs.strict import Settings as StrictSettings

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4096)]
Bind = Literal["simple", "external", "kerberos"]

GLOBAL_CATALOG = {3268, 3269}
_NEEDS = {
    "simple": frozenset({"bind_dn", "password_env"}),
    "external": frozenset({"client_cert", "client_key"}),
    "kerberos": frozenset[str](),
}


class Settings(StrictSettings):
    """How to reach a directory, and which part of it to read."""

    url: Text
    """`ldaps://host[:port]`, or `ldap://host[:port]`, which is secured by StartTLS."""
    base_dn: Text
    """Everything under it is read: the root of the domain, because groups elsewhere would be missed; in FreeIPA
    `cn=accounts,dc=…`."""
    group_base_dn: Text | None = None
    """Where groups are looked for, when it is more than `base_dn`; groups outside of it count as not read."""
    bind: Bind = "simple"
    """How to sign in: `simple` with a password, `external` with a client certificate, `kerberos` with a ticket."""
    bind_dn: Annotated[Text | None, Field(validate_default=True)] = None
    """The auditor's own account: a DN, or `user@domain` in AD; for `bind: simple` only."""
    password_env: Annotated[Variable | None, Field(validate_default=True)] = None
    """The name of the environment variable that holds the password; the password itself is refused."""
    client_cert: Annotated[Path | None, Field(validate_default=True)] = None
    """PEM certificate with which the auditor signs in; for `bind: external` only."""
    client_key: Annotated[Path | None, Field(validate_default=True)] = None
    """Its PEM key, without a password, readable by the auditor's process only."""
    plain: bool = False
    """No encryption at all; only for a loopback address."""
    start_tls: Annotated[bool | None, Field(validate_default=True)] = None
    """Left out: StartTLS for `ldap://`, unless `plain`."""
    ca_file: Path | None = None
    """PEM certificate of the authority that signed the server's; left out: those that the machine trusts."""
    server_name: Annotated[Text | None, Field(validate_default=True)] = None
    """The name on the certificate, and in Kerberos, when it is not the host of `url`."""
    user_filter: Text | None = None
    """LDAP filter; left out: everything that can sign in, except computers."""
    group_filter: Text = GROUP_FILTER
    """LDAP filter; left out: every kind of group."""
    page_size: Annotated[int, Field(ge=1, le=5000)] = 500
    """How many entries to ask for at once."""
    timeout_s: Annotated[int, Field(ge=1, le=3600)] = 60
    """How long to wait for one answer, in seconds."""
    canary: Text | None = None
    """The login of an account that must be seen, best the auditor's own."""
    mfa_group: Text | None = None
    """DN or cn of the group whose members must use MFA; left out: MFA is unknown, except in FreeIPA and for who needs a
    smart card in AD."""

    log_base: Text | None = None
    """Where OpenLDAP keeps its record of changes (overlay accesslog); left out: `cn=accesslog`, where that is shown."""
    log_files: tuple[Path, ...] = ()
    """Logs of the server that were saved: Samba's JSON audit logs, or the audit file of 389. They tell when access
    ended, and who ended it."""
    log_zone: Zone | None = None
    """The zone of the server's local time, such as `America/New_York`: the audit file of 389 does not say it."""

    @field_validator("url")
    @classmethod
    def _is_ldap(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"ldap", "ldaps"} or not parts.hostname:
            raise ValueError("`ldaps://host[:port]` or `ldap://host[:port]`")
        if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("only scheme, host and port; the base belongs in `base_dn`")
        if parts.port in GLOBAL_CATALOG:
            raise ValueError("port 636 or 389: the global catalog does not know the members of most groups")
        return url

    @field_validator("base_dn", "group_base_dn", "log_base")
    @classmethod
    def _is_dn(cls, dn: str | None) -> str | None:
        if dn is not None:
            normalise(dn)
        return dn

    @field_validator("bind_dn", "password_env", "client_cert", "client_key")
    @classmethod
    def _goes_with_bind(cls, value: object, info: ValidationInfo) -> object:
        bind = info.data.get("bind")
        if bind is None:
            return value
        needed = info.field_name in _NEEDS[bind]
        if needed and value is None:
            raise ValueError(f"a value: `bind: {bind}` needs it")
        if not needed and value is not None:
            raise ValueError(f"left out: `bind: {bind}` does not use it")
        return value

    @field_validator("plain")
    @classmethod
    def _only_loopback(cls, plain: bool, info: ValidationInfo) -> bool:
        if plain and not is_loopback(urlsplit(info.data.get("url", "")).hostname or ""):
            raise ValueError("false: without encryption only to a loopback address such as ldap://127.0.0.1")
        if plain and info.data.get("bind") == "external":
            raise ValueError("false: `bind: external` shows its certificate in TLS")
        return plain

    @field_validator("start_tls")
    @classmethod
    def _secured(cls, start_tls: bool | None, info: ValidationInfo) -> bool:
        ldaps = str(info.data.get("url", "")).startswith("ldaps:")
        plain = bool(info.data.get("plain"))
        if start_tls is None:
            return not ldaps and not plain
        if start_tls and (ldaps or plain):
            raise ValueError("left out: it goes neither with ldaps:// nor with `plain`")
        if not start_tls and not ldaps and not plain:
            raise ValueError("true: an ldap:// connection without it would show the password")
        return start_tls

    @field_validator("server_name")
    @classmethod
    def _named(cls, name: str | None, info: ValidationInfo) -> str | None:
        host = urlsplit(info.data.get("url", "")).hostname or ""
        if name is None and info.data.get("bind") == "kerberos" and _is_address(host):
            raise ValueError("the server's name in the domain: Kerberos knows no addresses")
        return name


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
