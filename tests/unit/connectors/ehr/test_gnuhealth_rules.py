"""What Tryton's rules mean, without a server; `tests/integration/test_ehr_gnuhealth.py` compares with a real one."""

import json

import pytest
from pydantic import ValidationError

from connectors.ehr.gnuhealth import connector as gnuhealth
from connectors.ehr.gnuhealth.access import AccessRow, GnuHealthGroup, GnuHealthGroups, ModelAccess
from connectors.ehr.gnuhealth.grants import level
from connectors.ehr.gnuhealth.models import LOG_DOMAIN, TrytonModel, covers, with_patient_data
from connectors.ehr.gnuhealth.rules import NOTHING, RecordReach, RowRules, RuleGroup
from connectors.facts import Entitlement, EntitlementKind, System, SystemKind
from policies.catalogs.catalog import Catalogs, KnownEntitlement
from policies.vocabulary import Vocabulary

SYSTEM = System("ehr", SystemKind.EHR, "gnuhealth", "GNU Health", holds_phi=True)
SETTINGS = {"url": "https://ehr.example.org", "database": "clinic", "user": "audit", "password_env": "EHR_PASSWORD"}
NOBODY: frozenset[int] = frozenset()
IN_GROUPS = {"__class__": "Eval", "v": "groups", "d": []}
ONLY_NINE = {"__class__": "If", "c": {"__class__": "In", "k": 9, "v": IN_GROUPS}, "t": [], "e": NOTHING}


def rule(*domains: object, groups: tuple[int, ...] = (), **changes: object) -> RuleGroup:
    fields = {"id": 1, "name": "r", "model": "m", "rights": "rwcd", "everywhere": False, "default": False}
    texts = tuple(json.dumps(d) for d in domains)
    return RuleGroup(**{**fields, "groups": frozenset(groups), "domains": texts, **changes})  # type: ignore[arg-type]


def reach(*rules: RuleGroup, groups: frozenset[int] = NOBODY, right: str = "r") -> RecordReach:
    return RowRules(rules, {}).reach("m", right, groups)


def test_without_rules_everything_is_reached() -> None:
    assert reach() is RecordReach.ALL
    assert reach(rule(NOTHING, groups=(4,))) is RecordReach.ALL
    assert reach(rule(NOTHING, everywhere=True, rights="wcd")) is RecordReach.ALL


def test_rules_for_all_must_all_be_met_and_rules_of_groups_are_alternatives() -> None:
    some, all_ = [["state", "=", "done"]], []
    assert reach(rule(some, everywhere=True), rule(NOTHING, everywhere=True)) is RecordReach.NONE
    assert reach(rule(NOTHING, groups=(4,)), groups=frozenset({4})) is RecordReach.NONE
    assert reach(rule(NOTHING, groups=(4,)), rule(some, groups=(5,)), groups=frozenset({4, 5})) is RecordReach.SOME
    assert reach(rule(NOTHING, groups=(4,)), rule(all_, default=True), groups=frozenset({4})) is RecordReach.ALL
    assert reach(rule(NOTHING, all_, everywhere=True)) is RecordReach.ALL


@pytest.mark.parametrize(
    ("rules", "limited"),
    [
        ((rule(LOG_DOMAIN, groups=(4,), rights="r"), rule(NOTHING, groups=(4,), rights="wcd")), True),
        ((rule(LOG_DOMAIN, everywhere=True),), True),
        ((rule(LOG_DOMAIN, groups=(4,)), rule(NOTHING, groups=(4,))), True),
        ((), False),
        ((rule(NOTHING, groups=(4,)),), False),
        ((rule(LOG_DOMAIN, groups=(5,)),), False),
        ((rule(LOG_DOMAIN, groups=(4,), rights="wcd"),), False),
        ((rule(LOG_DOMAIN[:2], groups=(4,)),), False),
        ((rule(LOG_DOMAIN, groups=(4,)), rule([], default=True)), False),
        ((rule(LOG_DOMAIN, groups=(4,)), rule(groups=(4,))), False),
        ((rule(LOG_DOMAIN, groups=(4,)), rule({"__class__": "Date"}, groups=(4,))), False),
    ],
)
def test_a_model_is_limited_only_where_every_rule_leaves_that_or_nothing(
    rules: tuple[RuleGroup, ...], limited: bool
) -> None:
    assert RowRules(rules, {}).limits("m", "r", frozenset({4}), LOG_DOMAIN) is limited


