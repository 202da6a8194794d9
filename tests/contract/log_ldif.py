"""When access changed, by exports and the logs that were saved with them: exported anew for each read."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.directory.ldif import connector as ldif
from tests.contract.harness_ldap import SYSTEM
from tests.contract.log_ldap import Directory, Ds389ChangelogLogHarness, OpenLdapLogHarness, SambaLogHarness
from tests.integration.slapd import require
from tests.servers.samba import PASSWORD


class Exported(Directory):
    """The directory as somebody exports it."""

    folder: Path
    password: str
    bases: tuple[str, ...]
    """Whose entries are exported; the first is the directory, the others are its logs."""

    def connector(self) -> ldif.LdifExport:  # type: ignore[override]
        files = [self.export(base, number) for number, base in enumerate(self.bases)]
        saved = [Path(str(path)) for path in self.settings.get("log_files", ())]  # type: ignore[attr-defined]
        settings = ldif.Settings(file=files[0], log_files=(*files[1:], *saved), expect_entries=None)
        return ldif.connect(SYSTEM, settings, Path("/"))

    def export(self, base: str, number: int) -> Path:
        path = self.folder / f"export{number}.ldif"
        program = require("ldapsearch", "ldap-utils")
        who = str(self.settings["bind_dn"])
        command = [program, "-x", "-H", self.server.ldaps_url, "-D", who, "-w", self.password, "-b", base]
        wanted = ["(objectClass=*)", "*", "+", "replPropertyMetaData"]
        environment = {"LDAPTLS_CACERT": str(self.server.ca_file)}
        with path.open("wb") as out:
            subprocess.run([*command, "-E", "pr=500/noprompt", *wanted], stdout=out, env=environment, check=True)
        return path


def exported(directory: Directory, folder: Path, password: str, *bases: str) -> Exported:
    made = Exported(**{name: getattr(directory, name) for name in Directory.__dataclass_fields__})
    made.folder, made.password, made.bases = folder, password, bases
    return made


class LdifAccesslogLogHarness:
    """An export of OpenLDAP, and one of its `cn=accesslog`."""

    name = "ldif-accesslog"

    @contextmanager
    def start(self, folder: Path) -> Iterator[Exported]:
        with OpenLdapLogHarness().start(folder) as directory:
            yield exported(directory, folder, "reader", "dc=t", "cn=accesslog")


class LdifSambaLogHarness:
    """An export of a Samba domain, and its audit logs."""

    name, slow = "ldif-samba", True

    @contextmanager
    def start(self, folder: Path) -> Iterator[Exported]:
        with SambaLogHarness().start(folder) as directory:
            yield exported(directory, folder, PASSWORD, "DC=t,DC=test")


class LdifChangelogLogHarness:
    """An export of 389, and one of its `cn=changelog`."""

    name, slow = "ldif-changelog", True

    @contextmanager
    def start(self, folder: Path) -> Iterator[Exported]:
        with Ds389ChangelogLogHarness().start(folder) as directory:
            yield exported(directory, folder, "reader", "dc=t", "cn=changelog")
