"""One message to a chat service, through Apprise, which knows how each of them wants it."""

from typing import Any

from auditor.watch.errors import Undelivered
from auditor.watch.state import Message
from auditor.watch_settings import Chat
from connectors.http.credentials import is_loopback, secret


def send_chat(name: str, chat: Chat, message: Message) -> None:
    """Send a message; raises `Undelivered`, `SourceDenied`. A chat knows no repeat: the text ends with the id."""
    import apprise  # noqa: PLC0415 - slow to import, and needed when there is something to tell

    service = open_service(secret(name, chat.url_env), chat.url_env)
    application = apprise.Apprise(asset=service.asset)
    application.add(service)
    if not application.notify(title=message.subject, body=message.body, body_format=apprise.NotifyFormat.TEXT):
        raise Undelivered("the chat service did not take the message, or could not be reached")


def open_service(url: str, variable: str) -> Any:
    """Return Apprise's service for an address; raises `Undelivered` for none, and for one without encryption."""
    import apprise  # noqa: PLC0415

    # Nothing is kept on disk, and no picture of somebody else's server is shown with a message.
    asset = apprise.AppriseAsset(
        app_id="auditor", app_desc="auditor", app_url="", image_url_mask="", image_url_logo="", async_mode=False
    )
    service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if service is None:
        raise Undelivered(f"`{variable}` holds no address of a chat service that Apprise knows")
    clear = service.protocol or ()
    scheme = url.partition(":")[0].strip().lower()
    if scheme in ((clear,) if isinstance(clear, str) else clear) and not is_loopback(service.host or ""):
        raise Undelivered(f"`{variable}` holds an address without encryption: take the form that ends with `s://`")
    service.redirects = False  # one could lead to an address without encryption
    if not service.verify_certificate:
        raise Undelivered(f"`{variable}` switches the check of certificates off: leave `verify` out")
    return service
