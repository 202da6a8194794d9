"""Tryton's own log on a real GNU Health, read by the account of the printed set-up."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from connectors.audit_log import LogAnswer, LogEvent, LogKind, LogQuestion, LogUnread
from connectors.collect import collect
from connectors.ehr.gnuhealth import connector as gnuhealth
from connectors.facts import Account, Partial, Status
from connectors.read_log import read_log
from tests.servers import gnuhealth as harness

ALL = {"active_test": False}
EVERY = ["active", "in", [True, False]]
RULE = "Access Audit: users and groups"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.GnuHealthServer]:
    with harness.gnuhealth(tmp_path_factory.mktemp("gnuhealth")) as running:
        yield running


@pytest.fixture(scope="module")
def admin(server: harness.GnuHealthServer) -> Iterator[harness.Client]:
    with server.as_user("admin") as client:
        yield client


def connect(server: harness.GnuHealthServer) -> gnuhealth.GnuHealth:
    return gnuhealth.connect(harness.SYSTEM, gnuhealth.Settings.model_validate(server.settings()), Path())


def id_of(admin: harness.Client, model: str, name: str, value: str) -> int:
    domain = [[name, "=", value], *([EVERY] if model in ("res.user", "res.group") else [])]
    (found,) = admin.model(model, "search", domain)
    return int(found)


def user(admin: harness.Client, login: str) -> Account:
    id_ = id_of(admin, "res.user", "login", login)
    return Account("ehr", str(id_), login, login, Status.ACTIVE)


def ask(server: harness.GnuHealthServer, *accounts: Account, **changes: object) -> LogAnswer | LogUnread:
    return read_log(connect(server), LogQuestion(accounts, **changes))  # type: ignore[arg-type]


def read(server: harness.GnuHealthServer, *accounts: Account, **changes: object) -> LogAnswer:
    answer = ask(server, *accounts, **changes)
    assert isinstance(answer, LogAnswer), answer
    return answer


def log_step(server: harness.GnuHealthServer) -> str:
    with connect(server) as connector:
        return next(step.run() for step in connector.steps() if step.name == "log")


def of(answer: LogAnswer, kind: LogKind) -> list[LogEvent]:
    return [e for e in answer.events if e.kind is kind]


def test_an_end_of_access_is_seen_although_the_user_is_hidden_by_then(
    server: harness.GnuHealthServer, admin: harness.Client
) -> None:
    left = user(admin, "vma_santos2")
    before = datetime.now(UTC)
    admin.model("res.user", "write", [int(left.id)], {"active": False})
    after = datetime.now(UTC)
    about = [["resource", "=", f"res.user,{left.id}"]]
    assert admin.call("model.ir.model.log.search_count", about, {}) == 0, "hidden unless the context says otherwise"
    answer = read(server, left)
    (event,) = of(answer, LogKind.STATUS_SET)
    assert event.at <= after
    assert event.at + event.resolution >= before
    assert event.resolution <= timedelta(seconds=2)
    assert (event.actor, event.record.source, event.account) == ("admin", "ir.model.log", left.id)
    assert answer.clock
    assert answer.covers == {LogKind.STATUS_SET, LogKind.HOLDINGS_SET, LogKind.RENAMED}
    assert not of(answer, LogKind.TOUCHED), "the row says what was written"


def test_a_member_who_is_taken_out_in_the_group_is_told_as_far_as_the_log_goes(
    server: harness.GnuHealthServer, admin: harness.Client
) -> None:
    one, other = user(admin, "vma_lab"), user(admin, "vma_none")
    group = id_of(admin, "res.group", "name", "Health Lab")
    admin.model("res.group", "write", [group], {"users": [("remove", [int(one.id)])]})
    answer = read(server, one, other)
    assert {(e.account, e.entitlement) for e in of(answer, LogKind.HOLDINGS_SET)} == {
        (one.id, f"group:{group}"),
        (other.id, f"group:{group}"),
    }
    held = {one.id: frozenset({f"group:{group}"}), other.id: frozenset({"everyone"})}
    assert {e.account for e in of(read(server, one, other, held=held), LogKind.HOLDINGS_SET)} == {one.id}
    # The user's own stamp does not move by this, so it bounds nothing that is held.
    assert not [e for e in of(answer, LogKind.TOUCHED) if e.entitlement]


def test_a_new_name_of_a_group_and_other_fields_of_a_user_are_no_change_of_access(
    server: harness.GnuHealthServer, admin: harness.Client
) -> None:
    one = user(admin, "vma_party")
    # Told by their ids: times are cut to the second, so `since` keeps what came before in the same second.
    before = {e.record.id for e in read(server, one).events}
    admin.model(
        "res.user", "write", [int(one.id)], {"name": "Another", "email": "x@y.example", "password": "long-word-1"}
    )
    group = id_of(admin, "res.group", "name", "VMA Base")
    admin.model("res.group", "write", [group], {"name": "VMA Ground"})
    new = [e for e in read(server, one).events if e.record.id not in before]
    assert {e.kind for e in new} <= {LogKind.TOUCHED}


def test_the_account_sees_rows_on_users_and_groups_only_and_asks_for_no_others(
    server: harness.GnuHealthServer, admin: harness.Client
) -> None:
    patient = id_of(admin, "party.party", "ref", "PLANTED-1")
    admin.model("party.party", "write", [patient], {"ref": "PLANTED-2"})
    everything = admin.call("model.ir.model.log.search_read", [], 0, None, None, ["resource"], ALL)
    assert any(row["resource"].startswith("party.party,") for row in everything)
    with server.as_user(harness.USER) as auditor:
        seen = auditor.call("model.ir.model.log.search_read", [], 0, None, None, ["resource"], ALL)
        assert {row["resource"].split(",")[0] for row in seen} <= {"res.user", "res.group"}
        with pytest.raises(AssertionError, match="Error"):
            auditor.call("model.ir.model.log.write", [seen[0]["id"]], {"target": "x"}, {})
    asked = len(server.log.read_text())
    answer = read(server, user(admin, "vma_desk"))
    searches = [line for line in server.log.read_text()[asked:].splitlines() if "ir.model.log.search" in line]
    assert searches
    assert all("res.group,%" in line and "res.user," in line for line in searches), searches
    assert harness.PATIENT not in repr(answer)


def test_an_open_session_is_refused_after_the_end(server: harness.GnuHealthServer, admin: harness.Client) -> None:
    one = int(user(admin, "vma_it").id)
    somebody = server.as_user("vma_it")
    admin.model("res.user", "write", [one], {"active": False})
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        somebody.model("res.user", "search", [])
    assert any("401" in told for told in read(server, user(admin, "vma_it")).lives_on)


def test_the_set_up_of_before_hides_the_log_and_that_is_told(
    server: harness.GnuHealthServer, admin: harness.Client
) -> None:
    rules = id_of(admin, "ir.rule.group", "name", RULE)
    (rule,) = admin.model("ir.rule", "search", [["rule_group", "=", rules]])
    own = json.loads(admin.model("ir.rule", "read", [rule], ["domain"])[0]["domain"])
    for domain in ([["id", "=", -1]], [["resource", "like", "res.user,%"]]):
        admin.model("ir.rule", "write", [rule], {"domain": json.dumps(domain)})
        answer = ask(server, user(admin, "vma_desk"))
        assert isinstance(answer, LogUnread)
        assert "it was not read" in answer.reason
        assert "set-up" in answer.hint
        assert "does not tell when access ended" in log_step(server)
    admin.model("ir.rule", "write", [rule], {"domain": json.dumps([])})
    wide = collect(connect(server)).completeness
    assert isinstance(wide, Partial)
    assert "`ir.model.log`" in wide.reason
    admin.model("ir.rule", "write", [rule], {"domain": json.dumps(own)})
    assert isinstance(ask(server, user(admin, "vma_desk")), LogAnswer)
    assert log_step(server) == "tells when access was changed, of users and groups only"


def test_a_change_by_a_program_on_the_server_breaks_the_log(
    server: harness.GnuHealthServer, admin: harness.Client
) -> None:
    one = user(admin, "vma_party")
    before = datetime.now(UTC)
    admin.model("res.user", "write", [int(one.id)], {"active": False})
    assert read(server, one).gaps == ()
    with sqlite3.connect(server.log.parent / f"{harness.DATABASE}.sqlite") as file:
        old = f"{before - timedelta(hours=1):%Y-%m-%d %H:%M:%S.%f}"  # as if the row were of an earlier change
        file.execute("UPDATE ir_model_log SET create_date = ? WHERE resource = ?", [old, f"res.user,{one.id}"])
    answer = read(server, one)
    (touched,) = of(answer, LogKind.TOUCHED)
    assert touched.upper_bound
    assert touched.at + touched.resolution >= before
    assert any(f"a program on the server wrote user {one.id}" in gap for gap in answer.gaps)
    assert answer.covers_from
    assert answer.covers_from >= before


def test_an_account_that_is_nobody_here_is_answered_with_nothing(server: harness.GnuHealthServer) -> None:
    stranger = Account("ehr", "7 or true", 'x"]] ', "X", Status.ACTIVE)
    answer = read(server, stranger, since=datetime.now(UTC) + timedelta(days=2))
    assert not answer.events
