"""Closing a campaign: what is missing is named; what nobody decided stays undecided; then everything is sealed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from auditor import __version__
from auditor.ledger.entries import LedgerEntry
from auditor.ledger.keys import Signer
from auditor.review.counters import is_open
from auditor.review.routing import is_reviewer
from auditor.review.state import CampaignRecord, record_of, select_campaign
from auditor.review_records import Campaign, ReviewEvent, ReviewEventKind, Seal, SealKind
from auditor.review_settings import ReviewSettings
from auditor.store import Store
from auditor.store.reviews import EVENT, add
from auditor.store.saving import add_seal
from connectors.errors import AuditorError
from connectors.inputs.dates import day_of
from policies.engine.evidence import counted, listing


@dataclass(frozen=True, slots=True)
class Lacking:
    """What is missing before a campaign can be closed."""

    undecided: tuple[str, ...]
    """Questions, each with whose it is and who is to decide."""
    unsigned: tuple[str, ...]
    """Names of reviewers who decided and did not sign."""


class NotFinished(AuditorError):
    """Something is missing before a campaign can be closed."""

    def __init__(self, missing: Lacking) -> None:
        self.missing = missing
        told = []
        if missing.undecided:
            told.append(f"{counted(len(missing.undecided), 'question')} not decided")
        if missing.unsigned:
            told.append(f"not signed by {listing(missing.unsigned)}")
        super().__init__(
            "; ".join(told),
            hint="nothing was closed; have it decided and signed, or close all the same with `--undecided REASON`: "
            "what nobody decided is shown as undecided for ever, never as kept",
        )


@dataclass(frozen=True, slots=True)
class Closed:
    """A campaign that was closed."""

    record: CampaignRecord
    entry: LedgerEntry
    late: tuple[str, ...]
    """People who were reviewed after the due day, with the day."""
    annexes: Path | None = None
    """Where the annexes lie whose digest is sealed with it."""


def lacking(record: CampaignRecord, settings: ReviewSettings) -> Lacking:
    """Return what is missing."""
    states = {s.question: s for s in record.states}

    def name(reviewer: str) -> str:
        return settings.reviewers[reviewer].name if reviewer in settings.reviewers else reviewer

    undecided = tuple(
        f"{q.person_name}: {q.title} ({name(states[q.question].reviewer)})"
        for q in sorted(record.questions, key=lambda q: (-q.risk, q.question))
        if is_open(states[q.question])
    )
    unsigned = {s.reviewer for s in record.states if s.decision is not None and not s.signed}
    return Lacking(undecided, tuple(sorted(name(r) for r in unsigned)))


def reviewed_late(record: CampaignRecord, timezone: str) -> tuple[tuple[str, date], ...]:
    """Return the people about whom something was decided first after it was due, with the last such day."""
    due = {q.question: q for q in record.questions}
    first: dict[str, datetime] = {}
    for d in record.decisions:
        first.setdefault(d.question, d.at)
    late: dict[str, date] = {}
    for question, at in first.items():
        q, day = due[question], day_of(at, timezone)
        if day > q.due:
            late[q.person_name] = max(day, late.get(q.person_name, day))
    return tuple(sorted(late.items()))


def closable(
    connection: Connection, campaign: Campaign, settings: ReviewSettings, *, by: str, undecided_because: str
) -> tuple[CampaignRecord, Lacking, str]:
    """
    Return what is recorded of a campaign, what is missing, and the name of the officer who closes it.

    Raises `AuditorError` where it is closed already, `by` is no officer, or something is not decided or not signed and
    `undecided_because` does not say why that is how it ends.
    """
    record = record_of(connection, campaign)
    if record.closed is not None:
        raise AuditorError(f"`{campaign.name}` was closed by {record.closed.by} on {record.closed.at:%Y-%m-%d}")
    officer = next(
        (r.name for id_, r in settings.reviewers.items() if "officer" in r.roles and is_reviewer(id_, r, by)), None
    )
    if officer is None:
        known = listing(r.name for r in settings.reviewers.values() if "officer" in r.roles)
        raise AuditorError(f"`{by}` is no officer", hint=f"officers, by `roles: [officer]`: {known or 'nobody'}")
    missing = lacking(record, settings)
    _refuse(missing, undecided_because)
    return record, missing, officer


def close_campaign(
    store: Store,
    settings: ReviewSettings,
    signer: Signer,
    practice: str,
    named: str | None,
    *,
    by: str,
    timezone: str,
    undecided_because: str,
    annexes: str,
    clock: Callable[[], datetime],
) -> Closed:
    """
    Close and seal a campaign, with the digest of its annexes (`annexes.sealed` makes both).

    Raises `AuditorError`, and writes nothing, as `closable` does. What nobody decided is never kept: it stays undecided
    in all that is told of the review.
    """
    with store.reviewing() as connection:
        campaign = select_campaign(connection, practice, named)
        record, missing, officer = closable(connection, campaign, settings, by=by, undecided_because=undecided_because)
        now = clock()
        late = reviewed_late(record, timezone)
        add(connection, EVENT, _notes(record, missing, undecided_because.strip(), officer, now))
        statement = (
            f"I, {officer}, close the review {campaign.name}: {counted(len(record.questions), 'question')}, of them "
            f"{len(missing.undecided)} undecided"
            + (f", not signed by {listing(missing.unsigned)}" if missing.unsigned else "")
            + (f" ({undecided_because.strip()})" if missing.undecided or missing.unsigned else "")
            + f"; {counted(len(late), 'person') if len(late) == 1 else f'{len(late)} people'} reviewed late; "
            f"annexes SHA-256 {annexes}."
        )
        seal = Seal(campaign.id, practice, SealKind.CLOSED, now, officer, statement, "", ())
        entry = add_seal(connection, seal, __version__, signer)
        record = record_of(connection, campaign)
    return Closed(record, entry, tuple(f"{name} on {day}" for name, day in late))


def _refuse(missing: Lacking, because: str) -> None:
    if (missing.undecided or missing.unsigned) and not because.strip():
        raise NotFinished(missing)
    if len(because) > 500 or not because.isprintable():
        raise AuditorError("`--undecided` cannot be recorded", hint="printable text, at most 500 characters")


def _notes(record: CampaignRecord, missing: Lacking, because: str, officer: str, now: datetime) -> list[ReviewEvent]:
    """Disclose the check items, and say why the rest stays undecided."""
    id_ = record.campaign.id
    told = [
        ReviewEvent(id_, q.question, q.reviewer, ReviewEventKind.CHECK_DISCLOSED, now, officer, q.title, None)
        for q in record.questions
        if q.seeded
    ]
    if missing.undecided or missing.unsigned:
        text = f"{len(missing.undecided)} undecided, not signed by {listing(missing.unsigned) or 'nobody'}: {because}"
        told.append(ReviewEvent(id_, None, None, ReviewEventKind.NOTED, now, officer, text, None))
    return told
