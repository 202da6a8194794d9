"""
The tables of the store: the one declaration of each record, from which its columns and both codecs follow.

History is kept as intervals: a row is true from the audit `from_audit` until, but not at, the audit `to_audit`; null
means that it is still true. What stays the same from one audit to the next is stored once.

A column says how its value is written (`auditor.store.forms`; text and numbers stand as they are). It holds the field
of its name, of the record or of one within it, or the field that it says (`At`). `auditor.store.records` says of which
record. A module holds the tables of one subject; its tables are in the lists below.
"""

from sqlmodel import SQLModel

from auditor.store.tables.access import AccountRow, EntitlementRow, GrantRow, OwnerRow, SignInRow
from auditor.store.tables.audits import AcceptedDropRow, AuditRow, CollectionRow
from auditor.store.tables.columns import At, Day, Flag, Instant, IntervalRow, Names
from auditor.store.tables.judgment import FindingRow, PolicyRow
from auditor.store.tables.logs import LogEventRow, LogReadRow
from auditor.store.tables.orders import OrderEndRow, WorkOrderRow
from auditor.store.tables.reviews import (
    CampaignRow,
    DecisionRow,
    QuestionRow,
    ReviewEventRow,
    ReviewItemRow,
    ReviewPersonRow,
    ReviewProgressRow,
    ReviewStateRow,
    SealRow,
    SignatureRow,
)
from auditor.store.tables.roster import EngagementRow, PeriodRow
from auditor.store.tables.signed import LedgerRow, NoticeRow, StatementRow
from auditor.store.tables.web import WebIdentityRow, WebLinkRow, WebRequestRow, WebSessionRow

METADATA = SQLModel.metadata
"""Of all tables; for the migrations."""

__all__ = [
    "METADATA",
    "AcceptedDropRow",
    "AccountRow",
    "At",
    "AuditRow",
    "CampaignRow",
    "CollectionRow",
    "Day",
    "DecisionRow",
    "EngagementRow",
    "EntitlementRow",
    "FindingRow",
    "Flag",
    "GrantRow",
    "Instant",
    "IntervalRow",
    "LedgerRow",
    "LogEventRow",
    "LogReadRow",
    "Names",
    "NoticeRow",
    "OrderEndRow",
    "OwnerRow",
    "PeriodRow",
    "PolicyRow",
    "QuestionRow",
    "ReviewEventRow",
    "ReviewItemRow",
    "ReviewPersonRow",
    "ReviewProgressRow",
    "ReviewStateRow",
    "SealRow",
    "SignInRow",
    "SignatureRow",
    "StatementRow",
    "WebIdentityRow",
    "WebLinkRow",
    "WebRequestRow",
    "WebSessionRow",
    "WorkOrderRow",
]
