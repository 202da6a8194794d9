"""The versions that a FHIR service keeps of its practitioners, on the fake of one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from connectors.audit_log import LogKind
from connectors.connector import Connector
from connectors.ehr.fhir import connector as fhir
from connectors.facts import System, SystemKind
from connectors.testing.audit_log import Act
from tests.servers.fhir import LOGINS, PATIENT, FhirFake, fhir_service
from tests.servers.oauth import pem

SYSTEM = System("ehr", SystemKind.EHR, "smart-scopes", "EHR", holds_phi=True)
NO_RIGHTS = "FHIR does not tell what somebody may do"


@dataclass
class FhirHistory:
    """The story happens to `mreyes`."""

    fake: FhirFake
    folder: Path
    subject, bystander, entitlement, actor = "mreyes", "mreyes2", "", None
    secrets = frozenset({PATIENT, "000-12-3456"})
    tells: Mapping[Act, LogKind] = field(default_factory=dict)
    cannot: Mapping[Act, str] = field(
        default_factory=lambda: {
            Act.GIVE: NO_RIGHTS,
            Act.TAKE: NO_RIGHTS,
            Act.REFUSED: "the fake refuses nothing",
            Act.PASSWORD: "FHIR knows no passwords",
        }
    )

    def connector(self) -> Connector:
        settings = {"url": self.fake.base, "client_id": "access-auditor", "key_file": "key.pem", "login_system": LOGINS}
        return fhir.connect(SYSTEM, fhir.Settings.model_validate(settings), self.folder)

    def act(self, act: Act) -> None:
        self.fake.save("1", active=act is Act.ENABLE)

    def written(self) -> object:
        return repr(self.fake.versions)


class FhirLogHarness:
    """A harness for `fhir`."""

    name = "fhir"

    @contextmanager
    def start(self, folder: Path) -> Iterator[FhirHistory]:
        with fhir_service() as fake:
            (folder / "key.pem").write_bytes(pem(fake.oauth.key))
            for id_ in "12":
                fake.history_of(f"Practitioner/{id_}")
            yield FhirHistory(fake, folder)
