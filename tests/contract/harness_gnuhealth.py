"""`gnuhealth` on a real Tryton server with GNU Health's modules."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from connectors.connector import Connector
from connectors.ehr.gnuhealth import connector as gnuhealth
from connectors.testing import ENDS, HttpSource, JsonBody, Pages, Population, ProxyRequest, ProxyResponse, Target
from connectors.testing.http_proxy import Forward, http_proxy
from tests.servers import gnuhealth as harness

NUMBER = re.compile(rb'"id": ?\d+')
USERS = b'"model.res.user.search_read"'


def is_page(request: ProxyRequest) -> bool:
    # Another search of users looks for the auditor's own record.
    return USERS in request.body and b'"active","in"' in request.body


def with_number_of(request: ProxyRequest, reply: ProxyResponse) -> ProxyResponse:
    """JSON-RPC repeats the number of the request."""
    answer = json.loads(reply.body) | {"id": json.loads(request.body)["id"]}
    return replace(reply, body=json.dumps(answer).encode())


class Remembered:
    """
    Asks the server once for what it is asked again and again under every fault, which costs it half a second a read.

    Signing in and out is always its own to answer, and so is what is refused.
    """

    def __init__(self) -> None:
        self.answers: dict[bytes, ProxyResponse] = {}

    def __call__(self, request: ProxyRequest, forward: Forward) -> ProxyResponse:
        if b'"common.db.' in request.body:
            return forward(request)
        asked = request.target.encode() + NUMBER.sub(b"", request.body, count=1)
        if asked not in self.answers:
            answer = forward(request)
            if answer.status != 200 or b'"error"' in answer.body:
                return answer
            self.answers[asked] = answer
        now = format_datetime(datetime.now(UTC), usegmt=True)
        return with_number_of(request, self.answers[asked]).with_header("Date", now)


class GnuHealthHarness:
    """A harness for `gnuhealth`; only some fields are tried in the short form."""

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
        with (
            harness.gnuhealth(folder / "server") as server,
            http_proxy(server.url, Remembered()) as remembered,
        ):

            def connect(at: Target) -> Connector:
                changes = {
                    "url": server.url if at == remembered else at.url,  # without a fault it is the server itself
                    "ca_file": at.ca_file,
                    "canary": harness.CANARY,
                    "call_limit_s": 2 * at.patience_s,
                }
                settings = gnuhealth.Settings.model_validate(server.settings(**changes))
                return gnuhealth.connect(harness.SYSTEM, settings, folder)

            own = dict.fromkeys(ENDS, "an answer is a bare list; the server is asked for its count by itself, twice")
            yield HttpSource(remembered.url, connect, population, pages, folder, at_once=3, cannot=own)


class GnuHealthInEveryFieldHarness(GnuHealthHarness):
    """The same, tried in every field of its answers."""

    further = "GnuhealthInEveryField"

    def __init__(self) -> None:
        super().__init__(fields=50)
