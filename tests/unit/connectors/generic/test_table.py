import os
import re
import tracemalloc
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import pytest
import xlsxwriter
import yaml
from pydantic import ValidationError

from connectors.collect import collect
from connectors.connector import find, names
from connectors.facts import NEVER, Collection, Complete, EntitlementKind, Grant, Partial, Status, System, SystemKind
from connectors.generic.table.connector import Settings, connect, connect_to_look
from connectors.generic.table.preset import preset_names
from connectors.inputs.dates import DateFormat
from tests.counting import counted

EHR = System("ehr", SystemKind.EHR, "athena-one", "athenaOne", holds_phi=True)

REPORT = """\
Username,Full name,Mail,State,Last seen,2FA,Roles,Patient
areyes,Ana Reyes,ana@example.org,Active,2026-01-31 17:30,Yes,Scheduling; Front Desk,Secret Patient
bcruz,Ben Cruz,,Blocked,Never,No,Billing,
kim,Dr Kim,kim@example.org,Active,,,"Chart, full",
"""

BASE: dict[str, Any] = {
    "file": "users.csv",
    "columns": {
        "login": "Username",
        "name": "Full name",
        "email": "Mail",
        "status": "State",
        "last_login": "Last seen",
        "mfa": "2FA",
    },
    "status_values": {"Active": "active", "Blocked": "disabled"},
    "entitlements": [{"column": "Roles", "kind": "role", "separator": ";"}],
    "timezone": "America/Chicago",
}
GRANTS: dict[str, Any] = {
    "file": "users.csv",
    "columns": {"login": "user", "name": "name"},
    "entitlements": [{"column": "role", "kind": "role"}],
    "rows": "one-per-grant",
}


def read(folder: Path, report: str | bytes, **changes: Any) -> Collection:
    data = report if isinstance(report, bytes) else report.encode()
    (folder / "users.csv").write_bytes(data)
    settings = Settings.model_validate({**BASE, **changes})
    return collect(connect_to_look(EHR, settings, folder))


def whole(collection: Collection) -> Collection:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def refused(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial)
    assert not collection.accounts
    return f"{collection.completeness.reason}\n{collection.completeness.hint}"


def test_the_connector_is_found_by_its_name() -> None:
    assert {"table", "openemr-export"} <= set(names(SystemKind.EHR))
    assert find(SystemKind.EHR, "table").Settings is Settings


def test_a_report_becomes_accounts_with_their_native_roles(tmp_path: Path) -> None:
    collection = whole(read(tmp_path, REPORT))
    ana, ben, _ = collection.accounts
    assert (ana.id, ana.login, ana.name, ana.email) == ("areyes", "areyes", "Ana Reyes", "ana@example.org")
    assert (ana.status, ben.status) == (Status.ACTIVE, Status.DISABLED)
    assert ana.last_login == datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    assert (ana.mfa, ben.mfa) == (True, False)
    assert {e.id: e.kind for e in collection.entitlements.values()} == dict.fromkeys(
        ("Scheduling", "Front Desk", "Billing", "Chart, full"), EntitlementKind.ROLE
    )
    assert set(collection.grants) == {
        Grant("areyes", "Scheduling"),
        Grant("areyes", "Front Desk"),
        Grant("bcruz", "Billing"),
        Grant("kim", "Chart, full"),
    }


def test_what_the_report_does_not_say_stays_unknown_and_is_not_read_as_never_or_no(tmp_path: Path) -> None:
    _, ben, kim = whole(read(tmp_path, REPORT)).accounts
    assert ben.last_login is NEVER
    assert kim.last_login is None
    assert kim.mfa is None
    assert whole(read(tmp_path, REPORT, empty_last_login="never")).accounts[2].last_login is NEVER


