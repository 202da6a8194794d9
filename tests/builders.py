"""
A builder of cases: a practice with its systems, VMAs, accounts, grants and agreements, under the shipped policy.

Nothing is faked: accounts find their owners by the real correlation, grants their meaning by the real catalogs. The
entitlements are OpenEMR's own, so `patients/appt:write` is what it is in a real system.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from auditor.audit.result import AuditResult, carried_over, identify
from auditor.correlation import correlate
from auditor.drift.compare import DriftResult
from auditor.drift.policy_snapshot import policy_snapshot
from auditor.snapshot import AuditSummary, Snapshot, Stored
from connectors.facts import (
    Account,
    Collection,
    Complete,
    Door,
    DoorKind,
    Employment,
    Engagement,
    Entitlement,
    EntitlementKind,
    Estate,
    Evidence,
    Grant,
    Partial,
    Person,
    PersonKind,
    Status,
    System,
    SystemKind,
)
from policies.agreements.register import PRACTICE, Agreement, AgreementKind
from policies.engine.case import Case, Practice
from policies.engine.evaluate import Judgment, judge
from policies.engine.outcomes import Finding, NotEvaluated, Satisfied
from policies.policy import Policy, load_policy

TODAY = date(2026, 11, 23)
ZONE = "America/Chicago"
AGENCY = "Harbor Assist LLC"
HOSTILE = "{login} {0.__class__} <script>alert(1)</script> =1+1 %s \u202eevil"
"""A name that means something to half a dozen languages, and nothing to ours."""

SYSTEMS = {
    "ehr": System("ehr", SystemKind.EHR, "openemr", "OpenEMR", holds_phi=True, vendor="self"),
    "directory": System("directory", SystemKind.DIRECTORY, "active-directory", "Active Directory", holds_phi=False),
    "cloud": System("cloud", SystemKind.CLOUD, "aws", "AWS", holds_phi=True, vendor="self"),
}

SCHEDULER_NEEDS = ("patients/appt:write", "patients/demo:view")
"""What a scheduler requires, and nothing that a scheduler may not have."""


@cache
def policy() -> Policy:
    """The shipped policy, loaded once."""
    return load_policy()


def noon(day: date) -> datetime:
    """Noon of a day at the practice: on no clock is it another day."""
    return datetime.combine(day, time(12), ZoneInfo(ZONE)).astimezone(UTC)


def ago(days: int) -> date:
    """A day before today."""
    return TODAY - timedelta(days=days)


def ahead(days: int) -> date:
    """A day after today."""
    return TODAY + timedelta(days=days)


STARTED, AGREED = ago(400), ago(1000)


class Clinic:
    """A practice under construction; every method returns it, so that a test reads as a list of facts."""

    def __init__(self, *, systems: Iterable[str] = ("ehr",), today: date = TODAY) -> None:
        self.today = today
        self.systems = {id_: SYSTEMS[id_] for id_ in systems}
        self.people: dict[str, Person] = {}
        self.engagements: dict[str, Engagement] = {}
        self.periods: tuple[Engagement, ...] = ()
        """All engagements of those who have several."""
        self.accounts: dict[tuple[str, str], Account] = {}
        self.entitlements: dict[tuple[str, str], Entitlement] = {}
        self.grants: list[tuple[str, Grant]] = []
        self.agreements: list[Agreement] = []
        self.partial: dict[str, Partial] = {}
        self.former: set[str] = set()
        self.reissued: dict[tuple[str, str], tuple[str, ...]] = {}
        """By account: the leavers whose it was."""
        self.earlier_roles: dict[str, tuple[str, ...]] = {}
        self.former_names: dict[str, frozenset[str]] = {}
        self.estates: dict[str, Callable[[], Estate]] = {}
        """By system: what its connector says of the whole cloud account, made when it is read."""
        self.doors: dict[str, list[Door]] = {}
        self.doors_unread: dict[str, dict[DoorKind, str]] = {}

    def system(self, id_: str, **fields: Any) -> "Clinic":
        self.systems[id_] = replace(self.systems.get(id_, SYSTEMS.get(id_, SYSTEMS["ehr"])), id=id_, **fields)
        return self

    def vma(
        self,
        id_: str,
        name: str = "",
        roles: Sequence[str] = ("scheduler",),
        *,
        agency: str | None = AGENCY,
        employment: Employment = Employment.EMPLOYEE,
        start: date = STARTED,
        end: date | None = None,
        **fields: Any,
    ) -> "Clinic":
        self.people[id_] = Person(id_, name or id_.title(), None, PersonKind.VMA)
        self.engagements[id_] = Engagement(id_, agency, employment, tuple(roles), start, end, **fields)
        return self

    def person(self, id_: str, name: str = "", kind: PersonKind = PersonKind.STAFF, **fields: Any) -> "Clinic":
        self.people[id_] = Person(id_, name or id_.title(), **{"email": None, "kind": kind, **fields})
        return self

    def door(
        self, system: str, who: str, kind: DoorKind = DoorKind.GUEST, to: str = "the tenant", **f: Any
    ) -> "Clinic":
        """Let somebody from outside in; by default the practice can say who stands behind it by that name."""
        door = Door(**{"id": f"{to}|{who}", "kind": kind, "who": who, "to": to, "names": (who,), **f})
        self.doors.setdefault(system, []).append(door)
        return self

    def account(self, system: str, login: str, *users: str, id_: str = "", **fields: Any) -> "Clinic":
        """Add an account that the roster says these people use; by default it is live, new, used today and has MFA."""
        facts = {"status": Status.ACTIVE, "created": noon(ago(300)), "last_login": noon(self.today), "mfa": True}
        id_ = id_ or login
        self.accounts[system, id_] = Account(system, id_, login, **{"name": login, **facts, **fields})
        for user in users:
            person = self.people[user]
            self.people[user] = replace(person, logins=(*person.logins, (system, login)))
        return self

    def grant(self, system: str, account: str, *entitlements: str, through: Sequence[str] = ()) -> "Clinic":
        for id_ in (*entitlements, *through):
            self.entitlement(system, id_)
        self.grants += [(system, Grant(account, id_, tuple(through))) for id_ in entitlements]
        return self

    def entitlement(self, system: str, id_: str, **fields: Any) -> "Clinic":
        """Describe an entitlement; in OpenEMR a slash makes a privilege, and everything else is a group of them."""
        privilege = "/" in id_ and self.systems[system].product == "openemr"
        kind = EntitlementKind.PRIVILEGE if privilege else EntitlementKind.GROUP
        container = self.systems[system].product == "openemr" and not privilege
        new = Entitlement(system, id_, **{"name": id_, "kind": kind, "container": container, **fields})
        if fields or (system, id_) not in self.entitlements:
            self.entitlements[system, id_] = new
        return self

    def policy_document(self, account: str, name: str, document: str) -> "Clinic":
        """Attach an AWS policy to an account of the cloud."""
        self.entitlement("cloud", name, kind=EntitlementKind.POLICY, document=document)
        return self.grant("cloud", account, name)

    def agreement(
        self,
        id_: str,
        receiver: str = AGENCY,
        giver: str = PRACTICE,
        *,
        kind: AgreementKind = AgreementKind.BAA,
        start: date = AGREED,
        **fields: Any,
    ) -> "Clinic":
        terms = {"signed": True, "end": None, "systems": None, "phi": None, "headcount": None, "people": None}
        self.agreements.append(
            Agreement(id_, kind, giver, receiver, start=start, line=len(self.agreements) + 1, **{**terms, **fields})
        )
        return self

    def unread(self, *systems: str, reason: str = "it did not answer") -> "Clinic":
        """Let the reads of these systems fail: they hold no facts at all."""
        for system in systems:
            self.partial[system] = Partial(reason, "try again")
        return self

    def collections(self) -> dict[str, Collection]:
        return {id_: self._collection(id_) for id_ in self.systems}

    def _collection(self, id_: str) -> Collection:
        source, as_of = f"export of {id_}", noon(self.today)
        if id_ in self.partial:
            return Collection(self.systems[id_], source, as_of, self.partial[id_])
        return Collection(
            self.systems[id_],
            source,
            as_of,
            Complete((Evidence("end", "said so"),)),
            tuple(a for (system, _), a in self.accounts.items() if system == id_),
            {e.id: e for (system, _), e in self.entitlements.items() if system == id_},
            tuple(dict.fromkeys(grant for system, grant in self.grants if system == id_)),
            self.estates[id_]() if id_ in self.estates else None,
            tuple(self.doors.get(id_, ())),
            self.doors_unread.get(id_, {}),
        )

    def case(self, *, today: date | None = None) -> Case:
        collections = self.collections()
        return Case(
            practice=Practice("lakeside", "Lakeside Family Medicine", ZONE),
            at=noon(today or self.today),
            today=today or self.today,
            people=self.people,
            engagements=self.engagements,
            collections=collections,
            owners=correlate(collections, self.people.values()),
            agreements=tuple(self.agreements),
            policy=policy(),
            former=frozenset(self.former),
            periods=self.periods,
            earlier_roles=dict(self.earlier_roles),
            former_names=dict(self.former_names),
            reissued=dict(self.reissued),
        )

    def judge(self) -> Judgment:
        return judge(self.case())

    def snapshot(self) -> Snapshot:
        """What the store would keep of this audit."""
        case = self.case()
        return Snapshot(
            people=dict(self.people),
            engagements={v: e for v, e in self.engagements.items() if v not in self.former},
            accounts=case.accounts,
            owners=case.owners,
            entitlements=dict(self.entitlements),
            grants=frozenset(self.grants),
            findings=identify(case, judge(case)),
            policy=policy_snapshot(case),
            known=frozenset(case.systems) - frozenset(case.incomplete),
        )

    def judged(self, before: "Clinic | None" = None, drift: DriftResult | None = None) -> AuditResult:
        """This audit as it goes to the report, after the audit of `before`."""
        case, previous = self.case(), stored(before) if before else None
        judgment = judge(case)
        kept = carried_over(case, judgment, previous.snapshot.findings if previous else {})
        return AuditResult(case, judgment, previous, drift, identify(case, judgment), kept)


def stored(clinic: Clinic) -> Stored:
    """An audit as the store gives it back."""
    at = noon(clinic.today)
    snapshot = clinic.snapshot()
    summary = AuditSummary(1, "lakeside", at, 0, "", {})
    return Stored(summary, snapshot, dict.fromkeys(snapshot.findings, at))


@dataclass(frozen=True)
class Said:
    """What one rule said of a case."""

    findings: tuple[Finding, ...]
    satisfied: tuple[Satisfied, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    population: int

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many findings, how many satisfied, how many not evaluated."""
        return len(self.findings), len(self.satisfied), len(self.not_evaluated)

    @property
    def finding(self) -> Finding:
        """The one finding that there is."""
        (only,) = self.findings
        return only


