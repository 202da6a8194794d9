"""When users of Okta changed, from its system log beside a list of users."""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from auditor.instants.instant import InstantKind, account_ended
from auditor.instants.known import logs_of
from connectors.audit_log import SECOND, HasAuditLog, LogAnswer, LogKind, LogQuestion, LogUnread
from connectors.collect import collect
from connectors.errors import InputError
from connectors.facts import System, SystemKind
from connectors.generic.table import connector as table
from connectors.read_log import read_log

OKTA = System("directory", SystemKind.DIRECTORY, "okta", "Okta", holds_phi=False)
DAY = datetime(2026, 11, 20, 17, 42, 10, 123_000, tzinfo=UTC)
SAVED = DAY.replace(microsecond=0) + timedelta(days=1)
USERS = "login,status,groups\nana@x.example,DEPROVISIONED,\nkim@x.example,ACTIVE,Desk\n"
SETTINGS: dict[str, Any] = {
    "file": "users.csv", "expect_accounts": 2, "system_log": "log.json",
    "columns": {"login": "login", "status": "status"},
    "status_values": {"ACTIVE": "active", "DEPROVISIONED": "disabled"},
    "entitlements": [{"column": "groups", "kind": "group"}],
}  # fmt: skip


def at(minutes: float) -> datetime:
    return DAY + timedelta(minutes=minutes)


def event(
    kind: str, minutes: float, *things: tuple[str, str], who: str = "ana@x.example", **more: Any
) -> dict[str, Any]:
    moment = at(minutes)
    targets = [{"id": "00u1", "type": "User", "alternateId": who, "displayName": "Ana"}]
    targets += [{"id": "00g1", "type": type_, "alternateId": "unknown", "displayName": name} for type_, name in things]
    return {
        "uuid": str(uuid4()),
        "published": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
        "eventType": kind,
        "outcome": {"result": "SUCCESS", "reason": None},
        "actor": {"id": "00uboss", "type": "User", "alternateId": "boss@x.example", "displayName": "Boss"},
        "target": targets,
        **more,
    }


@pytest.fixture
def connect(tmp_path):
    def connector(log: Any = None, text: str = "", system: System = OKTA, **changes: Any):
        (tmp_path / "users.csv").write_text(USERS)
        (tmp_path / "log.json").write_text(text or json.dumps(log))
        for path in tmp_path.iterdir():
            os.utime(path, (SAVED.timestamp(), SAVED.timestamp()))
        return table.connect(system, table.Settings.model_validate(SETTINGS | changes), tmp_path)

    return connector


@pytest.fixture
def read(connect):
    def reader(*args: Any, **more: Any) -> LogAnswer | LogUnread:
        connector = connect(*args, **more)
        seen = collect(connector)
        return read_log(connector, LogQuestion(seen.accounts, seen.entitlements), clock=lambda: SAVED)

    return reader


def told(found: LogAnswer) -> list[tuple[str, LogKind, datetime, str | None]]:
    return [(e.account, e.kind, e.at, e.entitlement) for e in found.events]


def test_an_end_is_told_with_its_instant_and_who_did_it(read):
    found = read([
        event("group.user_membership.remove", 6, ("UserGroup", "Desk")),
        event("user.lifecycle.deactivate", 5),
        event("user.lifecycle.deactivate", 3, outcome={"result": "FAILURE"}),
        event("group.user_membership.add", 1, ("UserGroup", "Nobody knows it")),
    ])  # fmt: skip
    assert told(found) == [
        ("ana@x.example", LogKind.HOLDINGS_SET, at(1), None),
        ("ana@x.example", LogKind.DISABLED, at(5), None),
        ("ana@x.example", LogKind.TAKEN, at(6), "Desk"),
    ]
    assert (found.events[1].actor, found.events[1].resolution) == ("boss@x.example", SECOND)
    assert (found.covers_from, found.read_at, found.gaps) == (at(1), SAVED - timedelta(minutes=15), ())


def test_one_who_is_suspended_and_deactivated_opens_when_neither_holds(read):
    names = ["suspend", "deactivate", "unsuspend", "activate", "suspend", "suspend", "unsuspend"]
    found = read([event(f"user.lifecycle.{name}", n) for n, name in enumerate(names)])
    assert [kind for _, kind, *_ in told(found)] == [
        *(LogKind.DISABLED, LogKind.ENABLED, LogKind.DISABLED, LogKind.ENABLED)]  # fmt: skip


def test_a_sign_in_is_of_whoever_did_it(read):
    actor = {"id": "00u9", "type": "User", "alternateId": "KIM@x.example"}
    found = read([event("user.session.start", 4, actor=actor), event("user.account.privilege.revoke", 5)])
    assert [(who, kind) for who, kind, *_ in told(found)] == [
        ("kim@x.example", LogKind.SIGNED_IN), ("ana@x.example", LogKind.HOLDINGS_SET)]  # fmt: skip


@pytest.mark.parametrize("shape", ["list", "pages", "lines"])
def test_each_way_to_save_the_log_gives_the_same(read, shape):
    entries = [event("user.lifecycle.deactivate", 5), event("user.lifecycle.create", 1, who="other@x.example")]
    text = {
        "list": json.dumps(entries),
        "pages": json.dumps([entries[:1], entries[1:]]),
        "lines": "\n".join(map(json.dumps, entries)),
    }[shape]
    found = read(text=text)
    assert told(found) == [("ana@x.example", LogKind.DISABLED, at(5), None)]


def test_the_end_of_a_leaver_is_concluded_to_the_second(connect, read):
    found = read([event("user.lifecycle.create", -60, who="other@x.example"), event("user.lifecycle.deactivate", 5)])
    log = logs_of(None, "practice", now=[found])["directory"]
    ended = account_ended(log, "ana@x.example", at(-30), SAVED - timedelta(minutes=20))
    assert (ended.kind, ended.earliest, ended.latest) == (InstantKind.EXACT, at(5), at(5) + SECOND)


def test_what_may_be_a_part_is_told(read):
    deactivated = event("user.lifecycle.deactivate", 5)
    page = [event("user.session.start", n) for n in range(99)]
    assert "a usual length of a page" in read([deactivated, *page]).gaps[0]
    assert (
        "nothing but `user.lifecycle.deactivate`" in read([deactivated, event("user.lifecycle.deactivate", 6)]).gaps[0]
    )
    assert "is empty" in read([]).gaps[0]


BAD = {
    "a time without an offset": [event("user.lifecycle.deactivate", 5, published="2026-11-20T17:42:10")],
    "no id": [event("user.lifecycle.deactivate", 5, uuid=None)],
    "text": ["text"],
    "a refusal": [{"errorCode": "E0000011"}],
}


@pytest.mark.parametrize("entries", BAD.values(), ids=BAD)
def test_what_cannot_be_used_is_refused_with_what_to_do(read, entries):
    found = read(entries)
    assert isinstance(found, LogUnread)
    assert "log.json" in found.reason
    assert found.hint


def test_only_okta_and_only_where_it_is_set(connect):
    assert not isinstance(connect([], system_log=None), HasAuditLog)
    with pytest.raises(InputError, match="only Okta's system log is read"):
        connect([], system=System("ehr", SystemKind.EHR, "clinic", "Clinic", holds_phi=True))
