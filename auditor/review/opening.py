"""Opening a campaign: the last audit is frozen, its population asked about, and the opening sealed."""

import base64
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from auditor import __version__
from auditor.audit.inputs import Inputs
from auditor.config import Config
from auditor.history.projection import load_baseline
from auditor.ledger.entries import canonical
from auditor.ledger.keys import Signer
from auditor.ledger.persons import same_person
from auditor.ledger.statements import Statement, StatementKind, in_force
from auditor.review.asking import Asked, Asker
from auditor.review.checks import with_checks
from auditor.review.counters import write_working
from auditor.review.holding_then import Then
from auditor.review.routing import checked, is_reviewer
from auditor.review_records import AcceptedUnread, Campaign, ReviewScope, Seal, SealKind
from auditor.review_settings import ReviewSettings
from auditor.snapshot import AuditSummary
from auditor.store import Store
from auditor.store.reviews import CAMPAIGN, ITEM, PERSON, QUESTION, add, read
from auditor.store.saving import add_seal
from connectors.errors import AuditorError
from connectors.inputs.dates import day_of
from policies.engine.case import Case


@dataclass(frozen=True, slots=True)
class Request:
    """What the officer asks for."""

    by: str
    prepared_by: str = ""
    """Who prepared it; `by`, when empty."""
    name: str = ""
    scope: ReviewScope = ReviewScope.ALL
    period: tuple[date, date] | None = None
    """`None`: from the last campaign of the same scope, or three months, until the audit."""
    accepted: Mapping[str, str] | None = None
    """By system that was not read whole: the reason why it is opened all the same."""
    only: Collection[str] | None = None
    """Of an event's campaign: ids of the people."""
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A campaign that was opened."""

    campaign: Campaign
    asked: Asked


def open_campaign(
    config: Config, inputs: Inputs, store: Store, signer: Signer, request: Request, *, clock: Callable[[], datetime]
) -> Opened:
    """
    Freeze the last stored audit and ask about it.

    Raises `AuditorError`, and writes nothing, when no reviewers are named, there is no audit, a system was not read
    whole and nobody accepted that by name with a reason, nobody may decide about somebody, a campaign of the same scope
    is open, or another audit finished meanwhile.
    """
    if not request.by.strip():
        raise AuditorError("it is not said who opens the review", hint="give `--by`: a person, not a department")
    settings = settings_of(config)
    officers = {i: r for i, r in settings.reviewers.items() if "officer" in r.roles}
    if request.accepted and not any(is_reviewer(i, r, request.by) for i, r in officers.items()):
        raise AuditorError(
            f"`{request.by}` is no officer, and only an officer opens a review over a system that was not read whole",
            hint="under `review.reviewers`, officers have `roles: [officer]`; give one as `--by`, or read the system",
        )
    practice = config.practice.id
    audits = store.audits(practice)
    if not audits:
        raise AuditorError("there is no audit to review", hint="`auditor audit` first: a review freezes its facts")
    audit = audits[-1]
    now = clock()
    base = load_baseline(config, inputs, store, str(audit.id))
    checked(base.case, settings)
    # What was stated after the audit counts, too: whoever approved it since is asked about no more than before.
    statements = store.statements(practice)
    unread, accepted = _unread(base.case, request)
    period = request.period or _period(store, practice, request.scope, base.case.today)
    before = before_period(audits, period[0], config.practice.timezone, audit.id)
    due = day_of(now, config.practice.timezone) + timedelta(days=settings.due_days)
    id_ = campaign_id(practice, request.scope, audit.id, now)
    then = Then(store, practice, audit.id, before, config.practice.timezone)
    asker = Asker(
        case=base.case,
        settings=settings,
        campaign=id_,
        prepared_by=request.prepared_by.strip() or request.by,
        findings=store.at(practice, audit.id).snapshot.findings,
        approvals=in_force(statements, base.case.today),
        accepted=_accepted(statements, base.case.today),
        then=then,
        due=due,
    )
    asked = asker.ask(request.scope, request.only, because=", ".join(request.because) or "opening", at=now)
    asked = with_checks(asked, base.case, settings.check_items)
    if not asked.questions:
        raise AuditorError(
            "there is nothing to review: no live account belongs to the population",
            hint="the last audit saw none; `auditor doctor` says whether the systems can be read whole",
        )
    campaign = Campaign(
        id=id_,
        practice=practice,
        name=request.name or name_of(request.scope, period[0] + timedelta(days=1), base.case.today),
        scope=request.scope,
        period_from=period[0],
        period_to=period[1],
        opened_at=now,
        opened_by=request.by,
        prepared_by=request.prepared_by.strip() or request.by,
        due=due,
        audit=audit.id,
        audit_before=before,
        population_digest=_digest([ITEM.values(item) for item in asked.items]),
        roster_digest=_digest([[e.vma, list(e.roles), str(e.start), str(e.end)] for e in _roster(base.case)]),
        policy_digest=inputs.policy.digest,
        accepted=accepted,
        unread=unread,
        because=request.because,
        left_out=asked.left_out,
    )
    with store.reviewing() as connection:
        _refuse_second(connection, campaign)
        if store_last(connection, practice) != audit.id:
            raise AuditorError("another audit finished meanwhile", hint="nothing was opened; run it again")
        add(connection, CAMPAIGN, [campaign])
        write(connection, asked)
        add_seal(connection, opening_seal(campaign), __version__, signer)
    return Opened(campaign, asked)


def write(connection: Connection, asked: Asked) -> None:
    """Write people, questions and items with their working rows."""
    add(connection, PERSON, asked.people)
    add(connection, QUESTION, asked.questions)
    add(connection, ITEM, asked.items)
    write_working(connection, asked.questions)


def opening_seal(campaign: Campaign) -> Seal:
    """Return the seal of an opening, to be filled in."""
    statement = "; ".join(
        [f"opened over audit {campaign.audit}"]
        + [f"{a.system} was not read whole: accepted by {a.by}: {a.reason}" for a in campaign.accepted]
    )
    return Seal(
        campaign.id, campaign.practice, SealKind.OPENED, campaign.opened_at, campaign.opened_by, statement, "", ()
    )


def settings_of(config: Config) -> ReviewSettings:
    """Return who reviews; raises `AuditorError` where nobody has been named."""
    if config.review is None:
        raise AuditorError(
            f"`{config.path}` names no reviewers",
            hint="add `review:` with `reviewers:`, each with a `name` and whom they supervise (docs/review.md)",
        )
    return config.review


def campaign_id(practice: str, scope: ReviewScope, audit: int, at: datetime) -> str:
    """Return the id: `R-` and 10 letters and digits."""
    digest = hashlib.sha256("\x00".join((practice, scope, str(audit), at.isoformat())).encode()).digest()
    return "R-" + base64.b32encode(digest).decode()[:10]


def name_of(scope: ReviewScope, first: date, today: date) -> str:
    """Return such as `2026-Q4`, or `2026-11 privileged`, by the first day of the period."""
    match scope:
        case ReviewScope.ALL:
            return f"{first.year}-Q{(first.month + 2) // 3}"
        case ReviewScope.PRIVILEGED:
            return f"{first:%Y-%m} privileged"
        case ReviewScope.EVENT:
            return f"{today} event"


def before_period(audits: Iterable[AuditSummary], start: date, timezone: str, last: int) -> int | None:
    """Return the audit that tells the state at the start of a period: the last one up to that day."""
    found = [a.id for a in audits if day_of(a.at, timezone) <= start and a.id != last]
    return found[-1] if found else None


def store_last(connection: Connection, practice: str) -> int | None:
    """Return the last audit of a practice, within a transaction."""
    from auditor.store.reading import last_audit  # noqa: PLC0415 - the reading half of the store, where it is needed

    return last_audit(connection, practice)


def _unread(case: Case, request: Request) -> tuple[tuple[str, ...], tuple[AcceptedUnread, ...]]:
    accepted = dict(request.accepted or {})
    for system in accepted:
        if system not in case.incomplete:
            known = ", ".join(case.incomplete) or "none: every system was read whole"
            raise AuditorError(f"`{system}` is no system that was not read whole", hint=f"those are: {known}")
    lacking = {s: p for s, p in case.incomplete.items() if not accepted.get(s, "").strip()}
    if lacking and request.scope is not ReviewScope.EVENT:
        system, partial = next(iter(lacking.items()))
        raise AuditorError(
            f"{case.systems[system].title} was not read whole: {partial.reason}",
            hint=f"read it and audit again; or open over it by name: `--accept-unread '{system}=REASON'`, which is "
            "shown to every reviewer and signed",
        )
    told = tuple(f"{case.systems[s].title}: {p.reason}" for s, p in case.incomplete.items())
    return told, tuple(AcceptedUnread(s, request.by, reason.strip()) for s, reason in sorted(accepted.items()))


def _period(store: Store, practice: str, scope: ReviewScope, today: date) -> tuple[date, date]:
    with store.reviewed() as connection:
        c = CAMPAIGN.table.c
        earlier = read(connection, CAMPAIGN, c.practice == practice, c.scope == scope.value)
    if earlier:
        return min(earlier[-1].period_to, today), today
    if scope is ReviewScope.EVENT:
        return today - timedelta(days=30), today
    return first_period(scope, today), today


def first_period(scope: ReviewScope, today: date) -> date:
    """
    Return the last day before the quarter (for what is privileged: the month) that is reviewed.

    That of today, unless it has hardly begun: then the one before, which is what somebody reviews in its first weeks.
    """
    months, hardly = (3, 31) if scope is ReviewScope.ALL else (1, 10)
    first = date(today.year, months * ((today.month - 1) // months) + 1, 1)
    if (today - first).days < hardly:
        month = first.year * 12 + first.month - 1 - months
        first = date(month // 12, month % 12 + 1, 1)
    return first - timedelta(days=1)


def _accepted(statements: Iterable[Statement], day: date) -> dict[str, Statement]:
    return {s.about: s for s in in_force(statements, day) if s.kind is StatementKind.EXCEPTION}


def _roster(case: Case) -> list:  # type: ignore[type-arg]
    return [e for vma, e in sorted(case.engagements.items()) if vma not in case.former]


def _digest(value: object) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def _refuse_second(connection: Connection, campaign: Campaign) -> None:
    from auditor.review.state import open_campaigns  # noqa: PLC0415 - state knows how a campaign ends

    if campaign.scope is ReviewScope.EVENT:
        return
    for other in open_campaigns(connection, campaign.practice):
        if other.scope is campaign.scope:
            raise AuditorError(
                f"`{other.name}` ({other.id}) is open, and about the same",
                hint="nothing was opened; finish it first: `auditor review status`, then `auditor review close`",
            )


def prepared(campaign: Campaign, name: str) -> bool:
    """Whether somebody prepared a campaign."""
    return same_person(campaign.prepared_by, name)