def test_a_group_of_rules_without_any_rule_opens_everything_to_its_members() -> None:
    assert reach(rule(groups=(4,)), rule(NOTHING, groups=(5,)), groups=frozenset({4, 5})) is RecordReach.ALL


def test_a_rule_that_asks_for_the_users_groups_is_worked_out() -> None:
    assert reach(rule(ONLY_NINE, everywhere=True), groups=frozenset({9})) is RecordReach.ALL
    assert reach(rule(ONLY_NINE, everywhere=True), groups=frozenset({8})) is RecordReach.NONE


@pytest.mark.parametrize(
    "domain",
    [
        [["company", "in", {"__class__": "Eval", "v": "companies", "d": []}]],
        {"__class__": "If", "c": {"__class__": "Eval", "v": "x"}, "t": [], "e": []},
        {"__class__": "In"},
        {"__class__": "Nonsense"},
        {"no": "class"},
        [["id", "=", 1]],
        "text",
        None,
    ],
)
def test_a_rule_that_cannot_be_worked_out_hides_something_and_never_everything(domain: object) -> None:
    assert reach(rule(domain, everywhere=True)) is RecordReach.SOME


@pytest.mark.parametrize("text", ["not json", "[" * 100_000, '{"__class__": "If"}'])
def test_a_hostile_rule_is_no_crash(text: str) -> None:
    assert RowRules([rule(everywhere=True, domains=(text,))], {}).reach("m", "r", NOBODY) is RecordReach.SOME


def test_a_rule_about_a_model_counts_for_the_models_that_follow_it() -> None:
    rules = RowRules([rule(NOTHING, everywhere=True)], {"part": frozenset({"part", "m"})})
    assert rules.reach("part", "r", NOBODY) is RecordReach.NONE


def test_where_no_row_counts_for_a_user_everything_is_allowed() -> None:
    access = ModelAccess({"m": [AccessRow(7, "r")]}, {}, {"computed": "r"})
    assert access.rights("m", frozenset({7})) == "r"
    assert access.rights("m", frozenset({8})) == "rwcd"
    assert access.is_open("m", frozenset({8}))
    assert access.rights("computed", NOBODY) == "r"


def test_a_row_for_everybody_that_gives_nothing_closes_the_model() -> None:
    access = ModelAccess({"m": [AccessRow(None, ""), AccessRow(7, "rw")]}, {}, {})
    assert access.rights("m", NOBODY) == ""
    assert access.rights("m", frozenset({7})) == "rw"


def test_a_model_that_follows_another_is_closed_by_the_rows_of_that() -> None:
    models = {name: TrytonModel(name, name, "x", reachable=True) for name in ("part", "whole", "root")}
    models["part"].access_by.add("whole")
    models["whole"].access_by.update({"root", "part"})
    access = ModelAccess({"root": [AccessRow(None, "r")]}, covers(models), {})
    assert access.rights("part", NOBODY) == "r"


def test_groups_that_are_each_others_parent_end() -> None:
    groups = GnuHealthGroups({1: GnuHealthGroup(1, "a", True, 2), 2: GnuHealthGroup(2, "b", False, 1)})
    assert [g.id for g in groups.chain(1)] == [1, 2]
    assert groups.effective(frozenset({1})) == {1}


