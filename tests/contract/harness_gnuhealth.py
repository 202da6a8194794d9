"""`gnuhealth` on a real Tryton server with GNU Health's modules."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from connectors.connector import Connector
from connectors.ehr.gnuhealth import connector as gnuhealth
from connectors.testing import ENDS, HttpSource, JsonBody, Pages, Population, ProxyRequest, ProxyResponse, Target
from tests.servers import gnuhealth as harness

USERS = b'"model.res.user.search_read"'


def is_page(request: ProxyRequest) -> bool:
    # Another search of users looks for the auditor's own record.
    return USERS in request.body and b'"active","in"' in request.body


def with_number_of(request: ProxyRequest, reply: ProxyResponse) -> ProxyResponse:
    """JSON-RPC repeats the number of the request."""
    answer = json.loads(reply.body) | {"id": json.loads(request.body)["id"]}
    return replace(reply, body=json.dumps(answer).encode())


class GnuHealthHarness:
    """A harness for `gnuhealth`; a read takes half a second, so only some fields are tried in the short form."""

    name, kind = "gnuhealth", "ehr"

    def __init__(self, fields: int = 4) -> None:
        self.fields = fields

    @contextmanager
    def start(self, folder: Path) -> Iterator[HttpSource]:
        population = Population(
            logins=harness.LOGINS,
            disabled=harness.DISABLED,
            namesakes=harness.NAMESAKES,
            nested=harness.NESTED,
            canary=harness.CANARY,
            secrets=frozenset({harness.PASSWORD, harness.PATIENT}),
        )
        pages = Pages(is_page, JsonBody("result", most=self.fields), adapt=with_number_of)
        with harness.gnuhealth(folder / "server") as server:

            def connect(at: Target) -> Connector:
                changes = {
                    "url": at.url,
                    "ca_file": at.ca_file,
                    "canary": harness.CANARY,
                    "call_limit_s": 2 * at.patience_s,
                }
                settings = gnuhealth.Settings.model_validate(server.settings(**changes))
                return gnuhealth.connect(harness.SYSTEM, settings, folder)

            own = dict.fromkeys(ENDS, "an answer is a bare list; the server is asked for its count by itself, twice")
            yield HttpSource(server.url, connect, population, pages, folder, at_once=3, cannot=own)


class GnuHealthInEveryFieldHarness(GnuHealthHarness):
    """The same, tried in every field of its answers."""

    further = "GnuhealthInEveryField"

    def __init__(self) -> None:
        super().__init__(fields=50)
