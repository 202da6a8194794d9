"""
Judge a practice of 10,000 VMAs in full, then again after one event of each kind, and print the shares.

    python benchmarks/rejudge.py [--vmas 10000]

Limit: judging again after one role change takes less than 2 % of judging everything, in this same run, with the same
result to the last word. The other events are printed beside it. Both times are the best of several, and cover all that
is derived from the facts: the full judgment starts from a case of which nothing is known yet. Exit code 1 when over the
limit, or when a result differs.
"""

import argparse
import gc
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from time import perf_counter

from auditor.correlation import correlate
from connectors.facts import (
    Account,
    Collection,
    Complete,
    Employment,
    Engagement,
    Entitlement,
    EntitlementKind,
    Evidence,
    Grant,
    Person,
    PersonKind,
    Status,
    System,
    SystemKind,
)
from policies.agreements.register import PRACTICE, Agreement, AgreementKind
from policies.engine.case import Case, Practice
from policies.engine.evaluate import Judgment, judge
from policies.engine.incremental import reevaluate
from policies.policy import load_policy

LIMIT = 0.02
TODAY = date(2026, 11, 11)
NOON = datetime(2026, 11, 11, 12, tzinfo=UTC)
AGENCIES = tuple(f"Agency {n} LLC" for n in range(20))
ROLES = {
    "scheduler": ("patients/appt:write", "patients/demo:view"),
    "billing": ("acct/bill:write", "patients/demo:view"),
    "front_desk": ("patients/appt:write", "patients/demo:write"),
    "medical_scribe": ("patients/appt:view", "patients/demo:view", "encounters/notes:write", "patients/med:write"),
}
"""What everybody of a role holds in the EHR."""
USERS = "S-1-5-21-1-2-3-513"
"""Domain Users."""
EXTRAS = ("acct/disc", "admin/users", "patients/docs_rm", "acct/eob")
"""Every tenth VMA holds one of these too, so that there is something to find."""


def system(id_: str, kind: SystemKind, product: str, *, phi: bool) -> System:
    """Describe a system that the practice hosts itself."""
    return System(id_, kind, product, id_.title(), holds_phi=phi, account_owner=PRACTICE, vendor="self")


def practice(vmas: int) -> Case:
    """Make a practice: each VMA with an account in the EHR and in the directory, and some who hold too much."""
    chance = random.Random(4)
    people, engagements = {}, {}
    accounts: dict[str, list[Account]] = {"ehr": [], "directory": []}
    grants: dict[str, list[Grant]] = {"ehr": [], "directory": []}
    entitlements: dict[str, dict[str, Entitlement]] = {"ehr": {}, "directory": {}}
    for n in range(vmas):
        vma, role = f"VMA-{n:05}", chance.choice(list(ROLES))
        login = f"person{n:05}"
        people[vma] = Person(
            vma, f"Person {n:05}", f"{login}@agency.example", PersonKind.VMA, (("ehr", login), ("directory", login))
        )
        start = TODAY - timedelta(days=chance.randint(30, 900))
        engagements[vma] = Engagement(vma, chance.choice(AGENCIES), Employment.EMPLOYEE, (role,), start)
        held = [*ROLES[role], *([chance.choice(EXTRAS)] if n % 10 == 0 else [])]
        for where, given in (("ehr", held), ("directory", [USERS])):
            accounts[where].append(
                Account(
                    where, login, login, f"Person {n:05}", Status.ACTIVE, created=NOON - timedelta(days=20),
                    last_login=NOON, mfa=n % 50 != 0,
                )
            )  # fmt: skip
            for id_ in given:
                kind = EntitlementKind.PRIVILEGE if where == "ehr" else EntitlementKind.GROUP
                entitlements[where].setdefault(id_, Entitlement(where, id_, id_, kind, aliases=(id_,)))
                grants[where].append(Grant(login, id_))
    systems = {
        "ehr": system("ehr", SystemKind.EHR, "openemr", phi=True),
        "directory": system("directory", SystemKind.DIRECTORY, "active-directory", phi=False),
    }
    collections = {
        id_: Collection(
            systems[id_], "benchmark", NOON, Complete((Evidence("end", "made here"),)),
            tuple(accounts[id_]), entitlements[id_], tuple(grants[id_]),
        )
        for id_ in systems
    }  # fmt: skip
    cap = vmas // len(AGENCIES)
    agreements = tuple(
        Agreement(
            f"BAA-{n}", AgreementKind.BAA, PRACTICE, agency, signed=True, start=date(2020, 1, 1), end=None,
            systems=None, phi=None, headcount=cap if n % 2 else None, people=None, line=n,
        )
        for n, agency in enumerate(AGENCIES)
    )  # fmt: skip
    return Case(
        Practice("bench", "Benchmark", "America/Chicago"), NOON, TODAY, people, engagements, collections,
        correlate(collections, people.values()), agreements, load_policy(),
    )  # fmt: skip