def ask(rule: str, clinic: Clinic, *, today: date | None = None) -> Said:
    """Judge by every rule, and return what this one said."""
    judgment = judge(clinic.case(today=today))
    (tally,) = (t for t in judgment.tallies if t.rule == rule)
    return Said(
        tuple(f for f in judgment.findings if f.rule == rule),
        tuple(s for s in judgment.satisfied if s.rule == rule),
        tuple(n for n in judgment.not_evaluated if n.rule == rule),
        tally.population,
    )


def identity(finding: Finding) -> str:
    """The id under which a practice knows a finding."""
    return finding.identity("lakeside")


def in_step(**vma: Any) -> Clinic:
    """A practice without a single finding: one scheduler of an agency, under a BAA, with the access of the role."""
    return (
        Clinic()
        .agreement("BAA-1")
        .vma("ana", "Ana Santos", **vma)
        .account("ehr", "asantos", "ana")
        .grant("ehr", "asantos", *SCHEDULER_NEEDS, through=["Schedulers"])
    )


def cites(finding: Finding) -> list[str]:
    """The provisions that a finding rests on."""
    return [citation.id for citation in finding.citations]


def kinds(finding: Finding) -> list[str]:
    """What the steps of the path are, from the person to the policy."""
    return [step.kind for step in finding.path]


def engagements_of(**fields: Mapping[str, Any]) -> dict[str, Engagement]:
    """Engagements by VMA id, such as `engagements_of(ana={"roles": ("billing",)})`."""
    plain: dict[str, Any] = {"agency": AGENCY, "employment": Employment.EMPLOYEE, "roles": ("scheduler",)}
    return {vma: Engagement(vma, **{**plain, "start": ago(400), **given}) for vma, given in fields.items()}
