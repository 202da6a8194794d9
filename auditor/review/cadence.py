"""When the next review is due: a quarter after the last of everybody, a month after the last of what is privileged."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from auditor.review.state import campaigns, open_campaigns
from auditor.review_records import ReviewScope
from auditor.review_settings import ReviewSettings
from connectors.inputs.dates import day_of


@dataclass(frozen=True, slots=True)
class DueReview:
    """A review that is to be opened."""

    scope: ReviewScope
    since: date | None
    """The day from which it has been due; `None`: there never was one."""

    @property
    def says(self) -> str:
        """Return the sentence, with the command."""
        what = "privileged access" if self.scope is ReviewScope.PRIVILEGED else "everybody's access"
        when = f"since {self.since}" if self.since else "and there never was one"
        more = " --scope privileged" if self.scope is ReviewScope.PRIVILEGED else ""
        return f"a review of {what} is due, {when}: `auditor review start --by …{more}`"


def due_reviews(
    connection: Connection, practice: str, settings: ReviewSettings, timezone: str, today: date
) -> tuple[DueReview, ...]:
    """Return what is due and not open; a review of everybody's access is one of what is privileged, too."""
    cadence = settings.cadence
    known, open_ = campaigns(connection, practice), {c.scope for c in open_campaigns(connection, practice)}
    found = []
    for scope, months in ((ReviewScope.ALL, cadence.all_months), (ReviewScope.PRIVILEGED, cadence.privileged_months)):
        if scope in open_ or ReviewScope.ALL in open_:
            continue
        last = max((day_of(c.opened_at, timezone) for c in known if c.scope in (scope, ReviewScope.ALL)), default=None)
        due = None if last is None else later(last, months)
        if due is None or due <= today:
            found.append(DueReview(scope, due))
    # One of everybody's answers for what is privileged: it is asked for once.
    return tuple(found[:1]) if found and found[0].scope is ReviewScope.ALL else tuple(found)


def later(day: date, months: int) -> date:
    """Return the day so many months later; the last of a month that is shorter."""
    month = day.year * 12 + day.month - 1 + months
    first = date(month // 12, month % 12 + 1, 1)
    after = month + 1
    last = (date(after // 12, after % 12 + 1, 1) - first).days
    return first.replace(day=min(day.day, last))
