# ruff: noqa: E501 - tables are read across
"""
The access review of the third quarter at Lakeside: what each reviewer decided in the first days of October, and why.

What is not in the table follows the advice to keep. Three things were decided to go, and nobody had done it by
20 November: the orders say so.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.audit.inputs import read_inputs
from auditor.config import Config, load_config
from auditor.ledger.keys import Signer
from auditor.review.annexes.sealed import close_with_annexes
from auditor.review.desk import Desk
from auditor.review.opening import Request, open_campaign
from auditor.review.outcomes import Done
from auditor.review.wanted import Wanted, Who
from auditor.review_records import DecisionKind
from auditor.store import Store
from story.files import table

OPENED = datetime(2026, 10, 1, 15, tzinfo=UTC)
SIGNED = datetime(2026, 10, 5, 16, tzinfo=UTC)
CLOSED = datetime(2026, 10, 6, 15, tzinfo=UTC)
OFFICER, PREPARED = "Dr. Helen Brandt", "Laura Pettersen"

_DECISIONS = table("""
person                              | kind    | decision  | expires    | reason                                             | instead
account:ehr:14                      | nobody  | remove    | -          | nobody here has used it since the first assistant  | -
account:cloud:AIDAIB7E3TJI4JO2MZ5LP | nobody  | remove    | -          | the migration of the fax line was given up         | -
VMA-02                              | shared  | change    | -          | her colleague starts in November                   | an account of her own, and one for each who comes
VMA-07                              | dormant | exception | 2026-12-31 | the fax line moves to AWS in December              | -
SVC-05                              | service | keep      | -          | it belongs to AWS itself; the password lies sealed | -
""")
_MEANWHILE = "a second factor, and the bucket keeps a log of each access"


def review(config: Path, store: Path) -> int:
    """Hold the whole review in the store that the demo made; return how many questions it asked."""
    loaded = load_config(config, store=store)
    assert loaded.review is not None
    with Store.open(store) as opened:
        signer = Signer.load_or_create(store.with_suffix(".key"), ledger_is_empty=False)
        request = Request(by=OFFICER, prepared_by=PREPARED)
        found = open_campaign(loaded, read_inputs(loaded), opened, signer, request, clock=lambda: OPENED)
        for reviewer in dict.fromkeys(q.reviewer for q in found.asked.questions):
            _decide(loaded, opened, signer, found.campaign.id, reviewer)
        close_with_annexes(
            loaded, opened, signer, found.campaign.id, by=OFFICER, undecided_because="", clock=lambda: CLOSED
        )
    return len(found.asked.questions)


def _decide(config: Config, store: Store, signer: Signer, campaign: str, reviewer: str) -> None:
    assert config.review is not None
    practice, who = config.practice, Who(reviewer, "the demo")
    desk = Desk(store, practice.id, practice.timezone, config.review, signer, lambda: SIGNED)
    rows = {(row["person"], row["kind"]): row for row in _DECISIONS}
    for line in desk.people(who, campaign):
        person = desk.person(who, campaign, line.person)
        for view in person.questions if person is not None else ():
            q = view.question
            row = rows.get((q.person, q.kind.value), {"decision": "keep"})
            kind = DecisionKind(row["decision"])
            wanted = Wanted(
                campaign,
                q.question,
                view.state.version,
                kind,
                f"demo-{campaign}-{q.question}",
                reason=row.get("reason", ""),
                expires=datetime.fromisoformat(row["expires"]).date() if row.get("expires") else None,
                compensating=_MEANWHILE if kind is DecisionKind.EXCEPTION else "",
                change_to=row.get("instead", ""),
                served_at=SIGNED - timedelta(seconds=10 + 5 * len(view.items)),
            )
            assert isinstance(outcome := desk.decide(who, wanted), Done), outcome
    summary = desk.summary(who, campaign)
    assert summary is not None
    name = config.review.reviewers[reviewer].name
    signed = desk.sign(who, campaign, name=name, mark=summary.mark, key=f"demo-sign-{campaign}-{reviewer}")
    assert isinstance(signed, Done), signed
