"""What GNU Health's users may do, as told and as the real server answers to each of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.collect import collect
from connectors.ehr.gnuhealth import connector as gnuhealth
from connectors.facts import Collection, Complete, EntitlementKind
from policies.catalogs.catalog import Catalogs, Unclassified
from policies.vocabulary import Vocabulary
from tests.servers import gnuhealth as harness

EVERYTHING = {"r": "read", "w": "write", "c": "create", "d": "delete"}
AUDITED = {"read", "write", "create", "delete"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.GnuHealthServer]:
    with harness.gnuhealth(tmp_path_factory.mktemp("gnuhealth")) as running:
        yield running


@pytest.fixture(scope="module")
def clinic(server: harness.GnuHealthServer) -> Collection:
    settings = gnuhealth.Settings.model_validate(server.settings())
    return collect(gnuhealth.connect(harness.SYSTEM, settings, Path()))


def held(clinic: Collection, login: str) -> dict[str, set[tuple[str, ...]]]:
    """Give what an account holds: entitlement id to paths, groups by their names."""
    account = next(a for a in clinic.accounts if a.login == login)
    names = {
        id_: e.name.removeprefix("group ") if id_.startswith("group:") else id_
        for id_, e in clinic.entitlements.items()
    }
    found: dict[str, set[tuple[str, ...]]] = {}
    for grant in clinic.grants:
        if grant.account == account.id:
            found.setdefault(names[grant.entitlement], set()).add(tuple(names[p] for p in grant.path))
    return found


def rights(clinic: Collection, login: str) -> dict[str, set[str]]:
    """Give the rights of an account on each model, whatever the path."""
    found: dict[str, set[str]] = {}
    for id_ in held(clinic, login):
        model, _, letters = id_.partition(":")
        if letters and set(letters) <= set(EVERYTHING) and "/" not in model:
            found.setdefault(model, set()).update(EVERYTHING[letter] for letter in letters)
    return found


@pytest.mark.parametrize("login", sorted(harness.ACTIVE))
def test_what_is_told_of_a_user_is_what_the_server_itself_answers_to_that_user(
    server: harness.GnuHealthServer, clinic: Collection, login: str
) -> None:
    told = rights(clinic, login)
    with server.as_user(login) as user:
        models = sorted(
            m.split(".", 1)[1].removesuffix(".read")
            for m in user.call("system.listMethods")
            if m.startswith(("model.gnuhealth.", "model.party.", "model.res.")) and m.endswith(".read")
        )
        said = user.model("ir.model.access", "get_access", models)
    # What row rules leave nothing of is not told as held: the auditor's account, and patients for the laboratory.
    hidden = {"gnuhealth.patient"} if login == "vma_lab" else set(models) if login == harness.USER else set()
    checked = [m for m in models if m in told and m not in hidden]
    assert {m: told[m] for m in checked} == {m: {r for r in AUDITED if said[m][r]} for m in checked}
    # Nothing is left out but settings without access row, which the evidence counts, and what follows another model.
    untold = {m for m in models if m not in told and any(said[m].values()) and m not in hidden}
    assert not {m for m in untold if m.startswith(("gnuhealth.patient", "party.", "res."))} - {"res.user.warning"}
    assert login == harness.USER or checked


def test_a_group_in_a_group_in_a_group_is_followed_to_the_last_with_its_path(clinic: Collection) -> None:
    of_vma = held(clinic, "vma_santos")
    path = ("VMA Scheduling", "VMA Desk", "VMA Base", "Health Front Desk")
    assert of_vma["gnuhealth.appointment:rwcd"] == {path}
    assert of_vma["Health Front Desk"] == {path[:-1]}
    assert of_vma["gnuhealth.vaccination:rc"] == {("VMA Scheduling", "VMA Desk")}
    assert clinic.entitlements["everyone"].container


def test_an_account_without_any_group_sees_patients_because_that_row_is_for_everyone(clinic: Collection) -> None:
    of_nobody = held(clinic, "vma_none")
    assert of_nobody["gnuhealth.patient:r"] == {("everyone",)}
    assert not any("group" in path for paths in of_nobody.values() for path in paths)


def test_a_model_without_access_row_is_told_as_open_to_every_active_user_and_to_no_other(clinic: Collection) -> None:
    for login in harness.ACTIVE - {harness.USER}:
        assert held(clinic, login)["party.party:rwcd"] == {("open-to-all",)}, login
    for login in harness.DISABLED:
        assert not {"open-to-all", "everyone"} & held(clinic, login).keys(), login
    told = {e.name: e.detail for e in clinic.completeness.evidence} if isinstance(clinic.completeness, Complete) else {}
    assert "hold patient data" in told["open"]


def test_a_row_for_one_group_leaves_the_model_open_to_all_others(
    clinic: Collection, server: harness.GnuHealthServer
) -> None:
    assert held(clinic, "vma_scribe")["gnuhealth.patient.ecg:r"] == {("Health Doctor",)}
    assert held(clinic, "vma_desk")["gnuhealth.patient.ecg:rwcd"] == {("open-to-all",)}
    with server.as_user("vma_desk") as desk:
        assert desk.model("gnuhealth.patient.ecg", "search_count", []) == 0  # allowed: it is not refused


def test_a_group_that_is_switched_off_gives_only_what_its_parent_gives(clinic: Collection) -> None:
    of_vma = held(clinic, "vma_off")
    off = "Retired Group (switched off)"
    assert of_vma["gnuhealth.family:rwcd"] == {(off, "Health Social Worker")}
    assert "gnuhealth.hospital.bed:rwcd" not in of_vma


def test_fields_buttons_wizards_and_reports_that_are_kept_are_held_by_their_groups_only(clinic: Collection) -> None:
    kept = {
        "gnuhealth.patient/critical_info:rw": {"vma_scribe", "demo_doctor"},
        "button:gnuhealth.appointment/check_in": {"vma_santos", "vma_santos2"},
        "wizard:party.erase": {"vma_party", "admin"},
        "report:patient.card": {"demo_back_office", "vma_left"},
        "button:ir.cron/run_once": {"vma_it", "admin"},
    }
    accounts = {a.id: a.login for a in clinic.accounts}
    for entitlement, logins in kept.items():
        assert {accounts[g.account] for g in clinic.grants if g.entitlement == entitlement} == logins, entitlement


def test_row_rules_are_told_and_what_they_leave_nothing_of_is_not_held(
    clinic: Collection, server: harness.GnuHealthServer
) -> None:
    rules = {e.name: e for e in clinic.entitlements.values() if e.kind is EntitlementKind.BOUNDARY}
    confirmed = next(
        e for name, e in rules.items() if name.startswith("row rule Confirmed only on gnuhealth.appointment")
    )
    assert ("VMA Scheduling",) in held(clinic, "vma_santos")[confirmed.id]
    assert confirmed.id not in held(clinic, "vma_desk")
    assert "read" not in rights(clinic, "vma_lab").get("gnuhealth.patient", set())
    for login, seen in (("vma_lab", 0), ("vma_none", 1)):
        with server.as_user(login) as user:
            assert user.model("gnuhealth.patient", "search_count", []) == seen


def test_every_right_that_comes_with_gnu_health_is_classified(clinic: Collection) -> None:
    readings = Catalogs.load(Vocabulary.load()).read(harness.SYSTEM, list(clinic.entitlements.values()))
    unknown = {id_ for id_, reading in readings.items() if isinstance(reading, Unclassified)}
    # These two were kept by the clinic itself.
    assert unknown == {"button:gnuhealth.appointment/check_in", "report:patient.card"}


@pytest.mark.parametrize(
    ("login", "may", "may_not"),
    [
        ("vma_desk", {"schedule.write", "demographics.write", "coverage.write"}, {"prescription.write", "user.admin"}),
        ("vma_scribe", {"note.sign", "prescription.write", "order.write"}, {"user.admin", "record.merge"}),
        ("vma_lab", {"result.sign"}, {"prescription.write", "schedule.write"}),
        ("vma_it", {"user.admin", "compute.admin"}, {"prescription.write"}),
        ("vma_party", {"record.merge"}, {"prescription.write"}),
        ("vma_none", {"problem.read", "document.delete", "record.delete"}, {"schedule.write", "prescription.read"}),
        (harness.USER, {"directory.read"}, {"demographics.read", "document.read", "message.read", "user.admin"}),
    ],
)
def test_what_the_rights_come_to(clinic: Collection, login: str, may: set[str], may_not: set[str]) -> None:
    vocabulary = Vocabulary.load()
    readings = Catalogs.load(vocabulary).read(harness.SYSTEM, list(clinic.entitlements.values()))
    account = next(a for a in clinic.accounts if a.login == login)
    mask = 0
    for grant in clinic.grants:
        if grant.account == account.id:
            mask |= readings[grant.entitlement].mask
    names = set(vocabulary.names(mask))
    assert may <= names
    assert not may_not & names
