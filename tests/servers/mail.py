"""A real SMTP server on loopback that keeps what it takes, with STARTTLS and sign-in when asked to."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.integration.slapd import free_port


@dataclass
class Mailbox:
    """What arrived; `refuse` is what it answers instead of taking a message, such as `550 no such user`."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    signed_in: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    refuse: str = ""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.encrypted.append(session.ssl is not None)
        self.mails.append(cast("EmailMessage", message_from_bytes(envelope.content, policy=default)))
        return "250 taken"

    def sign_in(self, server, session, envelope, mechanism, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.signed_in.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"right", handled=False)


@contextmanager
def mailbox(certificate: tuple[Path, Path] | None = None, *, sign_in: bool = False, port: int = 0) -> Iterator[Mailbox]:
    """Run it; with a certificate, nothing is taken before STARTTLS."""
    box = Mailbox()
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=port or free_port(),
        tls_context=context,
        require_starttls=context is not None,
        authenticator=box.sign_in if sign_in else None,
        auth_required=sign_in,
        auth_require_tls=context is not None,
    )
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()
