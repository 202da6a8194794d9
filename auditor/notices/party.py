"""
Who keeps notices here: a practice, by its `auditor.yaml`, or an agency, by a file of a few lines.

    agency: {id: harbor-assist, name: Harbor Assist LLC, timezone: Asia/Manila}

An agency need not audit anything: it has a store for its notices, a key, and the keys of its practices.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from auditor import __version__
from auditor.config import Config, load_config
from auditor.config_types import FilePath, Id
from auditor.ledger.anew import is_lost, refuse_lost
from auditor.ledger.keys import Signer
from auditor.ledger.notices import NoticeRecord
from auditor.notice_settings import NoticeSettings
from auditor.notices.book import Book, read_book
from auditor.store import Store
from connectors.errors import AuditorError
from connectors.facts import Engagement, Roster
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml
from policies.clocks import ClockSettings


class _Agency(Strict):
    id: Id
    name: Annotated[str, Field(min_length=1, max_length=200)]
    timezone: str


class _AgencyFile(Strict):
    agency: _Agency
    store: FilePath = Path("auditor.db")
    notices: NoticeSettings = NoticeSettings()
    clocks: ClockSettings | None = None


@dataclass(frozen=True)  # without slots: the roster is read once
class Party:
    """The practice or agency whose notices are kept here."""

    id: str
    name: str
    role: Literal["practice", "agency"]
    timezone: str
    store: Path
    folder: Path
    """Of the configuration: relative paths start here."""
    settings: NoticeSettings
    clocks: ClockSettings
    config: Config | None = None
    """Of a practice."""

    @property
    def outbox(self) -> Path:
        """Where files for the other side are written."""
        return self.folder / self.settings.outbox

    @property
    def inbox(self) -> Path | None:
        """The folder that `auditor watch` looks at, if one is configured."""
        return None if self.settings.inbox is None else self.folder / self.settings.inbox

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Return by id the VMAs on the practice's roster; an agency has none."""
        return {person.id: person.name for person in self._roster.people} if self._roster else {}

    def engagements_of(self, vma: str) -> tuple[Engagement, ...]:
        """Return what the practice's roster says of a VMA; an agency has none."""
        return tuple(e for e in self._roster.engagements if e.vma == vma) if self._roster else ()

    @cached_property
    def _roster(self) -> Roster | None:
        return None if self.config is None else self.config.roster.read().roster

    def key_file(self, number: int) -> Path:
        """Return where the private key of that number is: beside the store, which several practices may share."""
        return self.store.with_name(f"{self.store.stem}.{self.id}.notices-{number}.key")

    def note(self, store: Store, book: Book, records: Iterable[NoticeRecord]) -> Book:
        """Record what happened since a book was read, each with its entry of the ledger; return the book of now."""
        empty = next(store.entries(), None) is None
        signer = Signer.load_or_create(self.store.with_suffix(".key"), ledger_is_empty=empty)
        store.note(records, signer, after=book.last, tool_version=__version__)
        return self.read(store)

    def read(self, store: Store) -> Book:
        """Return what a store says of this party."""
        return read_book(self.id, store.notices(self.id))

    def book(self) -> Book:
        """Return what the store says so far; nothing where there is none yet."""
        if not self.store.exists():
            return Book(self.id)
        with Store.look(self.store) as store:
            return self.read(store)

    def open(self) -> Store:
        """Open the store for recording; raises `AuditorError` for one that was lost."""
        if self.role == "agency" and is_lost(self.store, self.store.with_suffix(".key")):
            raise AuditorError(
                f"there is a key, and no store `{self.store}`: an earlier one is missing",
                hint="put the store back from the backup; if it is lost for good, move the files `*.key` and "
                "`*.key.pub` away and begin again with a new key, and ask each practice to revoke the old one",
            )
        refuse_lost(self.store, None)
        return Store.open(self.store)


def load_party(path: Path, store: Path | None = None) -> Party:
    """
    Load who keeps notices here; a `store` that is given goes before the one that the file names.

    Raises `InputError` for a file that cannot be used, and says how an agency begins where there is none.
    """
    if not path.exists():
        raise AuditorError(
            f"there is no configuration `{path}`",
            hint="go to the practice's folder, or name the file with `--config`; an agency begins with: "
            "auditor notice setup 'Harbor Assist LLC' --timezone Asia/Manila",
        )
    document = load_yaml(path)
    folder = path.resolve().parent
    if isinstance(document.data, dict) and "agency" in document.data:
        raw = document.validate(_AgencyFile)
        return Party(
            raw.agency.id,
            raw.agency.name,
            "agency",
            raw.agency.timezone,
            store if store is not None else folder / raw.store,
            folder,
            raw.notices,
            raw.clocks or ClockSettings(),
        )
    config = load_config(path, store=store, check_files=False)
    return party_of(config)


def party_of(config: Config) -> Party:
    """Return a practice as a party to notices."""
    return Party(
        config.practice.id,
        config.practice.name,
        "practice",
        config.practice.timezone,
        config.store,
        config.path.resolve().parent,
        config.notices or NoticeSettings(),
        config.clocks or ClockSettings(),
        config,
    )
