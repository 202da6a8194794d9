"""`fhir` on a fake built from the documented shapes: six practitioners, two on a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from connectors.connector import Connector
from connectors.ehr.fhir import connector as fhir
from connectors.facts import System, SystemKind
from connectors.testing import Ends, HttpSource, Population, Target
from tests.contract.environment import environment
from tests.contract.harnesses_http import pages
from tests.servers import fhir as harness
from tests.servers.oauth import SECRET

SYSTEM = System("ehr", SystemKind.EHR, "smart-scopes", "EHR", holds_phi=True)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CANARY = "Practitioner/6"


class FhirHarness:
    """A harness for `fhir`."""

    name, kind = "fhir", "ehr"

    @contextmanager
    def start(self, folder: Path) -> Iterator[HttpSource]:
        population = Population(
            logins=frozenset({"mreyes", "mreyes2", "drkim", "dcalloway", "tquiroga", CANARY, "access-auditor"}),
            disabled=frozenset({"dcalloway"}),
            namesakes=("mreyes", "mreyes2"),
            held={"drkim": frozenset({"role: General physician"})},
            canary=CANARY,
            secrets=frozenset({harness.PATIENT, SECRET, "000-12-3456"}),
        )

        def connect(at: Target) -> Connector:
            fields = {
                "url": f"{at.url}/fhir",
                "ca_file": at.ca_file,
                "client_id": "access-auditor",
                "client_secret_env": "CONTRACT_FHIR_SECRET",
                "login_system": harness.LOGINS,
                "call_limit_s": at.patience_s,
                "canary": None if at.blind else CANARY,
            }
            return fhir.FhirService(SYSTEM, fhir.Settings.model_validate(fields), folder, clock=lambda: NOW)

        with environment(CONTRACT_FHIR_SECRET=SECRET), harness.fhir_service() as fake:
            # Several reads at once each have a token of their own.
            fake.oauth.knows = lambda call: call.headers.get("authorization", "")[7:] in fake.oauth.issued
            listed = pages("/fhir/Practitioner", "entry", Ends("total", ("link",)))
            yield HttpSource(fake.url, connect, population, listed, folder)