def test_a_report_without_a_status_column_leaves_the_status_unknown_and_the_account_live(tmp_path: Path) -> None:
    columns = {key: column for key, column in BASE["columns"].items() if key != "status"}
    ana, *_ = whole(read(tmp_path, REPORT, columns=columns, status_values={})).accounts
    assert ana.status is Status.UNKNOWN
    assert ana.live


def test_columns_that_are_not_mapped_are_never_kept(tmp_path: Path) -> None:
    assert "Secret Patient" not in repr(whole(read(tmp_path, REPORT)))


def test_the_evidence_names_the_end_and_the_exact_file(tmp_path: Path) -> None:
    collection = read(tmp_path, REPORT, expect_accounts=3, canary="KIM")
    os.utime(tmp_path / "users.csv", (1_760_000_000, 1_760_000_000))
    collection = collect(
        connect(EHR, Settings.model_validate({**BASE, "expect_accounts": 3, "canary": "KIM"}), tmp_path)
    )
    evidence = {e.name: e.detail for e in whole(collection).completeness.evidence}  # type: ignore[union-attr]
    assert evidence["end"] == "end of file after 3 rows"
    assert evidence["sha256"] == f"users.csv {sha256(REPORT.encode()).hexdigest()}"
    assert evidence["total"] == "3 accounts expected, 3 read"
    assert evidence["proof"] == "the number of accounts is known from the product itself (`expect_accounts`)"
    assert evidence["canary"] == "KIM seen"
    assert collection.as_of == datetime.fromtimestamp(1_760_000_000, UTC)


def test_a_report_that_was_cut_is_not_the_whole_system(tmp_path: Path) -> None:
    cut = "".join(REPORT.splitlines(keepends=True)[:3])
    assert "`users.csv` lists 2 accounts instead of the 3 that `expect_accounts` states" in refused(
        read(tmp_path, cut, expect_accounts=3)
    )
    assert "did not return the account `kim`" in refused(read(tmp_path, cut, canary="kim"))
    assert "returned no account at all" in refused(read(tmp_path, REPORT.splitlines()[0] + "\n"))


def judged(folder: Path, **changes: Any) -> Collection:
    """Read as an audit does."""
    return collect(connect(EHR, Settings.model_validate({**BASE, **changes}), folder))


def test_the_end_of_a_file_alone_does_not_show_that_nobody_is_missing(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text(REPORT)
    told = refused(judged(tmp_path))
    assert "nothing shows that `users.csv` lists everybody" in told
    assert "set `canary`" in told
    assert "`expect_accounts`" in told
    for proof in ({"canary": "kim"}, {"expect_accounts": 3}):
        whole(judged(tmp_path, **proof))
    (tmp_path / "users.csv").write_text(f"{REPORT}Total users: 3\n")
    whole(judged(tmp_path, total={"label": "Total users"}))


def test_a_workbook_is_no_proof_either(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "users.xlsx")
    sheet = book.add_worksheet()
    for at, row in enumerate((("User", "Role"), ("ana", "Billing"), ("ben", "Nurse"))):
        sheet.write_row(at, 0, row)
    book.close()
    how = {"file": "users.xlsx", "columns": {"login": "User"}, "entitlements": [{"column": "Role", "kind": "role"}]}
    read_it = partial(connect, EHR, folder=tmp_path)
    assert "nothing shows" in refused(collect(read_it(settings=Settings.model_validate(how))))
    whole(collect(read_it(settings=Settings.model_validate({**how, "canary": "ben"}))))


def test_what_rests_on_a_canary_alone_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text(REPORT)
    assert "a canary alone: the report states no total" in repr(judged(tmp_path, canary="kim"))


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (b"", "the file is empty"),
        (REPORT.replace("Roles", "Role"), "`Roles`: a column is missing"),
        (REPORT + "areyes,Ana,,Active,,,Billing,\n", "`Username`: duplicate account on lines 2 and 5"),
        (REPORT + ",Nobody,,Active,,,Billing,\n", "line 5, `Username`: the value is empty"),
        (REPORT.replace("Blocked,Never,No", "b@c.example,Never,Billing"), "line 3, `2FA`: this word is not mapped"),
        (REPORT.replace("Blocked,", "b@c.example,").replace(",No,", ",Maybe,"), "the words in `2FA` are: "),
        (REPORT.replace("2026-01-31 17:30", "01/31/2026"), "line 2, `Last seen`: this is no date"),
        (REPORT.replace("Ana Reyes", "Aña").encode("latin-1"), "line 2: the file is not UTF-8"),
        (REPORT.replace("Chart, full", "x" * 1001), "the name of an entitlement is too long"),
    ],
)
def test_a_report_that_cannot_be_trusted_says_nothing_about_anybody(
    tmp_path: Path, report: str | bytes, told: str
) -> None:
    assert told in refused(read(tmp_path, report))


