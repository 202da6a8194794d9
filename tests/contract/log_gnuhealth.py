"""Tryton's own log on a real GNU Health, whose administrator works over its own protocol."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from connectors.audit_log import LogKind
from connectors.connector import Connector
from connectors.ehr.gnuhealth import connector as gnuhealth
from connectors.testing.audit_log import Act
from tests.servers import gnuhealth as server


@dataclass
class GnuHealthLog:
    """The story happens to `vma_desk`; what is given is the group of nurses."""

    running: server.GnuHealthServer
    admin: server.Client
    folder: Path
    subject, bystander, entitlement, actor = "vma_desk", "vma_lab", "Health Nurse", "admin"
    secrets = frozenset({server.PASSWORD, server.PATIENT, "the-new-word-of-vma_desk"})
    tells: Mapping[Act, LogKind] = field(
        default_factory=lambda: {
            **dict.fromkeys((Act.GIVE, Act.TAKE), LogKind.HOLDINGS_SET),
            **dict.fromkeys((Act.DISABLE, Act.ENABLE, Act.AGAIN), LogKind.STATUS_SET),
        }
    )
    cannot: Mapping[Act, str] = field(default_factory=dict)

    def connector(self) -> Connector:
        return gnuhealth.connect(server.SYSTEM, gnuhealth.Settings.model_validate(self.running.settings()), self.folder)

    def act(self, act: Act) -> None:
        user, nurses = self.id("res.user", "login", "vma_desk"), self.id("res.group", "name", "Health Nurse")
        change: dict[Act, dict[str, object]] = {
            Act.GIVE: {"groups": [("add", [nurses])]},
            Act.TAKE: {"groups": [("remove", [nurses])]},
            Act.DISABLE: {"active": False},
            Act.AGAIN: {"active": False},
            Act.ENABLE: {"active": True},
            Act.PASSWORD: {"password": "the-new-word-of-vma_desk"},
        }
        if act is Act.REFUSED:
            with self.running.as_user("vma_lab") as somebody, suppress(AssertionError):
                somebody.model("res.user", "write", [user], {"active": True})
        else:
            self.admin.model("res.user", "write", [user], change[act])

    def written(self) -> object:
        return self.admin.call("model.ir.model.log.search_count", [], {"active_test": False})

    def id(self, model: str, name: str, value: str) -> int:
        (found,) = self.admin.model(model, "search", [[name, "=", value], ["active", "in", [True, False]]])
        return int(found)


class GnuHealthLogHarness:
    """A harness for `gnuhealth`."""

    name = "gnuhealth"

    @contextmanager
    def start(self, folder: Path) -> Iterator[GnuHealthLog]:
        with server.gnuhealth(folder / "server") as running, running.as_user("admin") as admin:
            yield GnuHealthLog(running, admin, folder)
