"""The tests of the tests: the contract of records of changes finds the bugs that it is there for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.audit_log import SECOND, LogAnswer, LogEvent, LogKind, LogQuestion, LogRecord
from connectors.collect import utc_now
from connectors.connector import Page
from connectors.facts import Account, Entitlement, EntitlementKind, Evidence, Status, System, SystemKind
from connectors.testing import ContractBroken
from connectors.testing.audit_log import (
    KINDS,
    Act,
    check_evidence,
    check_nobody_else,
    check_reads_only,
    check_since,
    check_truth,
    play,
)
from connectors.testing.audit_log_suite import AuditLogContract

SYSTEM = System("clinic", SystemKind.EHR, "clinic", "Clinic", holds_phi=True)
DESK = Entitlement("clinic", "g1", "Front desk", EntitlementKind.GROUP)


class Ticking:
    """A clock that moves by 700 ms each time that it is looked at."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 9, 0, 0, 300_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=700)
        return self.now


@dataclass
class Memory:
    """A system in memory that writes a record of whole seconds, attempts and no-ops too."""

    clock: Callable[[], datetime] = utc_now
    bug: str = ""
    rows: list[tuple[Act, datetime]] = field(default_factory=list)
    live: bool = True
    subject = "va1"
    bystander = "va2"
    entitlement = "Front desk"
    tells = dict[Act, LogKind]()
    cannot = dict[Act, str]()
    secrets = frozenset({"new-password"})
    actor = "boss"

    def act(self, act: Act) -> None:
        self.live = act is Act.ENABLE or (self.live and act is not Act.DISABLE)
        self.rows.append((act, self.clock()))

    def written(self) -> object:
        return len(self.rows)

    def connector(self) -> "Reader":
        return Reader(self)


class Reader:
    """A connector for it, with the bug that the memory names."""

    system, source = SYSTEM, "memory"

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def read_page(self, token: str | None) -> Page:
        status = Status.ACTIVE if self.memory.live else Status.DISABLED
        accounts = Account("clinic", "1", "va1", "VA 1", status), Account("clinic", "2", "va2", "VA 2", Status.ACTIVE)
        return Page(accounts, (DESK,), total=2, evidence=(Evidence("end", "all"),))

    def read_log(self, question: LogQuestion) -> LogAnswer:
        memory = self.memory
        kinds = {**KINDS, **TAKEN_FOR_A_CHANGE.get(memory.bug, {})}
        told = [event(n, act, kinds[act], at) for n, (act, at) in enumerate(memory.rows) if act in kinds]
        told = PLANTED.get(memory.bug, lambda events, _: events)(told, question)
        if memory.bug == "writes":
            memory.rows.append((Act.PASSWORD, memory.clock()))
        return LogAnswer(
            "clinic", "memory", utc_now(), tuple(e for e in told if e.account in {a.id for a in question.accounts})
        )


def event(number: int, act: Act, kind: LogKind, at: datetime) -> LogEvent:
    entitlement = DESK.id if act in (Act.GIVE, Act.TAKE) else None
    record = LogRecord.of("log", str(number), b"row")
    return LogEvent("clinic", "1", kind, at.replace(microsecond=0), SECOND, record, entitlement, actor="the boss")


def late(events: list[LogEvent], question: LogQuestion) -> list[LogEvent]:
    return [e for e in events if question.since is None or e.at >= question.since + timedelta(hours=1)]


TAKEN_FOR_A_CHANGE = {"attempts": {Act.REFUSED: LogKind.ENABLED}, "no-ops": {Act.AGAIN: LogKind.DISABLED}}
PLANTED: dict[str, Callable[[list[LogEvent], LogQuestion], list[LogEvent]]] = {
    "removals": lambda events, _: [e for e in events if e.kind is not LogKind.TAKEN],
    "bare": lambda events, _: [replace(e, resolution=timedelta()) for e in events],
    "secret": lambda events, _: [replace(e, actor="boss, new-password") for e in events],
    "nobody": lambda events, _: [replace(e, actor=None) for e in events],
    "one-record": lambda events, _: [replace(e, record=LogRecord.of("log", "", b"row")) for e in events],
    "everybody": lambda events, question: [replace(e, account=question.accounts[0].id) for e in events],
    "late": late,
}


class MemoryHarness:
    name = "memory"

    @contextmanager
    def start(self, folder: Path) -> Iterator[Memory]:
        yield Memory()


class TestMemory(AuditLogContract):
    """A reader without a bug passes all of it."""

    harness = MemoryHarness()


BUGS = {
    "attempts": (check_truth, "told .*enabled.*expected"),
    "no-ops": (check_truth, "told .*disabled.*expected"),
    "removals": (check_truth, "expected .*taken"),
    "bare": (check_truth, "which is .* s before it was done"),
    "everybody": (check_nobody_else, "to whom nothing happened"),
    "late": (check_since, "is not told"),
    "writes": (check_reads_only, "wrote something"),
    "secret": (check_reads_only, "a secret of the harness"),
    "nobody": (check_evidence, "is told as done by"),
    "one-record": (check_evidence, "names none"),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_reported(bug):
    clock = Ticking()
    check, text = BUGS[bug]
    with pytest.raises(ContractBroken, match=text):
        check(play(Memory(clock, bug), now=clock))


def test_an_act_that_a_rig_leaves_out_without_a_reason_is_reported():
    memory = Memory()
    memory.cannot = {Act.TAKE: " "}
    with pytest.raises(ContractBroken, match="does not say why"):
        play(memory)


def test_a_rig_that_does_nothing_is_reported():
    memory = Memory()
    memory.act = lambda act: None
    with pytest.raises(ContractBroken, match="the harness does nothing"):
        play(memory)
