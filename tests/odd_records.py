"""Two audits and a statement of every kind, with every odd value that a fact may have, for what is stored of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auditor.drift.policy_snapshot import policy_snapshot
from auditor.ledger.keys import Signer
from auditor.ledger.statements import Statement, StatementKind
from auditor.snapshot import (
    AcceptedDrop,
    AuditRecord,
    OrderCause,
    OrderEnd,
    OrderEnding,
    OrderKind,
    PolicySnapshot,
    Snapshot,
    TemplateTerms,
    WorkOrder,
)
from auditor.store import Store
from connectors.facts import (
    NEVER,
    Account,
    Collection,
    Complete,
    Employment,
    Engagement,
    Entitlement,
    EntitlementKind,
    Evidence,
    Grant,
    Partial,
    Person,
    PersonKind,
    Status,
    System,
    SystemKind,
)
from policies.citations import Citation
from policies.engine.case import Owner
from policies.engine.outcomes import Finding, Severity, Step, Subject
from tests.builders import Clinic
from tests.store_sample import HOSTILE, PRACTICE, START, save_all

KOLKATA = timezone(timedelta(hours=5, minutes=30))
ODD_INSTANT = datetime(2026, 3, 1, 3, 15, 0, 7, tzinfo=KOLKATA)
"""A day before in UTC, and seven microseconds."""
LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
CAUSES = (OrderCause.LEFT, OrderCause.ROLE_CHANGED, OrderCause.JOINED)
"""Those that there were when the bytes were written; each that came since would move them to another order."""
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
"""The key of the example in `docs/ledger.md`."""
SIGNER = Signer(KEY)


def accounts() -> Iterator[Account]:
    for number, status in enumerate(Status):
        yield Account(
            "ehr", f"s{number}", f"S{number}", f"Status {status.value}", status, mfa=(None, True, False)[number % 3]
        )
    yield Account("ehr", HOSTILE, HOSTILE, HOSTILE, Status.ACTIVE, HOSTILE, HOSTILE, ODD_INSTANT, ODD_INSTANT, 14)
    yield Account("ehr", "", "", "", Status.ACTIVE, "", "", LONG_AGO, NEVER, expires=ODD_INSTANT, service=True)


def owners() -> Iterator[tuple[tuple[str, str], Owner]]:
    yield ("ehr", "s0"), Owner((), None, "")
    for number, kind in enumerate(PersonKind, 1):
        yield ("ehr", f"s{number}"), Owner(("VMA-1", HOSTILE)[:number], kind, f"by {kind.value}")


def entitlements() -> Iterator[Entitlement]:
    for kind in EntitlementKind:
        yield Entitlement("ehr", kind.value, HOSTILE, kind)
    yield Entitlement(
        "ehr", HOSTILE, "", EntitlementKind.GROUP, ("S-1-5", HOSTILE, ""), '{"ä": [1, null]}', container=True
    )
    yield Entitlement("ehr", "empty", "", EntitlementKind.GROUP, document="")


def engagements() -> Iterator[Engagement]:
    yield Engagement("VMA-1", None, Employment.CONTRACTOR, (), date(2024, 2, 29))
    for number, employment in enumerate(Employment):
        yield Engagement(
            f"E-{number}",
            f"{HOSTILE} > Harbor Manila Inc",
            employment,
            ("biller", HOSTILE),
            date(2026, 1, 5),
            date(9999, 12, 31),
            ("PH", ""),
            (40, 37.5, 0.1, 1e16)[number % 4],
            on_leave=number % 2 == 0,
        )


def person(vma: str) -> Person:
    if vma == "VMA-1":
        return Person(vma, HOSTILE, None, PersonKind.VMA)
    return Person(vma, f"Person {vma}", "é@example.com", PersonKind.VMA, (("ehr", HOSTILE), ("", "")), "Dr. Lee")


def findings() -> Iterator[Finding]:
    bare = Finding("some-rule", Severity.LOW, Subject("vma", HOSTILE, ""), None, "", "", "", "", "")
    yield bare
    for severity in Severity:
        yield replace(
            bare,
            severity=severity,
            subject=Subject("account", f"ehr:{severity.value}", HOSTILE),
            system="ehr",
            what=HOSTILE,
            title=HOSTILE,
            path=(Step("account", "ü", HOSTILE), Step("", "", "")),
            citations=(Citation("164.308(a)(4)", "STD", HOSTILE, ()), Citation("x", "R", "", ("ac-2", "ac-6"))),
            since=date(2026, 10, 1),
            vma="VMA-1",
        )


def clinic() -> Clinic:
    """Return what the audits went by: agreements with and without everything that an agreement may have."""
    made = Clinic().vma("ana").system("directory").system("ehr")
    made.agreement("A-open")
    made.agreement("A-unsigned", signed=False, receiver=HOSTILE)
    made.agreement("A-none", systems=frozenset(), phi=frozenset(), people=frozenset(), headcount=1)
    made.agreement(
        f"A-{HOSTILE}",
        end=date(2027, 1, 5),
        signed_on=date(2026, 1, 2),
        systems=frozenset({"ehr", "directory", "ü"}),
        phi=frozenset({"billing", "clinical"}),
        people=frozenset({"VMA-2", "VMA-1", HOSTILE}),
        headcount=12,
    )
    return made


def everything() -> Snapshot:
    at = tuple(accounts())
    work = tuple(engagements())
    return Snapshot(
        people={e.vma: person(e.vma) for e in work},
        engagements={e.vma: e for e in work},
        accounts={(a.system, a.id): a for a in at},
        owners=dict(owners()),
        entitlements={(e.system, e.id): e for e in entitlements()},
        grants=frozenset(
            {
                ("ehr", Grant("s0", "role")),
                ("ehr", Grant("s0", "role", ("staff", HOSTILE, ""))),
                ("ehr", Grant(HOSTILE, HOSTILE, ("ü",))),
            }
        ),
        findings={f.identity(PRACTICE): f for f in findings()},
        others=tuple(
            replace(e, start=date(2025, 1, 6), end=date(2025, 12, 31)) for e in sorted(work, key=lambda e: e.vma)
        ),
        policy=went_by(),
        orders={o.id: o for o in orders()},
    )


def went_by() -> PolicySnapshot:
    """Return these agreements and systems; of the shipped templates, which may change, none."""
    biller = TemplateTerms(requires=("claim.read", "ü"), allows=("claim.read",), never=())
    return replace(policy_snapshot(clinic().case()), templates={"biller": biller})


def orders() -> Iterator[WorkOrder]:
    """Yield one of every kind, with every odd value."""
    for number, kind in enumerate(OrderKind):
        cause = CAUSES[number % len(CAUSES)]
        odd = ("", HOSTILE)[number % 2]
        yield WorkOrder(f"O-{kind.value}", kind, cause, HOSTILE, "ehr", odd, odd, odd, odd, ODD_INSTANT)


def ends() -> Iterator[OrderEnd]:
    """Yield one of every ending, with and without the system's own record."""
    for number, ending in enumerate(OrderEnding):
        record = (HOSTILE, "17", "ab" * 32, HOSTILE) if number else ()
        yield OrderEnd(f"O-{ending.value}", ending, HOSTILE, ODD_INSTANT, LONG_AGO, *record)