def role_change(case: Case) -> Case:
    """One scheduler becomes a biller."""
    return engaged(case, "VMA-00042", roles=("billing",))


def leave(case: Case) -> Case:
    """One VMA goes on leave."""
    return engaged(case, "VMA-00042", on_leave=True)


def left(case: Case) -> Case:
    """One VMA ended yesterday; the accounts still work."""
    return engaged(case, "VMA-00043", end=TODAY - timedelta(days=1))


def joined(case: Case) -> Case:
    """One VMA starts today, without an account so far."""
    new = Engagement("VMA-NEW", AGENCIES[1], Employment.EMPLOYEE, ("scheduler",), TODAY)
    person = Person("VMA-NEW", "New Person", None, PersonKind.VMA)
    return replace(case, engagements={**case.engagements, "VMA-NEW": new}, people={**case.people, "VMA-NEW": person})


def granted(case: Case) -> Case:
    """One account is given one more thing in the EHR."""
    ehr = case.collections["ehr"]
    more = replace(ehr, grants=(*ehr.grants, Grant("person00044", "acct/eob")))
    return replace(case, collections={**case.collections, "ehr": more})


def next_day(case: Case) -> Case:
    """Nothing happens but midnight."""
    return replace(case, today=TODAY + timedelta(days=1), at=NOON + timedelta(days=1))


def engaged(case: Case, vma: str, **fields: object) -> Case:
    """Change one engagement."""
    return replace(case, engagements={**case.engagements, vma: replace(case.engagements[vma], **fields)})


EVENTS: tuple[Callable[[Case], Case], ...] = (role_change, leave, left, joined, granted, next_day)


def timed(work: Callable[[], Judgment]) -> tuple[float, Judgment]:
    """Return seconds and result; what was there before is not collected meanwhile."""
    gc.collect()
    gc.disable()
    begin = perf_counter()
    result = work()
    seconds = perf_counter() - begin
    gc.enable()
    return seconds, result


def main() -> int:
    """Judge, judge again, compare, and return 1 when the limit was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vmas", type=int, default=10_000)
    vmas = parser.parse_args().vmas
    case = practice(vmas)
    full, judgment = min((timed(lambda: judge(replace(case))) for _ in range(3)), key=lambda t: t[0])
    judgment = judge(case)
    outcomes = len(judgment.findings) + len(judgment.satisfied) + len(judgment.not_evaluated)
    print(f"{vmas} VMAs, {outcomes} outcomes, {len(judgment.findings)} findings; judging everything: {full:.2f} s")
    wrong = False
    for event in EVENTS:
        expected = judge(replace(event(case)))
        runs = [timed(lambda event=event: reevaluate(case, judgment, event(case))) for _ in range(9)]
        seconds = min(s for s, _ in runs)
        same = all(result == expected for _, result in runs)
        remarks = f"{', limit 2 %' if event is role_change else ''}{'' if same else '  DIFFERS'}"
        print(f"{event.__name__:12} {seconds * 1000:7.1f} ms  {seconds / full:6.2%} of all{remarks}", flush=True)
        wrong = wrong or not same or (event is role_change and seconds / full >= LIMIT)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
