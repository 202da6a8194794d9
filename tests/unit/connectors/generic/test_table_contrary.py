"""A mapping that says the opposite of the words of a report is asked about, and believed only once it is confirmed."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.collect import collect
from connectors.facts import NEVER, Collection, Complete, Partial, Status, System, SystemKind
from connectors.generic.table.connector import Settings, connect_to_look
from connectors.generic.table.contrary import contraries, questioned
from connectors.generic.table.mapping import Mapping
from connectors.generic.table.preset import load_preset, preset_names
from tests.completeness import evidence

EHR = System("ehr", SystemKind.EHR, "my-ehr", "My EHR", holds_phi=True)
ROLE = [{"column": "Role", "kind": "role"}]


def read(folder: Path, report: str, **mapping: Any) -> Collection:
    (folder / "users.csv").write_text(report, encoding="utf-8")
    how = {"file": "users.csv", "entitlements": ROLE, **mapping}
    return collect(connect_to_look(EHR, Settings.model_validate(how), folder))


def one_status(column: str, word: str, means: str, *confirmed: str) -> dict[str, Any]:
    return {
        "columns": {"login": "Login", "status": column},
        "status_values": {word: means},
        "confirmed": list(confirmed),
    }


CONTRARY = [
    ("Status", "Active", "disabled"),
    ("Status", "ACTIVE", "expired"),
    ("State", "Enabled", "disabled"),
    ("Status", "Active user", "disabled"),
    ("Status", "In use", "disabled"),
    ("Status", "Terminated", "active"),
    ("Status", "Disabled", "active"),
    ("Status", "Not active", "active"),
    ("Status", "No longer active", "active"),
    ("Status", "Suspended by admin", "active"),
    ("Active", "Yes", "disabled"),
    ("Active", "N", "active"),
    ("Is Enabled", "TRUE", "disabled"),
    ("Inactive", "1", "active"),
    ("Account Disabled", "No", "disabled"),
    ("Locked", "No", "disabled"),
    ("SMS 2FA status", "On", "disabled"),
    ("Employment status", "Gone home", "disabled"),
    ("License Status", "Paid", "active"),
]


@pytest.mark.parametrize(("column", "word", "means"), CONTRARY)
def test_a_status_that_says_the_opposite_is_unknown_and_asked_until_it_is_confirmed(tmp_path, column, word, means):
    report = f"Login,Role,{column}\nana,Chart,{word}\n"
    asked = read(tmp_path, report, **one_status(column, word, means))
    assert [a.status for a in asked.accounts] == [Status.UNKNOWN]
    assert asked.accounts[0].live
    told = evidence(asked)["state not explained yet"]
    line = told.partition("to confirm it: ")[2]
    claims = yaml.safe_load(line)["confirmed"]
    sure = read(tmp_path, report, **one_status(column, word, means, *claims))
    if column in ("SMS 2FA status", "Employment status", "License Status"):
        assert claims == [f"{column} is the status of the account"]
    else:
        assert claims == [f"{column}: {word} means {means}"]
    if "state not explained yet" not in evidence(sure):
        assert [a.status.value for a in sure.accounts] == [means]
    else:  # both the heading and the word under it
        claims += yaml.safe_load(evidence(sure)["state not explained yet"].partition("to confirm it: ")[2])["confirmed"]
        sure = read(tmp_path, report, **one_status(column, word, means, *claims))
        assert [a.status.value for a in sure.accounts] == [means]


AS_THEY_SAY = [
    ("Status", "Active", "active"),
    ("Status", "Active", "unknown"),
    ("Status", "Locked", "disabled"),
    ("Status", "Expired", "disabled"),
    ("Status", "A", "disabled"),
    ("Status", "Pending", "disabled"),
    ("Status", "Invited", "active"),
    ("Status", "Zurückgesetzt", "disabled"),
    ("Status", "Active until inactive", "disabled"),
    ("Status", "1", "disabled"),
    ("Status", "Password expired", "active"),
    ("Locked", "Yes", "disabled"),
    ("Inactive", "Yes", "disabled"),
    ("Inactive", "", "active"),
    ("Active", "X", "active"),
    ("Status", "Yes", "disabled"),
    ("Account Status [READ ONLY]", "Active", "active"),
    ("User Status", "Inactive", "unknown"),
]


@pytest.mark.parametrize(("column", "word", "means"), AS_THEY_SAY)
def test_a_status_that_can_be_meant_so_is_believed(tmp_path, column, word, means):
    found = read(tmp_path, f"Login,Role,{column}\nana,Chart,{word}\n", **one_status(column, word, means))
    assert [a.status.value for a in found.accounts] == [means]
    assert "state not explained yet" not in evidence(found)


def test_what_was_confirmed_of_one_word_is_believed_of_no_other(tmp_path):
    mapping = one_status("Status", "Active", "disabled", "status:  active MEANS disabled")
    assert [a.status.value for a in read(tmp_path, "Login,Role,Status\nana,R,Active\n", **mapping).accounts] == [
        "disabled"
    ]
    mapping["status_values"]["Enabled"] = "disabled"
    found = read(tmp_path, "Login,Role,Status\nana,R,Active\nben,R,Enabled\n", **mapping)
    assert [a.status.value for a in found.accounts] == ["disabled", "unknown"]
    elsewhere = one_status("State", "Active", "disabled", "Status: Active means disabled")
    assert read(tmp_path, "Login,Role,State\nana,R,Active\n", **elsewhere).accounts[0].status is Status.UNKNOWN


def factor(column: str, yes: list[str], no: list[str], *confirmed: str) -> dict[str, Any]:
    return {
        "columns": {"login": "Login", "mfa": column},
        "mfa_true": yes,
        "mfa_false": no,
        "confirmed": list(confirmed),
    }


@pytest.mark.parametrize(
    ("column", "word", "has"),
    [
        ("MFA", "No", True),
        ("MFA", "Not enrolled", True),
        ("2FA", "0", True),
        ("2FA", "None", True),
        ("MFA", "Disabled", True),
        ("MFA", "Yes", False),
        ("MFA", "Enrolled", False),
        ("MFA disabled", "Yes", True),
        ("MFA exempt", "Yes", True),
        ("MFA enforced", "Whoever", True),
        ("2FA required", "Mostly", False),
    ],
)
def test_a_second_factor_that_says_the_opposite_is_neither_and_asked_until_it_is_confirmed(tmp_path, column, word, has):
    lists = ([word], []) if has else ([], [word])
    report = f"Login,Role,{column}\nana,Chart,{word}\n"
    claims: list[str] = []
    for _ in range(3):
        found = read(tmp_path, report, **factor(column, *lists, *claims))
        told = evidence(found).get("second factor not explained yet")
        if told is None:
            break
        assert found.accounts[0].mfa is None
        claims += yaml.safe_load(told.partition("to confirm it: ")[2])["confirmed"]
    assert claims
    assert found.accounts[0].mfa is has


@pytest.mark.parametrize(
    ("column", "yes", "no"),
    [
        ("MFA", ["Yes", "Duo Push"], ["No", ""]),
        ("MFA", ["Enforced"], ["Enabled", "Disabled"]),
        ("MFA", ["App"], ["SMS", "Voice", "None"]),
        ("MFA disabled", ["No"], ["Yes"]),
        ("Two-factor", ["Whatever"], ["Another"]),
    ],
)
def test_a_second_factor_that_can_be_meant_so_is_believed(column, yes, no):
    assert not list(contraries(Mapping.model_validate(factor(column, yes, no))))


@pytest.mark.parametrize(
    "ending",
    [
        {"column": "Active", "granted": ["Yes"], "not_granted": ["No"]},
        {"column": "Terminated", "granted": ["No"], "not_granted": ["Yes"]},
        {"column": "State", "granted": ["Enabled"], "not_granted": ["Disabled"]},
        {"column": "Last login", "filled": True},
        {"column": "Email", "filled": True},
    ],
)
def test_a_column_that_ends_whom_it_should_not_ends_nobody_until_it_is_confirmed(tmp_path, ending):
    report = f"Login,Role,{ending['column']}\nana,R,{ending.get('granted', ['x'])[0]}\n"
    asked = read(tmp_path, report, columns={"login": "Login"}, ends=[ending])
    assert asked.accounts[0].status is Status.UNKNOWN
    claims = [
        one.claim for one in contraries(Mapping.model_validate({"columns": {"login": "Login"}, "ends": [ending]}))
    ]
    sure = read(tmp_path, report, columns={"login": "Login"}, ends=[ending], confirmed=claims)
    assert sure.accounts[0].status is Status.DISABLED


def test_a_doubtful_end_takes_nothing_from_an_account_that_its_status_ends(tmp_path):
    mapping = one_status("Status", "Disabled", "disabled")
    mapping["status_values"]["Active"] = "active"
    ending = {"column": "Active now", "granted": ["Yes"], "not_granted": ["No"]}
    report = "Login,Role,Status,Active now\nana,R,Active,No\nben,R,Disabled,No\n"
    found = read(tmp_path, report, **mapping, ends=[ending])
    assert [a.status.value for a in found.accounts] == ["unknown", "disabled"]


def test_a_line_between_the_rows_or_a_sheet_whose_name_says_the_opposite_is_unknown():
    base = {"columns": {"login": "Login"}, "entitlements": ROLE}
    lines = questioned(Mapping.model_validate({**base, "sections": {"Inactive Users": "active", "Guests": "disabled"}}))
    assert lines.sections == {"Inactive Users": "unknown", "Guests": "disabled"}
    sheets = [{"name": "Active", "status": "disabled"}, {"name": "Former", "status": "disabled"}]
    asked = questioned(Mapping.model_validate({**base, "sheets": sheets}))
    assert [sheet.status for sheet in asked.sheets] == ["unknown", "disabled"]


@pytest.mark.parametrize(
    "held",
    [
        {"column": "Billing", "kind": "privilege", "granted": ["N"], "not_granted": ["Y"]},
        {"column": "Billing", "kind": "privilege", "granted": ["X"], "not_granted": ["Yes", ""]},
        {"column": "Block export", "kind": "privilege", "granted": ["Y"], "not_granted": ["N"]},
        {"column": "Billing", "kind": "privilege", "prefix": "Billing: ", "nothing": ["Full"]},
        {"column": "Right", "kind": "privilege", "where": {"column": "Access", "granted": ["Denied"]}},
    ],
)
def test_rights_that_say_the_opposite_are_not_evaluated_until_they_are_confirmed(held):
    base = {"columns": {"login": "Login"}, "entitlements": [held]}
    mapping = Mapping.model_validate(base)
    asked = questioned(mapping).open_questions()
    assert {question.about for question in asked} == {"rights"}
    sure = Mapping.model_validate({**base, "confirmed": [question.claim for question in asked]})
    assert not questioned(sure).open_questions()


def test_accounts_hold_what_was_not_read_while_their_rights_are_read_the_other_way_round(tmp_path):
    flag = {"column": "Billing", "kind": "privilege", "granted": ["N"], "not_granted": ["Y"]}
    found = read(tmp_path, "Login,Billing\nana,Y\nben,N\n", columns={"login": "Login"}, entitlements=[flag])
    assert {g.account for g in found.grants if g.entitlement == "table:asked-not-read"} == {"ana", "ben"}


def test_block_export_with_no_as_the_right_is_believed():
    held = {"column": "Block export", "kind": "privilege", "granted": ["N"], "not_granted": ["Y", ""]}
    assert not list(contraries(Mapping.model_validate({"columns": {"login": "L"}, "entitlements": [held]})))


@pytest.mark.parametrize("name", preset_names())
def test_no_shipped_mapping_says_the_opposite_of_its_words(name):
    assert not list(contraries(load_preset(name).mapping))


def test_a_hostile_word_stays_within_its_claim(tmp_path):
    word = 'Active"]\x1b[31m'
    found = read(tmp_path, "Login,Role,Status\nana,R,x\n", **one_status("Status", f"Active {word}", "disabled"))
    assert "\x1b" not in repr(evidence(found))
    assert isinstance(found.completeness, Complete)


NEW = "Login,Role,Status,MFA\nana,R,Active,yes\nben,R,Frozen,yes\ncal,R,,maybe\n"
KNOWN = {
    "columns": {"login": "Login", "status": "Status", "mfa": "MFA"},
    "status_values": {"Active": "active"},
}


def test_new_words_of_a_later_export_leave_open_what_they_say_and_are_told(tmp_path):
    found = read(tmp_path, NEW.replace("cal,R,,maybe", "cal,R,,yes\ndan,R,Active,maybe"), **KNOWN)
    assert {a.login: (a.status.value, a.mfa) for a in found.accounts} == {
        "ana": ("active", True),
        "ben": ("unknown", True),
        "cal": ("unknown", True),
        "dan": ("active", None),
    }
    told = evidence(found)
    assert "`Status` says `Frozen`, an empty cell in 2 rows" in told["state not explained yet"]
    assert "`MFA` says `maybe` in 1 row" in told["second factor not explained yet"]


def test_a_row_that_has_slid_is_refused_because_its_login_has_moved_too(tmp_path):
    found = read(tmp_path, NEW, **{**KNOWN, "status_values": {"Active": "active", "Frozen": "disabled"}})
    assert isinstance(found.completeness, Partial)
    assert "line 4, `MFA`: this word is not mapped" in found.completeness.reason


def of_files(tmp_path: Path, name: str, status: str, *claims: str) -> Collection:
    (tmp_path / name).write_text("Login,Role\nana,Chart\n", encoding="utf-8")
    settings = {
        "files": [{"file": name, "status": status}],
        "columns": {"login": "Login"},
        "entitlements": ROLE,
        "canary": "ana",
        "confirmed": list(claims),
    }
    return collect(connect_to_look(EHR, Settings.model_validate(settings), tmp_path))


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("active-users.csv", "disabled"),
        ("Active_Users_2026-11-30.csv", "expired"),
        ("inactiveUsers.csv", "active"),
        ("users-not-active.csv", "active"),
        ("Terminated 2026.csv", "active"),
    ],
)
def test_a_file_whose_name_says_the_opposite_is_unknown_until_it_is_confirmed(tmp_path, name, status):
    asked = of_files(tmp_path, name, status)
    assert [a.status for a in asked.accounts] == [Status.UNKNOWN]
    told = evidence(asked)["state not explained yet"]
    claims = yaml.safe_load(told.partition("to confirm it: ")[2])["confirmed"]
    assert claims == [f"{name} means {status}"]
    sure = of_files(tmp_path, name, status, *claims)
    assert [a.status.value for a in sure.accounts] == [status]
    assert "state not explained yet" not in evidence(sure)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("active-users.csv", "active"),
        ("inactive-users.csv", "disabled"),
        ("locked-users.csv", "disabled"),
        ("active-and-inactive-users.csv", "active"),
        ("active-directory-leavers.csv", "disabled"),
        ("users.csv", "disabled"),
        ("active-users.csv", "unknown"),
    ],
)
def test_a_file_whose_name_fits_its_status_is_believed(tmp_path, name, status):
    found = of_files(tmp_path, name, status)
    assert [a.status.value for a in found.accounts] == [status]
    assert "state not explained yet" not in evidence(found)


def last_login(*never: str, heading: str = "Last login", claims: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "columns": {"login": "Login", "last_login": heading},
        "never_values": list(never),
        "confirmed": list(claims),
    }


@pytest.mark.parametrize(
    "word", ["2026-11-20", "Today", "3 days ago", "Online now", "Unknown", "No information", "more than 90 days ago"]
)
def test_what_says_that_somebody_signed_in_is_not_never_until_it_is_confirmed(tmp_path, word):
    report = f"Login,Role,Last login\nana,Chart,{word}\n"
    asked = read(tmp_path, report, **last_login(word, "Never"))
    assert asked.accounts[0].last_login is not NEVER
    claims = yaml.safe_load(evidence(asked)["not explained yet"].partition("to confirm it: ")[2])["confirmed"]
    assert claims == [f"Last login: {word} means never"]
    sure = read(tmp_path, report, **last_login(word, "Never", claims=tuple(claims)))
    assert sure.accounts[0].last_login is NEVER


@pytest.mark.parametrize("word", ["Never", "-", "N/A", "Not yet signed in", "No activity in 12 months", "1900-01-01"])
def test_what_can_mean_never_is_believed(tmp_path, word):
    found = read(tmp_path, f"Login,Role,Last login\nana,Chart,{word}\n", **last_login(word))
    assert found.accounts[0].last_login is NEVER
    assert "not explained yet" not in evidence(found)


@pytest.mark.parametrize("heading", ["Last failed login", "Last login attempt", "Created", "Password last changed"])
def test_a_day_of_something_else_is_no_sign_in_until_it_is_confirmed(tmp_path, heading):
    report = f"Login,Role,{heading}\nana,Chart,2026-11-20\n"
    asked = read(tmp_path, report, **last_login(heading=heading))
    assert asked.accounts[0].last_login is None
    claims = yaml.safe_load(evidence(asked)["not explained yet"].partition("to confirm it: ")[2])["confirmed"]
    sure = read(tmp_path, report, **last_login(heading=heading, claims=tuple(claims)))
    assert sure.accounts[0].last_login is not None


@pytest.mark.parametrize(("column", "asked"), [("Restricted to", True), ("Block", False), ("Role", False)])
def test_an_empty_cell_of_a_restriction_is_not_nothing_until_it_is_confirmed(column, asked):
    held = {"column": column, "kind": "role", "empty": "nothing"}
    base = {"columns": {"login": "Login"}, "entitlements": [held]}
    found = questioned(Mapping.model_validate(base)).open_questions()
    assert [question.claim for question in found] == ([f"{column}: empty means nothing is held"] if asked else [])
    assert {question.about for question in found} <= {"rights"}
