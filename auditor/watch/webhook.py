"""One message to an HTTPS address, as JSON, with a key by which the receiver knows a repeat."""

from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from auditor.watch.errors import Undelivered
from auditor.watch.state import Message
from auditor.watch_settings import Webhook
from connectors.connector import Endpoint, Transport
from connectors.http.call import Caller, HttpRequest
from connectors.http.credentials import is_loopback, secret

TIMEOUT_S = 20
LIMIT_S = 30
"""For the whole call."""


def send_webhook(name: str, webhook: Webhook, folder: Path, message: Message) -> None:
    """
    POST a message; raises `Undelivered`, `SourceError`: neither tells the address, nor what was answered.

    The header is that of draft-ietf-httpapi-idempotency-key-header, whose value is a string of RFC 8941.
    """
    url = secret(name, webhook.url_env)
    headers = {"idempotency-key": f'"{message.id}.{message.recipient}"'}
    if webhook.token_env is not None:
        headers["authorization"] = f"Bearer {secret(name, webhook.token_env)}"
    if not all(value.isascii() and value.isprintable() for value in (url, *headers.values())):
        raise Undelivered("the address or the token holds a line end or another character that cannot be sent")
    caller = Caller(name, endpoint_of(url, webhook, folder), headers, TIMEOUT_S)
    content = {"content": message.payload.encode(), "headers": {"content-type": "application/json"}}
    try:
        reply = caller.call(HttpRequest("POST", url, "webhook", content), monotonic() + LIMIT_S)
    finally:
        caller.close()
    if not 200 <= reply.status < 300:
        raise Undelivered(f"the webhook answered {reply.status}")


def endpoint_of(url: str, webhook: Webhook, folder: Path) -> Endpoint:
    """Return where an address leads to; raises `Undelivered` unless the way is encrypted, or ends on this machine."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in ("http", "https"):
        raise Undelivered(f"`{webhook.url_env}` holds no address that starts with `https://`")
    if parts.scheme == "http" and not is_loopback(host):
        raise Undelivered(f"`{webhook.url_env}` holds an `http://` address: nothing is sent without encryption")
    tls = parts.scheme == "https"
    ca_file = folder / webhook.ca_file if webhook.ca_file else None
    return Endpoint(host, port or (443 if tls else 80), Transport.TLS if tls else Transport.PLAIN, ca_file)
