"""
A builder of cases: a practice with its systems, VMAs, accounts, grants and agreements, under the policy in use.

The entitlements are OpenEMR's own, so `patients/appt:write` is what it is in a real system.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any, Self

from auditor.correlation import correlate
from auditor.testing.days import TODAY, ZONE, ago, noon
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
from policies.policy import Policy, load_policy

AGENCY = "Harbor Assist LLC"
STARTED, AGREED = ago(400), ago(1000)

SYSTEMS = {
    "ehr": System("ehr", SystemKind.EHR, "openemr", "OpenEMR", holds_phi=True, vendor="self"),
    "directory": System("directory", SystemKind.DIRECTORY, "active-directory", "Active Directory", holds_phi=False),
    "cloud": System("cloud", SystemKind.CLOUD, "aws", "AWS", holds_phi=True, vendor="self"),
}
"""Those that a clinic can be made of by id; any other is given to `Clinic.system`."""

SCHEDULER_NEEDS = ("patients/appt:write", "patients/demo:view")
"""What a scheduler requires, and nothing that a scheduler may not have."""


@cache
def policy() -> Policy:
    """Return the shipped policy, with what is installed beside it, loaded once."""
    return load_policy()


class Clinic:
    """
    A practice under construction; every method returns it, so that a test reads as a list of facts.

    Accounts find their owners by the real correlation, grants their meaning by the real catalogs, under the shipped
    policy with what is installed beside it. By default there is one EHR, an OpenEMR that holds PHI.
    """

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

    def system(self, id_: str, **fields: Any) -> Self:
        """Configure a system, or change fields of one that there is (`connectors.facts.System`)."""
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
    ) -> Self:
        """Put a VMA on the roster: by default a scheduler whom an agency employs, at work for more than a year."""
        self.people[id_] = Person(id_, name or id_.title(), None, PersonKind.VMA)
        self.engagements[id_] = Engagement(id_, agency, employment, tuple(roles), start, end, **fields)
        return self

    def person(self, id_: str, name: str = "", kind: PersonKind = PersonKind.STAFF, **fields: Any) -> Self:
        """Name somebody in the staff file."""
        self.people[id_] = Person(id_, name or id_.title(), **{"email": None, "kind": kind, **fields})
        return self

    def door(self, system: str, who: str, kind: DoorKind = DoorKind.GUEST, to: str = "the tenant", **f: Any) -> Self:
        """Let somebody from outside in; by default the practice can say who stands behind it by that name."""
        door = Door(**{"id": f"{to}|{who}", "kind": kind, "who": who, "to": to, "names": (who,), **f})
        self.doors.setdefault(system, []).append(door)
        return self

    def account(self, system: str, login: str, *users: str, id_: str = "", **fields: Any) -> Self:
        """Add an account that the roster says these people use; by default it is live, new, used today and has MFA."""
        facts = {"status": Status.ACTIVE, "created": noon(ago(300)), "last_login": noon(self.today), "mfa": True}
        id_ = id_ or login
        self.accounts[system, id_] = Account(system, id_, login, **{"name": login, **facts, **fields})
        for user in users:
            person = self.people[user]
            self.people[user] = replace(person, logins=(*person.logins, (system, login)))
        return self

    def grant(self, system: str, account: str, *entitlements: str, through: Sequence[str] = ()) -> Self:
        """Let an account hold entitlements, directly or `through` groups."""
        for id_ in (*entitlements, *through):
            self.entitlement(system, id_)
        self.grants += [(system, Grant(account, id_, tuple(through))) for id_ in entitlements]
        return self

    def entitlement(self, system: str, id_: str, **fields: Any) -> Self:
        """Describe an entitlement; in OpenEMR a slash makes a privilege, and everything else is a group of them."""
        privilege = "/" in id_ and self.systems[system].product == "openemr"
        kind = EntitlementKind.PRIVILEGE if privilege else EntitlementKind.GROUP
        container = self.systems[system].product == "openemr" and not privilege
        new = Entitlement(system, id_, **{"name": id_, "kind": kind, "container": container, **fields})
        if fields or (system, id_) not in self.entitlements:
            self.entitlements[system, id_] = new
        return self

    def policy_document(self, account: str, name: str, document: str) -> Self:
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
    ) -> Self:
        """Register an agreement: by default a BAA of the practice with the agency, signed, in force, for everything."""
        terms = {"signed": True, "end": None, "systems": None, "phi": None, "headcount": None, "people": None}
        self.agreements.append(
            Agreement(id_, kind, giver, receiver, start=start, line=len(self.agreements) + 1, **{**terms, **fields})
        )
        return self

    def unread(self, *systems: str, reason: str = "it did not answer") -> Self:
        """Let the reads of these systems fail: they hold no facts at all."""
        for system in systems:
            self.partial[system] = Partial(reason, "try again")
        return self

    def collections(self) -> dict[str, Collection]:
        """Return what the connectors would have read."""
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
        """Return the case that rules judge, on the clinic's day or on another."""
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
        """Return what all rules say of it."""
        return judge(self.case())

    @classmethod
    def in_step(cls, **vma: Any) -> Self:
        """Return a practice without a finding: one scheduler of an agency under a BAA, with the access of the role."""
        clinic = cls().agreement("BAA-1").vma("ana", "Ana Santos", **vma).account("ehr", "asantos", "ana")
        return clinic.grant("ehr", "asantos", *SCHEDULER_NEEDS, through=["Schedulers"])
