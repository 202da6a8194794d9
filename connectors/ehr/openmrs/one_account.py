"""Single users of OpenMRS, by their uuid; retired ones too."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from connectors.facts import Account
from connectors.http.client import Web
from connectors.inputs.fields import Fields, FromServer


def users_now(system: str, web: Web, address: str, fields: str, accounts: Sequence[Account]) -> Iterator[Fields]:
    """Yield the users that are there; raises `SourceError`."""
    for asked in accounts:
        answer = web.get(f"{address}/{quote(asked.id, safe='')}", {"v": f"custom:{fields}"}, accept=(404,))
        if answer.status == 200:
            yield Fields(FromServer(system), "a user", answer.data)
