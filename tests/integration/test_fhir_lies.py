"""A FHIR service that cuts, repeats, hides or muddles its answers is never taken for a small practice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fhir_reads import AUDITOR, PEOPLE, each, evidence, lying, on, read, reason, whole
from tests.servers._rest import Reply
from tests.servers.fhir import FhirFake, fhir_service, outcome


@pytest.mark.parametrize("type_", ["Practitioner", "PractitionerRole", "AuditEvent"])
def test_a_total_that_is_not_reached_makes_the_read_partial(type_: str, tmp_path: Path) -> None:
    more = on(type_, lambda bundle: bundle | {"total": bundle["total"] + 1})
    assert f"of `{type_}` but returned" in reason(lying(more, tmp_path))


def test_a_page_without_its_link_to_the_next_makes_the_read_partial(tmp_path: Path) -> None:
    forgetful = on("Practitioner", lambda bundle: bundle | {"link": []})
    assert "has 6 of `Practitioner` but returned 2" in reason(lying(forgetful, tmp_path))


def cutting(*, counts: bool, of_page: bool) -> Callable[[FhirFake], None]:
    """The first two entries, and no word about others, or a total of the page."""

    def cut(bundle: Any) -> Any:
        if "entry" not in bundle:
            return bundle
        entries = bundle["entry"][:2]
        told = {"total": len(entries)} if of_page else {}
        return {k: v for k, v in bundle.items() if k not in ("total", "link")} | {"entry": entries, **told}

    def install(fake: FhirFake) -> None:
        fake.page_size, fake.counts = 100, counts
        on("Practitioner", cut)(fake)

    return install


@pytest.mark.parametrize("of_page", [False, True], ids=["no total", "a total of the page"])
def test_a_first_page_without_a_link_is_not_everybody(of_page: bool, tmp_path: Path) -> None:
    counting, mute = (cutting(counts=counts, of_page=of_page) for counts in (True, False))
    assert "counts 6 of `Practitioner` but returned 2" in reason(lying(counting, tmp_path))
    assert "nothing shows that there are no more" in reason(lying(mute, tmp_path, canary=None))
    assert "nothing shows that there are no more" in reason(lying(mute, tmp_path, expect_accounts=6, canary=None))


@pytest.mark.parametrize("total", [True, False], ids=["a total", "links only"])
def test_a_service_that_does_not_count_by_itself_is_asked_for_a_page_of_one(total: bool, tmp_path: Path) -> None:
    with fhir_service(100, total=total) as fake:
        fake.counts = False
        end = evidence(whole(read(fake, tmp_path, canary=None)))["end"]
    assert ("the same total for a page of one" if total else "names a next page where there is one") in end


def test_a_service_that_does_not_page_is_whole_by_what_is_known_from_elsewhere(tmp_path: Path) -> None:
    def at_once(fake: FhirFake) -> None:
        fake.page_size, fake.counts = 100, False
        untold = ("link", "total")

        def everybody(bundle: Any) -> Any:
            whole_ = fake.resources["Practitioner"]
            return {k: v for k, v in bundle.items() if k not in untold} | {"entry": [{"resource": r} for r in whole_]}

        on("Practitioner", everybody)(fake)

    assert "nothing shows" in reason(lying(at_once, tmp_path, canary=None))
    assert "own screen" in evidence(whole(lying(at_once, tmp_path, canary=None, expect_accounts=6)))["end"]
    assert "a canary alone" in evidence(whole(lying(at_once, tmp_path)))["end"]


def test_a_total_that_changes_makes_the_read_partial(tmp_path: Path) -> None:
    totals = iter(range(6, 99))
    assert "changed its total" in reason(
        lying(on("Practitioner", lambda bundle: bundle | {"total": next(totals)}), tmp_path)
    )


def test_the_same_page_again_and_again_makes_the_read_partial(tmp_path: Path) -> None:
    first: list[Any] = []

    def stuck(bundle: Any) -> Any:
        first.append(bundle)
        return first[0]

    assert "twice" in reason(lying(on("Practitioner", stuck), tmp_path))


def test_an_empty_page_in_a_circle_makes_the_read_partial(tmp_path: Path) -> None:
    def circle(fake: FhirFake) -> None:
        link = [{"relation": "next", "url": f"{fake.base}/Practitioner?_place=1"}]
        on("Practitioner", lambda bundle: bundle | {"entry": [], "link": link})(fake)

    assert "same page token twice" in reason(lying(circle, tmp_path))


def test_a_next_page_on_another_server_is_not_fetched(tmp_path: Path) -> None:
    def away(bundle: Any) -> Any:
        return bundle | {"link": [{"relation": "next", "url": "https://evil.example/fhir/Practitioner?page=2"}]}

    assert "another server" in reason(lying(on("Practitioner", away), tmp_path))


def test_a_link_without_the_servers_name_is_followed(tmp_path: Path) -> None:
    def relative(fake: FhirFake) -> None:
        def shorten(bundle: Any) -> Any:
            for link in bundle["link"]:
                link["url"] = link["url"].removeprefix(f"{fake.base}/")
            return bundle

        on("Practitioner", shorten)(fake)

    whole(lying(relative, tmp_path))


def test_a_server_that_refuses_to_narrow_its_answer_is_asked_again_without(tmp_path: Path) -> None:
    def strict(fake: FhirFake) -> None:
        fake.instead = lambda call: Reply(400, outcome("invalid")) if "_total" in call.query else None

    collection = whole(lying(strict, tmp_path))
    assert {a.login for a in collection.accounts} == PEOPLE | {AUDITOR}


@pytest.mark.parametrize(
    ("code", "severity"), [("suppressed", "warning"), ("incomplete", "information"), ("x", "error")]
)
def test_a_server_that_says_it_holds_something_back_makes_the_read_partial(
    code: str, severity: str, tmp_path: Path
) -> None:
    def beside(bundle: Any) -> Any:
        entry = {"resource": outcome(code, severity), "search": {"mode": "outcome"}}
        return bundle | {"entry": [*bundle["entry"], entry]}

    assert f"holds back results for `Practitioner`: `{code}`" in reason(lying(on("Practitioner", beside), tmp_path))


def test_a_server_that_only_warns_is_read(tmp_path: Path) -> None:
    def beside(bundle: Any) -> Any:
        return bundle | {"entry": [*bundle["entry"], {"resource": outcome("not-supported", "warning")}]}

    whole(lying(on("Practitioner", beside), tmp_path))


def test_an_operation_outcome_instead_of_results_makes_the_read_partial(tmp_path: Path) -> None:
    told = reason(lying(on("Practitioner", lambda _: outcome("security")), tmp_path))
    assert "`security`" in told


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda b: [], id="a list"),
        pytest.param(lambda b: {}, id="nothing"),
        pytest.param(lambda b: b | {"type": "history"}, id="another bundle"),
        pytest.param(lambda b: b | {"entry": "x"}, id="entries that are none"),
        pytest.param(lambda b: b | {"entry": ["x"]}, id="an entry that is none"),
        pytest.param(lambda b: b | {"entry": [{}]}, id="an entry without content"),
        pytest.param(lambda b: b | {"link": "x"}, id="links that are none"),
        pytest.param(lambda b: b | {"link": [{"relation": "next"}]}, id="a next page without address"),
        pytest.param(lambda b: b | {"link": b["link"] * 2 + [{"relation": "next", "url": "x"}]}, id="two next pages"),
        pytest.param(lambda b: b | {"total": "6"}, id="a total as text"),
        pytest.param(lambda b: b | {"entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}, id="a patient"),
    ],
)
def test_a_page_of_another_shape_makes_the_read_partial(change: Callable[[Any], Any], tmp_path: Path) -> None:
    reason(lying(on("Practitioner", change), tmp_path))


@pytest.mark.parametrize(
    ("type_", "field", "value"),
    [
        ("Practitioner", "id", None),
        ("Practitioner", "active", "true"),
        ("Practitioner", "active", 0),
        ("Practitioner", "name", "Maria"),
        ("Practitioner", "name", [{"given": "Maria"}]),
        ("Practitioner", "identifier", {}),
        ("Practitioner", "identifier", [7]),
        ("Practitioner", "telecom", [{"system": "email", "value": 7}]),
        ("PractitionerRole", "active", "yes"),
        ("PractitionerRole", "period", {"start": "yesterday"}),
        ("PractitionerRole", "practitioner", "Practitioner/1"),
        ("PractitionerRole", "code", [{"coding": {}}]),
        ("AuditEvent", "recorded", "yesterday"),
        ("AuditEvent", "recorded", None),
        ("AuditEvent", "agent", None),
        ("AuditEvent", "type", []),
        ("AuditEvent", "agent", [{"requestor": "true"}]),
    ],
)
def test_a_field_of_another_type_makes_the_read_partial(type_: str, field: str, value: object, tmp_path: Path) -> None:
    reason(lying(on(type_, each(lambda resource: resource.update({field: value}))), tmp_path))
