"""The catalog that is ready to fill: whole, loadable, and harmless only when somebody says so."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.mapping.catalog_draft import catalog_skeleton, suggest, unclassified
from connectors.errors import InputError
from connectors.facts import (
    Account,
    Collection,
    Complete,
    Entitlement,
    EntitlementKind,
    Grant,
    Status,
    System,
    SystemKind,
)
from policies.catalogs.catalog import Catalogs, KnownEntitlement, Unclassified
from policies.vocabulary import Vocabulary

SYSTEM = System("ehr", SystemKind.EHR, "some-ehr", "Some EHR", holds_phi=True)
VOCABULARY = Vocabulary.load()
HELD = {"ana": ("Scheduling", "Billing"), "ben": ("Billing",), "zoe": ("Billing", "Old role")}


def collection(held=HELD, disabled=("zoe",), unheld=(), system=SYSTEM):
    names = [*dict.fromkeys(name for names in held.values() for name in names), *unheld]
    return Collection(
        system,
        "users.csv",
        datetime(2026, 11, 2, tzinfo=UTC),
        Complete(()),
        tuple(Account(system.id, a, a, a, Status.DISABLED if a in disabled else Status.ACTIVE) for a in sorted(held)),
        {name: Entitlement(system.id, name, name, EntitlementKind.ROLE) for name in names},
        tuple(Grant(account, name) for account, names in held.items() for name in dict.fromkeys(names)),
    )


def catalogs(tmp_path, text):
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return Catalogs.load(VOCABULARY, [path])


def test_entitlements_are_listed_most_held_first_with_how_many_live_accounts_hold_them():
    found = unclassified(collection(unheld=("Spare",)), Catalogs.load(VOCABULARY))
    assert [(u.entitlement.name, u.live_holders, u.holders) for u in found] == [
        ("Billing", 2, 3),
        ("Scheduling", 1, 1),
        ("Old role", 0, 1),
        ("Spare", 0, 0),
    ]


def test_the_catalog_says_of_each_line_how_many_hold_it():
    text = catalog_skeleton(collection(), Catalogs.load(VOCABULARY))
    assert "# role, held by 2 of 2 live accounts and by 1 that are not live\n  Billing:" in text
    assert text.index("Billing:") < text.index("Scheduling:") < text.index("Old role:")
    assert "policies: {catalogs: [FILE]}" in text


def test_a_catalog_that_nobody_filled_in_leaves_everything_unclassified(tmp_path):
    known = Catalogs.load(VOCABULARY)
    filled = catalogs(tmp_path, catalog_skeleton(collection(), known))
    facts = collection()
    readings = filled.read(SYSTEM, list(facts.entitlements.values()))
    assert all(isinstance(reading, Unclassified) for reading in readings.values())
    assert len(unclassified(facts, filled)) == 3


def test_a_line_that_was_filled_in_counts_and_the_others_stay_open(tmp_path):
    text = catalog_skeleton(collection(), Catalogs.load(VOCABULARY))
    billing = text.index("Billing:")
    text = text[:billing] + text[billing:].replace("gives: []\n    why: ''", "gives: [claim.submit]\n    why: x", 1)
    filled = catalogs(tmp_path, text)
    assert {u.entitlement.name for u in unclassified(collection(), filled)} == {"Scheduling", "Old role"}


def test_harmless_is_only_what_somebody_says_is_harmless_and_why(tmp_path):
    text = catalog_skeleton(collection(), Catalogs.load(VOCABULARY))
    filled = catalogs(tmp_path, text.replace("why: ''", "why: opens nothing", 1))
    reading = filled.read(SYSTEM, [collection().entitlements["Billing"]])["Billing"]
    assert isinstance(reading, KnownEntitlement)
    assert reading.mask == 0


def test_capabilities_without_a_reason_are_refused_with_the_line(tmp_path):
    text = catalog_skeleton(collection(), Catalogs.load(VOCABULARY)).replace(
        "  gives: []", "  gives: [claim.submit]", 1
    )
    with pytest.raises(InputError, match=r"line \d+, `entitlements.Billing.why`: nobody has said why"):
        catalogs(tmp_path, text)


def test_the_catalog_speaks_of_its_own_system_only(tmp_path):
    text = catalog_skeleton(collection(), Catalogs.load(VOCABULARY)).replace("why: ''", "why: opens nothing")
    filled = catalogs(tmp_path, text)
    other = System("ehr-2", SystemKind.EHR, "some-ehr", "Other", holds_phi=True)
    assert unclassified(collection(), filled) == ()
    assert len(unclassified(collection(system=other), filled)) == 3


def test_nothing_is_written_when_everything_is_classified(tmp_path):
    text = catalog_skeleton(collection(), Catalogs.load(VOCABULARY)).replace("why: ''", "why: opens nothing")
    assert catalog_skeleton(collection(), catalogs(tmp_path, text)) == ""


def test_hints_come_from_words_of_the_vocabulary_and_are_comments_only():
    assert "schedule.write" in suggest("SCHEDULING - ALL", VOCABULARY)
    assert suggest("xyzzy", VOCABULARY) == ()
    assert "# perhaps: [schedule.read" in catalog_skeleton(collection(), Catalogs.load(VOCABULARY))


@given(st.lists(st.text(min_size=1, max_size=40).filter(lambda t: t.strip() == t), min_size=1, max_size=6, unique=True))
def test_a_name_can_neither_break_the_file_nor_fill_in_a_line(tmp_path_factory, names):
    facts = collection({"ana": tuple(names)})
    text = catalog_skeleton(facts, Catalogs.load(VOCABULARY))
    try:
        filled = catalogs(tmp_path_factory.mktemp("c"), text)
    except UnicodeEncodeError:
        return  # half a character cannot come out of a file that was read strictly
    assert len(unclassified(facts, filled)) == len(names)


@pytest.mark.parametrize(
    "name",
    [
        "a: b",
        "- x",
        "# x",
        "x\ny: 1",
        "yes",
        "123",
        "'",
        '"',
        "{",
        "*a",
        "&a",
        "!!python",
        "é" * 900,
        "A" * 1000,
        "\x85x",
        "x\u2028gives",
    ],
)
def test_hostile_names_are_keys_and_nothing_else(tmp_path, name):
    facts = collection({"ana": (name,)})
    text = catalog_skeleton(facts, Catalogs.load(VOCABULARY))
    filled = catalogs(tmp_path, text.replace("why: ''", "why: opens nothing"))
    assert unclassified(facts, filled) == ()
