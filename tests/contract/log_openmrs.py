"""What OpenMRS keeps of its users, on the small fake of its REST API."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connectors.audit_log import LogKind
from connectors.connector import Connector
from connectors.ehr.openmrs import connector as openmrs
from connectors.facts import System, SystemKind
from connectors.testing.audit_log import Act
from tests.servers import openmrs as server

SYSTEM = System("ehr", SystemKind.EHR, "openmrs", "OpenMRS", holds_phi=True)
NO_TIME = "a role that is given or taken leaves no time of its own"


@dataclass
class OpenMrsLog:
    """The story happens to `mreyes`; only the last retiring has a time."""

    fake: server.FakeOpenMrs
    folder: Path
    subject, bystander, entitlement, actor = "mreyes", "jvillanueva", "role:Records", "admin"
    secrets = frozenset({server.PASSWORD, server.SECRET_QUESTION, server.PATIENT, server.PATIENT_UUID})
    tells: Mapping[Act, LogKind] = field(default_factory=dict)
    cannot: Mapping[Act, str] = field(
        default_factory=lambda: {
            Act.GIVE: NO_TIME,
            Act.TAKE: NO_TIME,
            Act.ENABLE: "an unretired user keeps no time of it",
            Act.PASSWORD: "OpenMRS keeps no time of it beside that of the last change",
            Act.REFUSED: "the fake refuses nothing",
        }
    )

    def connector(self) -> Connector:
        settings = {"url": f"{self.fake.url}/openmrs", "username": server.USERNAME, "password_env": "OPENMRS_PASSWORD"}
        return openmrs.connect(SYSTEM, openmrs.Settings.model_validate(settings), self.folder)

    def act(self, act: Act) -> None:
        assert act in (Act.DISABLE, Act.AGAIN)
        self.fake.save("mreyes", retired=True)

    def written(self) -> object:
        return repr([user["auditInfo"] for user in self.fake.users])


class OpenMrsLogHarness:
    """A harness for `openmrs`."""

    name = "openmrs"

    @contextmanager
    def start(self, folder: Path) -> Iterator[OpenMrsLog]:
        with pytest.MonkeyPatch.context() as environment, server.openmrs() as fake:
            environment.setenv("OPENMRS_PASSWORD", server.PASSWORD)
            yield OpenMrsLog(fake, folder)
