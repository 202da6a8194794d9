"""DrChrono against a small fake of its API; it was never run against DrChrono itself."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.collect import collect
from connectors.connector import Closes, HasCanary, HasEndpoint, Probes
from connectors.ehr import drchrono
from connectors.facts import Collection, Complete, Evidence, Partial, Status, System, SystemKind
from tests.servers import drchrono as harness
from tests.servers._rest import Call, Reply

SYSTEM = System("ehr", SystemKind.EHR, "drchrono", "DrChrono", holds_phi=True)
NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)


def settings(fake: harness.FakeDrChrono, **changes: Any) -> drchrono.Settings:
    base = {
        "url": fake.url,
        "token_env": "DRCHRONO_TOKEN",
        "page_size": harness.PAGE_SIZE,
        "sign_ins_days": 30,
        "canary": "access-audit",
        "call_limit_s": 3,
    }
    return drchrono.Settings.model_validate(base | changes)


def connect(fake: harness.FakeDrChrono, **changes: Any) -> drchrono.DrChrono:
    return drchrono.DrChrono(SYSTEM, settings(fake, **changes), Path(), clock=lambda: NOW)


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRCHRONO_TOKEN", harness.TOKEN)


@pytest.fixture
def fake() -> Iterator[harness.FakeDrChrono]:
    with harness.drchrono() as served:
        yield served


@contextmanager
def served(fake: harness.FakeDrChrono) -> Iterator[harness.FakeDrChrono]:
    with harness.drchrono(fake):
        yield fake


def held(collection: Collection, login: str) -> set[str]:
    account = next(a for a in collection.accounts if a.login == login)
    return {grant.entitlement for grant in collection.grants if grant.account == account.id}


def reason(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial), collection.completeness
    assert not collection.accounts
    return f"{collection.completeness.reason}; {collection.completeness.hint}"


@pytest.mark.parametrize("key", ["data", "results"])
def test_every_user_is_read_by_the_links_whichever_word_the_list_stands_under(key: str) -> None:
    with served(harness.FakeDrChrono(key=key)) as fake:
        collection = collect(connect(fake))
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert {a.login for a in collection.accounts} == harness.LOGINS
    assert len(fake.asked("GET", "/api/users")) == 3


def test_each_permission_that_is_on_is_held_and_no_other(fake: harness.FakeDrChrono) -> None:
    collection = collect(connect(fake))
    assert held(collection, "mreyes") == {"is_staff", "group:7", *harness.FRONT}
    assert "emergency_access" in held(collection, "ncruz")
    assert collection.entitlements["sign/lock_clinical_notes"].name == "sign/lock clinical notes"


def test_a_group_cannot_pass_for_a_permission_by_its_name(fake: harness.FakeDrChrono) -> None:
    collection = collect(connect(fake))
    assert collection.entitlements["group:8"].name == "group Use iPad EHR"


def test_an_archived_group_is_told_and_gives_nothing(fake: harness.FakeDrChrono) -> None:
    collection = collect(connect(fake))
    assert "group:9" not in held(collection, "ncruz")
    assert isinstance(collection.completeness, Complete)
    assert "1 groups, which were left out" in [e.detail for e in collection.completeness.evidence]


def test_a_group_with_a_member_whom_the_list_of_users_lacks_makes_it_partial(fake: harness.FakeDrChrono) -> None:
    fake.users = [user for user in fake.users if user["username"] != "tquiroga"]
    assert "a grant of the account `105`, which it did not return" in reason(collect(connect(fake)))


def test_the_newest_sign_in_of_each_user_is_the_last(fake: harness.FakeDrChrono) -> None:
    accounts = {a.login: a for a in collect(connect(fake)).accounts}
    assert accounts["mreyes"].last_login == datetime(2026, 11, 4, 9, 15, tzinfo=UTC)
    assert accounts["mreyes"].last_login_lag_days == 1
    assert accounts["ncruz"].last_login is None
    chicago = {a.login: a for a in collect(connect(fake, timezone="America/Chicago")).accounts}
    assert chicago["mreyes"].last_login == datetime(2026, 11, 4, 15, 15, tzinfo=UTC)


def test_drchrono_has_no_word_for_switched_off_so_every_account_counts_as_live(fake: harness.FakeDrChrono) -> None:
    accounts = collect(connect(fake)).accounts
    assert {a.status for a in accounts} == {Status.UNKNOWN}
    assert all(a.live and a.mfa is None for a in accounts)


def test_without_the_scope_for_the_audit_log_the_last_sign_in_is_unknown_and_that_is_told() -> None:
    with served(harness.FakeDrChrono(scopes=("user:read",))) as fake:
        collection = collect(connect(fake))
    assert isinstance(collection.completeness, Complete)
    assert {a.last_login for a in collection.accounts} == {None}
    assert "refused" in {e.detail for e in collection.completeness.evidence if e.name == "sign-ins"}


def test_the_audit_log_is_not_touched_when_sign_ins_are_not_wanted(fake: harness.FakeDrChrono) -> None:
    assert collect(connect(fake, sign_ins_days=0)).complete
    assert not fake.asked("GET", "/api/audit_log")


def test_only_sign_ins_are_asked_for_on_every_page_of_the_audit_log(fake: harness.FakeDrChrono) -> None:
    collect(connect(fake))
    calls = fake.asked("GET", "/api/audit_log")
    assert len(calls) == 2
    assert {call.query["type"] for call in calls} == {"Login"}
    assert {call.path for call in fake.calls} == {"/api/audit_log", "/api/user_groups", "/api/users"}


def test_a_log_that_does_not_keep_to_sign_ins_is_asked_no_further(fake: harness.FakeDrChrono) -> None:
    fake.filters = False
    assert "whose `type` is not `Login`" in reason(collect(connect(fake)))
    assert len(fake.asked("GET", "/api/audit_log")) == 1


def _with_patient(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"patient": harness.PATIENT, "description": f"opened the chart of {harness.PATIENT}"}


LIES = {
    "as it is": lambda body: body,
    "date": lambda body: body | {"data": [row | {"created_at": harness.PATIENT} for row in body["data"]]},
    "user": lambda body: body | {"data": [row | {"user_id": [harness.PATIENT]} for row in body["data"]]},
    "type": lambda body: body | {"data": [row | {"type": harness.PATIENT} for row in body["data"]]},
    "row": lambda body: body | {"data": [harness.PATIENT]},
    "list": lambda body: body | {"data": harness.PATIENT},
    "next": lambda body: body | {"next": harness.PATIENT},
    "key twice": lambda body: (
        json.dumps(body).replace('"user_id"', f'"{harness.PATIENT}": 1, "{harness.PATIENT}"').encode()
    ),
    "cut off": lambda body: json.dumps(body).encode()[:-40],
    "answer": lambda body: [harness.PATIENT],
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_no_patients_name_leaves_the_audit_log_whatever_is_wrong_with_it(
    fake: harness.FakeDrChrono, lie: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.log = [_with_patient(row) for row in fake.log]
    planted = []

    def instead(call: Call) -> Reply | None:
        if call.path != "/api/audit_log":
            return None
        body = lie(fake.answer(call).body)
        planted.append(harness.PATIENT in (body.decode() if isinstance(body, bytes) else json.dumps(body)))
        return Reply(200, body)

    fake.instead = instead
    connector = connect(fake)
    collection = collect(connector)
    assert planted
    assert all(planted)
    printed = capfd.readouterr()
    for text in (repr(collection), repr(vars(connector)), caplog.text, printed.out, printed.err):
        assert harness.PATIENT not in text
        assert "Planted" not in text
    assert harness.TOKEN not in repr(collection) + caplog.text


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/api/users?cursor=c3",
        "{url}/api/patients?cursor=c3",
        "{url}/api/users/../patients?cursor=c3",
        "//evil.example/api/users",
        "{url}/api/users?cursor=c0&page_size=3",
        "/api/patients",
    ],
)
def test_a_link_to_anything_but_the_next_page_of_the_same_list_is_not_followed_to_a_result(
    fake: harness.FakeDrChrono, link: str
) -> None:
    def instead(call: Call) -> Reply | None:
        if call.path == "/api/users":
            return Reply(200, fake.answer(call).body | {"next": link.replace("{url}", fake.url)})
        return None

    fake.instead = instead
    reason(collect(connect(fake)))
    assert not fake.asked("GET", "/api/patients")


def test_a_list_that_does_not_say_whether_there_is_more_makes_it_partial(fake: harness.FakeDrChrono) -> None:
    def instead(call: Call) -> Reply | None:
        if call.path != "/api/users":
            return None
        body = fake.answer(call).body
        del body["next"]
        return Reply(200, body)

    fake.instead = instead
    assert "`next` is missing" in reason(collect(connect(fake)))


def test_users_without_permissions_are_not_users_without_rights(fake: harness.FakeDrChrono) -> None:
    fake.users[4]["permissions"] = None
    assert "lists users without their permissions" in reason(collect(connect(fake)))


def test_a_user_whose_permissions_are_not_shown_is_not_one_without_any(fake: harness.FakeDrChrono) -> None:
    fake.users[2]["permissions"] = {}
    fake.users[0]["permissions"] = {}
    collection = collect(connect(fake))
    assert isinstance(collection.completeness, Complete), collection.completeness
    held = {g.account for g in collection.grants if g.entitlement == drchrono.PERMISSIONS_NOT_READ}
    assert held == {"103", "101"}
    assert Evidence("not read", "permissions of 2 users") in collection.completeness.evidence


@pytest.mark.parametrize("known", [{"expect_accounts": 7}, {"canary": "ghost"}])
def test_a_list_that_never_links_further_is_whole_only_by_what_is_known_from_elsewhere(
    fake: harness.FakeDrChrono, known: dict[str, Any]
) -> None:
    def unlinked(call: Call) -> Reply | None:
        reply = fake.answer(call)
        return Reply(200, reply.body | {"next": None}) if "user" in call.path else reply

    fake.instead = unlinked
    assert "nothing shows that there are no more" in reason(collect(connect(fake, canary=None, page_size=250)))
    found = collect(connect(fake, page_size=250, **{"canary": None, **known}))
    assert isinstance(found.completeness, Complete), found.completeness
    # Of the groups nothing shows the end: everybody may be in others.
    assert len([g for g in found.grants if g.entitlement == drchrono.GROUPS_NOT_READ]) == 7


@pytest.mark.parametrize("field", ["id", "username", "permissions", "is_doctor"])
@pytest.mark.parametrize("value", [[7], "x" * 2000, 1.5])
def test_a_field_of_another_type_makes_it_partial(fake: harness.FakeDrChrono, field: str, value: object) -> None:
    fake.users[5][field] = value
    assert field in reason(collect(connect(fake)))


def test_a_permission_that_is_neither_on_nor_off_makes_it_partial(fake: harness.FakeDrChrono) -> None:
    fake.users[5]["permissions"]["emergency_access"] = "yes"
    assert "`emergency_access` is not true or false" in reason(collect(connect(fake)))


def test_too_many_requests_are_waited_for_although_drchrono_does_not_say_how_long(fake: harness.FakeDrChrono) -> None:
    refused: list[str] = []

    def instead(call: Call) -> Reply | None:
        if call.path == "/api/users" and len(refused) < 2:
            refused.append(call.path)
            return Reply(429, {"detail": "Request was throttled."})
        return None

    fake.instead = instead
    assert collect(connect(fake)).complete
    assert len(refused) == 2


def test_too_many_requests_for_ever_make_it_partial_with_the_cause(fake: harness.FakeDrChrono) -> None:
    fake.instead = lambda call: Reply(429, {}) if "cursor" in call.query else None
    assert "429" in reason(collect(connect(fake, call_limit_s=0.7)))


def test_a_token_that_has_run_out_is_told_and_not_shown(
    fake: harness.FakeDrChrono, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRCHRONO_TOKEN", "an-old-token")
    text = reason(collect(connect(fake)))
    assert "401" in text
    assert "an-old-token" not in text


def test_a_known_account_that_is_missing_makes_it_partial(fake: harness.FakeDrChrono) -> None:
    assert "`nobody`, which is known to exist" in reason(collect(connect(fake, canary="nobody")))


def test_the_steps_say_what_the_token_may_do(fake: harness.FakeDrChrono) -> None:
    connector = connect(fake)
    assert isinstance(connector, Probes)
    assert isinstance(connector, HasEndpoint)
    assert isinstance(connector, HasCanary)
    assert isinstance(connector, Closes)
    assert [step.run() for step in connector.steps()] == ["the token is accepted", "sign-ins can be read"]
    fake.scopes = ()
    assert "billing:read" in connector.steps()[1].run()
    connector.close()


def test_the_set_up_asks_for_billing_only_where_sign_ins_are_wanted(fake: harness.FakeDrChrono) -> None:
    assert "billing:read&" not in drchrono.setup(SYSTEM, settings(fake, sign_ins_days=0))
    assert "scope=user:read\n" in drchrono.setup(SYSTEM, settings(fake, sign_ins_days=0))
    assert "scope=user:read%20billing:read\n" in drchrono.setup(SYSTEM, settings(fake))
    assert drchrono.Settings(token_env="T").url == "https://app.drchrono.com"


def test_an_address_without_encryption_is_refused(fake: harness.FakeDrChrono) -> None:
    with pytest.raises(ValidationError, match="https://"):
        settings(fake, url="http://app.drchrono.com")
