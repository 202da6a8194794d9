"""
What an error of MariaDB, of MySQL or of their driver means, in our words.

The server's own texts are never told: they may hold names of people.
Source of the numbers: https://mariadb.com/kb/en/mariadb-error-code-reference/.
"""

import ssl
from typing import NoReturn

from connectors.ehr.openemr.target import DatabaseTarget
from connectors.errors import SourceDenied, SourceError, SourceMalformed, SourceTruncated, SourceUnreachable
from connectors.http.distrust import distrust

NO_SIGN_IN = frozenset({1045, 1130, 1251, 1698, 2059, 3118, 3159, 4151})
"""Wrong password, host not allowed, plugin not usable, account locked, TLS demanded."""
NO_RIGHT = frozenset({1044, 1142, 1143, 1227, 1370})
NOT_THERE = frozenset({1049, 1054, 1109, 1146})
TOO_LONG = frozenset({1205, 1317, 1969, 3024})
BUSY = frozenset({1040, 1203, 1226})
CHANGED = frozenset({1412})
LOST = frozenset({2006, 2013, 2014, 2055})
NO_TLS = frozenset({2026})


def number_of(error: Exception) -> int:
    """Return the number of an error of the driver; 0 without one."""
    first = error.args[0] if error.args else 0
    return first if isinstance(first, int) else 0


def refuse(target: DatabaseTarget, error: Exception, shown: str) -> NoReturn:
    """Raise the `SourceError` for an error of the server or the driver, met during `shown`."""
    number, system = number_of(error), target.system
    cause = getattr(error, "original_exception", None) or error.__cause__ or error.__context__
    if number in LOST and isinstance(cause, TimeoutError):
        raise SourceUnreachable(
            f"`{system}` sent nothing for {target.timeout_s:g} s during `{shown}`",
            hint="raise `timeout_s` for this system, or ask why it is slow",
        ) from None
    if isinstance(cause, OSError) and number not in LOST:
        unreachable(target, cause)
    for numbers, kind, text, hint in _MEANINGS:
        if number in numbers:
            values = {"system": system, "user": target.user, "shown": shown, "limit": f"{target.timeout_s:g}"}
            raise kind(text.format_map(values), hint=hint) from None
    if not number:  # not the server's error, but the driver's about what it was sent
        foreign(target, shown)
    raise SourceError(
        f"`{system}` answered `{shown}` with error {number}", hint="look the number up in the manual of the server"
    ) from None


def foreign(target: DatabaseTarget, shown: str) -> NoReturn:
    """Raise the `SourceMalformed` for bytes that no MySQL would send."""
    raise SourceMalformed(
        f"`{target.system}` answered `{shown}` with what is not the protocol of MySQL",
        hint="is something else answering? check `host` and `port`",
    ) from None


def unreachable(target: DatabaseTarget, error: OSError) -> NoReturn:
    """Raise the `SourceUnreachable` for what went wrong below the protocol."""
    where = target.where
    if isinstance(error, ssl.SSLCertVerificationError):
        end = target.endpoint
        name = (end.server_name or end.host) if end else "localhost"
        why, advice = distrust(error, name, own_authority=bool(end and end.ca_file))
        raise SourceUnreachable(
            f"`{target.system}`: the certificate of {where} is not to be trusted: it {why}", hint=advice
        ) from None
    if isinstance(error, ssl.SSLError):
        raise SourceUnreachable(
            f"`{target.system}`: {where} and the auditor could not agree on TLS",
            hint="the server must offer TLS 1.2 or 1.3",
        ) from None
    what = "did not answer in time" if isinstance(error, TimeoutError) else f"cannot be reached: {error.strerror}"
    raise SourceUnreachable(
        f"`{target.system}`: {where} {what}", hint="check host, port and firewall from this machine"
    ) from None


_MEANINGS: tuple[tuple[frozenset[int], type[SourceError], str, str], ...] = (
    (
        NO_SIGN_IN,
        SourceDenied,
        "`{system}` does not let `{user}` sign in",
        "check `user`, the password, and from which host the account may come (`auditor connect` prints how)",
    ),
    (
        NO_RIGHT,
        SourceDenied,
        "`{system}` denies `{user}` the statement `{shown}`",
        "give the account exactly the GRANT statements that `auditor connect` prints",
    ),
    (
        NOT_THERE,
        SourceMalformed,
        "`{system}` has not what `{shown}` names",
        "check `database`; if it is right, this version of OpenEMR has other tables: use `openemr-export`",
    ),
    (
        TOO_LONG,
        SourceUnreachable,
        "`{system}` did not finish `{shown}` within {limit} s",
        "raise `timeout_s`; where the table `log` is very large, set `last_login: false`",
    ),
    (BUSY, SourceUnreachable, "`{system}` has no connection free for `{user}`", "try again later"),
    (
        CHANGED,
        SourceMalformed,
        "`{system}` was changed by an administrator during `{shown}`",
        "run again when the upgrade of OpenEMR has ended",
    ),
    (
        NO_TLS,
        SourceUnreachable,
        "`{system}` offers no TLS, and without it names and rights would go over the network in clear",
        "switch TLS on in the server (`ssl_cert`, `ssl_key`), or run the auditor beside it with `socket`",
    ),
    (
        LOST,
        SourceTruncated,
        "`{system}` broke off its answer to `{shown}`",
        "try again; if it stays, look into the server's log",
    ),
)
