"""Annex F: every finding that somebody accepted: until when, by whom, why, and what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from auditor.ledger.statements import Statement, StatementKind
from auditor.review.annexes.campaigns import DecidedException, Reviews
from auditor.review.annexes.facts import AnnexFacts
from auditor.review.annexes.making import About, made
from reports.annexes import Annex, AnnexRow, LookedAt, RowState
from reports.words import plural

ABOUT = About(
    "F",
    "exceptions",
    "What was accepted, by whom, why, and until when?",
    "45 CFR 164.306(d)(3) (addressable specifications: the alternative measure and why), 164.316(b)(1)",
)
IN_FORCE, EXPIRED, WITHDRAWN, GONE = "in force", "expired", "withdrawn", "in force, and the finding is gone"


@dataclass(frozen=True, slots=True)
class AcceptedFinding(AnnexRow):
    """One exception."""

    exception: str
    """Its id; of one that was decided in a review, that of the question."""
    finding: str
    """Its id; several where the question was about several."""
    about: str
    accepted_by: str
    asked_for_by: str
    reason: str
    """Why, and what is done instead."""
    protects_meanwhile: str
    """The compensating control, where a review asked for one."""
    accepted_on: date
    expires: date | None
    standing: str
    finding_open: bool
    provisions: tuple[str, ...]
    """What the finding rests on, each with whether it is required or addressable."""


def exceptions(facts: AnnexFacts, reviews: Reviews) -> Annex:
    """Return the annex; those in force whose finding stands are the `accepted` of the report."""
    decided = [_decided(facts, one) for one in reviews.exceptions]
    rows = [*_rows(facts), *decided]
    expired = sum(row.state is RowState.OPEN for row in rows)
    told = f"{plural(len(facts.accepted), 'exception')} in force"
    told += f", {len(decided)} decided in reviews" if decided else ""
    told += f"; {expired} no longer in force though the finding is open" if expired else ""
    looked_at = (
        LookedAt("exceptions ever recorded", len(rows)),
        LookedAt("findings at the audit", len(facts.findings)),
        LookedAt("of them, accepted", len(facts.accepted)),
    )
    return made(ABOUT, AcceptedFinding, rows, told, looked_at=looked_at)


def _rows(facts: AnnexFacts) -> Iterator[AcceptedFinding]:
    today = facts.case.today
    withdrawn = {s.about: s.on for s in facts.statements if s.kind is StatementKind.WITHDRAWAL and s.on <= today}
    recorded = [s for s in facts.statements if s.kind is StatementKind.EXCEPTION]
    held = {s.about for s in recorded if _standing(s, withdrawn, today) == IN_FORCE}
    for s in sorted(recorded, key=lambda one: (one.on, one.id)):
        standing = _standing(s, withdrawn, today)
        finding = facts.findings.get(s.about)
        if standing == IN_FORCE and finding is None:
            standing = GONE
        uncovered = finding is not None and standing in (EXPIRED, WITHDRAWN) and s.about not in held
        in_order = RowState.IN_ORDER if standing == IN_FORCE else RowState.TOLD
        yield AcceptedFinding(
            state=RowState.OPEN if uncovered else in_order,
            exception=s.id,
            finding=s.about,
            about=finding.title if finding else facts.titles.get(s.about, "no longer open"),
            accepted_by=s.by,
            asked_for_by=s.requested_by or "",
            reason=s.reason,
            protects_meanwhile="",
            accepted_on=s.on,
            expires=s.expires,
            standing=standing if standing != WITHDRAWN else f"withdrawn on {withdrawn[s.id]}",
            finding_open=finding is not None,
            provisions=tuple(f"45 CFR {c.id} ({_KINDS[c.kind]})" for c in finding.citations) if finding else (),
        )


def _decided(facts: AnnexFacts, one: DecidedException) -> AcceptedFinding:
    """Return an exception that a reviewer decided: it accepts no finding by itself, and ends like any other."""
    question, decision = one.question, one.decision
    open_ = [id_ for id_ in question.findings if id_ in facts.findings and id_ not in facts.accepted]
    over = decision.expires is not None and decision.expires < facts.case.today
    standing = EXPIRED if over else IN_FORCE if one.signed else "decided, not signed yet"
    in_order = RowState.IN_ORDER if standing == IN_FORCE else RowState.TOLD
    return AcceptedFinding(
        state=RowState.OPEN if over and open_ else in_order,
        exception=question.question,
        finding=", ".join(question.findings),
        about=f"{question.person_name}: {question.title}",
        accepted_by=decision.reviewer_name,
        asked_for_by=f"review {one.review}",
        reason=decision.reason,
        protects_meanwhile=decision.compensating,
        accepted_on=facts.case.day_of(decision.at),
        expires=decision.expires,
        standing=standing,
        finding_open=bool(open_),
        provisions=(),
    )


_KINDS = {"R": "required", "A": "addressable", "STD": "standard"}


def _standing(statement: Statement, withdrawn: dict[str, date], today: date) -> str:
    if statement.id in withdrawn:
        return WITHDRAWN
    return IN_FORCE if statement.holds_on(today) else EXPIRED
