"""FHIR R4, read from a small fake built from the documented shapes (`tests/servers/fhir.py`)."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.connector import find
from connectors.ehr.fhir import connector as fhir
from connectors.facts import EntitlementKind, Status, SystemKind
from policies.catalogs.catalog import Catalogs, KnownEntitlement, Unclassified
from policies.vocabulary import Vocabulary
from tests.integration.fhir_reads import (
    AUDITOR,
    EHR,
    NOT_SAID,
    PEOPLE,
    connector,
    each,
    evidence,
    held,
    lying,
    on,
    read,
    reason,
    whole,
)
from tests.servers._rest import Reply
from tests.servers.fhir import DCM, SCOPES, fhir_service


@pytest.mark.parametrize("total", [True, False], ids=["with its total", "without a total"])
def test_everybody_who_is_listed_is_read_over_several_pages(total: bool, tmp_path: Path) -> None:
    with fhir_service(2, total=total) as fake:
        collection = whole(read(fake, tmp_path))
        assert len(fake.asked("GET", "/fhir/Practitioner")) == (3 if total else 4), "without a total, it is asked for"
    assert {a.login for a in collection.accounts} == PEOPLE | {AUDITOR}
    stated = "as it stated" if total else "without a stated total"
    assert f"6 Practitioner {stated}" in evidence(collection)["end"]
    assert evidence(collection)["canary"] == "drkim seen"


def test_an_account_says_what_fhir_says(tmp_path: Path) -> None:
    with fhir_service() as fake:
        by_login = {a.login: a for a in whole(read(fake, tmp_path)).accounts}
    reyes = by_login["mreyes"]
    assert (reyes.id, reyes.name, reyes.email) == ("Practitioner/1", "Maria Reyes", "mreyes@clinic.example")
    assert reyes.employee_id == "VMA-01"
    assert all(a.mfa is None for a in by_login.values())
    states = {login: by_login[login].status for login in ("mreyes", "dcalloway", "tquiroga")}
    assert states == {"mreyes": Status.ACTIVE, "dcalloway": Status.DISABLED, "tquiroga": Status.UNKNOWN}
    assert by_login["Practitioner/6"].name == "Zoë Last"
    assert by_login[AUDITOR].service


def test_the_last_sign_in_is_the_last_successful_one_however_the_event_names_who_it_was(tmp_path: Path) -> None:
    with fhir_service() as fake:
        collection = whole(read(fake, tmp_path))
    last = {a.login: a.last_login and str(a.last_login)[:16] for a in collection.accounts}
    assert last == {
        "mreyes": "2026-11-21 08:00",  # by address; the earlier one does not count
        "mreyes2": "2026-11-22 08:00",  # by the identifier that is the login, in capitals
        "drkim": "2026-11-19 08:00",  # by altId; a later failure and a later sign-out do not count
        "tquiroga": "2026-11-18 08:00",  # by the address of a role
        "dcalloway": None,  # nobody says that there was none before the days that were read
        "Practitioner/6": None,
        AUDITOR: None,
    }
    assert evidence(collection)["sign-ins"].startswith("5 since 2025-11-24")


def test_a_server_that_ignores_what_was_searched_for_changes_no_last_sign_in(tmp_path: Path) -> None:
    with fhir_service() as fake:
        asked = whole(read(fake, tmp_path))
        honest = fake.search
        fake.search = lambda type_, call: honest(type_, replace(call, query=_paging(call.query)))  # type: ignore[method-assign]
        ignored = whole(read(fake, tmp_path))
    assert ignored.accounts == asked.accounts
    assert "7 AuditEvent" in evidence(ignored)["end"]


def _paging(query: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if name in ("_count", "_place")}


def test_what_fhir_does_not_say_about_rights_is_never_taken_for_no_rights(tmp_path: Path) -> None:
    with fhir_service() as fake:
        collection = whole(read(fake, tmp_path))
    assert all(NOT_SAID in held(collection, login) for login in PEOPLE)
    entitlement = collection.entitlements["fhir:rights-not-said"]
    reading = Catalogs.load(Vocabulary.load()).read(EHR, [entitlement])[entitlement.id]
    assert isinstance(reading, Unclassified)
    assert "not with which rights" in evidence(collection)["says"]


def test_a_role_counts_while_it_lasts_and_is_active(tmp_path: Path) -> None:
    with fhir_service() as fake:
        collection = whole(read(fake, tmp_path))
    staff, physician = "role: Administrative healthcare staff", "role: General physician"
    assert held(collection, "drkim") == {NOT_SAID, physician}
    assert held(collection, "mreyes") == {NOT_SAID, staff}
    assert held(collection, "mreyes2") == {NOT_SAID}
    assert held(collection, "tquiroga") == {NOT_SAID, staff}
    assert collection.entitlements["role:http://snomed.info/sct|59058001"].kind is EntitlementKind.ROLE
    assert evidence(collection)["unknown-members"] == "roles of 1 practitioners who were not listed"


def test_the_auditors_own_client_is_an_account_with_the_scopes_that_were_granted(tmp_path: Path) -> None:
    with fhir_service() as fake:
        collection = whole(read(fake, tmp_path))
        assert fake.oauth.asked_scopes == [SCOPES]
    assert held(collection, AUDITOR) == set(SCOPES.split())
    readings = Catalogs.load(Vocabulary.load()).read(EHR, [collection.entitlements[s] for s in SCOPES.split()])
    assert all(isinstance(reading, KnownEntitlement) for reading in readings.values())


def test_only_what_is_used_is_asked_for(tmp_path: Path) -> None:
    with fhir_service() as fake:
        read(fake, tmp_path)
        searches = {call.path.rpartition("/")[2]: call.query for call in reversed(fake.calls) if call.method == "GET"}
    assert set(searches) == {"smart-configuration", "metadata", "AuditEvent", "PractitionerRole", "Practitioner"}
    assert searches["Practitioner"]["_elements"] == "active,identifier,name,telecom"
    events = searches["AuditEvent"]
    assert (events["type"], events["subtype"]) == (f"{DCM}|110114", f"{DCM}|110122")
    assert (events["date"], events["outcome"]) == ("ge2025-11-24", "0")
    assert "entity" not in events["_elements"]


def test_persons_are_read_when_asked_and_patients_among_them_are_dropped(tmp_path: Path) -> None:
    with fhir_service() as fake:
        fake.oauth.scopes = None
        collection = whole(read(fake, tmp_path, persons=True))
    assert {a.login for a in collection.accounts} == PEOPLE | {AUDITOR, "Person/p3"}
    assert evidence(collection)["persons"] == "1 are practitioners; patients passed over: 2"


def test_a_server_that_knows_smart_1_only_is_asked_in_its_words(tmp_path: Path) -> None:
    with fhir_service() as fake:
        fake.capabilities = ["permission-v1"]
        fake.oauth.scopes = None
        whole(read(fake, tmp_path))
        assert fake.oauth.asked_scopes == [SCOPES.replace(".rs", ".read")]


@pytest.mark.parametrize(
    "wide",
    [
        f"{SCOPES} system/Patient.rs",
        "system/*.read",
        "system/*.rs",
        f"{SCOPES} system/Practitioner.cruds",
        f"{SCOPES} user/patient.read",
    ],
)
def test_a_client_that_could_read_patients_or_write_is_refused_unless_that_is_accepted(
    wide: str, tmp_path: Path
) -> None:
    with fhir_service() as fake:
        fake.oauth.scopes = wide
        assert "which needs none of that" in reason(read(fake, tmp_path))
        assert not fake.asked("GET", "/fhir/Practitioner")
    if "*" in wide or wide.startswith(SCOPES):
        with fhir_service() as fake:
            fake.oauth.scopes = wide
            whole(read(fake, tmp_path, accept_wide_scopes=True))


def test_sign_ins_that_were_not_granted_are_not_known_and_not_an_error(tmp_path: Path) -> None:
    with fhir_service() as fake:
        fake.oauth.scopes = "system/Practitioner.rs system/PractitionerRole.rs"
        collection = whole(read(fake, tmp_path))
        assert "sign-ins" not in evidence(collection)
        assert "403" in reason(read(fake, tmp_path, sign_ins=True))


def test_roles_that_were_not_granted_make_the_read_partial(tmp_path: Path) -> None:
    with fhir_service() as fake:
        fake.oauth.scopes = "system/Practitioner.rs"
        assert "403" in reason(read(fake, tmp_path))


def test_a_service_without_roles_and_sign_ins_is_read_for_who_is_listed(tmp_path: Path) -> None:
    with fhir_service() as fake:
        del fake.resources["PractitionerRole"], fake.resources["AuditEvent"]
        collection = whole(read(fake, tmp_path))
        assert "AuditEvent" in reason(read(fake, tmp_path, sign_ins=True))
    assert evidence(collection)["roles"] == "the service does not offer PractitionerRole"


def test_a_service_that_lists_nobody_is_not_an_empty_practice(tmp_path: Path) -> None:
    with fhir_service() as fake:
        fake.resources["Practitioner"] = []
        assert "listed nobody" in reason(read(fake, tmp_path, canary=None))


def test_a_service_of_another_release_is_refused(tmp_path: Path) -> None:
    for version in ("3.0.2", "5.0.0"):
        with fhir_service() as fake:
            fake.version = version
            assert "another FHIR than R4" in reason(read(fake, tmp_path))


def test_a_service_that_cannot_search_practitioners_is_told_at_once(tmp_path: Path) -> None:
    with fhir_service() as fake:
        del fake.resources["Practitioner"]
        assert "search `Practitioner`" in reason(read(fake, tmp_path))


def test_a_token_endpoint_on_another_server_must_be_confirmed(tmp_path: Path) -> None:
    with fhir_service() as fake:
        fake.instead = lambda call: (
            Reply(200, {"token_endpoint": "https://login.evil.example/token"}) if "smart-conf" in call.path else None
        )
        collection = read(fake, tmp_path)
        assert "`https://login.evil.example/token`" in reason(collection)
        fake.instead = lambda call: None
        whole(read(fake, tmp_path, token_url=fake.oauth.url, scope=SCOPES))


def test_a_service_without_a_smart_configuration_needs_the_token_url(tmp_path: Path) -> None:
    with fhir_service() as fake:
        fake.instead = lambda call: Reply(404, None) if "smart-conf" in call.path else None
        assert "where a client gets its token" in reason(read(fake, tmp_path))
        whole(read(fake, tmp_path, token_url=fake.oauth.url))


def test_a_bearer_token_is_enough_and_its_scopes_are_asked_for_where_the_server_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fhir_service() as fake:
        fake.oauth.issued.append("given-by-hand")
        monkeypatch.setenv("FHIR_TOKEN", "given-by-hand")
        way: dict[str, object] = {"client_id": None, "key_file": None, "token_env": "FHIR_TOKEN"}
        assert AUDITOR not in {a.login for a in whole(read(fake, tmp_path, **way)).accounts}
        told = {"active": True, "client_id": AUDITOR, "scope": SCOPES}
        fake.instead = lambda call: Reply(200, told) if call.path == "/introspect" else None
        way["introspection_url"] = f"{fake.url}/introspect"
        assert held(whole(read(fake, tmp_path, **way)), AUDITOR) == set(SCOPES.split())
        told["scope"] = "system/*.rs"
        assert "needs none of that" in reason(read(fake, tmp_path, **way))
        told["active"] = False
        assert "no longer valid" in reason(read(fake, tmp_path, **way))


def test_a_page_that_is_asked_for_after_the_token_ended_gets_a_new_one(tmp_path: Path) -> None:
    with fhir_service() as fake:
        fake.oauth.lasts_s = 1
        service = connector(fake, tmp_path)
        page = service.read_page(None)
        service._sign_in._token.renew_at = 0.0  # type: ignore[union-attr]
        service.read_page(page.next_token)
        service.close()
        assert len(fake.oauth.issued) == 2


def test_a_role_that_is_called_like_a_scope_is_not_taken_for_one(tmp_path: Path) -> None:
    hostile = each(lambda role: role.update(code=[{"text": "openid"}]))
    collection = whole(lying(on("PractitionerRole", hostile), tmp_path))
    role = collection.entitlements["role:openid"]
    assert isinstance(Catalogs.load(Vocabulary.load()).read(EHR, [role])[role.id], Unclassified)


def test_the_steps_say_what_works(tmp_path: Path) -> None:
    with fhir_service() as fake:
        service = connector(fake, tmp_path)
        told = [step.run() for step in service.steps()]
        service.close()
    assert told == [
        "FHIR 4.0.1; offers AuditEvent, PractitionerRole, Practitioner",
        f"signed in; granted: {SCOPES}",
        "may search AuditEvent, PractitionerRole, Practitioner",
    ]


def test_the_set_up_asks_for_reading_scopes_only() -> None:
    settings = fhir.Settings(url="https://ehr.example/fhir", client_id="x", key_file=Path("k.pem"))
    text = fhir.setup(EHR, settings)
    assert "system/Practitioner.rs system/PractitionerRole.rs system/AuditEvent.rs" in text
    assert "Person" not in text
    assert "Patient" not in text


def test_the_connector_is_found_by_its_name() -> None:
    assert find(SystemKind.EHR, "fhir") is fhir


def test_a_key_that_the_settings_do_not_know_is_refused() -> None:
    with pytest.raises(ValidationError):
        fhir.Settings.model_validate({"url": "https://ehr.example", "token_env": "T", "patients": True})
