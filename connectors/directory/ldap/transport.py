"""How an LDAP connection begins and ends: secured, signed in, its errors told as ours, no answer without an end."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR, socket
from threading import Timer

import ldap3
from ldap3.core.exceptions import LDAPException, LDAPInvalidFilterError, LDAPOperationResult

from connectors.directory.ldap.errors import START_TLS, broken, refusal, untrusted
from connectors.directory.ldap.raw_strategy import RawEntryStrategy
from connectors.directory.ldap.sign_in import SignIn, arguments, bind
from connectors.directory.ldap.target import LdapTarget
from connectors.directory.ldap.tls import CheckedTls
from connectors.errors import AuditorError, SourceError, SourceMalformed

SILENCES = 5
"""One whole answer may take as many times `timeout_s`, which itself begins anew with every byte."""


class LdapTransport:
    """A connection that is secured and signed in, whose every error is one of ours."""

    def __init__(self, target: LdapTarget, sign_in: SignIn) -> None:
        """Connect, secure and bind; raises `SourceUnreachable`, `SourceDenied` or `InputError`."""
        self._system, self._target, self._sign_in = target.system, target, sign_in
        self._late = False
        secured = target.ldaps or target.start_tls
        self._tls = CheckedTls(target.server_name, target.ca_file, target.client) if secured else None
        server = ldap3.Server(
            target.host,
            port=target.port,
            use_ssl=target.ldaps,
            tls=self._tls,
            get_info=ldap3.NONE,
            connect_timeout=min(10, target.timeout_s),
        )
        self._connection = ldap3.Connection(
            server,
            **arguments(sign_in),
            auto_bind=ldap3.AUTO_BIND_NONE,
            read_only=True,
            auto_referrals=False,
            auto_range=False,
            raise_exceptions=True,
            return_empty_attributes=False,
            check_names=False,
            receive_timeout=target.timeout_s,
        )
        self._strategy = RawEntryStrategy(self._connection)
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        with self._errors("connecting"):
            self._connection.open(read_server_info=False)
        if self._target.start_tls:
            with self._errors(START_TLS):
                self._connection.start_tls(read_server_info=False)
        with self._errors("signing in"):
            bind(self._system, self._connection, self._sign_in)
        if not self._connection.bound:
            raise refusal(self._system, "signing in", self._code())

    def close(self) -> None:
        """Close the connection; never raises."""
        plug = self._connection.socket
        with suppress(LDAPException, OSError):
            self._connection.unbind()
        if plug is not None:
            with suppress(OSError):
                plug.close()

    def _code(self) -> int:
        return int((self._connection.result or {}).get("result", -1))

    def _require_success(self, doing: str) -> None:
        # `raise_exceptions` leaves out exactly the codes that cut an answer short: 3, 4 and 10.
        if self._code() != 0:
            raise refusal(self._system, doing, self._code())

    @contextmanager
    def _errors(self, doing: str) -> Iterator[None]:
        """Turn ldap3's errors into ours; the text of a server is never repeated."""
        timer = Timer(SILENCES * self._target.timeout_s, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except AuditorError:
            raise
        except LDAPOperationResult as error:
            raise refusal(self._system, doing, int(error.result or 0), str(error.message or "")) from None
        except LDAPInvalidFilterError:
            raise SourceError(
                f"`{self._system}`: a filter is not an LDAP filter", hint="check `user_filter` and `group_filter`"
            ) from None
        except (LDAPException, OSError) as error:
            where = f"{self._target.host}:{self._target.port}"
            if self._tls is not None and self._tls.refused is not None:
                own = self._target.ca_file is not None
                raise untrusted(
                    self._system, where, self._tls.refused, self._target.server_name, own_authority=own
                ) from None
            shown = self._target.client is not None
            limit_s = self._target.timeout_s * (SILENCES if self._late else 1)
            text = "timed out" if self._late else str(error)
            raise broken(self._system, where, doing, text, limit_s, shown=shown) from None
        except Exception:  # noqa: BLE001 - whatever the decoder of ldap3 makes of bytes that are no LDAP
            raise SourceMalformed(
                f"`{self._system}` sent something that is not LDAP while {doing}",
                hint="is something else answering? check `url`",
            ) from None
        finally:
            timer.cancel()

    def _cut(self) -> None:
        """Break off an answer that goes on and on."""
        self._late = True
        plug = self._connection.socket
        if isinstance(plug, socket):
            with suppress(OSError):
                # The plain call: that of a TLS socket would take its state away from under the reader.
                socket.shutdown(plug, SHUT_RDWR)