def test_a_report_in_which_nobody_holds_anything_is_a_wrong_column_and_not_a_harmless_team(tmp_path: Path) -> None:
    report = "Username,Roles\na,\nb, ; \n"
    told = refused(read(tmp_path, report, columns={"login": "Username"}, status_values={}))
    assert "`Roles`: no account holds anything" in told


def test_many_words_in_the_status_column_are_not_shown_because_they_may_be_names(tmp_path: Path) -> None:
    rows = "".join(f"u{i},Person {i},Billing\n" for i in range(30))
    told = refused(read(tmp_path, "Username,State,Roles\n" + rows, columns={"login": "Username", "status": "State"}))
    assert "has 30 different words; is it the right column?" in told
    assert "Person 7" not in told


def test_a_matrix_of_permissions_grants_the_columns_that_say_yes(tmp_path: Path) -> None:
    flag = {"kind": "privilege", "granted": ["Y"], "not_granted": ["N", ""]}
    entitlements = [{"column": c, **flag} for c in ("Access eRx", "Sign notes")]
    report = "Username,Access eRx,Sign notes\na,Y,N\nb,y,\n"
    settings: dict[str, Any] = {"columns": {"login": "Username"}, "status_values": {}, "entitlements": entitlements}
    assert set(whole(read(tmp_path, report, **settings)).grants) == {Grant("a", "Access eRx"), Grant("b", "Access eRx")}
    odd = whole(read(tmp_path, report.replace("y,\n", "y,?\n"), **settings))
    assert set(odd.grants) == {*map(Grant, "ab", ("Access eRx",) * 2), Grant("b", "table:asked-not-read")}


def test_one_name_for_two_kinds_of_things_is_refused_until_one_has_a_prefix(tmp_path: Path) -> None:
    report = "Username,Roles,Locations\na,North,North\n"
    role, group = {"column": "Roles", "kind": "role"}, {"column": "Locations", "kind": "group"}
    settings: dict[str, Any] = {"columns": {"login": "Username"}, "status_values": {}}
    assert "two columns use this name" in refused(read(tmp_path, report, entitlements=[role, group], **settings))
    group["prefix"] = "location:"
    collection = whole(read(tmp_path, report, entitlements=[role, group], **settings))
    assert set(collection.entitlements) == {"North", "location:North"}


def test_one_row_for_each_grant_is_one_account(tmp_path: Path) -> None:
    report = "user,name,role\na,Ana,Billing\nb,Ben,Chart\na,Ana,Scheduling\n"
    collection = whole(read(tmp_path, report, **GRANTS, status_values={}))
    assert [a.login for a in collection.accounts] == ["a", "b"]
    assert Grant("a", "Billing") in collection.grants
    assert Grant("a", "Scheduling") in collection.grants


def test_rows_of_one_account_that_disagree_are_refused_with_both_lines(tmp_path: Path) -> None:
    report = "user,name,role\na,Ana,Billing\nb,Ben,Chart\na,Anna,Scheduling\n"
    told = refused(read(tmp_path, report, **GRANTS, status_values={}))
    assert "line 4, `name`: lines 2 and 4 say different things of one account" in told


