"""The rigs of connectors that speak HTTP: `scim`, `openmrs`, `drchrono`, `elation`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from connectors.connector import Connector
from connectors.ehr import drchrono, elation
from connectors.ehr.openmrs import connector as openmrs
from connectors.facts import System, SystemKind
from connectors.generic.scim import connector as scim
from connectors.testing import At, Ends, Fault, HttpSource, JsonBody, Pages, Population
from tests.contract.environment import environment
from tests.rigs import drchrono as drchrono_rig
from tests.rigs import elation as elation_rig
from tests.rigs import openmrs as openmrs_rig
from tests.rigs import scim as scim_rig


def pages(path: str, entries: str, ends: Ends, *right: str) -> Pages:
    """Return what a page is: the answers to GETs of exactly this path."""
    body = JsonBody(entries, right=frozenset(right))
    return Pages(lambda r: r.method == "GET" and r.target.partition("?")[0] == path, body, ends=ends)


class ScimRig:
    """A rig for `scim`, on a real SCIM server."""

    name, kind = "scim", "directory"

    @contextmanager
    def start(self, folder: Path) -> Iterator[HttpSource]:
        system = System("directory", SystemKind.DIRECTORY, "scim", "SCIM", holds_phi=False)
        population = Population(
            logins=scim_rig.LOGINS,
            disabled=frozenset({"dcalloway"}),
            namesakes=("mreyes", "mreyes2"),
            held={"jvillanueva": frozenset({"Front Desk", "Everybody"}), "drkim": frozenset({"Staff"})},
            nested=("mreyes", "Staff"),
            canary="zlast",
            secrets=frozenset({scim_rig.TOKEN}),
        )

        def connect(at: At) -> Connector:
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

        with environment(CONTRACT_SCIM_TOKEN=scim_rig.TOKEN), scim_rig.scim_server() as server:
            upstream = server.url.removesuffix("/v2")
            # Some servers write a role or an entitlement as a bare text, and that is read too.
            texts = (f"Resources.0.{name}.0='a text'" for name in ("roles", "entitlements"))
            listed = pages("/v2/Users", "Resources", Ends("totalResults", by_index=True), *texts)
            yield HttpSource(upstream, connect, population, listed, folder)


class OpenMrsRig:
    """A rig for `openmrs`."""

    name, kind = "openmrs", "ehr"

    @contextmanager
    def start(self, folder: Path) -> Iterator[HttpSource]:
        system = System("ehr", SystemKind.EHR, "openmrs", "OpenMRS", holds_phi=True)
        population = Population(
            logins=openmrs_rig.LOGINS,
            disabled=openmrs_rig.DISABLED,
            namesakes=openmrs_rig.NAMESAKES,
            nested=openmrs_rig.NESTED,
            canary="7-5",
            secrets=frozenset(
                {openmrs_rig.PASSWORD, openmrs_rig.PATIENT, openmrs_rig.PATIENT_UUID, openmrs_rig.SECRET_QUESTION}
            ),
        )
        now = datetime.fromtimestamp(openmrs_rig.NOW_MS / 1000, UTC)

        def connect(at: At) -> Connector:
            settings = openmrs.Settings(
                url=f"{at.url}/openmrs",
                ca_file=at.ca_file,
                username=openmrs_rig.USERNAME,
                password_env="CONTRACT_OPENMRS_PASSWORD",
                page_size=openmrs_rig.PAGE_SIZE,
                names=True,
                call_limit_s=at.patience_s,
                # Without one of its own the connector knows the auditor's user, who is on the first page.
                canary=None if at.blind else "7-5",
            )
            return openmrs.OpenMrs(system, settings, folder, clock=lambda: now)

        listed = pages("/openmrs/ws/rest/v1/user", "results", Ends("totalCount", ("links",), by_index=True))
        with environment(CONTRACT_OPENMRS_PASSWORD=openmrs_rig.PASSWORD), openmrs_rig.openmrs() as fake:
            yield HttpSource(fake.url, connect, population, listed, folder)


class DrChronoRig:
    """A rig for `drchrono`."""

    name, kind = "drchrono", "ehr"

    @contextmanager
    def start(self, folder: Path) -> Iterator[HttpSource]:
        system = System("ehr", SystemKind.EHR, "drchrono", "DrChrono", holds_phi=True)
        population = Population(
            logins=drchrono_rig.LOGINS,
            held={"tquiroga": frozenset({"export_patients"})},
            canary="ghost",
            secrets=frozenset({drchrono_rig.TOKEN, drchrono_rig.PATIENT}),
        )

        def connect(at: At) -> Connector:
            settings = drchrono.Settings(
                url=at.url,
                ca_file=at.ca_file,
                token_env="CONTRACT_DRCHRONO_TOKEN",
                page_size=drchrono_rig.PAGE_SIZE,
                call_limit_s=at.patience_s,
                canary=None if at.blind else "ghost",
            )
            return drchrono.connect(system, settings, folder)

        listed = pages("/api/users", "data", Ends(more=("next",)))
        untold = {Fault.TOTAL_OF_PAGE: "DrChrono states no total"}
        with environment(CONTRACT_DRCHRONO_TOKEN=drchrono_rig.TOKEN), drchrono_rig.drchrono() as fake:
            yield HttpSource(fake.url, connect, population, listed, folder, cannot=untold)


class ElationRig:
    """A rig for `elation`."""

    name, kind = "elation", "ehr"

    @contextmanager
    def start(self, folder: Path) -> Iterator[HttpSource]:
        system = System("ehr", SystemKind.EHR, "elation", "Elation", holds_phi=True)
        population = Population(
            logins=elation_rig.LOGINS,
            disabled=elation_rig.DISABLED,
            namesakes=elation_rig.NAMESAKES,
            canary="far@elsewhere.example",
            secrets=frozenset({elation_rig.CLIENT_SECRET, elation_rig.TOKEN, elation_rig.DEA}),
        )

        def connect(at: At) -> Connector:
            settings = elation.Settings(
                url=at.url,
                ca_file=at.ca_file,
                client_id_env="CONTRACT_ELATION_ID",
                client_secret_env="CONTRACT_ELATION_SECRET",
                page_size=elation_rig.PAGE_SIZE,
                call_limit_s=at.patience_s,
                canary=None if at.blind else "far@elsewhere.example",
            )
            return elation.connect(system, settings, folder)

        secrets = environment(
            CONTRACT_ELATION_ID=elation_rig.CLIENT_ID, CONTRACT_ELATION_SECRET=elation_rig.CLIENT_SECRET
        )
        listed = pages("/api/2.0/users/", "results", Ends("count", ("next",), by_index=True))
        with secrets, elation_rig.elation() as fake:
            yield HttpSource(fake.url, connect, population, listed, folder)
