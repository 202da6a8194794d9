"""
Reads an export of a directory: an LDIF file written by `ldapsearch`, `slapcat`, `db2ldif` or Windows' `ldifde`.

It gives the same accounts and grants as the live read of the same directory. `docs/connect-ldap.md` says how to
export so that the file proves itself whole.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.connector import Page
from connectors.directory.changes.files import read as read_files
from connectors.directory.ldif.log import Exported, read_log
from connectors.directory.ldif.read import LdifRead
from connectors.directory.ldif.settings import Settings
from connectors.directory.schema.setup import export_text
from connectors.errors import InputError, SourceMalformed
from connectors.facts import System
from connectors.inputs.files import modified_at


class LdifExport:
    """A connector that gives one export as one page."""

    def __init__(self, system: System, settings: Settings, path: Path, log_files: Sequence[Path] = ()) -> None:
        self._log_files = log_files
        self.system = system
        self.source = settings.file.name
        self.canary = settings.canary
        self._settings, self._path = settings, path

    def as_of(self) -> datetime:
        """Return when the export was written."""
        try:
            return modified_at(self._path)
        except OSError as error:
            raise InputError(
                self._path,
                "the file cannot be read",
                found=error.strerror,
                expected="a file that can be read",
                hint="check the path; relative paths start at the folder of the configuration file",
            ) from None

    def read_page(self, token: str | None) -> Page:
        """Read the whole file; raises `InputError` for a broken line, `SourceTruncated` for a part of an export."""
        if token is not None:
            raise SourceMalformed(f"`{self.system.id}` has one page only")
        read = LdifRead(self.system.id, self._settings, self._path, self.as_of())
        return read.page()

    def read_log(self, question: LogQuestion) -> LogAnswer:
        """Read when access changed, from the export and the logs beside it; raises `InputError` or `SourceError`."""
        exported = Exported(self.system.id, question, path=self._path)
        return read_log(exported, read_files(self._log_files, self._settings.log_zone), self.as_of())


def connect(system: System, settings: Settings, folder: Path) -> LdifExport:
    """Return the connector; nothing is read yet."""
    return LdifExport(system, settings, folder / settings.file, [folder / path for path in settings.log_files])


def setup(system: System, settings: Settings) -> str:
    """Return the account of whoever exports, which is that of the live read, and the command."""
    return export_text(system.product, settings.base_dn or "dc=practice,dc=test", settings.file.name)
