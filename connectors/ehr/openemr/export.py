"""
OpenEMR by an export of its user and access-control tables: one CSV file a table, no patient data, no secrets.

`openemr_export.sh` beside it writes the files; `openemr` reads the same tables live.
"""

from datetime import datetime
from pathlib import Path

from connectors.connector import Page
from connectors.ehr.openemr import connector as openemr
from connectors.ehr.openemr.accounts import OpenemrSignIn, population
from connectors.ehr.openemr.files import Export
from connectors.facts import Evidence, System


class Settings(OpenemrSignIn):
    """Settings of the connector `openemr-export`."""

    folder: Path
    """The folder with the CSV files, relative to the configuration file."""


def connect(system: System, settings: Settings, folder: Path) -> "OpenEmrExport":
    """Return a connector for the export; nothing is read yet."""
    return OpenEmrExport(system, settings, folder / settings.folder)


def setup(system: System, settings: Settings) -> str:
    """Return the account of whoever exports, which is that of the live read, and the script that writes the files."""
    account = openemr.Settings(socket=Path("/run/mysqld/mysqld.sock"))
    script = Path(__file__).with_suffix(".sh").read_text(encoding="utf-8")
    return (
        f"{openemr.setup(system, account)}\n"
        f"# Then this script, on the database server, as its account `{account.user}`. Without a shell run its\n"
        f"# statements in phpMyAdmin or Adminer. Bring the folder that it makes here, as `{settings.folder.name}`.\n"
        f"{script}"
    )


class OpenEmrExport:
    """Reads the export as one page; raises `InputError` unless the files fit together."""

    def __init__(self, system: System, settings: Settings, folder: Path) -> None:
        self.system, self.settings, self.folder = system, settings, folder
        self._as_of: datetime | None = None

    @property
    def source(self) -> str:
        """The name of the folder."""
        return f"{self.folder.name}/*.csv"

    @property
    def canary(self) -> str | None:
        """The login that must be in the export."""
        return self.settings.canary

    def as_of(self) -> datetime:
        """When the oldest of the files was written."""
        return self._as_of or Export(self.folder).read_at

    def read_page(self, token: str | None) -> Page:  # noqa: ARG002 - there is only one page
        """Read the whole export."""
        export = Export(self.folder)
        self._as_of = export.read_at
        found = population(self.system.id, export, self.settings)
        rows = sum(len(records) for records in export.tables.values())
        return Page(
            accounts=found.accounts,
            entitlements=found.entitlements,
            grants=found.grants,
            evidence=(
                Evidence("end", f"end of {len(export.files)} files after {rows} rows, which refer only to each other"),
                *(Evidence("sha256", f"{name} {digest}") for name, digest in export.files.items()),
            ),
        )
