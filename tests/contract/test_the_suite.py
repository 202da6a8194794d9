"""The tests of the tests: the contract suite finds the bugs that it is there for, and a fault that never fired."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectors.connector import Connector
from connectors.inputs.fields import Fields
from connectors.testing import ContractBroken, Fault, Observation, Source, Trial, breaches, check_fault, read_truth
from connectors.testing.check import check_population
from connectors.testing.harness import BLIND
from tests.contract import planted
from tests.contract.clinic import Clinic
from tests.contract.clinic_harness import ClinicHarness
from tests.contract.harness_ldap import LdapHarness

FOUND = {
    planted.FirstPageOnly: ("population", "logins: missing"),
    planted.TokenNotPassedOn: ("population", "logins: missing"),
    planted.ErrorTakenForEmpty: ("forbidden", "counts as complete, with 3 accounts"),
    planted.NameUsedAsKey: ("population", "logins: missing|the name is used as the key"),
    planted.OneLevelOfNesting: ("population", "through two others|should hold"),
    planted.DisabledReadAsActive: ("population", "cannot sign in: missing"),
}


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    with ClinicHarness().start(tmp_path_factory.mktemp("clinic")) as source:
        yield source


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    with LdapHarness().start(tmp_path_factory.mktemp("ldap")) as source:
        yield source


def test_every_planted_bug_of_the_issue_is_here():
    assert set(FOUND) == set(planted.BUGS)
    assert len(planted.BUGS) == 6


@pytest.mark.parametrize("bug", planted.BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_reported(clinic, bug):
    check, text = FOUND[bug]
    found = {b.check: b.text for b in found_in(clinic, bug)}
    assert re.search(text, found.get(check, "")), found


@pytest.mark.parametrize("bug", planted.BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_reported_in_a_directory_too(directory, bug):
    assert found_in(directory, bug)


def test_a_connector_without_a_bug_is_reported_for_nothing(clinic):
    assert not breaches(clinic, planted.Planted)


def test_an_error_taken_for_empty_is_reported_under_every_fault_that_is_an_error(clinic):
    told = {b.check for b in breaches(clinic, planted.ErrorTakenForEmpty)}
    assert told >= {
        *(Fault.HALF_ANSWER, Fault.CUT_DOCUMENT, Fault.WRONG_TYPE, Fault.NOT_SIGNED_IN, Fault.FORBIDDEN, Fault.RESET),
        *(Fault.ERROR_FOR_EVER, Fault.SLOW_DRIP, Fault.EMPTY_ANSWER, Fault.DROPPED_PAGE),
    }


def test_a_fault_that_never_fired_proves_nothing(clinic):
    class Dud(Wrapped):
        @contextmanager
        def trials(self, fault: Fault) -> Iterator[list[Trial]]:
            yield [Trial(self.healthy(), Observation())]

    with pytest.raises(ContractBroken, match="never fired"):
        check_fault(Dud(clinic), Fault.OTHER_ORDER, read_truth(clinic))


def test_a_fault_that_a_rig_leaves_out_without_a_reason_is_reported(clinic):
    class Silent(Wrapped):
        cannot = {Fault.RESET: " "}

    with pytest.raises(ContractBroken, match="does not say why"):
        check_fault(Silent(clinic), Fault.RESET, read_truth(clinic))


def test_a_connector_that_tries_again_at_once_is_reported(clinic, monkeypatch):
    monkeypatch.setattr("connectors.http.client._pause", lambda status, *_: 0.01 if status == 429 else None)
    with pytest.raises(ContractBroken, match="was told to wait 1 s and tried again after"):
        check_fault(clinic, Fault.TOO_MANY, read_truth(clinic))


def test_a_connector_that_trusts_every_certificate_is_reported(clinic, monkeypatch):
    import ssl  # noqa: PLC0415

    def trusting(*_: object, **__: object) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    truth = read_truth(clinic)
    monkeypatch.setattr(ssl, "create_default_context", trusting)
    with pytest.raises(ContractBroken, match="bytes were sent over a connection that must not be trusted"):
        check_fault(clinic, Fault.WRONG_NAME, truth)


@pytest.mark.parametrize("fault", BLIND)
def test_a_connector_that_believes_a_total_or_a_missing_link_is_reported(clinic, monkeypatch, fault):
    monkeypatch.setattr(Clinic, "_refuse_more", lambda self, page: None)
    monkeypatch.setattr(Fields, "number", lambda self, key: self.values.get(key))
    with pytest.raises(ContractBroken, match="counts as complete and is not the truth: 3 accounts instead of 8"):
        check_fault(clinic, fault, read_truth(clinic))


def test_a_connector_that_takes_a_short_page_for_the_last_is_reported(clinic):
    class Short(planted.Planted):
        def read_page(self, token):
            page = super().read_page(token)
            return page if len(page.accounts) == 3 else planted.replace(page, next_token=None, evidence=planted.THE_END)

    truth = read_truth(clinic)
    with pytest.raises(ContractBroken, match="it is partial, and should have been read to its end"):
        check_fault(clinic, Fault.SHORT_PAGE, truth, Short)


def test_a_secret_in_the_facts_is_reported(clinic):
    truth = read_truth(clinic)
    (secret,) = clinic.population.secrets
    spoilt = planted.replace(truth, source=f"http://x/?token={secret}")
    with pytest.raises(ContractBroken, match="secret"):
        check_population(clinic, spoilt)


class Wrapped:
    """Another source, with one thing changed."""

    def __init__(self, source: Source) -> None:
        self.source, self.population, self.pages = source, source.population, source.pages
        self.at_once = source.at_once

    cannot: dict[Fault, str] = {}

    def healthy(self) -> Connector:
        return self.source.healthy()

    def same(self, *collections) -> bool:
        return self.source.same(*collections)


def found_in(source: Source, bug: type[planted.Planted]):
    """Check what the bug is about: who is there, and one error."""
    try:
        truth = read_truth(source, bug)
    except ContractBroken as broken:
        return [planted_breach("healthy", broken)]
    found = []
    for check, run in (
        ("population", lambda: check_population(source, truth)),
        ("forbidden", lambda: check_fault(source, Fault.FORBIDDEN, truth, bug)),
    ):
        try:
            run()
        except ContractBroken as broken:
            found.append(planted_breach(check, broken))
    return found


def planted_breach(check: str, broken: ContractBroken):
    from connectors.testing import Breach  # noqa: PLC0415

    return Breach(check, str(broken))
