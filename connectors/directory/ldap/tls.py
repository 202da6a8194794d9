"""TLS whose certificate and name are checked by OpenSSL during the handshake, before anything is sent."""

import ssl
from pathlib import Path
from typing import Any

import ldap3

from connectors.errors import InputError


class CheckedTls(ldap3.Tls):
    """What ldap3 asks for TLS; raises `InputError` for a certificate or key that cannot be used."""

    def __init__(self, server_name: str, ca_file: Path | None, client: tuple[Path, Path] | None) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._name = server_name
        self.refused: ssl.SSLCertVerificationError | None = None
        """Why the server's certificate was not trusted; ldap3 keeps no more than a text of it."""
        try:
            self._context = ssl.create_default_context(cafile=ca_file)
        except (OSError, ssl.SSLError):
            raise InputError(
                str(ca_file),
                "this is not a certificate file",
                field="ca_file",
                expected="the PEM certificate of the authority that signed the server's",
            ) from None
        if client is not None:
            self._show(*client)

    def _show(self, certificate: Path, key: Path) -> None:
        def no_password() -> str:
            raise InputError(
                str(key),
                "the key is encrypted, and there is nobody to ask for its password",
                field="client_key",
                expected="a PEM key without a password, readable by the auditor's process only",
            )

        try:
            self._context.load_cert_chain(certificate, key, no_password)
        except (OSError, ssl.SSLError):
            raise InputError(
                str(certificate),
                "this certificate and its key cannot be used",
                field="client_cert",
                expected="a PEM certificate in `client_cert` and its own PEM key in `client_key`",
            ) from None

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: ARG002, FBT
        """Do the handshake."""
        # NOTE: ldap3's own check uses ssl.match_hostname, which is gone in Python 3.12; its replacement does not
        # match IP addresses.
        try:
            connection.socket = self._context.wrap_socket(connection.socket, server_hostname=self._name)
        except ssl.SSLCertVerificationError as error:
            self.refused = error
            raise
