"""History of the roster: VMAs, and their engagements past and to come."""

from typing import Annotated

from auditor.store import forms
from auditor.store.forms import one_of
from auditor.store.tables.columns import At, Day, Flag, IntervalRow, Names, indexes
from connectors.facts import Employment, PersonKind


class EngagementRow(IntervalRow, table=True):
    """A VMA on the roster: the person and the engagement, which are one line of it."""

    __tablename__ = "engagement"
    __table_args__ = indexes("engagement")

    vma: Annotated[str, At("person.id", "engagement.vma")]
    name: str
    email: str | None = None
    kind: Annotated[str, one_of(PersonKind)]
    logins: Annotated[str, forms.LOGINS]
    owner: str | None = None
    agency: str | None = None
    employment: Annotated[str, one_of(Employment)]
    roles: Names
    start: Day
    end: Day | None = None
    locations: Names
    hours: Annotated[str | None, forms.HOURS] = None
    on_leave: Flag


class PeriodRow(IntervalRow, table=True):
    """Another engagement of a VMA on the roster, past or to come, beside the one that counts (`EngagementRow`)."""

    __tablename__ = "period"
    __table_args__ = indexes("period")

    vma: str
    start: Day
    end: Day | None = None
    agency: str | None = None
    employment: Annotated[str, one_of(Employment)]
    roles: Names
    locations: Names
    hours: Annotated[str | None, forms.HOURS] = None
    on_leave: Flag
