from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
import xlsxwriter

from connectors.errors import InputError
from connectors.facts import Employment, PersonKind
from connectors.roster.csv_file import Settings, read, read_staff
from connectors.roster.people import RosterRead


def read_roster(path: Path) -> RosterRead:
    return read(Settings(file=path), Path())


LIES = Path(__file__).parents[1] / "lies" / "roster"

TOLD = {
    "two-vmas-with-one-id": "line 3, `vma_id`: two rows have this id, lines 2 and 3: found `v1`",
    "an-end-before-a-start": "line 3, `end`: the engagement ends before it starts: found `2026-02-28`; "
    "expected 2026-03-01 or later",
    "an-employment-that-does-not-exist": "line 3, `employment`: unknown value: found `temp`; "
    "expected one of `employee`, `contractor`",
    "no-role": "line 3, `roles`: no role",
    "a-day-in-another-order": "line 3, `start`: this is no day: found `03/04/2026`; expected a date as YYYY-MM-DD",
    "a-day-that-does-not-exist": "line 3, `start`: this is no day: found `2026-02-30`",
    "no-start": "line 3, `start`: the value is empty",
    "a-mistyped-optional-column": "line 1, `login`: unknown column: expected `logins`",
    "a-missing-column": "line 1, `roles`: a column is missing",
    "no-vma": "the file lists nobody",
    "a-login-without-system": "line 3, `logins`: this is no login: found `areyes`",
    "an-email-that-is-none": "line 3, `email`: this is no address: found `n/a`",
    "hours-that-are-none": "line 3, `hours`: these are no weekly hours: found `nan`",
    "a-status-that-does-not-exist": "line 3, `status`: unknown value: found `onleave`",
    "no-id": "line 3, `vma_id`: the value is empty",
}

GOOD = """\
vma_id,name,email,agency,employment,roles,start,end,locations,hours,status,logins,x_manager
V1,Ana Reyes,ana@example.org,Northwind Staffing LLC,Employee,scheduler; biller,2026-01-05,2026-12-31,North;South,37.5,on-leave,ehr:areyes;ad:ana,Kim
V2,"Cruz, Ben",,,contractor,scheduler,2026-02-01,,,,,ehr:areyes,Kim
"""  # noqa: E501


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("lie", sorted(TOLD))
def test_a_roster_that_could_hide_a_person_is_refused_with_its_place(lie: str) -> None:
    path = LIES / f"{lie}.csv"
    with pytest.raises(InputError) as told:
        read_roster(path)
    assert told.value.message.startswith(str(path))
    assert TOLD[lie] in told.value.message


def test_every_lie_is_told() -> None:
    assert sorted(p.stem for p in LIES.iterdir()) == sorted(TOLD)


def test_a_roster_says_who_works_in_which_role_from_when_for_whom(tmp_path: Path) -> None:
    path = write(tmp_path / "roster.csv", GOOD)
    roster = read_roster(path).roster
    ana, ben = roster.people
    assert (ana.id, ana.name, ana.email, ana.kind) == ("V1", "Ana Reyes", "ana@example.org", PersonKind.VMA)
    assert ana.logins == (("ehr", "areyes"), ("ad", "ana"))
    assert (ben.name, ben.email) == ("Cruz, Ben", None)
    first, second = roster.engagements
    assert first.agency == "Northwind Staffing LLC"
    assert first.employment is Employment.EMPLOYEE
    assert first.roles == ("scheduler", "biller")
    assert (first.start, first.end) == (date(2026, 1, 5), date(2026, 12, 31))
    assert (first.locations, first.hours, first.on_leave) == (("North", "South"), 37.5, True)
    assert (second.agency, second.end, second.hours, second.on_leave) == (None, None, None, False)
    assert roster.source == "roster.csv"
    assert roster.sha256 == sha256(path.read_bytes()).hexdigest()


def test_one_login_of_two_people_is_read_because_a_shared_account_is_a_finding(tmp_path: Path) -> None:
    people = read_roster(write(tmp_path / "roster.csv", GOOD)).roster.people
    assert all(("ehr", "areyes") in person.logins for person in people)


def test_an_engagement_of_one_day_is_no_end_before_a_start(tmp_path: Path) -> None:
    text = "vma_id,name,agency,employment,roles,start,end\nV1,A,,employee,scheduler,2026-01-05,2026-01-05\n"
    (engagement,) = read_roster(write(tmp_path / "roster.csv", text)).roster.engagements
    assert engagement.active_on(date(2026, 1, 5))


def test_a_later_check_can_name_the_line_of_a_vma(tmp_path: Path) -> None:
    path = write(tmp_path / "roster.csv", GOOD)
    read = read_roster(path)
    with pytest.raises(InputError) as told:
        read.refuse(read.roster.engagements[1], "roles", "no such role", found="schedulr", expected="`scheduler`")
    assert told.value.message == f"{path}, line 3, `roles`: no such role: found `schedulr`; expected `scheduler`"


def test_a_roster_may_be_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "d mmm yyyy"})
        sheet.write_row(0, 0, ["vma_id", "name", "agency", "employment", "roles", "start", "hours"])
        sheet.write_row(1, 0, [1001, "Ana Reyes", "", "employee", "scheduler"])
        sheet.write_datetime(1, 5, date(2026, 1, 5), day)
        sheet.write(1, 6, 40)
    roster = read_roster(path).roster
    assert roster.people[0].id == "1001"
    assert roster.engagements[0].start == date(2026, 1, 5)
    assert roster.engagements[0].hours == 40


