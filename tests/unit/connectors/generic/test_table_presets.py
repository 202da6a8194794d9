"""The shipped mappings, each on a small made-up export of the shape that the product's public page describes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from connectors.collect import collect
from connectors.errors import AuditorError
from connectors.facts import Collection, Complete, Grant, Partial, Status, System, SystemKind
from connectors.generic.table.connector import Settings, connect, connect_to_look, setup
from connectors.generic.table.preset import SHIPPED, load_preset, preset_names

EXPORTS = Path(__file__).parents[1] / "exports"
EHR = System("ehr", SystemKind.EHR, "athenahealth", "athenaOne", holds_phi=True)
CONTENTS = {"file": "groups.csv", "of_part": {"separator": " | ", "number": 3}}
NEXTGEN: dict[str, Any] = {
    "preset": "nextgen",
    "file": "users.csv",
    "columns": {"login": "Login", "first_name": "First Name", "last_name": "Last Name"},
    "entitlements": [{"column": "Security Group", "kind": "group"}],
    "rows": "one-per-grant",
    "contents": CONTENTS,
}


def read(folder: Path, **settings: Any) -> Collection:
    return collect(connect_to_look(EHR, Settings.model_validate(settings), folder))


def whole(collection: Collection) -> Collection:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def refused(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial)
    return f"{collection.completeness.reason}\n{collection.completeness.hint}"


def statuses(collection: Collection) -> dict[str, Status]:
    return {account.login: account.status for account in collection.accounts}


def test_presets_are_shipped_for_the_five_products_with_a_public_page_and_no_other():
    assert preset_names() == ("athenahealth", "bestnotes", "nextgen", "pointclickcare", "tebra")
    assert sorted(path.stem for path in SHIPPED.iterdir()) == sorted(preset_names())


@pytest.mark.parametrize("name", preset_names())
def test_each_preset_names_its_page_and_what_that_page_does_not_say(name):
    preset = load_preset(name)
    told = " ".join(setup(EHR, Settings(file=Path("x.csv"), preset=name)).split())
    assert preset.source in told
    assert preset.not_known
    assert all(text in told for text in (preset.get, *preset.not_known))


@pytest.mark.parametrize("name", preset_names())
def test_each_preset_says_what_it_needs_to_prove_that_the_list_is_whole(name):
    with pytest.raises(AuditorError, match=f"the preset `{name}` needs `") as told:
        connect(EHR, Settings(file=Path("x.csv"), preset=name), EXPORTS)
    assert "https://" in told.value.hint


def test_an_unknown_preset_is_refused_with_those_that_exist():
    with pytest.raises(AuditorError, match="no preset is called `athena`") as told:
        connect(EHR, Settings(file=Path("x.csv"), preset="athena"), EXPORTS)
    assert "did you mean `athenahealth`?" in told.value.hint
    assert "auditor connect --map FILE" in told.value.hint


def test_athenahealth_roles_by_usernames_of_every_location_are_one_system():
    files = [{"file": "north.csv"}, {"file": "south.csv"}]
    collection = whole(read(EXPORTS / "athenahealth", preset="athenahealth", files=files, expect_accounts=4))
    assert set(collection.grants) == {
        Grant("areyes", "Scheduling"),
        Grant("areyes", "Front Desk"),
        Grant("bcruz", "Front Desk"),
        Grant("kim", "Provider"),
        Grant("dlopez", "Billing"),
    }
    assert set(statuses(collection).values()) == {Status.UNKNOWN}
    assert all(account.live for account in collection.accounts)


def test_athenahealth_a_location_that_was_forgotten_is_noticed():
    told = refused(read(EXPORTS / "athenahealth", preset="athenahealth", file="north.csv", expect_accounts=4))
    assert "`north.csv` lists 3 accounts instead of the 4 that `expect_accounts` states" in told


def test_a_word_in_the_matrix_that_is_neither_yes_nor_no_leaves_open_what_its_account_holds(tmp_path):
    (tmp_path / "m.csv").write_text("Role,ana,ben\nBilling,X,(+ to be added)\n")
    collection = whole(read(tmp_path, preset="athenahealth", file="m.csv", canary="ana"))
    assert set(collection.grants) == {Grant("ana", "Billing"), Grant("ben", "table:asked-not-read")}
    assert "`ben` says `(+ to be added)` in 1 row, which the mapping does not know" in repr(collection.completeness)


def test_tebra_the_two_filters_of_the_page_say_who_is_locked():
    files = [{"file": "unlocked.csv", "status": "active"}, {"file": "locked.csv", "status": "disabled"}]
    collection = whole(read(EXPORTS / "tebra", preset="tebra", files=files, expect_accounts=3))
    assert statuses(collection) == {
        "ana@sunrise.example": Status.ACTIVE,
        "kim@sunrise.example": Status.ACTIVE,
        "ben@sunrise.example": Status.DISABLED,
    }
    assert Grant("kim@sunrise.example", "Emergency Access") in collection.grants
    assert Grant("ana@sunrise.example", "Front Office") in collection.grants


def test_what_an_optional_column_would_have_said_is_told_as_not_in_the_report():
    files = [{"file": "unlocked.csv", "status": "active"}, {"file": "locked.csv", "status": "disabled"}]
    collection = whole(read(EXPORTS / "tebra", preset="tebra", files=files, expect_accounts=3))
    evidence = {e.name: e.detail for e in collection.completeness.evidence}
    assert evidence["not in the report"] == "Emergency Access"


def pointclickcare(
    folder: Path, statuses: tuple[str, ...] = ("Disabled", "Inactive"), head: str = "Login Name"
) -> Path:
    columns = ["User Name", head, "Last Login", "Last Login IP Address", "Status", "Number of Days Inactive"]
    with xlsxwriter.Workbook(folder / "inactive.xlsx", {"remove_timezone": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, [*columns, "Access permission(s)"])
        for row, status in enumerate(statuses, 1):
            sheet.write_row(row, 0, [f"Person {row}", f"user{row}", "", "192.0.2.7", status, 40, "Clinical, Reports"])
            sheet.write_datetime(row, 2, datetime(2026, 9, row, 8, 30, tzinfo=UTC), day)
    return folder


def test_pointclickcare_an_unused_account_is_live_and_a_disabled_one_is_not(tmp_path):
    folder = pointclickcare(tmp_path)
    collection = whole(read(folder, preset="pointclickcare", file="inactive.xlsx", expect_accounts=2))
    disabled, unused = collection.accounts
    assert (disabled.live, unused.live) == (False, True)
    assert unused.status is Status.UNKNOWN
    assert unused.last_login == datetime(2026, 9, 2, 8, 30, tzinfo=UTC)
    assert Grant("user2", "Reports") in collection.grants
    assert "192.0.2.7" not in repr(collection)


def test_pointclickcare_a_word_that_the_page_does_not_name_is_told_and_can_be_added(tmp_path):
    folder = pointclickcare(tmp_path, ("Disabled", "Active"))
    how: dict[str, Any] = {"preset": "pointclickcare", "file": "inactive.xlsx", "expect_accounts": 2}
    unsaid = whole(read(folder, **how))
    assert statuses(unsaid) == {"user1": Status.DISABLED, "user2": Status.UNKNOWN}
    assert "`Status` says `Active` in 1 row, which the mapping does not know" in repr(unsaid.completeness)
    collection = whole(read(folder, **how, status_values={"Active": "active"}))
    assert statuses(collection) == {"user1": Status.DISABLED, "user2": Status.ACTIVE}


def test_a_column_that_the_preset_needs_and_the_export_lacks_is_told_with_the_way_out(tmp_path):
    folder = pointclickcare(tmp_path, head="Login")
    how: dict[str, Any] = {"preset": "pointclickcare", "file": "inactive.xlsx", "expect_accounts": 2}
    told = refused(read(folder, **how))
    assert "`Login Name`: a column is missing" in told
    assert "www61.pointclickcare.com" in told
    assert "columns: {login: …}" in told
    collection = whole(read(folder, **how, columns={"login": "Login"}))
    assert collection.accounts[0].name == "Person 1", "the other columns of the preset stay"


def test_nextgen_rights_of_a_group_are_reached_through_the_group():
    collection = whole(read(EXPORTS / "nextgen", **NEXTGEN))
    assert Grant("areyes", "Scheduling > Appointments: View", ("Front Desk",)) in collection.grants
    assert (
        Grant("areyes", "File Maintenance > Appointment Reminders: Access Rights", ("Front Desk",)) in collection.grants
    )
    held = {grant.entitlement for grant in collection.grants if grant.account == "bcruz"}
    assert held == {"Billing", "Charges: View", "Charges: Add"}
    assert collection.entitlements["Billing"].container


def test_nextgen_a_group_that_the_listing_does_not_describe_is_not_taken_for_an_empty_one():
    collection = whole(read(EXPORTS / "nextgen", **NEXTGEN))
    assert not collection.entitlements["Night Shift"].container, (
        "so it stays unclassified until somebody says what it is"
    )


def test_nextgen_a_listing_that_gives_nothing_to_anybody_is_a_wrong_column(tmp_path):
    for name in ("users.csv", "groups.csv"):
        text = (EXPORTS / "nextgen" / name).read_text()
        (tmp_path / name).write_text(text.replace(",Y", ",N"))
    assert "nothing in it gives anything" in refused(read(tmp_path, **NEXTGEN))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"contents": {**CONTENTS, "of_part": {"separator": "/", "number": 3}}}, "the cell has too few parts"),
        ({"contents": {**CONTENTS, "not_granted": ["N"]}}, "the words in `Access Rights` are: ``, `N`, `Y`"),
        ({"contents": {**CONTENTS, "name": ["Module"]}}, "`Module`: a column is missing"),
        ({"contents": {**CONTENTS, "file": "gone.csv"}}, "there is no such file"),
    ],
)
def test_a_second_report_that_cannot_be_trusted_says_nothing_about_anybody(changes, told):
    assert told in refused(read(EXPORTS / "nextgen", **{**NEXTGEN, **changes}))


def test_bestnotes_level_type_and_tags_are_held_and_a_filtered_report_adds_a_permission():
    files = [{"file": "users.csv"}, {"file": "manage-users.csv", "gives": "Manage Users"}]
    sections = {"Inactive Users": "disabled"}
    folder = EXPORTS / "bestnotes"
    collection = whole(read(folder, preset="bestnotes", files=files, sections=sections, expect_accounts=3))
    assert {g.entitlement for g in collection.grants if g.account == "gkim"} == {
        "level: Administrator", "type: Staff", "tag: Global", "Manage Users"
    }  # fmt: skip
    assert statuses(collection) == {"areyes": Status.UNKNOWN, "bcruz": Status.DISABLED, "gkim": Status.UNKNOWN}


def test_bestnotes_the_line_between_active_and_inactive_users_is_no_account():
    told = refused(read(EXPORTS / "bestnotes", preset="bestnotes", file="users.csv", expect_accounts=3))
    assert "line 4, `User ID`: the value is empty" in told
