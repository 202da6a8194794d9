"""Which events of a record are stored already: found by what was read now, however many are stored."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.ledger.keys import Signer
from auditor.store import Store, logs
from auditor.store.earlier import IN_ONE_QUESTION
from connectors.audit_log import SECOND, LogAnswer, LogEvent, LogKind, LogRecord
from tests.store_sample import PRACTICE, START, record, signer


@pytest.fixture
def key(tmp_path: Path) -> Signer:
    return signer(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data" / "auditor.db") as opened:
        yield opened


def event(n: int, **changes: object) -> LogEvent:
    said = LogRecord.of("cn=accesslog", f"{n:09}", b"row")
    told = LogEvent("ehr", f"u{n % 40}", LogKind.DISABLED, START + timedelta(seconds=n), SECOND, said)
    return replace(told, **changes)  # type: ignore[arg-type]


def answer(*events: LogEvent) -> LogAnswer:
    return LogAnswer("ehr", "cn=accesslog", START, events)


def save(store: Store, key: Signer, day: int, *events: LogEvent, practice: str = PRACTICE) -> None:
    last = store.last(practice)
    one = replace(record(day=day, practice=practice), logs={"ehr": answer(*events)})
    store.save(one, key, after=last.audit.id if last else None)


def test_an_event_is_stored_once_and_one_that_differs_by_any_part_of_its_identity_is_another(
    store: Store, key: Signer
) -> None:
    first = event(1)
    others = (
        event(1, account="u2"),
        event(1, kind=LogKind.ENABLED),
        event(1, entitlement="Front"),
        event(1, record=LogRecord.of("audit.log", "000000001", b"row")),
        event(2),
    )
    save(store, key, 0, first, event(1, entitlement=""))
    save(store, key, 1, first, *others, first)
    save(store, key, 2, *others, first)
    stored = [told for _, told in store.log_events(PRACTICE)]
    assert stored == [first, event(1, entitlement=""), *others]


def test_an_event_of_another_practice_is_not_the_same(store: Store, key: Signer) -> None:
    save(store, key, 0, event(1))
    save(store, key, 1, event(1), practice="other")
    assert [told for _, told in store.log_events("other")] == [event(1)]


def test_more_events_than_one_question_takes_are_all_known_again(store: Store, key: Signer) -> None:
    many = [event(n, account="u1") for n in range(2 * IN_ONE_QUESTION + 1)]
    save(store, key, 0, *many)
    save(store, key, 1, *many, event(9_999))
    assert len(store.log_events(PRACTICE)) == len(many) + 1


def test_saving_does_no_more_work_however_much_is_stored(
    store: Store, key: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [0]
    original = logs.record

    def counted(connection, *rest):
        plain = connection.connection.dbapi_connection
        plain.set_progress_handler(lambda: steps.append(steps.pop() + 1), 1)  # each step of SQLite's machine
        original(connection, *rest)
        plain.set_progress_handler(None, 0)

    monkeypatch.setattr(logs, "record", counted)

    def cost(day: int, *events: LogEvent) -> int:
        steps[0] = 0
        save(store, key, day, *events)
        return steps[0]

    save(store, key, 0, *(event(n) for n in range(100)))
    few = cost(1, *(event(n) for n in range(90, 110)))
    save(store, key, 2, *(event(n) for n in range(1_000, 5_000)))
    many = cost(3, *(event(n) for n in range(4_990, 5_010)))
    assert 0 < many <= 1.2 * few