def test_staff_services_and_vendors_are_people_to_whom_accounts_belong(tmp_path: Path) -> None:
    text = "id,name,email,kind,logins,owner\nS1,Dr Kim,kim@example.org,staff,ehr:kim,\nS2,Fax,,service,ehr:fax,Dr Kim\n"
    kim, fax = read_staff(write(tmp_path / "staff.csv", text))
    assert (kim.kind, kim.logins, kim.owner) == (PersonKind.STAFF, (("ehr", "kim"),), None)
    assert (fax.kind, fax.email, fax.owner) == (PersonKind.SERVICE, None, "Dr Kim")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("S1,A,staff\nS1,B,staff\n", "two rows have this id, lines 2 and 3"),
        ("S1,A,vma\n", "unknown value: found `vma`; expected one of `staff`, `service`, `vendor`"),
        ("S1,,staff\n", "`name`: the value is empty"),
        ("", "the file lists nobody"),
    ],
)
def test_a_list_of_staff_that_is_wrong_is_refused(tmp_path: Path, rows: str, told: str) -> None:
    path = write(tmp_path / "staff.csv", "id,name,kind\n" + rows)
    with pytest.raises(InputError) as raised:
        read_staff(path)
    assert told in raised.value.message


PERIODS = "vma_id,name,agency,employment,roles,start,end\n"


def test_somebody_who_was_rehired_has_a_line_for_each_period(tmp_path: Path) -> None:
    text = PERIODS + "V1,Ana,,employee,biller,2026-06-01,\nV2,Ben,,employee,biller,2026-01-01,\n"
    text += "V1,Ana,,employee,scheduler,2026-01-05,2026-03-31\n"
    roster = read_roster(write(tmp_path / "roster.csv", text)).roster
    assert [p.id for p in roster.people] == ["V1", "V2"]
    assert [(e.vma, e.start.month) for e in roster.engagements] == [("V1", 1), ("V1", 6), ("V2", 1)]


def test_another_role_at_the_same_time_has_a_line_with_days_of_its_own(tmp_path: Path) -> None:
    text = PERIODS + "V1,Ana,,employee,scheduler,2026-01-05,\nV1,Ana,,employee,biller,2026-01-05,2026-03-31\n"
    read = read_roster(write(tmp_path / "roster.csv", text))
    assert [e.roles for e in read.roster.engagements] == [("scheduler",), ("biller",)]
    with pytest.raises(InputError, match="line 3, `roles`: no such role"):
        read.refuse(read.roster.engagements[1], "roles", "no such role")


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ("V1,Ana,,employee,scheduler,2026-03-31,", "two periods of this VMA overlap, lines 2 and 3"),
        ("V1,Ana,,employee,scheduler,2026-01-05,2026-03-31", "two periods of this VMA overlap, lines 2 and 3"),
        ("V1,Ana,,contractor,biller,2026-03-31,", "two periods of this VMA overlap, lines 2 and 3"),
        ("V1,Ana,Tide Inc,employee,biller,2026-03-01,", "two periods of this VMA overlap, lines 2 and 3"),
        ("V1,Eve,,employee,biller,2026-06-01,", "two rows have this id, lines 2 and 3"),
    ],
)
def test_periods_that_overlap_or_are_of_another_person_are_refused(tmp_path: Path, second: str, told: str) -> None:
    text = PERIODS + f"V1,Ana,,employee,scheduler,2026-01-05,2026-03-31\n{second}\n"
    with pytest.raises(InputError, match=told):
        read_roster(write(tmp_path / "roster.csv", text))


CHAINED = "vma_id,name,agency,employment,roles,start\nV1,A,{agency},employee,scheduler,2026-01-05\n"


@pytest.mark.parametrize(
    ("agency", "links"),
    [
        ("Harbor Assist LLC", ("Harbor Assist LLC",)),
        ("Harbor Assist LLC>Harbor Manila Inc", ("Harbor Assist LLC", "Harbor Manila Inc")),
        ("A  >  B > C", ("A", "B", "C")),
        ("", ()),
        ("practice", ()),
        ("The Practice", ()),
        ("practice > Harbor Assist LLC", ("Harbor Assist LLC",)),
        ("Practice Partners LLC", ("Practice Partners LLC",)),
    ],
)
def test_a_roster_may_say_through_whom_an_agency_works(tmp_path: Path, agency: str, links: tuple[str, ...]) -> None:
    (engagement,) = read_roster(write(tmp_path / "r.csv", CHAINED.format(agency=agency))).roster.engagements
    assert engagement.agencies == links
    assert engagement.agency == (" > ".join(links) or None)


@pytest.mark.parametrize("agency", ["A > ", "> A", "A >> B", "A > B > a", ">", "practice >"])
def test_a_chain_of_agencies_with_a_gap_or_a_circle_is_refused(tmp_path: Path, agency: str) -> None:
    with pytest.raises(InputError, match="line 2, `agency`: this is no chain of agencies"):
        read_roster(write(tmp_path / "r.csv", CHAINED.format(agency=agency)))