def test_patient_data_is_what_points_to_a_patient_to_a_person_or_hangs_on_any_record() -> None:
    names = [
        "gnuhealth.patient",
        "note",
        "line",
        "party.party",
        "address",
        "company.employee",
        "file",
        "words",
        "hidden",
    ]
    models = {name: TrytonModel(name, name, "x", reachable=name != "hidden") for name in names}
    models["note"].points_to.add("gnuhealth.patient")
    models["line"].points_to.add("note")
    models["hidden"].points_to.add("note")
    models["address"].points_to.add("party.party")
    models["company.employee"].points_to.add("party.party")
    models["file"].hangs_on_any = True
    assert with_patient_data(models) == {"gnuhealth.patient", "note", "line", "party.party", "address", "file"}


def test_what_points_to_a_person_a_family_or_a_home_over_others_is_followed_to_the_last_and_not_through_staff() -> None:
    def model(name: str, *points_to: str, reachable: bool = True) -> TrytonModel:
        return TrytonModel(name, name, "health", reachable, set(points_to))

    models = [
        *(model(name) for name in ("party.party", "gnuhealth.family", "gnuhealth.du")),
        model("certificate", "party.party"),
        model("cause", "certificate"),
        model("cause.detail", "cause"),
        model("member", "gnuhealth.family"),
        model("visit", "member"),
        model("survey", "gnuhealth.du"),
        model("answer", "survey"),
        model("company.employee", "party.party"),
        model("shift", "company.employee"),
        model("res.user", "certificate"),
        model("log", "res.user"),
    ]
    found = with_patient_data({m.name: m for m in models})
    assert found >= {"certificate", "cause", "cause.detail", "member", "visit", "survey", "answer"}
    assert not found & {"company.employee", "shift", "res.user", "log"}


@pytest.mark.parametrize(
    ("rights", "expected"), [("r", "read"), ("rw", "write"), ("c", "write"), ("rd", "delete"), ("rwcd", "delete")]
)
def test_no_combination_of_rights_is_judged_less_than_its_highest(rights: str, expected: str) -> None:
    assert level(rights) == expected


def test_a_new_model_with_patient_data_is_unclassified_and_a_new_list_of_words_is_its_modules() -> None:
    catalogs = Catalogs.load(Vocabulary.load())

    def read(*keys: str) -> object:
        entitlement = Entitlement("ehr", "x:rw", "x", EntitlementKind.PRIVILEGE, keys)
        return catalogs.read(SYSTEM, [entitlement])["x:rw"]

    assert not isinstance(read("gnuhealth.new:write"), KnownEntitlement)
    assert isinstance(read("gnuhealth.new:write", "module health:change"), KnownEntitlement)


def test_a_list_of_users_that_names_groups_is_understood_by_the_groups_that_are_shipped() -> None:
    vocabulary = Vocabulary.load()
    doctor = Entitlement("ehr", "Health Doctor", "Health Doctor", EntitlementKind.GROUP)
    reading = Catalogs.load(vocabulary).read(SYSTEM, [doctor])["Health Doctor"]
    assert {"prescription.write", "note.sign"} <= set(vocabulary.names(reading.mask))


def test_the_set_up_is_a_script_without_secret_that_nobody_can_break_out_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EHR_PASSWORD", "hunter2")
    hostile = System("ehr", SystemKind.EHR, "gnuhealth", "Clinic\nimport os", holds_phi=True)
    settings = gnuhealth.Settings.model_validate({**SETTINGS, "user": "x'); raise SystemExit #"})
    script = gnuhealth.setup(hostile, settings)
    compile(script, "setup", "exec")
    assert "hunter2" not in script
    assert "\nimport os" in script  # its own
    assert "Clinic import os" in script
    assert """"x'); raise SystemExit #\"""" in script


@pytest.mark.parametrize(
    "changes",
    [
        {"password_env": "p4ss word!"},
        {"password": "x"},
        {"database": "../other"},
        {"database": ""},
        {"url": "http://ehr.example.org"},
        {"user": " "},
    ],
)
def test_settings_that_cannot_be_meant_are_refused_and_not_shown(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        gnuhealth.Settings.model_validate({**SETTINGS, **changes})
    assert "p4ss" not in str(refused.value)
