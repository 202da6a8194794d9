"""One audit, end to end: read, correlate, judge, compare, report, save."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from auditor import __version__
from auditor.audit.case import make_case
from auditor.audit.clock import refuse_before, refuse_far
from auditor.audit.collecting import Progress, Silent, collect_all
from auditor.audit.drop_guard import hold_drops
from auditor.audit.inputs import read_inputs
from auditor.audit.output_path import check_output_path, refuse_anothers
from auditor.audit.result import RULE, AuditResult, accepted, carried_over, identify
from auditor.config import Config
from auditor.drift.compare import drift
from auditor.drift.policy_snapshot import policy_snapshot
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.instants.asking import ask_logs, keeping_logs
from auditor.instants.known import logs_of
from auditor.ledger.anew import Anew, refuse_lost
from auditor.ledger.keys import Signer
from auditor.ledger.statements import recorded_by
from auditor.orders.follow import Followed
from auditor.orders.lines import lines_of
from auditor.orders.state import follow_in
from auditor.reporting import build_report
from auditor.review.annexes.current import current_annexes
from auditor.review.living import Brought, bring_along
from auditor.snapshot import AcceptedDrop, AuditRecord, Snapshot, Stored
from auditor.store import SavedAudit, Store
from connectors.collect import utc_now
from connectors.errors import AuditorError
from connectors.facts import Collection
from connectors.inputs.file_writing import write_whole
from policies.engine.case import Case
from policies.engine.evaluate import judge
from policies.engine.incremental import reevaluate
from policies.engine.outcomes import Severity
from policies.engine.rule import all_rules
from reports import json_report
from reports.model import Report, Verification


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller of one audit decides."""

    at: datetime | None = None
    """The instant of judgment; now, when `None`."""
    accept_drops: Mapping[str, str] = field(default_factory=dict)
    """Reason by system id."""
    fail_on: Severity = Severity.LOW
    """The least severe finding that changes the exit code."""
    time_confirmed: bool = False
    """Somebody says that the clock is right, though the last audit was long ago."""
    anew: Anew | None = None
    """Somebody's decision to start a new history, where an earlier store was lost."""


@dataclass(frozen=True, slots=True)
class Audited:
    """One audit, done and saved."""

    report: Report
    exit_code: int
    path: Path
    """The HTML report."""
    saved: SavedAudit
    judged: AuditResult
    """What the next audit in the same process can start from."""
    brought: tuple[Brought, ...] = ()
    """What it did to the reviews that are open."""


def audit(
    config: Config,
    options: Options | None = None,
    *,
    progress: Progress | None = None,
    clock: Callable[[], datetime] = utc_now,
    last: AuditResult | None = None,
) -> Audited:
    """
    Audit one practice and write its report.

    After an audit in the same process (`last`), only what moved since then is judged again; the result is the same.
    Raises `AuditorError` when roster, agreements, policy or configuration cannot be used; then nothing is stored. A
    system that cannot be read is not an error: it is `not evaluated`, and the exit code says so.
    """
    options, progress = options or Options(), progress or Silent()
    at = (options.at or clock()).astimezone(UTC).replace(microsecond=0)
    check_output_path(config)
    refuse_lost(config.store, options.anew)
    with progress.stage("read"):
        inputs = read_inputs(config)
        collections = collect_all(config, progress, clock, at)
    with Store.open(config.store) as store:
        previous = store.last(config.practice.id)
        if previous is not None:
            refuse_before(config.practice.id, previous.audit.at, at)
            refuse_far(config.practice.id, previous.audit.at, at, confirmed=options.time_confirmed)
        collections, drops = _guard(collections, previous, options)
        with progress.stage("correlate"):
            case = make_case(config, inputs, collections, at, store)
        connectors = keeping_logs({id_: source.connector for id_, source in config.sources.items()})
        now = clock if options.at is None else lambda: at
        with progress.stage("records") if connectors else nullcontext():
            logs = ask_logs(case, connectors, previous, store, clock=now)
        with progress.stage("judge"):
            records = logs_of(store, config.practice.id, now=logs.values())
            judged = replace(_judge(case, previous, drops, store, last), logs=logs, records=records)
            orders = follow_in(store, case, previous, [drop.system for drop in drops], records)
        with progress.stage("report"):
            report = build_report(judged, current_annexes(config, judged, store), lines_of(config, case, store, orders))
        code = exit_code(judged, options.fail_on)
        with progress.stage("store"):
            if options.anew is not None:
                _start_anew(store, config.store, case, options.anew, clock())
            saved, report = _save(store, config.store, judged, report, code, orders=orders)
        with progress.stage("write"):
            _write_report(config.report, report)
        brought = bring_along(config, inputs, store, clock=now)
    return Audited(report, code, config.report, saved, judged, brought)


def exit_code(judged: AuditResult, fail_on: Severity) -> int:
    """Return the exit code: what could not be evaluated outranks what was found; what is accepted does not count."""
    if judged.judgment.not_evaluated or judged.kept_open:
        return NOT_EVALUABLE
    return FINDINGS if any(f.severity.rank <= fail_on.rank for f in judged.open.values()) else IN_STEP