def nothing() -> Snapshot:
    return Snapshot({}, {}, {}, {}, {}, frozenset(), {})


def statements() -> Iterator[Statement]:
    """Yield one of every kind: the first with nothing that can be left out, the others with everything."""
    for number, kind in enumerate(StatementKind):
        bare = Statement(PRACTICE, kind, "VMA-1", "", "Dana Ortiz", date(2026, 11, 2), recorded_at=ODD_INSTANT)
        if kind is StatementKind.CORRECTION:
            yield replace(bare, about="1", topic=(START - timedelta(days=1)).isoformat())
        elif number:
            yield replace(
                bare,
                topic=HOSTILE,
                expires=date(2027, 2, 28),
                reason=HOSTILE,
                document="c" * 64,
                document_name="ü.pdf",
                requested_by="Ben Ito",
                account="ehr:s0",
                login="S0",
                looks="d" * 64,
            )
        else:
            yield bare


def records() -> Iterator[AuditRecord]:
    """Yield an audit that finds everything, and one that finds all of it gone but for a system that it cannot read."""
    known = {
        "ehr": System("ehr", SystemKind.EHR, "openemr", "Practice EHR", holds_phi=True),
        HOSTILE: System(HOSTILE, SystemKind.CLOUD, "aws", HOSTILE, holds_phi=False),
    }
    first = everything()
    whole = {
        "ehr": Collection(
            known["ehr"], HOSTILE, ODD_INSTANT, Complete((Evidence("pages", HOSTILE),)), tuple(accounts())
        ),
        HOSTILE: Collection(known[HOSTILE], "", START, Complete(())),
    }
    yield AuditRecord(
        practice=PRACTICE,
        at=ODD_INSTANT,
        tool_version="0.1.0",
        policy_digest="a" * 64,
        result_digest="b" * 64,
        exit_code=1,
        headline=HOSTILE,
        counts={"satisfied": 9, "findings": 0, "ü": 1},
        collections=whole,
        snapshot=first,
        keep_open=frozenset(),
        accepted_drops=(AcceptedDrop("ehr", 90, 40, 50, HOSTILE),),
        order_ends=tuple(ends()),
    )
    yield AuditRecord(
        practice=PRACTICE,
        at=START,
        tool_version="0.1.0",
        policy_digest="a" * 64,
        result_digest="b" * 64,
        exit_code=2,
        headline="",
        counts={},
        collections={
            "ehr": whole["ehr"],
            HOSTILE: Collection(known[HOSTILE], "", START, Partial(HOSTILE, "")),
            "third": Collection(known["ehr"], "x", START, Partial("no answer", "try again")),
        },
        snapshot=nothing(),
        keep_open=frozenset({next(iter(first.findings))}),
    )


def save_odd(path: Path) -> None:
    """Make a store of all of it."""
    first, second = records()
    with Store.open(path) as store:
        save_all(store, SIGNER, [first])
        for statement in statements():
            store.state(statement, SIGNER)
        save_all(store, SIGNER, [second])
