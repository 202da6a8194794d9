"""The end of a SCIM list, on servers that count and page as public products do (`tests/servers/scim_products.py`)."""

from pathlib import Path

import pytest

from connectors.collect import collect
from connectors.errors import SourceTruncated
from connectors.facts import Collection, Complete, Partial, System, SystemKind
from connectors.generic.scim import connector as scim
from connectors.generic.scim.groups import GROUPS_NOT_READ
from connectors.roster import scim as scim_roster
from tests.servers.scim_products import (
    SIZE,
    AgainPastTheEnd,
    AllAtOnce,
    CursorOnRequest,
    FailsPastTheEnd,
    FirstHundred,
    NothingUnasked,
    OneSample,
    RefusedPastTheEnd,
    ScimProduct,
    TotalOfThePage,
    scim_product,
)

IDP = System("idp", SystemKind.DIRECTORY, "scim", "IdP", holds_phi=False)


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIM_TOKEN", "token")


def read(product: ScimProduct, **settings: object) -> Collection:
    with scim_product(product):
        fields = {"url": product.url, "token_env": "SCIM_TOKEN", "page_size": 100, **settings}
        return collect(scim.connect(IDP, scim.Settings.model_validate(fields), Path()))


def end_of(collection: Collection) -> str:
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert GROUPS_NOT_READ not in collection.entitlements
    return {e.name: e.detail for e in collection.completeness.evidence}["end"]


@pytest.mark.parametrize(
    ("product", "end"),
    [
        (ScimProduct(), "a page past the last is empty"),
        (TotalOfThePage(), "a page past the last is empty"),
        (TotalOfThePage(200), "a page past the last is empty"),
        (CursorOnRequest(), "no further cursor on the last page"),
        (CursorOnRequest(37), "no further cursor, and one on a page of one"),
        (NothingUnasked(), "a page past the last is empty"),
        (AgainPastTheEnd(), "a page past the last is empty"),
        (AgainPastTheEnd(37), "the same total for a page of one"),
        (RefusedPastTheEnd(), "one total on all pages, larger than a page"),
        (RefusedPastTheEnd(37), "the same total for a page of one"),
        (ScimProduct(1), "a page past the last is empty"),
        (ScimProduct(100), "a page past the last is empty"),
    ],
    ids=lambda value: f"{type(value).__name__}-{len(value.lists['Users'])}" if isinstance(value, ScimProduct) else "",
)
def test_everybody_is_read_however_the_server_counts(product: ScimProduct, end: str) -> None:
    collection = read(product)
    assert end in end_of(collection)
    assert {a.login for a in collection.accounts} == {u["userName"] for u in product.lists["Users"]}


@pytest.mark.slow
def test_a_server_that_fails_past_its_end_is_read_by_its_total_of_a_page_of_one() -> None:
    assert "the same total for a page of one" in end_of(read(FailsPastTheEnd(37), call_limit_s=2))


@pytest.mark.parametrize("product", [FirstHundred(), AllAtOnce(), OneSample(), OneSample(1)], ids=type)
def test_an_end_that_nothing_proves_makes_the_read_partial(product: ScimProduct) -> None:
    found = read(product)
    assert isinstance(found.completeness, Partial)
    assert "nothing shows that there are no more" in found.completeness.reason
    assert "`expect_accounts`" in found.completeness.hint


def test_what_the_products_own_screen_shows_proves_a_list_that_comes_at_once() -> None:
    assert "own screen" in end_of(read(AllAtOnce(), expect_accounts=SIZE))
    found = read(FirstHundred(), expect_accounts=SIZE)
    assert isinstance(found.completeness, Partial)
    found = read(ScimProduct(), expect_accounts=SIZE + 1)
    assert isinstance(found.completeness, Partial)
    assert f"returned {SIZE} accounts instead of the {SIZE + 1}" in found.completeness.reason


def test_a_canary_proves_a_list_only_where_it_is_not_as_long_as_a_page() -> None:
    found = read(FirstHundred(), canary="user7")
    assert isinstance(found.completeness, Partial)
    assert "a canary does not help: 100 is" in found.completeness.hint
    found = read(AllAtOnce(37), canary="user37")
    assert isinstance(found.completeness, Complete)
    assert "a canary alone" in next(e.detail for e in found.completeness.evidence if e.name == "end")


def test_groups_whose_list_proves_no_end_are_not_all_read() -> None:
    found = read(AllAtOnce(37), canary="user37")
    held = {g.account for g in found.grants if g.entitlement == GROUPS_NOT_READ}
    assert held == {a.id for a in found.accounts}


def roster(product: ScimProduct, **settings: object) -> list[str]:
    fields = {"url": product.url, "token_env": "SCIM_TOKEN", "columns": COLUMNS, "page_size": 100, **settings}
    found = scim_roster.read(scim_roster.Settings.model_validate(fields), Path())
    return [person.id for person in found.roster.people]


COLUMNS = {
    "vma_id": "userName",
    "name": "userName",
    "agency": {"value": "Harbor Assist LLC"},
    "employment": {"value": "employee"},
    "roles": {"value": "scheduler"},
    "start": {"value": "2026-01-05"},
}


@pytest.mark.parametrize("product", [ScimProduct(), TotalOfThePage(), CursorOnRequest()], ids=type)
def test_a_roster_is_read_to_its_end_however_the_server_counts(product: ScimProduct) -> None:
    with scim_product(product):
        assert len(roster(product)) == SIZE


def test_a_roster_that_may_be_its_first_page_is_refused_unless_somebody_says_that_it_is_whole() -> None:
    with (
        scim_product(FirstHundred()) as product,
        pytest.raises(SourceTruncated, match="nothing shows that there are no"),
    ):
        roster(product)
    with scim_product(AllAtOnce(37)) as product:
        with pytest.raises(SourceTruncated, match="nothing shows that there are no"):
            roster(product)
        assert len(roster(product, whole=True)) == 37
