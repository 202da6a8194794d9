"""What people state, taken down and listed: `attest`, `approve`, `accept`, `withdraw`, `correct-time`, `statements`."""

from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from auditor.audit.clock import require_ahead
from auditor.cli.console import print_text
from auditor.cli.data.statements import KEYS, listed_data, recorded_data
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.concerned import concerned_by, everybody
from auditor.config import Config, load_config
from auditor.exit_codes import IN_STEP
from auditor.lag.controls import load_controls
from auditor.ledger.anew import refuse_lost
from auditor.ledger.keys import Signer
from auditor.ledger.statements import Statement, StatementKind, check, in_force, recorded_by
from auditor.ledger.witnesses import check_critical, refuse_self
from auditor.settled import THEIRS
from auditor.store import Store
from auditor.topics import topic_of
from connectors.errors import AuditorError, shorten
from connectors.inputs.dates import DateStyle, day_of
from policies.engine.outcomes import Severity

Make = Callable[[str, date], Statement]
"""Takes the practice's id and its calendar day."""


def run_statement(path: Path, make: Make, *, store: Path | None, output: Format) -> int:
    """
    Check and record one statement.

    Raises `AuditorError` when it cannot be meant, or is about nobody on the roster, no finding or no statement.
    """
    config = load_config(path, store=store)
    now = datetime.now(UTC)
    recorded = record(config, make(config.practice.id, _today(config, now)), now)
    show_recorded(recorded, output=output)
    return IN_STEP


def show_recorded(recorded: Statement, *, output: Format) -> None:
    """Print a statement that was taken down."""
    until = f", until {recorded.expires}" if recorded.expires else ""
    emit(
        output,
        text=lambda: print_text(
            [f"✓ {recorded.id}: {_told(recorded)}, stated by {recorded.by} for {recorded.on}{until}"]
        ),
        data=lambda: recorded_data(recorded),
        keys=KEYS,
    )


def record(config: Config, statement: Statement, now: datetime) -> Statement:
    """Check a statement, sign it and take it down as of an instant; raises `AuditorError` as `run_statement` does."""
    check(statement, _today(config, now))
    refuse_lost(config.store, None)
    if statement.kind is StatementKind.ATTESTATION:
        controls = load_controls(config.controls) if config.controls else load_controls()
        statement = replace(statement, topic=topic_of(statement.topic, controls))
    with Store.open(config.store) as store:
        _require_subject(config, store, statement, now)
        signer = Signer.load_or_create(
            config.store.with_suffix(".key"), ledger_is_empty=next(store.entries(), None) is None
        )
        recorded = replace(statement, recorded_at=now)
        store.state(recorded, signer)
    return recorded


def _today(config: Config, now: datetime) -> date:
    return day_of(now, config.practice.timezone)


def run_statements(path: Path, day: str | None, *, store: Path | None, output: Format) -> int:
    """Print what people have stated, and what of it holds on a day (default: today), as it was known by then."""
    config = load_config(path, store=store)
    asked = parse_day(day, "--as-of") or _today(config, datetime.now(UTC))
    if not config.store.exists():
        raise AuditorError(f"there is no store `{config.store}`", hint="`auditor attest` or `auditor audit` makes one")
    with Store.look(config.store) as opened:
        statements = opened.statements(config.practice.id)
    known = recorded_by(statements, asked, config.practice.timezone)
    holding = {statement.id for statement in in_force(known, asked)}
    emit(
        output,
        text=lambda: print_text(_lines(statements, holding)),
        data=lambda: [listed_data(s, in_force=s.id in holding) for s in statements],
        keys=KEYS,
    )
    return IN_STEP


def _lines(statements: Sequence[Statement], holding: Container[str]) -> list[str]:
    lines = [
        f"{'✓' if s.id in holding else '·'} {s.id}  {_told(s)}, by {s.by}{_asked(s)}, {s.on}"
        + (f" to {s.expires}" if s.expires else "")
        for s in statements
    ]
    return lines or ["nobody has stated anything yet"]


def parse_day(text: str | None, option: str) -> date | None:
    """Read a day that a person typed; raises `AuditorError` naming the option."""
    if text is None:
        return None
    try:
        return DateStyle().day(text)
    except ValueError:
        raise AuditorError(f"`{option}` is no day: {shorten(text)}", hint="write it as 2026-11-24") from None


def _require_subject(config: Config, store: Store, statement: Statement, now: datetime) -> None:
    if statement.kind is StatementKind.EXCEPTION:
        _require_finding(config, store, statement)
        return
    if statement.kind is StatementKind.CORRECTION:
        require_ahead(statement, store.audits(config.practice.id), now)
        return
    if statement.kind is StatementKind.WITHDRAWAL:
        ended = next((s for s in store.statements(config.practice.id) if s.id == statement.about), None)
        if ended is None:
            raise AuditorError(
                f"there is no statement {shorten(statement.about)}", hint="`auditor statements` lists them"
            )
        refuse_self(statement, concerned_by(ended, store, everybody(config)))
        return
    if statement.kind is StatementKind.CONFIRMATION:
        return  # `auditor.cli.confirm` has looked at both, the person and the account
    known = {person.id: person for person in config.roster.read().roster.people}
    if statement.about not in known:
        raise AuditorError(
            f"there is no VMA {shorten(statement.about)} on the roster",
            hint=f"one of: {', '.join(sorted(known)[:40])}",
        )
    refuse_self(statement, [known[statement.about]])
    if statement.kind is StatementKind.REQUEST:
        _require_access(config, statement.topic)


def _require_finding(config: Config, store: Store, statement: Statement) -> None:
    """Refuse to accept what is no finding, a critical one in passing, and one about whoever accepts it."""
    found = store.finding(statement.about, config.practice.id)
    if found is None:
        raise AuditorError(
            f"there is no finding {shorten(statement.about)} of this practice",
            hint="findings begin with `F-`, as the report names them",
        )
    if found.finding.severity is Severity.CRITICAL:
        check_critical(statement)
    if found.finding.vma is not None:
        for person in config.roster.read().roster.people:
            if person.id == found.finding.vma:
                refuse_self(statement, [person])


def _require_access(config: Config, access: str) -> None:
    """Refuse an approval that no change of access could ever be explained by."""
    system, _, wanted = (part.strip() for part in access.partition(":"))
    if system not in config.sources:
        raise AuditorError(
            f"there is no system {shorten(system)}",
            hint=f"system: entitlement, with one of: {', '.join(config.sources)}",
        )
    if not wanted:
        raise AuditorError(
            f"{shorten(access)} names no entitlement", hint=f"such as `{system}: Front Office`, by its native name"
        )


def _asked(statement: Statement) -> str:
    return f", asked for by {statement.requested_by}" if statement.requested_by else ""


def _told(statement: Statement) -> str:
    about = {
        StatementKind.ATTESTATION: f"{statement.topic} of {statement.about}",
        StatementKind.REQUEST: f"{statement.topic} approved for {statement.about}",
        StatementKind.EXCEPTION: f"{statement.about} accepted",
        StatementKind.CONFIRMATION: f"{(statement.account or '').partition(':')[0]}:{statement.login} is "
        f"{'' if statement.topic == THEIRS else 'not '}{statement.about}'s",
        StatementKind.WITHDRAWAL: f"{statement.about} withdrawn",
        StatementKind.CORRECTION: f"audit {statement.about} was really at {statement.topic}",
        StatementKind.ANEW: "an earlier store was lost, a new history begins",
    }[statement.kind]
    return about + (f" ({statement.reason})" if statement.reason else "")
