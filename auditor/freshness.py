"""How old the facts of a system may be: an export that is too old, or from the future, proves nothing about today."""

from datetime import UTC, datetime, timedelta

from auditor.config import Source
from connectors.connector import HasAsOf
from connectors.errors import SourceError

CLOCKS_DIFFER = timedelta(minutes=5)
"""By so much the clock of the machine that wrote a file may be ahead of ours."""


def made_at(source: Source) -> datetime | None:
    """Return when an export was made, by the configuration or by its files; `None` for a system that is read live."""
    if source.exported is not None:
        return source.exported.astimezone(UTC)
    connector = source.connector
    return connector.as_of() if isinstance(connector, HasAsOf) else None


def refuse_wrong_age(system: str, source: Source, made: datetime, at: datetime, now: datetime) -> None:
    """
    Raise `SourceError` for facts that cannot tell how things stand at the instant `at`.

    `now` is the present: an audit of an earlier instant may rest on facts of today.
    """
    told = f"the facts of `{system}` are of {made:%Y-%m-%d %H:%M} UTC"
    if made > max(at, now) + CLOCKS_DIFFER:
        raise SourceError(
            f"{told}, which is yet to come",
            hint="correct `exported`, or the clock of the machine that wrote the file",
        )
    if at - made > timedelta(days=source.max_age_days):
        raise SourceError(
            f"{told}, {(at - made).days} days before {at:%Y-%m-%d}; at most {source.max_age_days} are accepted",
            hint="export again; or audit the instant of the export with `--at`; or set `max_age_days` of this system",
        )


def age_told(system: str, source: Source, now: datetime) -> str | None:
    """Say how old an export is; `None` for a system that is read live. Raises `AuditorError` as an audit would."""
    made = made_at(source)
    if made is None:
        return None
    refuse_wrong_age(system, source, made, now, now)
    return f"made on {made:%Y-%m-%d}, {max(0, (now - made).days)} of at most {source.max_age_days} days ago"
