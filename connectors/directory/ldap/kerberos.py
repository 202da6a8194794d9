"""
Signing in with a Kerberos ticket (SASL GSSAPI, RFC 4752), where the optional package `gssapi` is installed.

NOTE: the exchange is our own because that of ldap3 2.9.1 takes a server that offers no protection of its own (which is
right below TLS) for a broken one: it compares bytes with text.
"""

from importlib import import_module
from typing import Any

from connectors.errors import SourceDenied, SourceError, SourceMalformed

NO_LAYER = 1
"""Nothing is signed or sealed after the sign-in: TLS does that."""
MAX_ROUNDS = 10

_INSTALL = "install it: `apt-get install libkrb5-dev gcc python3-dev`, then `pip install gssapi`; or use `bind: simple`"


def negotiate(system: str, connection: Any, host: str) -> None:
    """
    Sign in on an open connection of ldap3 as whoever the ticket names.

    Raises `SourceError` without the package, `SourceDenied` without a ticket, and ldap3's errors.
    """
    gssapi = _package(system)
    try:
        connection.bound = _exchange(system, gssapi, connection, host)
    except gssapi.exceptions.GSSError as error:
        raise SourceDenied(
            f"`{system}`: there is no Kerberos ticket for `ldap/{host}` ({_reason(error)})",
            hint="get one with `kinit`, or name a keytab in `KRB5_CLIENT_KTNAME`; the server's name in `url` or "
            "`server_name` must be the one under which the domain knows it",
        ) from None


def _exchange(system: str, gssapi: Any, connection: Any, host: str) -> bool:
    get_channel_bindings: Any = import_module("ldap3.protocol.sasl.kerberos").get_channel_bindings
    send: Any = import_module("ldap3.protocol.sasl.sasl").send_sasl_negotiation
    context = gssapi.SecurityContext(
        name=gssapi.Name(f"ldap@{host}", gssapi.NameType.hostbased_service),
        mech=gssapi.MechType.kerberos,
        usage="initiate",
        channel_bindings=get_channel_bindings(connection.socket),
    )
    token = None
    for _ in range(MAX_ROUNDS):
        token = send(connection, None, context.step(token) or b"")["saslCreds"]
        if context.complete:
            break
    else:
        raise SourceMalformed(f"`{system}` does not come to an end of the Kerberos sign-in")
    offered = context.unwrap(token).message
    if len(offered) != 4 or not offered[0] & NO_LAYER:
        raise SourceDenied(
            f"`{system}` wants Kerberos to encrypt the connection instead of TLS",
            hint="let it accept SASL over TLS; use an ldaps:// `url`, or StartTLS",
        )
    answer = context.wrap(bytes([NO_LAYER, 0, 0, 0]), False).message
    return bool(send(connection, None, answer)["result"] == 0)


def _package(system: str) -> Any:
    try:
        return import_module("gssapi")
    except ImportError:
        raise SourceError(f"`{system}`: `bind: kerberos` needs the Python package `gssapi`", hint=_INSTALL) from None
    except OSError:
        # The package is there, but not the Kerberos library that it loads.
        raise SourceError(
            f"`{system}`: the Python package `gssapi` finds no Kerberos library",
            hint="apt-get install libgssapi-krb5-2",
        ) from None


def _reason(error: Any) -> str:
    """Return Kerberos' own word, which names principals and hosts, never a secret."""
    try:
        text = str(error.gen_message())
    except (AttributeError, UnicodeDecodeError):
        text = ""
    told = text.rpartition("): ")[2] or type(error).__name__
    return told[:200]
