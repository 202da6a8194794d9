"""One message by e-mail: over TLS with a checked certificate, and with a Message-ID that a repeat has again."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from auditor.watch.errors import Undelivered
from auditor.watch.state import Message
from auditor.watch_settings import MailServer
from connectors.http.credentials import secret
from connectors.http.distrust import distrust

TIMEOUT_S = 20
"""For connecting, and for each answer of the server."""


def send_mail(server: MailServer, folder: Path, to: str, message: Message) -> None:
    """Hand a message to the server; raises `Undelivered` or `SourceDenied`, neither of which repeats what it said."""
    password = secret("mail_server", server.password_env) if server.password_env else None
    try:
        context = _trust(server, folder)
        with _connect(server, context) as connection:
            if server.security == "starttls":
                connection.starttls(context=context)
            if server.user is not None and password is not None:
                connection.login(server.user, password)
            connection.send_message(compose(server, to, message))
    except smtplib.SMTPRecipientsRefused as error:
        codes = ", ".join(str(code) for code, _ in error.recipients.values())
        raise Undelivered(f"the mail server refuses this address ({codes})") from None
    except smtplib.SMTPAuthenticationError as error:
        raise Undelivered(f"the mail server refuses user or password ({error.smtp_code})") from None
    except smtplib.SMTPResponseException as error:
        raise Undelivered(f"the mail server refuses the message ({error.smtp_code})") from None
    except smtplib.SMTPNotSupportedError:
        raise Undelivered("the mail server offers no STARTTLS, or no way to sign in") from None
    except ssl.SSLCertVerificationError as error:
        why, _ = distrust(error, server.host, own_authority=server.ca_file is not None)
        raise Undelivered(f"the mail server's certificate is not to be trusted: it {why}") from None
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise Undelivered(f"the mail server cannot be used: {type(error).__name__}") from None


def _connect(server: MailServer, context: ssl.SSLContext) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)


def _trust(server: MailServer, folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / server.ca_file) if server.ca_file else None)


def compose(server: MailServer, to: str, message: Message) -> EmailMessage:
    """
    Return the message as it is sent.

    A mailbox that keeps Message-IDs (RFC 5322 §3.6.4) shows a repeat once. Auto-Submitted: RFC 3834 §5.
    """
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = server.sender, to, message.subject
    mail["Date"] = format_datetime(message.created)
    mail["Message-ID"] = f"<{message.id}.{message.recipient}@{server.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body)
    return mail
