"""
What is kept of an access review: the campaign, its questions and items, and everything that was decided.

All but `ReviewState` and `ReviewProgress` is written once and never changed: a delegation, an undone decision or a
closed question is a further record. The ledger's seals are taken over those (`auditor.ledger.seals`); the two others
can be worked out of them again, and are there so that no page has to.
"""

from auditor.review_records.asked import AcceptedUnread, Campaign, Question, ReviewItem, ReviewPerson
from auditor.review_records.decided import Decision, ReviewEvent, ReviewProgress, ReviewState, Seal, Signature
from auditor.review_records.kinds import (
    Advice,
    DecisionKind,
    HeldThen,
    QuestionKind,
    ReviewEventKind,
    ReviewScope,
    SealKind,
)

__all__ = [
    "AcceptedUnread",
    "Advice",
    "Campaign",
    "Decision",
    "DecisionKind",
    "HeldThen",
    "Question",
    "QuestionKind",
    "ReviewEvent",
    "ReviewEventKind",
    "ReviewItem",
    "ReviewPerson",
    "ReviewProgress",
    "ReviewScope",
    "ReviewState",
    "Seal",
    "SealKind",
    "Signature",
]
