"""Reports that were made for a printer: pages, headings, rulers, totals."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.collect import collect
from connectors.facts import Collection, Complete, Grant, Partial, Status, System, SystemKind
from connectors.generic.table.connector import Settings, connect_to_look

EHR = System("ehr", SystemKind.EHR, "some-ehr", "Some EHR", holds_phi=True)

PAGES = """\
SUNRISE FAMILY PRACTICE            User Access Report            Page 1 of 2
Run 11/02/2026 08:15

LOGIN      NAME               STATUS    LAST SIGN-ON  ROLES
---------- ------------------ --------- ------------- ------------------------------
areyes     Reyes, Ana         Active    10/30/2026    SCHEDULER, FRONT DESK
bcruz      Cruz, Ben          Inactive  Never         BILLING
Confidential
\fSUNRISE FAMILY PRACTICE            User Access Report            Page 2 of 2
Run 11/02/2026 08:15

LOGIN      NAME               STATUS    LAST SIGN-ON  ROLES
---------- ------------------ --------- ------------- ------------------------------
kim        Kim, Grace         Active                  PROVIDER
Confidential
Total users: 3
"""

BASE: dict[str, Any] = {
    "file": "report.txt",
    "layout": "fixed",
    "fixed": {},
    "columns": {"login": "LOGIN", "name": "NAME", "status": "STATUS", "last_login": "LAST SIGN-ON"},
    "entitlements": [{"column": "ROLES", "kind": "role", "separator": ","}],
    "status_values": {"Active": "active", "Inactive": "disabled"},
    "date_format": "MM/DD/YYYY",
    "footer": ["Confidential"],
    "total": {"label": "Total users"},
}
PLACES = [
    {"name": "LOGIN", "start": 1, "width": 10},
    {"name": "NAME", "start": 12, "width": 18},
    {"name": "STATUS", "start": 31, "width": 9},
    {"name": "LAST SIGN-ON", "start": 41, "width": 13},
    {"name": "ROLES", "start": 55},
]


def read(folder: Path, report: str | bytes = PAGES, **changes: Any) -> Collection:
    (folder / "report.txt").write_bytes(report if isinstance(report, bytes) else report.encode())
    return collect(connect_to_look(EHR, Settings.model_validate({**BASE, **changes}), folder))


def whole(collection: Collection) -> Collection:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def refused(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial)
    return f"{collection.completeness.reason}\n{collection.completeness.hint}"


@pytest.mark.parametrize("fixed", [{}, {"columns": PLACES}], ids=["by the ruler", "by places"])
def test_the_pages_of_a_printed_report_are_one_list_and_its_total_is_evidence(tmp_path, fixed):
    collection = whole(read(tmp_path, fixed=fixed))
    assert [(a.login, a.name, a.status) for a in collection.accounts] == [
        ("areyes", "Reyes, Ana", Status.ACTIVE),
        ("bcruz", "Cruz, Ben", Status.DISABLED),
        ("kim", "Kim, Grace", Status.ACTIVE),
    ]
    assert Grant("areyes", "FRONT DESK") in collection.grants
    evidence = {e.name: e.detail for e in collection.completeness.evidence}
    assert evidence["total"] == "3 stated by the source, 3 read"


def test_pages_without_form_feed_begin_where_the_mapping_says(tmp_path):
    report = PAGES.replace("\f", "")
    assert "a row stands below line 8" in refused(read(tmp_path, report))
    titles = [line for line in report.splitlines(keepends=True) if not line.startswith(("Confidential", "SUN", "Run"))]
    assert "the heading stands among the rows" in refused(read(tmp_path, "".join(titles)))
    assert len(whole(read(tmp_path, "".join(titles), fixed={"page_begins": "LOGIN  "})).accounts) == 3
    assert len(whole(read(tmp_path, report, fixed={"page_begins": "SUNRISE FAMILY"})).accounts) == 3


def test_a_page_that_begins_with_a_form_feed_and_its_first_line_is_one_page(tmp_path):
    fixed = {"page_begins": "SUNRISE FAMILY"}
    assert len(whole(read(tmp_path, fixed=fixed)).accounts) == 3
    assert len(whole(read(tmp_path, PAGES.replace("\f", "\f\n"), fixed=fixed)).accounts) == 3


def test_a_report_without_any_heading_is_cut_at_its_places(tmp_path):
    report = "User list\n\nareyes    SCHEDULER\nbcruz     BILLING\n\fUser list\n\nkim       PROVIDER\n"
    columns = [{"name": "login", "start": 1, "width": 9}, {"name": "role", "start": 11, "width": 20}]
    how: dict[str, Any] = {
        "fixed": {"heading": False, "columns": columns},
        "skip_rows": 2,
        "columns": {"login": "login"},
        "entitlements": [{"column": "role", "kind": "role"}],
        "status_values": {},
        "total": None,
        "footer": [],
    }
    assert [a.login for a in whole(read(tmp_path, report, **how)).accounts] == ["areyes", "bcruz", "kim"]
    bare = report.replace("User list\n\n", "").replace("\f", "")
    assert len(whole(read(tmp_path, bare, **{**how, "skip_rows": 0})).accounts) == 3


def test_lines_that_are_only_drawn_are_no_rows(tmp_path):
    assert len(whole(read(tmp_path, PAGES.replace("Total users", "=========\nTotal users"))).accounts) == 3


def test_a_report_that_was_cut_has_lost_its_total(tmp_path):
    assert "does not end with its line `Total users`" in refused(read(tmp_path, PAGES.replace("Total users: 3\n", "")))
    first_page = PAGES[: PAGES.index("\f")]
    assert "does not end with its line `Total users`" in refused(read(tmp_path, first_page))


def test_a_report_that_lists_fewer_than_its_total_is_not_whole(tmp_path):
    told = refused(read(tmp_path, PAGES.replace("Total users: 3", "Total users: 1,004")))
    assert "says that it lists 1004 accounts but holds 3" in told


def test_a_total_that_differs_from_what_the_practice_expects_is_told(tmp_path):
    assert "says that it lists 3 accounts, and `expect_accounts` is 5" in refused(read(tmp_path, expect_accounts=5))


def test_a_total_can_count_rows(tmp_path):
    report = PAGES.replace("kim        Kim, Grace", "bcruz      Cruz, Ben  ").replace(
        "Active                  P", "Inactive  Never         P"
    )
    total = {"label": "Total users", "counts": "rows"}
    assert len(whole(read(tmp_path, report, rows="one-per-grant", total=total)).accounts) == 2
    assert "holds 2" in refused(read(tmp_path, report, rows="one-per-grant"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("areyes     Reyes, Ana ", "areyes.maria.l Reyes, A", "text runs into the column `NAME`"),
        ("STATUS    LAST SIGN-ON  ROLES\n---------- ------------------ --------- -------------\x20", "", "line 5: two"),
        ("kim        Kim", "areyes     Kim", "duplicate account on lines 6 and 14"),
        ("kim        Kim", "           Kim", "line 14, `LOGIN`: the value is empty"),
        ("Total users: 3", "Total users: three", "the total has no number"),
        ("Total users: 3", "Total users: 3\nTotal users: 3", "line 17: the total stands twice"),
        ("users: 3", "users: 3\nzoe        Zoe                Active                  ADMIN", "below line 16"),
        ("LOGIN      NAME               STATUS    LAST SIGN-ON  ROLES\n", "", "the heading"),
    ],
)  # fmt: skip
def test_a_printed_report_that_cannot_be_trusted_says_nothing_about_anybody(tmp_path, old, new, told):
    assert old in PAGES
    if told == "line 5: two":
        report = PAGES.replace("NAME               STATUS   ", "LOGIN              STATUS   ")
        told = "two columns have the same name: found `LOGIN`"
    elif told == "the heading":
        report, told = PAGES.replace("LOGIN      NAME", "LOGON      NAME"), "`LOGIN`: a column is missing"
    else:
        report = PAGES.replace(old, new, 1)
    assert told in refused(read(tmp_path, report))


def test_a_second_page_whose_columns_have_moved_is_refused(tmp_path):
    first, _, second = PAGES.partition("\f")
    moved = second.replace("---------- ------------------", "------------ ----------------")
    assert "the columns stand elsewhere on this page" in refused(read(tmp_path, f"{first}\f{moved}"))
    bare = "\n".join(line for line in second.splitlines() if not line.startswith(("LOGIN", "----", "Total", "Conf")))
    assert "a page has no heading" in refused(read(tmp_path, f"{first}\f{bare}\nkim2       Kim\nkim3       Kim\n"))


def test_a_heading_that_is_not_at_its_places_is_refused(tmp_path):
    told = refused(read(tmp_path, PAGES.replace("LOGIN      NAME", "LOGIN   NAME   "), fixed={"columns": PLACES}))
    assert "the heading of the columns was not found" in told
    assert "auditor connect --map" in told


def test_a_person_whose_name_is_the_line_below_the_table_is_not_lost(tmp_path):
    columns = {"login": "LOGIN", "name": "NAME"}
    report = (
        "NAME               LOGIN      ROLES\n------------------ ---------- ---------\n"
        "Printed on Sunday  evil       ADMIN\nReyes, Ana         areyes     CLERK\nPrinted on 11/02/2026\n"
    )
    told = refused(read(tmp_path, report, columns=columns, status_values={}, footer=["Printed on"], total=None))
    assert "line 4: a row stands below line 3" in told
    last = report.replace("Printed on Sunday  evil       ADMIN\n", "").replace(
        "Printed on 11", "Printed on Sunday  evil       ADMIN\nPrinted on 11"
    )
    told = refused(read(tmp_path, last, columns=columns, status_values={}, footer=["Printed on"], total=None))
    assert "`Printed on` stands twice" in told


def test_letters_outside_of_ascii_do_not_move_the_columns(tmp_path):
    report = PAGES.replace("Reyes, Ana ", "Mejía, Añá ")
    assert whole(read(tmp_path, report)).accounts[0].name == "Mejía, Añá"
    assert whole(read(tmp_path, report.encode("cp1252"), encoding="windows-1252")).accounts[0].name == "Mejía, Añá"
    assert whole(read(tmp_path, report.encode("utf-16"), encoding="utf-16")).accounts[0].name == "Mejía, Añá"
    assert "the file is not UTF-8" in refused(read(tmp_path, report.encode("cp1252")))


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (b"", "was not found"),
        (b"\x00" * 100, "NUL"),
        (b"x" * (5 * 2**20), "the row is too large"),
        (b"x\n" * 100, "no heading in the first 60 lines"),
        (b"-" * 19_000 + b"\n" + b"- " * 9_000 + b"\n", "too many columns"),
        (b"a " * 10_500 + b"\n", "the line is too long"),
        (b"\f" * 200_000, "was not found"),
    ],
    ids=["empty", "nul", "one line", "no heading", "nine thousand columns", "long line", "form feeds"],
)
@pytest.mark.timeout(60)
def test_hostile_text_is_refused_quickly(tmp_path, report, told):
    assert told in refused(read(tmp_path, report))


@pytest.mark.parametrize(
    "changes",
    [
        {"fixed": None},
        {"layout": "delimited"},
        {"fixed": {"heading": False}},
        {"fixed": {"columns": [{"name": "a", "start": 1, "width": 5}, {"name": "b", "start": 5}]}},
        {"fixed": {"columns": [{"name": "a", "start": 1}, {"name": "b", "start": 5}]}},
        {"fixed": {"columns": [{"name": "a", "start": 1, "width": 2}, {"name": "a", "start": 5}]}},
        {"fixed": {"columns": [{"name": "a", "start": 0}]}},
        {"footer": ["x"]},
        {"total": {"label": "Total", "counts": "pages"}},
    ],
    ids=str,
)
def test_places_that_could_be_read_in_two_ways_are_refused(changes):
    with pytest.raises(ValidationError):
        Settings.model_validate({**BASE, **changes})
