"""A report of users with the record of changes of its product beside it: Okta's system log."""

from pathlib import Path

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.facts import System
from connectors.generic.table.connector import TableConnector
from connectors.generic.table.mapping import Mapping
from connectors.generic.table.okta_log import read_okta_log, refuse_other
from connectors.generic.table.preset import Preset
from connectors.generic.table.settings import Settings


class TableWithLog(TableConnector):
    """Reads the report as ever, and says when access changed."""

    def __init__(
        self, system: System, settings: Settings, folder: Path, mapping: Mapping, preset: Preset | None = None
    ) -> None:
        super().__init__(system, settings, folder, mapping, preset)
        self._log = folder / (settings.system_log or "")
        refuse_other(system.product, self._log)

    def read_log(self, question: LogQuestion) -> LogAnswer:
        """Return what the system log says; raises `InputError` where it cannot be used."""
        return read_okta_log(self.system.id, self._log, question)
