"""How old the facts of a system may be: an export that is too old, or from the future, proves nothing about today."""

from datetime import UTC, datetime, timedelta

from auditor.config import ConfiguredSystem
from connectors.connector import BY_FILE, HasAsOf, SaysHowDated
from connectors.errors import SourceError

AGE = "age"
"""The name of the evidence that says by what the age of an export is known."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""By so much the clock of the machine that wrote a file may be ahead of ours."""


def made_at(source: ConfiguredSystem) -> datetime | None:
    """Return when an export was made, by the configuration or by its files; `None` for a system that is read live."""
    if source.exported is not None:
        return source.exported.astimezone(UTC)
    connector = source.connector
    return connector.as_of() if isinstance(connector, HasAsOf) else None


def how_dated(source: ConfiguredSystem) -> str | None:
    """Say by what it is known when an export was made; `None` for a system that is read live."""
    if source.exported is not None:
        return "by `exported`"
    connector = source.connector
    if isinstance(connector, SaysHowDated):
        return connector.dated
    return BY_FILE if isinstance(connector, HasAsOf) else None


def refuse_file_date(system: str, source: ConfiguredSystem) -> None:
    """Raise `SourceError` where only the date of a file tells, and the practice demands more."""
    if source.require_exported and how_dated(source) == BY_FILE:
        raise SourceError(
            f"nothing but the date of its file says when the export of `{system}` was made, and `require_exported` "
            "asks for more",
            hint="set `exported` of this system to the moment of the export; or export a report that prints its date",
        )


def refuse_wrong_age(system: str, source: ConfiguredSystem, made: datetime, at: datetime, now: datetime) -> None:
    """
    Raise `SourceError` for facts that cannot tell how things stand at the instant `at`.

    `now` is the present: an audit of an earlier instant may rest on facts of today.
    """
    dated = how_dated(source)
    by = "" if dated is None or source.exported is not None else f", {dated}"
    told = f"the facts of `{system}` are of {made:%Y-%m-%d %H:%M} UTC{by}"
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


def age_told(system: str, source: ConfiguredSystem, now: datetime) -> str | None:
    """Say how old an export is; `None` for a system that is read live. Raises `AuditorError` as an audit would."""
    made = made_at(source)
    if made is None:
        return None
    refuse_file_date(system, source)
    refuse_wrong_age(system, source, made, now, now)
    by = "" if source.exported is not None else f", {how_dated(source)}"
    return f"made on {made:%Y-%m-%d}, {max(0, (now - made).days)} of at most {source.max_age_days} days ago{by}"
