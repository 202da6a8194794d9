"""What a message tells a machine: ids and counts; the fields are the public keys, sent sorted by name."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from auditor.watch.digest import Digest, Due, NewFinding, Unevaluated
from auditor.watch.overdue import OverdueOrder
from policies.engine.outcomes import Severity
from reports.as_json import SCHEMA_VERSION, Keys, as_json


@dataclass(frozen=True, slots=True)
class MessageData:
    """What every message has."""

    message: str
    """Its id."""
    practice: str
    text: str


@dataclass(frozen=True, slots=True)
class TestMessageData(MessageData):
    """A test of the way to a recipient."""

    test: bool


@dataclass(frozen=True, slots=True)
class TroubleMessageData(MessageData):
    """That an audit could not be made."""

    trouble: str


@dataclass(frozen=True, slots=True)
class OrdersMessageData(MessageData):
    """Which orders have come to a step of being overdue."""

    overdue_orders: tuple[OverdueOrder, ...]


@dataclass(frozen=True, slots=True)
class ToldReviewData:
    """How far a reviewer is."""

    id: str
    name: str
    open: int
    due: date


@dataclass(frozen=True, slots=True)
class ReviewMessageData(MessageData):
    """That a review waits for somebody."""

    review: ToldReviewData


@dataclass(frozen=True, slots=True)
class ToldAuditData:
    """The audit that a message is about."""

    id: int
    at: datetime
    exit_code: int
    first: bool


@dataclass(frozen=True, slots=True)
class HeadcountEventData:
    """One headcount event, by VMA id."""

    kind: str
    vma: str


@dataclass(frozen=True, slots=True)
class ClaimedHeadcountEventData(HeadcountEventData):
    """One that a notice claims."""

    notice: str


@dataclass(frozen=True, slots=True)
class NewFindingsData:
    """What the audit before did not find."""

    by_severity: Mapping[Severity, int]
    findings: tuple[NewFinding, ...]


@dataclass(frozen=True, slots=True)
class NewsMessageData(MessageData):
    """What an audit has to say."""

    audit: ToldAuditData
    headcount: tuple[HeadcountEventData, ...]
    announced: tuple[ClaimedHeadcountEventData, ...]
    new_findings: NewFindingsData
    gone_findings: int
    not_evaluated: Unevaluated
    falls_due: tuple[Due, ...]
    overdue_orders: tuple[OverdueOrder, ...]
    usable_again: bool


KEYS: Keys = {OverdueOrder: {"key": None}, Due: {"key": None}}
"""What is for our own notes is never sent."""


def as_body(data: MessageData) -> str:
    """Return the JSON that is sent."""
    told = {"schema_version": SCHEMA_VERSION, **as_json(data, keys=KEYS)}
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def news_data(news: Digest, practice: str, id_: str, text: str) -> NewsMessageData:
    """Return what an audit has to say for a machine."""
    audit, counts = news.audit, Counter(f.severity for f in news.new)
    return NewsMessageData(
        message=id_,
        practice=practice,
        text=text,
        audit=ToldAuditData(audit.id, audit.at, audit.exit_code, news.first),
        headcount=tuple(HeadcountEventData(kind, vma) for kind, vma in news.headcount),
        announced=tuple(ClaimedHeadcountEventData(kind, vma, notice) for kind, vma, notice in news.announced),
        new_findings=NewFindingsData({s: counts[s] for s in Severity}, news.new),
        gone_findings=news.closed,
        not_evaluated=news.unread,
        falls_due=news.due,
        overdue_orders=news.overdue,
        usable_again=news.usable_again,
    )
