"""Whatever happens to a practice, every past audit reads back exactly as it was."""

import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.ledger.keys import Signer
from auditor.ledger.verify import verify
from auditor.snapshot import AuditRecord, Snapshot
from auditor.store import Store
from connectors.facts import NEVER, Account, Employment, Engagement, Grant, Person, PersonKind, Status
from policies.engine.case import Owner
from policies.engine.outcomes import Severity
from tests.store_sample import PRACTICE, SYSTEMS, entitlement, finding, record, save_all, signer, without

IDS = st.sampled_from(["u1", "u2", "u3", "é", "U1"])
INSTANTS = st.datetimes(timezones=st.just(UTC)) | st.none()
TEXT = st.text(max_size=4)


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    return Account(
        system=draw(st.sampled_from(list(SYSTEMS))),
        id=draw(IDS),
        login=draw(TEXT),
        name=draw(TEXT),
        status=draw(st.sampled_from(Status)),
        email=draw(TEXT | st.none()),
        created=draw(INSTANTS),
        last_login=draw(INSTANTS | st.just(NEVER)),
        last_login_lag_days=draw(st.sampled_from([0, 14])),
        mfa=draw(st.booleans() | st.none()),
        expires=draw(INSTANTS),
        service=draw(st.booleans()),
    )


@st.composite
def rosters(draw: st.DrawFn) -> tuple[dict[str, Person], dict[str, Engagement]]:
    vmas = draw(st.sets(st.sampled_from(["VMA-1", "VMA-2", "VMA-3"])))
    people = {v: Person(v, draw(TEXT), draw(TEXT | st.none()), PersonKind.VMA, ((draw(TEXT), "x"),)) for v in vmas}
    hours = st.none() | st.floats(0, 80)
    engagements = {
        v: Engagement(
            vma=v,
            agency=draw(TEXT | st.none()),
            employment=draw(st.sampled_from(Employment)),
            roles=tuple(draw(st.lists(TEXT, max_size=2))),
            start=draw(st.dates()),
            end=draw(st.dates() | st.none()),
            hours=draw(hours),
            on_leave=draw(st.booleans()),
        )
        for v in vmas
    }
    return people, engagements


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    people, engagements = draw(rosters())
    found = {(a.system, a.id): a for a in draw(st.lists(accounts(), max_size=4))}
    owner = st.builds(Owner, st.tuples(TEXT), st.sampled_from(PersonKind) | st.none(), TEXT)
    paths = st.lists(IDS, max_size=2).map(tuple)
    grant = st.tuples(st.sampled_from(list(SYSTEMS)), st.builds(Grant, IDS, IDS, paths))
    findings = draw(st.dictionaries(IDS, st.sampled_from(Severity), max_size=3))
    entitlements = draw(st.sets(st.tuples(st.sampled_from(list(SYSTEMS)), IDS), max_size=4))
    return Snapshot(
        people=people,
        engagements=engagements,
        accounts=found,
        owners={key: draw(owner) for key in found},
        entitlements={key: entitlement(*key) for key in entitlements},
        grants=draw(st.frozensets(grant, max_size=5)),
        findings={(f := finding(subject, severity)).identity(PRACTICE): f for subject, severity in findings.items()},
    )


@st.composite
def audits(draw: st.DrawFn) -> AuditRecord:
    """An audit in which some systems could not be read, and some findings not be judged."""
    partial = draw(st.sets(st.sampled_from(list(SYSTEMS))) | st.just(set()))
    snapshot = draw(snapshots())
    for system in partial:
        snapshot = without(snapshot, system)
    keep = draw(st.sets(IDS.map(lambda subject: finding(subject).identity(PRACTICE))))
    return record(snapshot, partial=partial, keep_open=keep)


def expected(before: Snapshot | None, audit: AuditRecord) -> Snapshot:
    """The model: what is true after an audit, with nothing but dictionaries."""
    now = audit.snapshot
    if before is None:
        return now
    partial = {system for system, collection in audit.collections.items() if not collection.complete}
    return replace(
        now,
        accounts={**{k: v for k, v in before.accounts.items() if k[0] in partial}, **now.accounts},
        owners={**{k: v for k, v in before.owners.items() if k[0] in partial}, **now.owners},
        entitlements={**{k: v for k, v in before.entitlements.items() if k[0] in partial}, **now.entitlements},
        grants=now.grants | {g for g in before.grants if g[0] in partial},
        findings={**{k: v for k, v in before.findings.items() if k in audit.keep_open}, **now.findings},
    )


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Signer]:
    folder = tmp_path_factory.mktemp("fresh")
    Store.open(folder / "auditor.db").close()
    return folder / "auditor.db", signer(folder)


def check(fresh: tuple[Path, Signer], records: list[AuditRecord]) -> None:
    template, key = fresh
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(template, folder))
        start = datetime(2026, 1, 1, tzinfo=UTC)
        records = [replace(one, at=start + timedelta(days=day)) for day, one in enumerate(records)]
        with Store.open(path) as store:
            saved = save_all(store, key, records)
            truth: Snapshot | None = None
            first: dict[str, datetime] = {}
            for one, audit in zip(records, saved, strict=True):
                truth = expected(truth, one)
                for id_ in truth.findings:
                    first.setdefault(id_, one.at)
                stored = store.at(PRACTICE, audit.audit)
                assert stored.snapshot == truth
                assert stored.first_seen == {id_: first[id_] for id_ in truth.findings}
            assert store.last(PRACTICE).snapshot == truth
            again = store.save(replace(records[-1], at=start), key, after=saved[-1].audit)
            assert set(list(store.entries())[-1].rows) <= {"audit", "collection"}
            assert store.at(PRACTICE, again.audit).snapshot == truth
        verdict = verify(path, key.public, again.head)
        assert (verdict.ok, verdict.valid, verdict.tail_vouched) == (True, len(records) + 1, True)


quiet = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(quiet, max_examples=15)
@given(records=st.lists(audits(), min_size=1, max_size=6))
def test_every_past_audit_reads_back_exactly_as_it_was(fresh, records):
    check(fresh, records)


@pytest.mark.slow
@settings(quiet, max_examples=500)
@given(records=st.lists(audits(), min_size=1, max_size=10))
def test_every_past_audit_of_a_long_history_reads_back_exactly_as_it_was(fresh, records):
    check(fresh, records)
