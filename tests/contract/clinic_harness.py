"""The harness of the made-up EHR: starts it, says who is in it, and which answers are pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.facts import System, SystemKind
from connectors.testing import Ends, HttpSource, JsonBody, Pages, Population, Target
from tests.contract import clinic
from tests.contract.clinic_server import TOKEN, clinic_server
from tests.contract.environment import environment

SYSTEM = System("ehr", SystemKind.EHR, "clinic", "Clinic", holds_phi=True)
POPULATION = Population(
    logins=frozenset({"areyes", "bcruz", "maria1", "left", "maria2", "kim", "robot", "auditor-ro"}),
    disabled=frozenset({"left"}),
    namesakes=("maria1", "maria2"),
    held={"kim": frozenset({"Billing", "r3"}), "bcruz": frozenset({"r4"})},
    nested=("areyes", "Read calendar"),
    canary="auditor-ro",
    secrets=frozenset({TOKEN}),
)


class ClinicHarness:
    """A harness for `clinic`."""

    name, kind = "clinic", "ehr"

    @contextmanager
    def start(self, folder: Path) -> Iterator[HttpSource]:
        def connect(at: Target) -> clinic.Clinic:
            settings = clinic.Settings(
                url=at.url,
                ca_file=at.ca_file,
                token_env="CLINIC_TOKEN",
                canary=None if at.blind else "auditor-ro",
                call_limit_s=at.patience_s,
            )
            return clinic.connect(SYSTEM, settings, folder)

        ends = Ends(total="total", more=("next",))
        pages = Pages(lambda request: request.target.startswith("/staff"), body=JsonBody("staff"), ends=ends)
        with environment(CLINIC_TOKEN=TOKEN), clinic_server() as address:
            yield HttpSource(address, connect, POPULATION, pages, folder)
