"""What `auditor forecast` tells a machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from auditor.cli.data.audit import StoredAuditData, audit_data
from auditor.forecast.forecast import Forecast, ForeseenItem
from auditor.snapshot import AuditSummary
from reports.as_json import Keys


@dataclass(frozen=True, slots=True)
class ForecastData:
    """What falls out of step on the days looked at."""

    audit: StoredAuditData
    first: date
    today: date
    last: date
    items: tuple[ForeseenItem, ...]
    not_read: Mapping[str, str]
    not_judged: int


KEYS: Keys = {
    ForecastData: {"first": "from", "last": "to"},
    ForeseenItem: {"key": None, "todo": "to_do"},
}


def forecast_data(result: Forecast, audit: AuditSummary, today: date) -> ForecastData:
    """Return a forecast for a machine."""
    return ForecastData(
        audit=audit_data(audit),
        first=result.first,
        today=today,
        last=result.last,
        items=result.items,
        not_read=result.not_read,
        not_judged=result.not_judged,
    )
