"""The harnesses of connectors that speak HTTP: `scim`, `openmrs`, `drchrono`, `elation`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from connectors.connector import Connector
from connectors.ehr import drchrono, elation
from connectors.ehr.openmrs import connector as openmrs
from connectors.facts import System, SystemKind
from connectors.generic.scim import connector as scim
from connectors.testing import Ends, Fault, HttpSource, JsonBody, Pages, Population, Target
from tests.contract.environment import environment
from tests.servers import drchrono as drchrono_harness
from tests.servers import elation as elation_harness
from tests.servers import openmrs as openmrs_harness
from tests.servers import scim as scim_harness


def pages(path: str, entries: str, ends: Ends, *right: str) -> Pages:
    """Return what a page is: the answers to GETs of exactly this path."""
    body = JsonBody(entries, right=frozenset(right))
    return Pages(lambda r: r.method == "GET" and r.target.partition("?")[0] == path, body, ends=ends)


class ScimHarness:
    """A harness for `scim`, on a real SCIM server."""

    name, kind = "scim", "directory"

    @contextmanager
    def start(self, folder: Path) -> Iterator[HttpSource]:
        system = System("directory", SystemKind.DIRECTORY, "scim", "SCIM", holds_phi=False)
        population = Population(
            logins=scim_harness.LOGINS,
            disabled=frozenset({"dcalloway"}),
            namesakes=("mreyes", "mreyes2"),
            held={"jvillanueva": frozenset({"Front Desk", "Everybody"}), "drkim": frozenset({"Staff"})},
            nested=("mreyes", "Staff"),
            canary="zlast",
            secrets=frozenset({scim_harness.TOKEN}),
        )

        def connect(at: Target) -> Connector:
            settings = scim.Settings.model_validate(
                {
                    "url": f"{at.url}/v2",
                    "ca_file": at.ca_file,
                    "token_env": "CONTRACT_SCIM_TOKEN",
                    "page_size": 3,
                    "call_limit_s": at.patience_s,
                    "canary": None if at.blind else "zlast",
                }
            )
            return scim.connect(system, settings, folder)

        with environment(CONTRACT_SCIM_TOKEN=scim_harness.TOKEN), scim_harness.scim_server() as server:
            upstream = server.url.removesuffix("/v2")
            # Some servers write a role or an entitlement as a bare text, and that is read too.
            texts = (f"Resources.0.{name}.0='a text'" for name in ("roles", "entitlements"))
            listed = pages("/v2/Users", "Resources", Ends("totalResults", by_index=True), *texts)
            yield HttpSource(upstream, connect, population, listed, folder)


class OpenMrsHarness:
    """A harness for `openmrs`."""

    name, kind = "openmrs", "ehr"

    @contextmanager
    def start(self, folder: Path) -> Iterator[HttpSource]:
        system = System("ehr", SystemKind.EHR, "openmrs", "OpenMRS", holds_phi=True)
        population = Population(
            logins=openmrs_harness.LOGINS,
            disabled=openmrs_harness.DISABLED,
            namesakes=openmrs_harness.NAMESAKES,
            nested=openmrs_harness.NESTED,
            canary="7-5",
            secrets=frozenset(
                {
                    openmrs_harness.PASSWORD,
                    openmrs_harness.PATIENT,
                    openmrs_harness.PATIENT_UUID,
                    openmrs_harness.SECRET_QUESTION,
                }
            ),
        )
        now = datetime.fromtimestamp(openmrs_harness.NOW_MS / 1000, UTC)

        def connect(at: Target) -> Connector:
            settings = openmrs.Settings(
                url=f"{at.url}/openmrs",
                ca_file=at.ca_file,
                username=openmrs_harness.USERNAME,
                password_env="CONTRACT_OPENMRS_PASSWORD",
                page_size=openmrs_harness.PAGE_SIZE,
                names=True,
                call_limit_s=at.patience_s,
                # Without one of its own the connector knows the auditor's user, who is on the first page.
                canary=None if at.blind else "7-5",
            )
            return openmrs.OpenMrs(system, settings, folder, clock=lambda: now)

        listed = pages("/openmrs/ws/rest/v1/user", "results", Ends("totalCount", ("links",), by_index=True))
        with environment(CONTRACT_OPENMRS_PASSWORD=openmrs_harness.PASSWORD), openmrs_harness.openmrs() as fake:
            yield HttpSource(fake.url, connect, population, listed, folder)


class DrChronoHarness:
    """A harness for `drchrono`."""

    name, kind = "drchrono", "ehr"

    @contextmanager
    def start(self, folder: Path) -> Iterator[HttpSource]:
        system = System("ehr", SystemKind.EHR, "drchrono", "DrChrono", holds_phi=True)
        population = Population(
            logins=drchrono_harness.LOGINS,
            held={"tquiroga": frozenset({"export_patients"})},
            canary="ghost",
            secrets=frozenset({drchrono_harness.TOKEN, drchrono_harness.PATIENT}),
        )

        def connect(at: Target) -> Connector:
            settings = drchrono.Settings(
                url=at.url,
                ca_file=at.ca_file,
                token_env="CONTRACT_DRCHRONO_TOKEN",
                page_size=drchrono_harness.PAGE_SIZE,
                call_limit_s=at.patience_s,
                canary=None if at.blind else "ghost",
            )
            return drchrono.connect(system, settings, folder)

        listed = pages("/api/users", "data", Ends(more=("next",)))
        untold = {Fault.TOTAL_OF_PAGE: "DrChrono states no total"}
        with environment(CONTRACT_DRCHRONO_TOKEN=drchrono_harness.TOKEN), drchrono_harness.drchrono() as fake:
            yield HttpSource(fake.url, connect, population, listed, folder, cannot=untold)


class ElationHarness:
    """A harness for `elation`."""

    name, kind = "elation", "ehr"

    @contextmanager
    def start(self, folder: Path) -> Iterator[HttpSource]:
        system = System("ehr", SystemKind.EHR, "elation", "Elation", holds_phi=True)
        population = Population(
            logins=elation_harness.LOGINS,
            disabled=elation_harness.DISABLED,
            namesakes=elation_harness.NAMESAKES,
            canary="far@elsewhere.example",
            secrets=frozenset({elation_harness.CLIENT_SECRET, elation_harness.TOKEN, elation_harness.DEA}),
        )

        def connect(at: Target) -> Connector:
            settings = elation.Settings(
                url=at.url,
                ca_file=at.ca_file,
                client_id_env="CONTRACT_ELATION_ID",
                client_secret_env="CONTRACT_ELATION_SECRET",
                page_size=elation_harness.PAGE_SIZE,
                call_limit_s=at.patience_s,
                canary=None if at.blind else "far@elsewhere.example",
            )
            return elation.connect(system, settings, folder)

        secrets = environment(
            CONTRACT_ELATION_ID=elation_harness.CLIENT_ID, CONTRACT_ELATION_SECRET=elation_harness.CLIENT_SECRET
        )
        listed = pages("/api/2.0/users/", "results", Ends("count", ("next",), by_index=True))
        with secrets, elation_harness.elation() as fake:
            yield HttpSource(fake.url, connect, population, listed, folder)
