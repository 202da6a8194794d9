"""OpenMRS against a small fake of its REST API; it was never run against OpenMRS itself."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.collect import collect
from connectors.connector import Closes, HasCanary, HasEndpoint, Probes
from connectors.ehr.openmrs import connector as openmrs
from connectors.errors import SourceDenied
from connectors.facts import NEVER, Collection, Complete, Partial, Status, System, SystemKind
from policies.catalogs.catalog import Catalogs, KnownEntitlement, Unclassified
from policies.vocabulary import Vocabulary
from tests.servers import openmrs as harness
from tests.servers._rest import Call, Reply

SYSTEM = System("ehr", SystemKind.EHR, "openmrs", "OpenMRS", holds_phi=True)
NOW = datetime.fromtimestamp(harness.NOW_MS / 1000, UTC)
USER_LIST, ROLE_LIST, SESSION = (f"/openmrs/ws/rest/v1/{name}" for name in ("user", "role", "session"))


def settings(fake: harness.FakeOpenMrs, **changes: Any) -> openmrs.Settings:
    return openmrs.Settings.model_validate(
        {
            "url": f"{fake.url}/openmrs",
            "username": harness.USERNAME,
            "password_env": "OPENMRS_PASSWORD",
            "page_size": harness.PAGE_SIZE,
            "call_limit_s": 3,
        }
        | changes
    )


def connect(fake: harness.FakeOpenMrs, **changes: Any) -> openmrs.OpenMrs:
    return openmrs.OpenMrs(SYSTEM, settings(fake, **changes), Path(), clock=lambda: NOW)


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENMRS_PASSWORD", harness.PASSWORD)


@pytest.fixture
def fake() -> Iterator[harness.FakeOpenMrs]:
    with harness.openmrs() as served:
        yield served


@contextmanager
def served(fake: harness.FakeOpenMrs) -> Iterator[harness.FakeOpenMrs]:
    with harness.openmrs(fake):
        yield fake


def held(collection: Collection, login: str) -> dict[str, set[tuple[str, ...]]]:
    account = next(a for a in collection.accounts if a.login == login)
    found: dict[str, set[tuple[str, ...]]] = {}
    for grant in collection.grants:
        if grant.account == account.id:
            found.setdefault(grant.entitlement, set()).add(grant.path)
    return found


def reason(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial), collection.completeness
    assert not collection.accounts
    return f"{collection.completeness.reason}; {collection.completeness.hint}"


def test_every_user_is_read_to_the_servers_own_total_retired_ones_too(fake: harness.FakeOpenMrs) -> None:
    collection = collect(connect(fake))
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert {a.login for a in collection.accounts} == harness.LOGINS
    assert [call.query["startIndex"] for call in fake.asked("GET", USER_LIST)][-2:] == ["8", "11"], "past the end"
    assert {a.login for a in collection.accounts if a.status is Status.DISABLED} == harness.DISABLED
    told = {e.name: e.detail for e in collection.completeness.evidence}
    assert told["total"] == "11 stated by the source, 11 read"
    assert told["canary"] == "access-audit seen"


@pytest.mark.parametrize("readable", [True, False], ids=["roles listed", "roles refused"])
def test_what_a_role_inherits_is_told_with_its_path_whether_or_not_roles_may_be_listed(readable: bool) -> None:
    with served(harness.FakeOpenMrs(roles_readable=readable)) as fake:
        collection = collect(connect(fake))
    assert collection.complete
    of_vma = held(collection, "mreyes")
    assert of_vma["Get Visits"] == {("role:VMA Scheduler",)}
    assert of_vma["Get Patients"] == {("role:VMA Scheduler", "role:Front Desk", "role:Records")}
    assert of_vma["role:Records"] == {("role:VMA Scheduler", "role:Front Desk")}
    assert collection.entitlements["role:Records"].container


def test_both_ways_to_read_roles_come_to_the_same() -> None:
    read = []
    for readable in (True, False):
        with served(harness.FakeOpenMrs(roles_readable=readable)) as fake:
            read.append(collect(connect(fake)))
    assert (read[0].accounts, read[0].grants) == (read[1].accounts, read[1].grants)
    assert read[0].entitlements == read[1].entitlements


def test_the_least_account_asks_for_the_list_of_roles_once_and_then_no_more(fake: harness.FakeOpenMrs) -> None:
    assert collect(connect(fake)).complete
    assert len(fake.asked("GET", ROLE_LIST)) == 1


def test_roles_that_inherit_from_each_other_end(fake: harness.FakeOpenMrs) -> None:
    of_ring = held(collect(connect(fake)), "ring")
    assert of_ring["Get Notes"] == {("role:Ring A", "role:Ring B")}
    assert of_ring["Get Orders"] == {("role:Ring A",)}


def test_everybody_has_what_authenticated_and_anonymous_carry(fake: harness.FakeOpenMrs) -> None:
    collection = collect(connect(fake))
    for login in harness.LOGINS:
        assert held(collection, login)["Get Concepts"] == {("role:Authenticated",)}
        assert held(collection, login)["Get Locations"] == {("role:Anonymous",)}
    assert isinstance(collection.completeness, Complete)
    told = [e.detail for e in collection.completeness.evidence if e.name == "implicit"]
    assert "Anonymous: 1 privileges, for whoever asks, without sign-in" in told


def test_what_authenticated_carries_is_unclassified_and_not_nothing_where_it_is_refused() -> None:
    with served(harness.FakeOpenMrs(roles_by_uuid=False)) as fake:
        collection = collect(connect(fake))
    assert collection.complete
    assert "unread role:Authenticated" in held(collection, "nobody")
    readings = Catalogs.load(Vocabulary.load()).read(SYSTEM, list(collection.entitlements.values()))
    assert isinstance(readings["unread role:Authenticated"], Unclassified)
    assert isinstance(readings["role:Records"], KnownEntitlement)


def test_a_superuser_through_another_role_holds_everything(fake: harness.FakeOpenMrs) -> None:
    collection = collect(connect(fake))
    assert held(collection, "it")["role:System Developer"] == {("role:IT",)}
    words = Vocabulary.load()
    reading = Catalogs.load(words).read(SYSTEM, [collection.entitlements["role:System Developer"]])
    known = reading["role:System Developer"]
    assert isinstance(known, KnownEntitlement)
    assert {"system.admin", "user.admin", "record.read"} <= set(words.names(known.mask))


def test_a_lock_counts_while_it_lasts_and_sign_ins_are_those_that_openmrs_kept(fake: harness.FakeOpenMrs) -> None:
    accounts = {a.login: a for a in collect(connect(fake)).accounts}
    assert accounts["jvillanueva"].status is Status.LOCKED
    assert accounts["lockedlongago"].status is Status.ACTIVE
    assert accounts["local"].status is Status.ACTIVE
    assert accounts["mreyes"].last_login == NOW - timedelta(days=1)
    assert accounts["nobody"].last_login is None
    assert accounts["mreyes"].created == datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert accounts["7-5"].id == "u-system-id"
    never = {a.login: a for a in collect(connect(fake, empty_last_login="never")).accounts}
    assert never["nobody"].last_login is NEVER


def test_two_people_of_one_name_stay_two_accounts(fake: harness.FakeOpenMrs) -> None:
    accounts = [a for a in collect(connect(fake, names=True)).accounts if a.name == "Maria Reyes"]
    assert {a.login for a in accounts} == set(harness.NAMESAKES)


def test_names_are_not_asked_for_unless_the_practice_wants_them(fake: harness.FakeOpenMrs) -> None:
    assert {a.name for a in collect(connect(fake)).accounts} == harness.LOGINS
    assert not any("person" in call.query.get("v", "") for call in fake.calls)


def test_neither_secret_questions_nor_patients_are_asked_for(fake: harness.FakeOpenMrs) -> None:
    collect(connect(fake, names=True))
    for call in fake.calls:
        assert "secret" not in str(call.query).lower()
        assert call.query.get("v", "custom:").startswith("custom:")
        assert call.path.removeprefix("/openmrs/ws/rest/v1/").split("/")[0] in {"session", "role", "user"}


def test_patients_whom_a_user_opened_are_dropped_as_they_are_read(
    fake: harness.FakeOpenMrs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    collection = collect(connect(fake))
    assert collection.complete
    assert any(harness.PATIENT in str(user["userProperties"]) for user in fake.users)
    for text in (repr(collection), caplog.text):
        assert harness.PATIENT not in text
        assert harness.PATIENT_UUID not in text
        assert harness.SECRET_QUESTION not in text
        assert harness.PASSWORD not in text


def test_the_session_is_ended_and_only_reading_requests_are_made(fake: harness.FakeOpenMrs) -> None:
    collect(connect(fake))
    assert fake.sessions == set()
    assert [call.method for call in fake.calls][-1] == "DELETE"
    assert {(c.method, c.path) for c in fake.calls if c.method != "GET"} == {("DELETE", SESSION)}


def test_a_wrong_password_is_refused_although_openmrs_answers_with_success(
    fake: harness.FakeOpenMrs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENMRS_PASSWORD", "wrong-secret")
    text = reason(collect(connect(fake)))
    assert "does not accept" in text
    assert "wrong-secret" not in text
    assert not fake.asked("GET", USER_LIST)


@pytest.mark.parametrize("privilege", ["Get Patients", "View Patients"], ids=["now", "in older cores"])
def test_an_auditors_user_that_could_read_patients_is_refused(fake: harness.FakeOpenMrs, privilege: str) -> None:
    fake.own_privileges = ["Get Users", privilege]
    assert f"holds `{privilege}`" in reason(collect(connect(fake)))
    assert not fake.asked("GET", USER_LIST)


def test_an_auditors_user_that_is_not_in_the_list_makes_it_partial(fake: harness.FakeOpenMrs) -> None:
    fake.users = fake.users[1:]
    assert "`access-audit`, which is known to exist" in reason(collect(connect(fake)))


def misbehaving(fake: harness.FakeOpenMrs, change: Callable[[dict[str, Any]], None], *, at: int = 4) -> None:
    """Change the page of users that starts at `at`."""

    def instead(call: Call) -> Reply | None:
        if call.path == USER_LIST and call.query["startIndex"] == str(at):
            body = fake.answer(call).body
            change(body)
            return Reply(200, body)
        return None

    fake.instead = instead


def test_a_role_that_is_dropped_from_the_list_makes_it_partial() -> None:
    with served(harness.FakeOpenMrs(roles_readable=True)) as fake:

        def instead(call: Call) -> Reply | None:
            if call.path != ROLE_LIST or call.query["startIndex"] != "4":
                return None
            body = fake.answer(call).body
            _drop_row(body)
            return Reply(200, body)

        fake.instead = instead
        assert "listed a role twice" in reason(collect(connect(fake)))


def _drop_row(body: dict[str, Any]) -> None:
    del body["results"][1]


def _drop_links(body: dict[str, Any]) -> None:
    del body["links"]


def _drop_total(body: dict[str, Any]) -> None:
    del body["totalCount"]


def _half(body: dict[str, Any]) -> None:
    del body["results"][:]


def _other_total(body: dict[str, Any]) -> None:
    body["totalCount"] = 12


def _repeat(body: dict[str, Any]) -> None:
    body["results"][0]["uuid"] = "u-0"


def _text_for_list(body: dict[str, Any]) -> None:
    body["results"] = harness.PATIENT


def _text_for_user(body: dict[str, Any]) -> None:
    body["results"][0] = harness.PATIENT


@pytest.mark.parametrize(
    "change",
    [_drop_row, _drop_links, _drop_total, _half, _other_total, _repeat, _text_for_list, _text_for_user],
    ids=lambda change: change.__name__.strip("_"),
)
def test_a_page_that_is_not_whole_makes_it_partial_and_never_smaller(
    fake: harness.FakeOpenMrs, change: Callable[[dict[str, Any]], None]
) -> None:
    misbehaving(fake, change)
    assert harness.PATIENT not in reason(collect(connect(fake)))


@pytest.mark.parametrize("field", ["uuid", "username", "retired", "dateCreated", "userProperties", "email", "roles"])
@pytest.mark.parametrize("value", [[7], {"x": 1}, 7, harness.PATIENT * 100])
def test_a_field_of_another_type_is_told_by_its_name_and_not_by_its_value(
    fake: harness.FakeOpenMrs, field: str, value: object
) -> None:
    misbehaving(fake, lambda body: body["results"][0].update({field: value}))
    collection = collect(connect(fake))
    if field == "userProperties" and value == {"x": 1}:
        assert collection.complete  # a property that is not asked for
        return
    text = reason(collection)
    assert harness.PATIENT not in text
    assert f"`{field}`" in text or (field, value) == ("roles", [7])


def test_an_older_openmrs_is_read_without_e_mail_addresses(fake: harness.FakeOpenMrs) -> None:
    fake.has_email = False
    assert "email: false" in reason(collect(connect(fake)))
    assert collect(connect(fake, email=False)).complete


def test_a_lower_limit_of_the_administrator_is_told() -> None:
    with served(harness.FakeOpenMrs(max_limit=3, roles_readable=False)) as fake:
        fake.roles_readable = False
        assert "`page_size`" in reason(collect(connect(fake)))
        assert collect(connect(fake, page_size=3)).complete


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_refusal_in_the_middle_makes_it_partial(fake: harness.FakeOpenMrs, status: int) -> None:
    fake.instead = lambda call: Reply(status, {}) if call.query.get("startIndex") == "8" else None
    assert str(status) in reason(collect(connect(fake, call_limit_s=0.6)))


def test_the_steps_say_who_signed_in_and_what_it_may_do_too_much(fake: harness.FakeOpenMrs) -> None:
    connector = connect(fake)
    assert isinstance(connector, Probes)
    assert isinstance(connector, HasEndpoint)
    assert isinstance(connector, HasCanary)
    assert isinstance(connector, Closes)
    fake.own_privileges = ["Get Users", "Manage Roles"]
    told = [step.run() for step in connector.steps()]
    assert told[0] == "signed in as access-audit"
    assert "`Manage Roles`, which the audit does not need" in told[1]
    fake.own_privileges = ["Get Orders"]
    with pytest.raises(SourceDenied, match="Get Orders"):
        connector.steps()[1].run()
    connector.close()


def test_the_set_up_gives_get_users_and_nothing_that_reaches_patients(fake: harness.FakeOpenMrs) -> None:
    text = openmrs.setup(SYSTEM, settings(fake))
    assert '"privileges": ["Get Users"]' in text
    assert harness.USERNAME in text


def test_a_password_in_the_configuration_is_refused_and_not_shown(fake: harness.FakeOpenMrs) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(fake, password_env="p4ss word!")
    assert "p4ss" not in str(refused.value)
    with pytest.raises(ValidationError):
        settings(fake, password="x")


def test_an_address_without_encryption_is_refused(fake: harness.FakeOpenMrs) -> None:
    with pytest.raises(ValidationError, match="https://"):
        settings(fake, url="http://ehr.example.org/openmrs")
