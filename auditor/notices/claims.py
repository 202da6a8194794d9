"""What the notices in a store claim on a day, for whoever judges; and which headcount event each would be."""

from dataclasses import replace
from datetime import date

from auditor.config import Config
from auditor.headcount.events import EventKind
from auditor.notice_settings import NoticeSettings
from auditor.notices.book import read_book
from auditor.store import Store
from connectors.inputs.dates import day_of
from policies.notices import Announcements, ClaimKind

CLAIMED = {
    ClaimKind.START: EventKind.JOINED,
    ClaimKind.ROLE_CHANGE: EventKind.ROLE_CHANGED,
    ClaimKind.LEAVE: EventKind.LEFT,
}
"""The headcount event that a notice claims; it becomes one when the roster says so, and not before."""


def announced_by(store: Store, config: Config, day: date) -> Announcements:
    """Return what notices claim that were taken down by the end of a day, on the practice's calendar."""
    records = store.notices(config.practice.id)
    known = (record for record in records if day_of(record.at, config.practice.timezone) <= day)
    settings = config.notices or NoticeSettings()
    return replace(read_book(config.practice.id, known).announced, confirm_days=settings.confirm_days)
