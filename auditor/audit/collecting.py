"""Every configured system, read one after the other, with the age of what was read."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from auditor.audit.freshness import AGE, how_dated, refuse_file_date, refuse_wrong_age
from auditor.config import Config, ConfiguredSystem
from connectors.collect import collect
from connectors.connector import BY_FILE, BY_PRINT
from connectors.errors import SourceError
from connectors.facts import Collection, Complete, Evidence, Partial


class Progress(Protocol):
    """Told where an audit is; draws a bar, measures time, or does nothing."""

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Enter one of `read`, `correlate`, `records`, `judge`, `report`, `store`, `write`."""

    def reading(self, system: str, accounts: int) -> None:
        """So many accounts of a system were read so far."""


class Silent:
    """Says nothing."""

    def stage(self, name: str) -> AbstractContextManager[object]:  # noqa: ARG002
        """Do nothing."""
        return nullcontext()

    def reading(self, system: str, accounts: int) -> None:
        """Do nothing."""


def collect_all(
    config: Config, progress: Progress, clock: Callable[[], datetime], at: datetime | None = None
) -> dict[str, Collection]:
    """
    Read every system; one that cannot be read whole is `Partial`, never an error.

    `at` is the instant of judgment, the present when `None`: facts that are too old for it are `Partial` as well.
    """
    collections = {}
    for id_, source in config.sources.items():
        collection = collect(
            source.connector,
            clock=clock,
            time_limit_s=source.time_limit_s,
            progress=lambda count, id_=id_: progress.reading(id_, count),  # type: ignore[misc]
        )
        now = clock()
        collections[id_] = _dated(source, collection, at or now, now)
    return collections


def _dated(source: ConfiguredSystem, collection: Collection, at: datetime, now: datetime) -> Collection:
    """Say of when the facts are, and take them for nothing when that cannot be or is too long ago."""
    as_of = source.exported.astimezone(UTC) if source.exported else collection.as_of
    try:
        if collection.complete:
            refuse_file_date(collection.system.id, source)
            refuse_wrong_age(collection.system.id, source, as_of, at, now)
    except SourceError as error:
        return Collection(collection.system, collection.source, min(as_of, now), Partial(error.message, error.hint))
    return replace(collection, as_of=as_of, completeness=_aged(source, collection.completeness))


def _aged(source: ConfiguredSystem, completeness: Complete | Partial) -> Complete | Partial:
    """Say beside the proofs by what the age is known, where nobody has stated it."""
    dated = how_dated(source)
    if not isinstance(completeness, Complete) or dated not in (BY_FILE, BY_PRINT):
        return completeness
    return Complete((*completeness.evidence, Evidence(AGE, dated)))
