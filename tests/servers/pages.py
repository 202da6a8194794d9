"""A site behind the server that it really runs on, on a free loopback port: what the process tests do not see."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from starlette.applications import Starlette

from auditor.web.app import make_app
from auditor.web.listen import Listening, make_server, open_socket
from auditor.web.site import Site


@dataclass(frozen=True, slots=True)
class Served:
    """A site that is served."""

    app: Starlette
    origin: str
    host: str
    port: int
    stop: Callable[[], None]
    """As a signal would: what has begun is finished, and nothing new is taken."""


@contextmanager
def served(
    make_site: Callable[[str], Site], *, certificate: Path | None = None, key: Path | None = None, port: int = 0
) -> Iterator[Served]:
    """Serve the site that `make_site` makes for an origin, until the block ends."""
    with open_socket(Listening(port=port, public="http://127.0.0.1")) as sock:
        port = sock.getsockname()[1]
        listening = Listening(port=port, certificate=certificate, key=key)
        app = make_app(make_site(listening.origin))
        server = make_server(app, listening)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
        thread.start()

        def stop() -> None:
            server.should_exit = True

        try:
            _wait(listening.origin, certificate)
            yield Served(app, listening.origin, "127.0.0.1", port, stop)
        finally:
            stop()
            thread.join(timeout=30)


def _wait(origin: str, certificate: Path | None) -> None:
    """The port is open from the start: the first answer comes when the application is ready."""
    trust = ssl.create_default_context(cafile=certificate) if certificate else True
    httpx2.get(f"{origin}/sign-in", timeout=20, verify=trust)
