"""Service principals of Entra ID: programs that hold roles or are in groups; the many others are only counted."""

from collections.abc import Iterable
from pathlib import Path

from connectors.directory.entra.answers import identifier, read_answers
from connectors.errors import InputError
from connectors.facts import Account, Evidence, Status


class Services:
    """The programs that can act in a directory."""

    def __init__(self, system: str) -> None:
        self.known: dict[str, Account] = {}
        self.counted = False
        """Whether Graph said how many there are, so that none can be missing."""
        self._system = system

    def read(self, path: Path) -> None:
        """Read service-principals.json; raises `InputError`."""
        answers = read_answers(path, "service principal")
        self.counted = answers.stated is not None
        for entry in answers.entries:
            id_ = identifier(entry, "id")
            if id_ in self.known:
                raise InputError(path, "a service principal stands twice", field=id_, expected="each once")
            enabled = entry.flag_or_none("accountEnabled")
            login = entry.text_or_none("appId") or id_
            self.known[id_] = Account(
                system=self._system,
                id=id_,
                login=login,
                name=entry.text_or_none("displayName") or login,
                status=Status.UNKNOWN if enabled is None else Status.ACTIVE if enabled else Status.DISABLED,
                service=True,
            )

    def accounts(self, holders: Iterable[str]) -> dict[str, Account]:
        """Return those that hold something; one that only a group names has nothing but its id."""
        return {
            id_: self.known.get(id_) or Account(self._system, id_, id_, id_, Status.UNKNOWN, service=True)
            for id_ in sorted(holders)
        }

    def evidence(self, used: int) -> Evidence:
        """Tell how many there are."""
        total = f" of {len(self.known)}" if self.known else ""
        return Evidence("service-principals", f"{used}{total} hold roles or are in groups; the others are not accounts")
