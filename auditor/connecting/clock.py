"""What a server of the web says the time is: clocks that differ make "last sign-in" and "dormant" wrong."""

import http.client
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from auditor.connecting.checks import Check, CheckState
from auditor.connecting.network import PATIENCE_S
from connectors.connector import Endpoint, Transport
from connectors.http.client import MAX_SKEW_S

CLOCK = "clock"


def compare_clocks(endpoint: Endpoint) -> Check | None:
    """Ask a server that speaks HTTP for nothing but its headers; `None` when it does not say what time it is there."""
    skew = _skew(endpoint)
    if skew is None:
        return None
    if abs(skew) <= MAX_SKEW_S:
        return Check(CLOCK, CheckState.OK, f"the server's and this one differ by {abs(skew):.0f} s")
    ahead = "ahead of" if skew > 0 else "behind"
    return Check(
        CLOCK,
        CheckState.WARNING,
        f"the server's is {abs(skew):,.0f} s {ahead} this one",
        "one of the two is wrong, and with it every last sign-in: let both take the time from a time server",
    )


def _skew(endpoint: Endpoint) -> float | None:
    connection: http.client.HTTPConnection
    try:
        if endpoint.transport is Transport.TLS:
            context = ssl.create_default_context(cafile=endpoint.ca_file)
            connection = http.client.HTTPSConnection(endpoint.host, endpoint.port, timeout=PATIENCE_S, context=context)
        else:
            connection = http.client.HTTPConnection(endpoint.host, endpoint.port, timeout=PATIENCE_S)
        try:
            connection.request("HEAD", "/", headers={"accept": "*/*", "connection": "close"})
            told = parsedate_to_datetime(connection.getresponse().getheader("date") or "")
            return (told - datetime.now(UTC)).total_seconds()
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError, TypeError, OverflowError):
        return None
