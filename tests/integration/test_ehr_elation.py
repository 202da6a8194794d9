"""Elation against a small fake of its API; it was never run against Elation itself."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.collect import collect
from connectors.connector import Closes, HasCanary, HasEndpoint, Probes
from connectors.ehr import elation
from connectors.errors import SourceDenied
from connectors.facts import Collection, Complete, Partial, Status, System, SystemKind
from policies.catalogs.catalog import Catalogs, KnownEntitlement, Unclassified
from policies.vocabulary import Vocabulary
from tests.servers import elation as harness
from tests.servers._rest import Call, Reply

SYSTEM = System("ehr", SystemKind.EHR, "elation", "Elation", holds_phi=True)
USERS, DELEGATES = "/api/2.0/users/", "/api/2.0/delegate_permissions/"


def settings(fake: harness.FakeElation, **changes: Any) -> elation.Settings:
    base = {
        "url": fake.url,
        "client_id_env": "ELATION_ID",
        "client_secret_env": "ELATION_SECRET",
        "page_size": harness.PAGE_SIZE,
        "call_limit_s": 3,
    }
    return elation.Settings.model_validate(base | changes)


def connect(fake: harness.FakeElation, **changes: Any) -> elation.Elation:
    return elation.connect(SYSTEM, settings(fake, **changes), Path())


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELATION_ID", harness.CLIENT_ID)
    monkeypatch.setenv("ELATION_SECRET", harness.CLIENT_SECRET)


@pytest.fixture
def fake() -> Iterator[harness.FakeElation]:
    with harness.elation() as served:
        yield served


@contextmanager
def served(fake: harness.FakeElation) -> Iterator[harness.FakeElation]:
    with harness.elation(fake):
        yield fake


def held(collection: Collection, login: str) -> set[str]:
    account = next(a for a in collection.accounts if a.login == login)
    return {grant.entitlement for grant in collection.grants if grant.account == account.id}


def reason(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial), collection.completeness
    assert not collection.accounts
    return f"{collection.completeness.reason}; {collection.completeness.hint}"


def test_a_key_that_belongs_to_no_enterprise_is_told_what_it_lacks(fake: harness.FakeElation) -> None:
    fake.instead = lambda call: Reply(403, {"detail": "no"}) if call.path == USERS else None
    found = collect(connect(fake))
    assert isinstance(found.completeness, Partial)
    assert "only to keys that belong to an Enterprise" in found.completeness.hint


def test_every_user_is_read_to_elations_own_count_disabled_ones_too(fake: harness.FakeElation) -> None:
    collection = collect(connect(fake))
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert {a.login for a in collection.accounts} == harness.LOGINS
    assert {a.login for a in collection.accounts if a.status is Status.DISABLED} == harness.DISABLED
    assert [call.query["offset"] for call in fake.asked("GET", USERS)] == ["0", "3", "6", "8"], "past the end, too"
    assert "8 stated by the source, 8 read" in [e.detail for e in collection.completeness.evidence]


def test_two_people_of_one_name_stay_two_accounts(fake: harness.FakeElation) -> None:
    accounts = [a for a in collect(connect(fake)).accounts if a.name == "Maria Reyes"]
    assert {a.login for a in accounts} == set(harness.NAMESAKES)


def test_what_elation_says_of_a_user_is_what_it_holds(fake: harness.FakeElation) -> None:
    collection = collect(connect(fake))
    assert held(collection, "boss@practice.example") == {"staff", "has_chart_access", "is_practice_admin"}
    assert held(collection, "reader@practice.example") == {"staff:read-only", "has_chart_access:read-only"}
    assert held(collection, "oncall@practice.example") == {"physician/ft_non_prescribing", "has_chart_access"}
    assert held(collection, "maria@practice.example") == {"staff", "delegate:messages:901", "delegate:faxes:901"}


def test_a_delegation_names_the_physician_on_whose_behalf_and_the_catalog_its_kind(fake: harness.FakeElation) -> None:
    collection = collect(connect(fake))
    of_vma = {e for e in held(collection, "mreyes@practice.example") if e.startswith("delegate:")}
    assert of_vma == {"delegate:rxs:901", "delegate:rxs:902", "delegate:orders:901"}
    assert collection.entitlements["delegate:rxs:902"].name == "rxs on behalf of physician 902"
    words = Vocabulary.load()
    readings = Catalogs.load(words).read(SYSTEM, list(collection.entitlements.values()))
    known = readings["delegate:rxs:902"]
    assert isinstance(known, KnownEntitlement)
    assert "prescription.write" in words.names(known.mask)
    unknown = {id_ for id_, reading in readings.items() if isinstance(reading, Unclassified)}
    assert unknown == {"delegate:faxes:901"}


def test_of_an_enterprise_only_the_named_practice_is_counted_and_the_rest_is_told(fake: harness.FakeElation) -> None:
    collection = collect(connect(fake, practice=harness.PRACTICE))
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert {a.login for a in collection.accounts} == harness.LOGINS - {"far@elsewhere.example"}
    assert "delegate:referrals:903" not in collection.entitlements
    assert "1 of 8 users are of other practices, and were left out" in [
        e.detail for e in collection.completeness.evidence
    ]


def test_of_an_enterprise_a_cut_list_is_partial_too(fake: harness.FakeElation) -> None:
    changing(fake, USERS, 6, lambda body: body["results"].pop())
    assert "8 entries but ended after 7" in reason(collect(connect(fake, practice=harness.PRACTICE)))


def test_what_elation_does_not_say_is_unknown(fake: harness.FakeElation) -> None:
    for account in collect(connect(fake)).accounts:
        assert (account.last_login, account.mfa, account.created) == (None, None, None)


def test_licences_and_dea_numbers_are_dropped_as_they_are_read(
    fake: harness.FakeElation, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert harness.DEA in repr(fake.users)
    collection = collect(connect(fake))
    assert collection.complete
    for secret in (harness.DEA, harness.TOKEN, harness.CLIENT_SECRET):
        assert secret not in repr(collection) + caplog.text


def test_only_the_named_scopes_are_asked_for_and_nobody_is_impersonated(fake: harness.FakeElation) -> None:
    collect(connect(fake))
    (token,) = fake.asked("POST", "/api/2.0/oauth2/token/")
    assert token.form == {"grant_type": "client_credentials", "scope": harness.SCOPES}
    assert not any("x-on-behalf-of" in call.headers for call in fake.calls)
    assert {call.path for call in fake.calls} == {USERS, DELEGATES, token.path}
    assert {call.method for call in fake.calls if call.path != token.path} == {"GET"}


def test_a_key_with_other_scopes_is_told_where_to_write_them() -> None:
    with served(harness.FakeElation(registered="apiv2")) as fake:
        assert "`scope: null`" in reason(collect(connect(fake)))
        assert collect(connect(fake, scope=None)).complete


def test_a_key_that_may_not_read_delegations_makes_it_partial_because_they_are_the_finding() -> None:
    with served(harness.FakeElation(registered="system/users.read")) as fake:
        text = reason(collect(connect(fake, scope="system/users.read")))
    assert f"refuses `{DELEGATES}` with 403" in text


def test_a_wrong_secret_is_refused_and_not_shown(fake: harness.FakeElation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELATION_SECRET", "not-this-one")
    text = reason(collect(connect(fake)))
    assert "`invalid_client`" in text, "the word of RFC 6749 for it, and nothing else of the answer"
    assert "not-this-one" not in text


def changing(fake: harness.FakeElation, path: str, start: int, change: Callable[[dict[str, Any]], object]) -> None:
    """Change one page of a list."""

    def instead(call: Call) -> Reply | None:
        if (call.path, call.query.get("offset")) == (path, str(start)):
            body = fake.answer(call).body
            change(body)
            return Reply(200, body)
        return None

    fake.instead = instead


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "a row dropped": lambda body: body["results"].pop(0),
    "no link": lambda body: body.update(next=None),
    "no word on links": lambda body: body.pop("next"),
    "no count": lambda body: body.pop("count"),
    "another count": lambda body: body.update(count=99),
    "no rows": lambda body: body.update(results=[]),
    "a text for the list": lambda body: body.update(results="none"),
    "a text for a row": lambda body: body["results"].insert(0, "none"),
}


@pytest.mark.parametrize("path", [USERS, DELEGATES])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_page_that_is_not_whole_makes_it_partial_and_never_smaller(
    fake: harness.FakeElation, path: str, change: Callable[[dict[str, Any]], object]
) -> None:
    changing(fake, path, 3, change)
    reason(collect(connect(fake)))


@pytest.mark.parametrize(
    "field", ["id", "email", "is_active", "is_read_only", "user_type", "has_chart_access", "practice"]
)
@pytest.mark.parametrize("value", [[7], {"x": 1}, "y" * 2000])
def test_a_field_of_another_type_is_told_by_its_name(fake: harness.FakeElation, field: str, value: object) -> None:
    fake.users[4][field] = value
    assert f"`{field}`" in reason(collect(connect(fake)))


def test_a_delegation_to_somebody_who_is_not_listed_makes_it_partial(fake: harness.FakeElation) -> None:
    fake.delegations[0]["delegate_user"] = 4711
    assert "the account `4711`, which it did not return" in reason(collect(connect(fake)))


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_a_refusal_in_the_middle_makes_it_partial(fake: harness.FakeElation, status: int) -> None:
    fake.instead = lambda call: Reply(status, {}) if call.query.get("offset") == "6" else None
    assert str(status) in reason(collect(connect(fake, call_limit_s=0.6)))


def test_the_steps_say_what_can_be_read(fake: harness.FakeElation) -> None:
    connector = connect(fake)
    assert isinstance(connector, Probes)
    assert isinstance(connector, HasEndpoint)
    assert isinstance(connector, HasCanary)
    assert isinstance(connector, Closes)
    assert [step.run() for step in connector.steps()] == [
        f"Elation gave a token for {harness.SCOPES}",
        "8 users and 7 delegations can be read",
    ]
    fake.granted = set()
    with pytest.raises(SourceDenied):
        connector.steps()[1].run()
    connector.close()


def test_the_set_up_refuses_full_access_and_impersonation(fake: harness.FakeElation) -> None:
    text = elation.setup(SYSTEM, settings(fake))
    assert harness.SCOPES in text
    assert "Refuse `apiv2`" in text


def test_an_address_without_encryption_is_refused(fake: harness.FakeElation) -> None:
    with pytest.raises(ValidationError, match="https://"):
        settings(fake, url="http://app.elationemr.com")
