"""How an instant is told to people: when, how well that is known, and which record says so."""

from auditor.instants.instant import Instant, InstantKind
from auditor.instants.log import AccessLog
from reports.words import clock_span, clock_time


def told(instant: Instant, timezone: str) -> str:
    """
    Say when something ended, on the practice's clock; whole seconds are told as their end.

    An exact instant is told as the end of its second, for it is never to be earlier than the truth; what lies between
    two seconds or more is told by both of its ends.
    """
    latest, span = clock_time(instant.latest, timezone), clock_span(instant.earliest, instant.latest, timezone)
    match instant.kind:
        case InstantKind.EXACT:
            return f"{latest}, exact to the second" if span == latest else span
        case InstantKind.NOT_LATER:
            return f"not later than {latest}"
        case InstantKind.BETWEEN if instant.earliest is None:
            return f"before {latest}, when an audit first saw it"
        case InstantKind.BETWEEN:
            return f"{span}, as audits saw it"


def source(instant: Instant, log: AccessLog | None = None) -> str:
    """Say which record tells it, who did it, and why it is known no better."""
    if instant.record is None:
        return instant.why
    by = f", by {instant.actor}" if instant.actor else ""
    host = f" on {instant.host}" if instant.host else ""
    clock = "" if log is None or log.clock else "; the clock of that system was not measured"
    gaps = log.gaps if log is not None and instant.kind is not InstantKind.EXACT else ()
    part = f"; its record is not whole: {'; '.join(gaps)}" if gaps else ""
    return f"{instant.record.source} {instant.record.id}{host}{by}: {instant.why}{clock}{part}"
