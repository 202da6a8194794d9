"""OpenEMR's log on a real MariaDB, written as its own screens write it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from connectors.audit_log import LogKind
from connectors.connector import Connector
from connectors.ehr.openemr import connector as openemr
from connectors.testing.audit_log import Act
from tests.servers import mariadb_openemr as server
from tests.servers.openemr_forms import OpenEmrForms


@dataclass
class OpenEmrLog:
    """The story happens to `vfront`; what is given is the ACL group of the back office."""

    db: server.OpenEmrDatabase
    forms: OpenEmrForms
    folder: Path
    subject, bystander, entitlement, actor = "vfront", "vcover", "group:back", "admin"
    secrets = frozenset({*server.SECRETS, server.PASSWORD, "New-Password"})
    tells: Mapping[Act, LogKind] = field(default_factory=dict)
    cannot: Mapping[Act, str] = field(default_factory=dict)

    def connector(self) -> Connector:
        settings = openemr.Settings.model_validate(self.db.settings())
        return openemr.connect(server.SYSTEM, settings, self.folder)

    def act(self, act: Act) -> None:
        forms = self.forms
        match act:
            case Act.GIVE:
                forms.save("vfront", active=True, groups=("front", "back"))
            case Act.TAKE:
                forms.remove("vfront", "back")
            case Act.DISABLE | Act.AGAIN:
                forms.save("vfront", active=False, groups=forms.held("vfront"))
            case Act.ENABLE:
                forms.save("vfront", active=True, groups=forms.held("vfront"))
            case Act.REFUSED:
                forms.run("UPDATE users SET active = ? WHERE id = ?", [1, 5], success=False)
            case Act.PASSWORD:
                forms.run("UPDATE users_secure SET password = ? WHERE id = ?", ["New-Password", 5])

    def written(self) -> object:
        return self.forms.one("SELECT COUNT(*) FROM log"), self.forms.one("CHECKSUM TABLE users")


class OpenEmrLogHarness:
    """A harness for `openemr`."""

    name = "openemr"

    @contextmanager
    def start(self, folder: Path) -> Iterator[OpenEmrLog]:
        with server.mariadb_openemr(folder / "mariadb") as db:
            db.admin("UPDATE globals SET gl_value = 'America/Chicago' WHERE gl_name = 'gbl_time_zone'")
            forms = OpenEmrForms(db, zone="America/Chicago", ago=timedelta(days=2))
            forms.save("vfront", active=True, groups=("front",))
            forms.ago = timedelta()
            yield OpenEmrLog(db, forms, folder)
            forms.close()