def _guard(
    collections: dict[str, Collection], previous: Stored | None, options: Options
) -> tuple[dict[str, Collection], tuple[AcceptedDrop, ...]]:
    """
    Hold sudden drops.

    An accepted drop may also be that of a whole system that is no longer configured, or of a rule (`rule:ID`) that is
    no longer installed.
    """
    before = list(previous.snapshot.accounts) if previous else []
    findings = list(previous.snapshot.findings.values()) if previous else []
    count = Counter(system for system, _ in before)
    gone_rules = Counter(f"{RULE}{f.rule}" for f in findings if f.rule not in {rule.id for rule in all_rules()})
    gone = ({f.system for f in findings if f.system} | count.keys()) - set(collections) | gone_rules.keys()
    for system in options.accept_drops:
        if system not in collections and system not in gone:
            raise AuditorError(
                f"there is no system `{system}`", hint=f"one of: {', '.join(sorted({*collections, *gone}))}"
            )
    of_configured = {s: reason for s, reason in options.accept_drops.items() if s in collections}
    checked, drops = hold_drops(collections, before, of_configured)
    count += gone_rules
    retired = [
        AcceptedDrop(system, count[system], count[system], 0, reason)
        for system, reason in options.accept_drops.items()
        if system in gone
    ]
    return checked, (*drops, *retired)


def _judge(
    case: Case,
    previous: Stored | None,
    drops: tuple[AcceptedDrop, ...],
    store: Store,
    last: AuditResult | None,
) -> AuditResult:
    statements = store.statements(case.practice.id)
    judgment = reevaluate(last.case, last.judgment, case) if last else judge(case)
    findings = identify(case, judgment)
    changes = None
    if previous is not None:
        then = case.day_of(previous.audit.at)
        changes = drift(previous.snapshot, then, case)
    return AuditResult(
        case=case,
        judgment=judgment,
        previous=previous,
        drift=changes,
        findings=findings,
        kept_open=carried_over(
            case, judgment, previous.snapshot.findings if previous else {}, [drop.system for drop in drops]
        ),
        accepted_drops=drops,
        accepted=accepted(case, findings, statements),
        statements=recorded_by(statements, case.today, case.practice.timezone),
        read_before=store.read_whole(previous.audit.id) if previous else {},
    )


def _start_anew(store: Store, path: Path, case: Case, anew: Anew, now: datetime) -> None:
    signer = Signer.load_or_create(path.with_suffix(".key"), ledger_is_empty=True)
    store.state(anew.statement(case.practice.id, case.today, now), signer)


def _save(
    store: Store, path: Path, judged: AuditResult, report: Report, code: int, *, orders: Followed
) -> tuple[SavedAudit, Report]:
    signer = Signer.load_or_create(path.with_suffix(".key"), ledger_is_empty=next(store.entries(), None) is None)
    case = judged.case
    record = AuditRecord(
        practice=case.practice.id,
        at=case.at,
        tool_version=__version__,
        policy_digest=case.policy.digest,
        result_digest=hashlib.sha256(json_report.render(report).encode()).hexdigest(),
        exit_code=code,
        headline=report.headline.sentence,
        counts=report.counts,
        collections=case.collections,
        snapshot=replace(_snapshot(judged), orders=orders.open),
        keep_open=frozenset(judged.kept_open),
        accepted_drops=judged.accepted_drops,
        order_ends=orders.ended,
        logs=judged.logs,
    )
    saved = store.save(record, signer, after=judged.previous.audit.id if judged.previous else None)
    verification = Verification(
        entry=saved.entry,
        head=str(saved.head),
        key=signer.public,
        command=f"auditor verify {path.name} --key {signer.public} --head '{saved.head}'",
        policy_digest=record.policy_digest,
        result_digest=record.result_digest,
    )
    return saved, replace(report, verification=verification)


def _snapshot(judged: AuditResult) -> Snapshot:
    case = judged.case
    present = {vma: e for vma, e in case.engagements.items() if vma not in case.former}
    return Snapshot(
        people={vma: case.people[vma] for vma in present},
        engagements=present,
        others=tuple(e for e in sorted(case.periods, key=lambda e: (e.vma, e.start)) if e != present.get(e.vma)),
        accounts=case.accounts,
        owners=case.owners,
        entitlements={
            (system, id_): entitlement
            for system, collection in case.collections.items()
            for id_, entitlement in collection.entitlements.items()
        },
        grants=frozenset(
            (system, grant) for system, collection in case.collections.items() for grant in collection.grants
        ),
        findings=judged.findings,
        policy=policy_snapshot(case),
    )


def _write_report(path: Path, report: Report) -> None:
    """Write in one step: a reader never sees half a report."""
    from reports import html  # noqa: PLC0415 - jinja2 is only needed here

    page = html.render(report)
    refuse_anothers(path, report.practice)  # once more: that practice may have been audited meanwhile
    try:
        write_whole(path, page.encode())
    except OSError as error:
        raise AuditorError(
            f"the audit is stored, but its report `{path}` cannot be written: `{error.strerror}`",
            hint="make room, or choose another place with `--report`, and run again",
        ) from None
