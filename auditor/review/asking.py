"""From a case to everything that a campaign asks: people, questions, and the items that each is about."""

import base64
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from auditor.ledger.statements import Statement, StatementKind
from auditor.review.findings import TOLD, FindingIndex
from auditor.review.grouping import Draft, doors, drafts_of
from auditor.review.holding_then import Then
from auditor.review.population import ACCOUNT, DOOR, Holder, Thing, population
from auditor.review.routing import Router
from auditor.review.wording import Wording
from auditor.review_records import HeldThen, Question, QuestionKind, ReviewItem, ReviewPerson, ReviewScope
from auditor.review_settings import ReviewSettings
from connectors.facts import Never
from policies.engine.case import Case
from policies.engine.evidence import counted, listing
from policies.engine.outcomes import Finding, Severity

BULK = frozenset({QuestionKind.EXPLAINED})
"""What may be kept together with others; everything else is decided one by one."""
_WEIGHT = {kind: 1000 * (len(QuestionKind) - rank) for rank, kind in enumerate(QuestionKind)}
_SEVERE = {severity: 200 * (len(Severity) - rank) for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that is asked, the riskiest first."""

    people: tuple[ReviewPerson, ...]
    questions: tuple[Question, ...]
    items: tuple[ReviewItem, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Asker:
    """Asks about a population, by what one audit saw and found."""

    case: Case
    settings: ReviewSettings
    campaign: str
    prepared_by: str
    findings: Mapping[str, Finding]
    """Open findings of that audit, by their ids."""
    approvals: tuple[Statement, ...]
    accepted: Mapping[str, Statement]
    """By id of a finding: the exception that accepts it."""
    then: Then
    due: date

    def drafts(self, scope: ReviewScope, only: Collection[str] | None) -> tuple[list[Draft], tuple[str, ...]]:
        """Return the questions of a scope before they have words, and what is no part of it."""
        found = population(self.case, scope, only)
        drafts = drafts_of(self.case, found.holders, self.index)
        if scope is ReviewScope.PRIVILEGED:
            drafts = [d for d in drafts if d.mask & self.case.policy.privileged.mask]
        elif only is None:
            drafts += list(doors(self.index))
        return drafts, (*found.left_out, *self._not_asked(scope))

    @cached_property
    def index(self) -> FindingIndex:
        """The findings, by what they are about."""
        return FindingIndex(self.case, self.findings)

    def ask(self, scope: ReviewScope, only: Collection[str] | None, *, because: str, at: datetime) -> Asked:
        """Return what is asked; raises `AuditorError` where nobody may decide something."""
        drafts, left_out = self.drafts(scope, only)
        return self.put(drafts, left_out, because=because, at=at)

    def put(self, drafts: Sequence[Draft], left_out: tuple[str, ...] = (), *, because: str, at: datetime) -> Asked:
        """Put questions into words, and route them; raises `AuditorError` where nobody may decide one."""
        wording = Wording(self.case, self.approvals, dict(self.accepted))
        router = Router(self.case, self.settings, self.prepared_by)
        asked = [self._question(d, wording, router, because, at) for d in drafts]
        asked.sort(key=lambda one: (-one[0].risk, one[0].person, one[0].question))
        holders = {d.holder.id: d.holder for d in drafts}
        return Asked(
            people=tuple(self._person(h, self.index) for _, h in sorted(holders.items())),
            questions=tuple(q for q, _ in asked),
            items=tuple(item for q, d in asked for item in self._items(q, d)),
            left_out=left_out,
        )

    def _not_asked(self, scope: ReviewScope) -> Iterator[str]:
        if scope is ReviewScope.ALL:
            off = len(self.case.accounts) - len(self.case.live_accounts)
            if off:
                yield f"{counted(off, 'account')} that no longer {'works' if off == 1 else 'work'}"
            yield "ways in from outside behind which somebody whom the practice knows stands"

    def _question(
        self, draft: Draft, wording: Wording, router: Router, because: str, at: datetime
    ) -> tuple[Question, Draft]:
        words = wording.words(draft)
        privileged = bool(draft.mask & self.case.policy.privileged.mask)
        route = router.route(draft, privileged=privileged)
        question = Question(
            campaign=self.campaign,
            question=question_id(self.campaign, draft),
            person=draft.holder.id,
            person_name=draft.holder.name,
            kind=draft.kind,
            capabilities=self.case.policy.vocabulary.names(draft.mask),
            title=words.title,
            why=words.why,
            findings=tuple(sorted(draft.findings)),
            advice=words.advice,
            advice_why=words.advice_why,
            risk=self._risk(draft),
            privileged=privileged,
            bulk=draft.kind in BULK and not privileged,
            seeded=False,
            reviewer=route.reviewer,
            routed=route.why,
            due=self.due,
            opened_because=because,
            added_at=at,
        )
        return question, draft

    def _risk(self, draft: Draft) -> int:
        """Weigh a question: by its kind, then the gravest finding, then whether PHI is reached, then how much."""
        severe = max((_SEVERE[p.finding.severity] for p in draft.findings.values()), default=0)
        phi = any(t.key[0] in self.case.systems and self.case.systems[t.key[0]].holds_phi for t in draft.things)
        return _WEIGHT[draft.kind] + severe + 100 * phi + min(len(draft.things), 99)

    def _items(self, question: Question, draft: Draft) -> Iterator[ReviewItem]:
        for thing in sorted(draft.things, key=lambda t: (t.key, t.given)):
            yield from self._items_of(question, draft.holder, thing)

    def _items_of(self, question: Question, holder: Holder, thing: Thing) -> Iterator[ReviewItem]:
        system, account = thing.key
        login = holder.name if holder.kind == DOOR else self.case.accounts[thing.key].login
        whole = ReviewItem(
            campaign=self.campaign,
            question=question.question,
            system=system,
            system_title=self.case.systems[system].title if system in self.case.systems else system,
            account=account,
            login=login,
            entitlement="",
            name=login,
            given=thing.given,
            given_name=self.case.holdings.entitlement(system, thing.given).name if thing.given else "",
            path=(),
            capabilities=(),
            last_used=self._last_used(thing),
            held_before=HeldThen.NOT_KNOWN,
            held_since=None,
        )
        if holder.kind == DOOR:
            yield whole
        elif not thing.given:
            held, since = self.then.account(thing.key)
            yield replace(whole, held_before=held, held_since=since)
        else:
            assignment = self.case.holdings[thing.key].assignments[thing.given]
            for grant, mask in sorted(assignment.grants, key=lambda g: (g[0].entitlement, g[0].path)):
                held, since = self.then.grant(system, account, grant.entitlement, grant.path)
                yield replace(
                    whole,
                    entitlement=grant.entitlement,
                    name=self.case.holdings.entitlement(system, grant.entitlement).name,
                    path=grant.path,
                    capabilities=self.case.policy.vocabulary.names(mask),
                    held_before=held,
                    held_since=since,
                )

    def _last_used(self, thing: Thing) -> str | None:
        account = self.case.accounts.get(thing.key)
        if account is None or account.last_login is None:
            return None
        return Never.NEVER.value if isinstance(account.last_login, Never) else account.last_login.isoformat()

    def _person(self, holder: Holder, index: FindingIndex) -> ReviewPerson:
        engagement = self.case.engagements.get(holder.id)
        return ReviewPerson(
            campaign=self.campaign,
            person=holder.id,
            name=holder.name,
            kind=holder.kind,
            users=holder.users,
            user_names=tuple(self.case.people[u].name for u in holder.users),
            roles=engagement.roles if engagement else (),
            agency=engagement.agency if engagement else None,
            start=engagement.start if engagement else None,
            end=engagement.end if engagement else None,
            facts=tuple(self._facts(holder, index)),
            changes=tuple(self._changes(holder)),
        )

    def _facts(self, holder: Holder, index: FindingIndex) -> Iterator[str]:
        """Yield what is worth knowing of somebody before anything is decided."""
        for user in holder.users:
            if user in self.case.engagements:
                yield from self._of_work(user, "" if user == holder.id else f"{self.case.people[user].name}: ")
        personal = (p for user in holder.users for p in index.by_vma.get(user, ()))
        for placed in (*personal, *(p for key in holder.keys for p in index.on(key))):
            if placed.finding.rule in TOLD:
                yield f"{placed.finding.title} ({placed.finding.severity.value})"
        for system, partial in self.case.incomplete.items():
            title = self.case.systems[system].title
            yield f"{title} was not read: {partial.reason}. Nothing is decided about it here."

    def _of_work(self, user: str, name: str) -> Iterator[str]:
        yield f"{name}{_work(self.case, user)}"
        said = {s.topic.casefold() for s in self.approvals if s.kind is StatementKind.ATTESTATION and s.about == user}
        for topic in ("training", "screening"):
            if topic not in said:
                yield f"{name}nobody has attested {topic}"

    def _changes(self, holder: Holder) -> Iterator[str]:
        """Yield what came since the start of the period, by account."""
        if holder.kind == DOOR:
            return
        came: dict[str, list[str]] = {}
        for thing in holder.things:
            if thing.given:
                first = self.case.holdings[thing.key].assignments[thing.given].grants[0][0]
                held, since = self.then.grant(*thing.key, first.entitlement, first.path)
                name = self.case.holdings.entitlement(thing.key[0], thing.given).name
            else:
                held, since = self.then.account(thing.key)
                name = f"the account {self.case.accounts[thing.key].login}"
            if held is HeldThen.NOT_HELD:
                when = f" (first seen on {since})" if since else ""
                came.setdefault(self.case.systems[thing.key[0]].title, []).append(f"{name}{when}")
        for title, names in came.items():
            yield f"New in {title}: {listing(names)}"


def _work(case: Case, vma: str) -> str:
    e = case.engagements[vma]
    through = f", through {e.agency}" if e.agency else ""
    if e.end is not None and e.end < case.today:
        return f"left on {e.end}; was {listing(e.roles)}{through}"
    if e.start > case.today:
        return f"starts on {e.start} as {listing(e.roles)}{through}"
    until = f", until {e.end}" if e.end else ""
    return f"{listing(e.roles)} since {case.here_since(vma)}{until}{through}" + (", on leave" if e.on_leave else "")


def question_id(campaign: str, draft: Draft) -> str:
    """Return the id: `Q-` and 10 letters and digits; the same for the same question of a campaign."""
    parts = (campaign, draft.holder.id, draft.kind.value, *draft.parts)
    return "Q-" + base64.b32encode(hashlib.sha256("\x00".join(parts).encode()).digest()).decode()[:10]


def is_account(person: str) -> bool:
    """Whether what a question is about is an account, and nobody's name."""
    return person.startswith((f"{ACCOUNT}:", f"{DOOR}:"))
