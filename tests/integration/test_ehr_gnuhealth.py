"""GNU Health, live: a real server, and the account that the printed set-up makes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.collect import collect
from connectors.connector import Page
from connectors.ehr.gnuhealth import connector as gnuhealth
from connectors.errors import SourceDenied, SourceTruncated
from connectors.facts import Collection, Complete, Partial, Status
from tests.servers import gnuhealth as harness


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.GnuHealthServer]:
    with harness.gnuhealth(tmp_path_factory.mktemp("gnuhealth")) as running:
        yield running


def connect(server: harness.GnuHealthServer, **changes: object) -> gnuhealth.GnuHealth:
    settings = gnuhealth.Settings.model_validate(server.settings(**changes))
    return gnuhealth.connect(harness.SYSTEM, settings, Path())


@pytest.fixture(scope="module")
def clinic(server: harness.GnuHealthServer) -> Collection:
    return collect(connect(server))


def reason(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial), collection.completeness
    assert not collection.accounts
    return f"{collection.completeness.reason}; {collection.completeness.hint}"


def test_every_user_is_read_to_the_servers_own_count_those_switched_off_too(
    clinic: Collection, server: harness.GnuHealthServer
) -> None:
    assert isinstance(clinic.completeness, Complete), clinic.completeness
    assert {a.login for a in clinic.accounts if a.status is Status.ACTIVE} == harness.ACTIVE
    assert {a.login for a in clinic.accounts if a.status is Status.DISABLED} == harness.DISABLED
    told = {e.name: e.detail for e in clinic.completeness.evidence}
    assert told["total"] == f"{len(harness.LOGINS)} stated by the source, {len(harness.LOGINS)} read"
    assert told["canary"] == f"{harness.USER} seen"
    assert int(told["pages"]) >= 3
    with server.as_user("admin") as admin:
        assert admin.model("res.user", "search_count", [["active", "in", [True, False]]]) == len(clinic.accounts)


def test_what_the_source_does_not_say_stays_unknown_and_is_not_called_never(clinic: Collection) -> None:
    desk = next(a for a in clinic.accounts if a.login == "vma_desk")
    assert (desk.last_login, desk.mfa, desk.email) == (None, None, "vma_desk@agency.example")
    assert desk.created is not None
    assert [a.login for a in clinic.accounts if a.service] == ["root"]


def test_the_auditors_account_sees_no_patient_and_can_change_nothing(server: harness.GnuHealthServer) -> None:
    with server.as_user(harness.USER) as auditor, server.as_user("admin") as admin:
        models = [m[6:-5] for m in auditor.call("system.listMethods") if m.startswith("model.") and m.endswith(".read")]
        about = [m for m in models if m.startswith(("gnuhealth.patient", "party."))]
        seen = {m for m in about if auditor.model("ir.model.access", "get_access", [m])[m]["read"]}
        assert {m for m in seen if auditor.model(m, "search_count", []) and m not in SETTINGS_OF_PARTIES} == set()
        assert admin.model("party.party", "search_count", []) > 0
        for model, values in (
            ("gnuhealth.du", {"name": "x"}),
            ("party.party", {"name": "x"}),
            ("res.group", {"name": "x"}),
        ):
            with pytest.raises(AssertionError, match=r"UserError|AccessError"):
                auditor.model(model, "create", [values])
        uid = admin.model("res.user", "search", [["login", "=", harness.USER]], 0, None, None)
        with pytest.raises(AssertionError, match=r"UserError|AccessError"):
            auditor.model("res.user", "write", uid, {"name": "x"})


SETTINGS_OF_PARTIES = {
    *("party.address.format", "party.address.subdivision_type", "party.category", "party.configuration"),
}


def test_the_read_asks_for_no_record_of_any_other_model_and_signs_out(server: harness.GnuHealthServer) -> None:
    before = len(server.calls())
    assert collect(connect(server)).complete
    asked = server.calls()[before:]
    assert {call.rpartition(".")[2] for call in asked} == {"search_read", "search_count", "get_access"}
    assert {call.rpartition(".")[0] for call in asked} == {
        *("res.user", "res.group", "ir.model", "ir.model.field", "ir.model.access", "ir.model.field.access"),
        *("ir.model.button", "ir.rule", "ir.rule.group", "ir.action.wizard", "ir.action.report"),
    }
    with server.as_user("admin") as admin:
        found = admin.model("res.user", "search_read", [["login", "=", harness.USER]], 0, None, None, ["sessions"])
    assert found[0]["sessions"] == 0


@pytest.mark.parametrize("login", ["vma_none", "demo_frontdesk", "admin"])
def test_an_account_that_can_read_patients_is_refused_before_any_user_is_listed(
    server: harness.GnuHealthServer, monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    before = len(server.calls())
    words = {"admin": harness.ADMIN_PASSWORD, "demo_frontdesk": "the-word-of-demo"}
    monkeypatch.setenv("OTHER_PASSWORD", words.get(login, f"the-word-of-{login}"))
    text = reason(collect(connect(server, user=login, password_env="OTHER_PASSWORD")))
    assert "models with patient data, such as `gnuhealth.patient`" in text
    assert "run the set-up" in text
    asked = server.calls()[before:]
    assert asked.count("res.user.search_read") == 1  # its own record
    assert not [call for call in asked if call.startswith(("gnuhealth.", "party."))]


@contextmanager
def changed(server: harness.GnuHealthServer, model: str, values: dict[str, Any]) -> Iterator[None]:
    with server.as_user("admin") as admin:
        made = admin.model(model, "create", [values])
        try:
            yield
        finally:
            admin.model(model, "delete", made)


def audit_group(server: harness.GnuHealthServer, model: str) -> tuple[int, int]:
    with server.as_user("admin") as admin:
        group = admin.model("res.group", "search", [["name", "=", "Access Audit"]], 0, None, None)[0]
        return group, admin.model("ir.model", "search", [["model", "=", model]], 0, None, None)[0]


def test_one_more_group_by_which_it_could_read_patients_and_the_account_is_refused(
    server: harness.GnuHealthServer,
) -> None:
    group, model = audit_group(server, "gnuhealth.patient")
    rule = {
        "name": "All patients",
        "model": model,
        "global_p": False,
        "perm_read": True,
        "groups": [["add", [group]]],
        "rules": [["create", [{"domain": "[]"}]]],
    }
    before = len(server.calls())
    with changed(server, "ir.rule.group", rule):
        text = reason(collect(connect(server)))
    assert "can read 1 models with patient data, such as `gnuhealth.patient`" in text
    asked = [c for c in server.calls()[before:] if c.startswith(("gnuhealth.", "party."))]
    assert not asked


CAUSE = "gnuhealth.death_underlying_condition"


def test_the_causes_of_a_death_are_patient_data_although_only_the_certificate_names_the_person(
    server: harness.GnuHealthServer,
) -> None:
    with server.as_user("admin") as admin, server.as_user(harness.USER) as auditor:
        pathology = admin.model("gnuhealth.pathology", "create", [{"name": "Planted condition", "code": "X00.0"}])
        made = admin.model(CAUSE, "create", [{"condition": pathology[0], "interval": 3, "unit_of_time": "days"}])
        try:
            assert auditor.model("ir.model.access", "get_access", [CAUSE])[CAUSE]["read"], "only the row rule is left"
            assert auditor.model(CAUSE, "search_count", []) == 0
        finally:
            admin.model(CAUSE, "delete", made)
            admin.model("gnuhealth.pathology", "delete", pathology)
    group, model = audit_group(server, CAUSE)
    rule = {
        "name": "All causes",
        "model": model,
        "global_p": False,
        "perm_read": True,
        "groups": [["add", [group]]],
        "rules": [["create", [{"domain": "[]"}]]],
    }
    with changed(server, "ir.rule.group", rule):
        assert f"can read 1 models with patient data, such as `{CAUSE}`" in reason(collect(connect(server)))


def test_a_row_rule_that_hides_users_is_no_smaller_system(server: harness.GnuHealthServer) -> None:
    _, model = audit_group(server, "res.user")
    rule = {
        "name": "Own practice only",
        "model": model,
        "global_p": True,
        "rules": [["create", [{"domain": '[["id", ">", 5]]'}]]],
    }
    with changed(server, "ir.rule.group", rule):
        assert "row rule hides records of `res.user`" in reason(collect(connect(server)))


def turn_to_the_end(connector: gnuhealth.GnuHealth, page: Page) -> None:
    while page.next_token:
        page = connector.read_page(page.next_token)


def test_a_user_who_is_made_while_the_list_is_read_makes_it_partial(server: harness.GnuHealthServer) -> None:
    connector = connect(server)
    page = connector.read_page(None)
    with server.as_user("admin") as admin:
        made = admin.model("res.user", "create", [{"login": "intruder", "name": "Made Meanwhile"}])
        with pytest.raises(SourceTruncated, match="users when the read began"):
            turn_to_the_end(connector, page)
        # Tryton lets nobody delete a user.
        admin.model("res.user", "write", made, {"active": False, "login": "vma_spare"})
    connector.close()


def test_a_wrong_password_is_told_without_it(server: harness.GnuHealthServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRONG_PASSWORD", "hunter2-hunter2")
    text = reason(collect(connect(server, user="stranger", password_env="WRONG_PASSWORD")))
    assert "401" in text
    assert "hunter2" not in text


def test_a_database_that_does_not_exist_is_told(server: harness.GnuHealthServer) -> None:
    assert "`database`" in reason(collect(connect(server, database="nowhere")))


def test_the_steps_say_who_signed_in_and_what_the_account_may_do(
    server: harness.GnuHealthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(server) as connector:
        told = [step.run() for step in connector.steps()]
    assert told[0] == f"signed in as {harness.USER}"
    assert told[1].startswith("it can read no record of the ")
    assert told[1].endswith(" and change nothing")
    monkeypatch.setenv("OTHER_PASSWORD", harness.ADMIN_PASSWORD)
    with connect(server, user="admin", password_env="OTHER_PASSWORD") as connector, pytest.raises(SourceDenied):
        connector.steps()[1].run()
