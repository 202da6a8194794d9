"""How the auditor signs in to a directory: with a password, a client certificate, or a Kerberos ticket."""

from dataclasses import dataclass, field
from typing import Any

from connectors.directory.ldap.kerberos import negotiate


@dataclass(frozen=True, slots=True)
class Simple:
    """A name and a password (RFC 4513 section 5.1.3); never an empty one, which would be anonymous."""

    dn: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class External:
    """The client certificate that TLS has shown (RFC 4422 appendix A)."""


@dataclass(frozen=True, slots=True)
class Kerberos:
    """A ticket for the service `ldap` of this host (RFC 4752), from the cache or the client keytab of the machine."""

    host: str


SignIn = Simple | External | Kerberos


def arguments(sign_in: SignIn) -> dict[str, Any]:
    """Return what ldap3's connection must know of it."""
    import ldap3  # noqa: PLC0415

    match sign_in:
        case Simple(dn, password):
            return {"authentication": ldap3.SIMPLE, "user": dn, "password": password}
        case External():
            return {"authentication": ldap3.SASL, "sasl_mechanism": ldap3.EXTERNAL, "sasl_credentials": ""}
        case Kerberos():
            return {"authentication": ldap3.SASL, "sasl_mechanism": ldap3.GSSAPI}


def bind(system: str, connection: Any, sign_in: SignIn) -> None:
    """Sign in; raises ldap3's errors, and `SourceError` for what Kerberos lacks."""
    if isinstance(sign_in, Kerberos):
        negotiate(system, connection, sign_in.host)
    else:
        connection.bind(read_server_info=False)
