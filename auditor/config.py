"""
The configuration of one practice: `auditor.yaml`, validated, with every path resolved.

Paths are relative to the folder of the file. Secrets are never in it: connectors name environment variables.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, field_validator

from auditor.config_types import FilePath, Id
from auditor.correlation import RULES, CorrelationRule
from auditor.notice_settings import NoticeSettings
from auditor.review_settings import ReviewSettings
from auditor.watch_settings import WatchSettings
from connectors.connector import Connector, find
from connectors.errors import AuditorError
from connectors.facts import System, SystemKind
from connectors.inputs.dates import known_timezone
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import Document, load_yaml
from connectors.roster import csv_file
from connectors.roster.people import RosterRead
from connectors.roster.source import RosterName, find_roster
from policies.agreements.register import PRACTICE
from policies.clocks import ClockSettings
from policies.engine.case import Practice


class _Practice(Strict):
    id: Id
    name: Annotated[str, Field(min_length=1, max_length=200)]
    timezone: str

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        return known_timezone(name)


class _File(Strict):
    file: FilePath


class _Roster(Strict):
    connector: RosterName
    settings: dict[str, object]


class _Policies(Strict):
    catalogs: list[FilePath] = []
    roles: FilePath | None = None


class _System(Strict):
    kind: SystemKind
    product: Annotated[str, Field(min_length=1)]
    connector: Annotated[str, Field(min_length=1)]
    title: Annotated[str, Field(min_length=1, max_length=100)]
    holds_phi: bool
    vendor: str | None = None
    account_owner: str = PRACTICE
    sign_in: Id | None = None
    administrator: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    exported: AwareDatetime | None = None
    max_age_days: Annotated[int, Field(ge=1, le=3660)] = 31
    time_limit_s: Annotated[int, Field(ge=1, le=86_400)] = 3600
    settings: dict[str, object]


class _Config(Strict):
    practice: _Practice
    roster: dict[str, object]
    staff: _File | None = None
    agreements: FilePath
    work: FilePath | None = None
    controls: FilePath | None = None
    policies: _Policies = _Policies()
    correlation: Annotated[list[CorrelationRule], Field(min_length=1)] = list(RULES)
    systems: Annotated[dict[Id, _System], Field(min_length=1)]
    store: FilePath = Path("auditor.db")
    report: FilePath = Path("report.html")
    require_exported: bool = False
    watch: WatchSettings | None = None
    clocks: ClockSettings | None = None
    notices: NoticeSettings | None = None
    review: ReviewSettings | None = None


@dataclass(frozen=True, slots=True)
class RosterSource:
    """Where the roster comes from."""

    read: Callable[[], RosterRead]
    """Reads it whole; raises `InputError` or `SourceError`."""
    path: Path | None
    """The file, if it is one."""
    named: tuple[Path, ...] = ()
    """Every file that its settings name."""


@dataclass(frozen=True, slots=True)
class ConfiguredSystem:
    """One configured system with its connector, ready to read."""

    connector: Connector
    time_limit_s: int
    exported: datetime | None
    """When an export was made, where the date of the file does not tell; `None` when it does."""
    max_age_days: int = 31
    """How much older than the instant of judgment the facts may be; the default is a month."""
    named: tuple[Path, ...] = ()
    """Every file and folder that its settings name and that it reads."""
    administrator: str | None = None
    """Who does what an order asks for in it, as the practice calls them; `None`: nobody has said."""
    require_exported: bool = False
    """Whether the practice demands to know when an export was made: the date of its file is then not enough."""


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration of one practice."""

    path: Path
    practice: Practice
    roster: RosterSource
    staff: Path | None
    agreements: Path
    work: Path | None
    """The work map, if there is one."""
    catalogs: tuple[Path, ...]
    roles: Path | None
    correlation: tuple[CorrelationRule, ...]
    sources: Mapping[str, ConfiguredSystem]
    store: Path
    report: Path
    controls: Path | None = None
    """The practice's own clocks, in the form of `policies/controls.yaml`, which counts otherwise."""
    watch: WatchSettings | None = None
    """When to audit, and whom to tell; `None` when nobody is told."""
    clocks: ClockSettings | None = None
    """The hours for telling the other organization, and whether the proposed rule's are told; `None`: the defaults."""
    notices: NoticeSettings | None = None
    """Where files of agencies come and go; `None`: the defaults."""
    review: ReviewSettings | None = None
    """Who reviews whose access, and how often; `None`: nobody has been named, and no review can be opened."""

    @property
    def inbox(self) -> Path | None:
        """The folder into which notices of agencies are put, if one is configured."""
        inbox = self.notices.inbox if self.notices else None
        return None if inbox is None else self.path.resolve().parent / inbox

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file and folder on which the next audit depends, this configuration first."""
        single = (self.path, self.roster.path, self.staff, self.agreements, self.work, self.controls, self.inbox)
        named = (path for source in self.sources.values() for path in source.named)
        several = (*self.catalogs, self.roles, *self.roster.named, *named)
        return tuple(dict.fromkeys(path for path in (*single, *several) if path is not None))


def load_config(
    path: Path, *, store: Path | None = None, report: Path | None = None, check_files: bool = True
) -> Config:
    """
    Load and validate a configuration file; without `check_files`, also one that names a file that is not there.

    A `store` or `report` that is given, counted from the current folder, goes before the one that the file names.

    Raises `InputError` naming file, line and key, what was found and what was expected.
    """
    document = load_yaml(path)
    raw = document.validate(_Config)
    folder = path.resolve().parent
    for id_, system in raw.systems.items():
        if system.sign_in is not None and system.sign_in not in raw.systems:
            known = ", ".join(sorted(raw.systems))
            document.refuse(("systems", id_, "sign_in"), "no such system", found=system.sign_in, expected=known)
    config = Config(
        path=path,
        practice=Practice(raw.practice.id, raw.practice.name, raw.practice.timezone),
        roster=_roster(document, folder),
        staff=folder / raw.staff.file if raw.staff else None,
        agreements=folder / raw.agreements,
        work=folder / raw.work if raw.work else None,
        catalogs=tuple(folder / catalog for catalog in raw.policies.catalogs),
        roles=folder / raw.policies.roles if raw.policies.roles else None,
        correlation=tuple(raw.correlation),
        sources={
            id_: replace(
                _source(document, id_, system, folder),
                require_exported=raw.require_exported,
                administrator=system.administrator,
            )
            for id_, system in raw.systems.items()
        },
        store=store if store is not None else folder / raw.store,
        report=report if report is not None else folder / raw.report,
        controls=folder / raw.controls if raw.controls else None,
        watch=raw.watch,
        clocks=raw.clocks,
        notices=raw.notices,
        review=raw.review,
    )
    if check_files:
        _check_files(document, config)
    return config


def _roster(document: Document, folder: Path) -> RosterSource:
    """`roster: {file: …}` for a file, `roster: {connector: …, settings: {…}}` for anything else."""
    if "connector" not in document.value(("roster",)):
        settings = document.validate(csv_file.Settings, ("roster",))
        return RosterSource(lambda: csv_file.read(settings, folder), folder / settings.file)
    raw = document.validate(_Roster, ("roster",))
    module = find_roster(raw.connector)
    other = document.validate(module.Settings, ("roster", "settings"))
    return RosterSource(lambda: module.read(other, folder), None, tuple(_named(other, folder)))


def _source(document: Document, id_: str, raw: _System, folder: Path) -> ConfiguredSystem:
    try:
        module = find(raw.kind, raw.connector)
    except AuditorError as error:
        document.refuse(("systems", id_, "connector"), error.message, hint=error.hint)
    settings = document.validate(module.Settings, ("systems", id_, "settings"))
    system = System(
        id=id_,
        kind=raw.kind,
        product=raw.product,
        title=raw.title,
        holds_phi=raw.holds_phi,
        vendor=raw.vendor,
        account_owner=raw.account_owner,
        sign_in=raw.sign_in,
    )
    named = tuple(_named(settings, folder))
    return ConfiguredSystem(
        module.connect(system, settings, folder), raw.time_limit_s, raw.exported, raw.max_age_days, named
    )


def _named(settings: object, folder: Path) -> Iterator[Path]:
    """Yield the files and folders that settings name, at any depth; not `record`, which is written."""
    if isinstance(settings, Path):
        yield folder / settings
    elif isinstance(settings, BaseModel):
        for name in type(settings).model_fields:
            if name != "record":
                yield from _named(getattr(settings, name), folder)
    elif isinstance(settings, Mapping):
        for value in settings.values():
            yield from _named(value, folder)
    elif isinstance(settings, list | tuple):
        for value in settings:
            yield from _named(value, folder)


def _check_files(document: Document, config: Config) -> None:
    """Refuse a path that leads nowhere here, where the line of the configuration can still be named."""
    places: list[tuple[tuple[str | int, ...], Path | None]] = [
        (("roster", "file"), config.roster.path),
        (("staff", "file"), config.staff),
        (("agreements",), config.agreements),
        (("work",), config.work),
        (("controls",), config.controls),
        *((("policies", "catalogs", i), catalog) for i, catalog in enumerate(config.catalogs)),
        (("policies", "roles"), config.roles),
    ]
    for key, path in places:
        if path is not None and not path.exists():
            document.refuse(
                key,
                "there is no such file",
                found=document.value(key),
                expected="a path relative to the folder of the configuration file",
            )