def test_one_login_with_two_identifiers_is_refused(tmp_path: Path) -> None:
    report = "id,user,role\n1,a,Billing\n2,a,Chart\n"
    settings = {**GRANTS, "columns": {"login": "user", "id": "id"}, "status_values": {}}
    assert "duplicate account on lines 2 and 3" in refused(read(tmp_path, report, **settings))


def test_a_workbook_is_read_like_a_csv(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "users.xlsx") as book:
        sheet = book.add_worksheet("Access")
        for number, line in enumerate(["user,name,role", "a,Ana,Billing", "b,Ben,=1+1"]):
            for column, value in enumerate(line.split(",")):
                sheet.write_string(number, column, value)
    settings = Settings.model_validate({**GRANTS, "file": "users.xlsx", "sheet": "Access"})
    collection = whole(collect(connect_to_look(EHR, settings, tmp_path)))
    assert set(collection.grants) == {Grant("a", "Billing"), Grant("b", "=1+1")}


def test_the_work_of_reading_grants_grows_with_them_and_no_faster(tmp_path: Path) -> None:
    def work(rows: int) -> int:
        lines = ["user,name,role", *(f"u{i % 200},Person {i % 200},role {i // 200}" for i in range(rows))]
        (tmp_path / "users.csv").write_text("\n".join(lines))
        connector = connect_to_look(EHR, Settings.model_validate(GRANTS), tmp_path)
        page, steps = counted(lambda: connector.read_page(None))
        assert (len(page.accounts), len(page.grants)) == (200, rows)
        return steps

    few, many = work(4_000), work(32_000)
    assert many < 10 * few


def test_only_what_is_kept_takes_memory(tmp_path: Path) -> None:
    filler = "x" * 500_000
    lines = ["user,name,role,notes", *(f"u{i},Person,Billing,{filler}" for i in range(100))]
    (tmp_path / "users.csv").write_text("\n".join(lines))
    connector = connect_to_look(EHR, Settings.model_validate(GRANTS), tmp_path)
    tracemalloc.start()
    connector.read_page(None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20


@pytest.mark.parametrize(
    "changes",
    [
        {"entitlements": []},
        {"status_values": {}},
        {"status_values": {"Active": "active", "active": "disabled"}},
        {"status_values": {"Active": "alive"}},
        {"mfa_true": ["x"], "mfa_false": ["X"]},
        {"delimiter": ";;"},
        {"delimiter": '"'},
        {"timezone": "Mars/Olympus"},
        {"date_format": "guess"},
        {"password": "x"},
        {"entitlements": [{"column": "R", "kind": "role", "separator": ";", "granted": ["Y"]}]},
        {"entitlements": [{"column": "R", "kind": "role", "not_granted": ["N"]}]},
    ],
    ids=str,
)
def test_settings_that_could_be_read_in_two_ways_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({**BASE, **changes})


def test_the_settings_on_the_page_are_settings_that_the_connector_accepts(tmp_path: Path) -> None:
    page = (Path(__file__).parents[4] / "docs" / "connect-ehr.md").read_text(encoding="utf-8")
    (tmp_path / "users.mapping.yaml").write_text("columns: {login: a}\nentitlements: [{column: b, kind: role}]\n")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    tables = [block["settings"] for block in blocks if block["connector"] == "table"]
    for settings in tables:
        connect(EHR, Settings.model_validate(settings), tmp_path)
    assert {settings["preset"] for settings in tables if "preset" in settings} == {"tebra", "nextgen"}
    assert len(tables) >= 6


def test_the_page_names_every_preset_and_every_date_format() -> None:
    page = (Path(__file__).parents[4] / "docs" / "connect-ehr.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in page for name in preset_names())
    assert all(format_ in page for format_ in get_args(DateFormat) if format_ != "YYYY-MM-DD")
