"""A workbook goes out, comes back, and decides what its rows say, or nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from auditor.review.desk import Desk
from auditor.review_records import AcceptedUnread, DecisionKind, QuestionKind
from auditor.review_sheet.bringing_in import Brought, bring_in
from auditor.review_sheet.layout import DECISIONS, START
from auditor.review_sheet.writing import file_name, write_workbook
from auditor.store import Store
from connectors.errors import InputError
from connectors.inputs.xlsx import formula_cells
from tests.review_practice import ACCOUNTS, USED, Reviewed, question, who
from tests.small_practice import account
from tests.workbooks import AT, cells_of, filled, save

REASON = "She posts charges on Fridays, agreed with the billing lead"


@dataclass
class Sent:
    """A review whose workbook for Dana has gone out."""

    practice: Reviewed
    desk: Desk
    campaign: str
    path: Path

    def q(self, person: str, kind: QuestionKind) -> str:
        return question(self.desk, "dana", self.campaign, person, kind).question.question

    def back(self, path: Path) -> Brought:
        return bring_in(self.desk, path, "brought by Sam Kim")

    def decisions(self) -> dict[str, DecisionKind | None]:
        lines = self.desk.people(who("dana"), self.campaign)
        views = [self.desk.person(who("dana"), self.campaign, line.person) for line in lines]
        return {v.question.question: v.state.decision for view in views if view for v in view.questions}

    def all_kept(self) -> dict[str, dict[str, object]]:
        """Keep everything, each with a reason of its own."""
        return {id_: {"decision": "keep", "reason": f"{REASON} ({id_})"} for id_ in self.decisions()}


@pytest.fixture
def sent(tmp_path: Path) -> Iterator[Sent]:
    practice = Reviewed.made(tmp_path)
    opened = practice.open()
    with Store.open(practice.path) as store:
        desk = practice.desk(store)
        campaign = opened.campaign
        path = tmp_path / file_name(campaign, "dana")
        write_workbook(desk, campaign, "dana", path)
        yield Sent(practice, desk, campaign.id, path)


def test_it_asks_every_own_question_and_none_of_another(sent: Sent) -> None:
    rows = cells_of(sent.path)[DECISIONS][1:]
    assert {str(row[AT["question"]]) for row in rows} == set(sent.decisions())
    assert not any(row[AT["decision"]] for row in rows), "nothing is chosen before somebody chooses"
    assert any("Charges" in str(row[AT["held"]]) for row in rows)


def test_the_same_review_gives_the_same_bytes(sent: Sent, tmp_path: Path) -> None:
    campaign = sent.desk.campaigns(who("dana"))[0]
    write_workbook(sent.desk, campaign, "dana", tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == sent.path.read_bytes()


def test_what_was_not_read_is_said_where_a_reviewer_begins(sent: Sent, tmp_path: Path) -> None:
    campaign = replace(
        sent.desk.campaigns(who("dana"))[0],
        unread=("Cloud: the vendor is down",),
        accepted=(AcceptedUnread("cloud", "Sam Kim", "it is back on Monday"),),
    )
    write_workbook(sent.desk, campaign, "dana", tmp_path / "unread.xlsx")
    told = " ".join(str(cell) for row in cells_of(tmp_path / "unread.xlsx")[START] for cell in row)
    assert "Not read whole, so not all of it is asked about: Cloud: the vendor is down" in told
    assert "cloud: opened all the same by Sam Kim, because: it is back on Monday" in told
    assert "Not read whole" not in str(cells_of(sent.path)[START])


def test_what_is_filled_in_is_decided_and_signed_and_the_rest_of_the_world_is_as_it_was(sent: Sent) -> None:
    excess = sent.q("ana", QuestionKind.EXCESS)
    rows = {**sent.all_kept(), excess: {"decision": " Remove "}}
    brought = sent.back(filled(sent.path, rows, "dana ortiz"))
    assert brought.faults == ()
    assert (brought.recorded, brought.undecided, brought.missing, brought.signed) == (len(rows), 0, 0, True)
    decided = sent.decisions()
    assert decided.pop(excess) is DecisionKind.REMOVE
    assert set(decided.values()) == {DecisionKind.KEEP}
    view = question(sent.desk, "dana", sent.campaign, "ana", QuestionKind.EXCESS)
    assert view.decision is not None
    assert view.decision.signed_in.startswith("sheet ")
    assert view.decision.signed_in.endswith("brought by Sam Kim")
    assert view.state.signed
    assert sent.practice.verified().ok


def test_a_day_that_the_program_made_a_date_of_is_that_day(sent: Sent) -> None:
    excess = sent.q("ana", QuestionKind.EXCESS)
    row = {
        "decision": "exception",
        "reason": "until the new biller starts",
        "expires": date(2027, 1, 31),
        "compensating": "the lead reads her postings weekly",
    }
    assert sent.back(filled(sent.path, {excess: row})).recorded == 1
    view = question(sent.desk, "dana", sent.campaign, "ana", QuestionKind.EXCESS)
    assert view.decision is not None
    assert view.decision.expires == date(2027, 1, 31)


def test_an_empty_row_decides_nothing(sent: Sent) -> None:
    brought = sent.back(sent.path)
    assert (brought.recorded, brought.undecided, brought.signed) == (0, len(sent.decisions()), False)
    assert set(sent.decisions().values()) == {None}


def test_the_same_file_twice_decides_once(sent: Sent) -> None:
    back = filled(sent.path, {sent.q("ana", QuestionKind.EXCESS): {"decision": "remove"}})
    assert sent.back(back).recorded == 1
    again = sent.back(back)
    assert (again.recorded, again.unchanged, again.faults) == (0, 1, ())


@pytest.mark.parametrize(
    ("change", "column", "why"),
    [
        ({"decision": "approve"}, "Decision", "choose one of: keep, remove, change, exception"),
        ({"decision": "keep"}, "Reason", ""),
        ({"decision": "keep", "reason": "fine"}, "Reason", ""),
        ({"decision": "change"}, "Change: what instead", "say what is to be given instead"),
        (
            {"decision": "exception", "reason": REASON, "compensating": REASON, "expires": "31.1.2027"},
            "Exception: last day",
            "write the day as 2027-03-31",
        ),
        (
            {"decision": "exception", "reason": REASON, "compensating": REASON, "expires": "2020-01-31"},
            "Exception: last day",
            "an exception needs a last day that is still to come",
        ),
        ({"reason": REASON}, "Decision", "`Reason` is filled in and nothing is decided"),
        ({"decision": "remove", "title": "Can see the schedule"}, "What", "only the yellow cells are yours to fill in"),
        ({"title": "Can see the schedule"}, "What", "only the yellow cells are yours to fill in"),
        ({"decision": "remove", "held": ""}, "Held where", "only the yellow cells are yours to fill in"),
        ({"decision": "remove", "version": "7"}, "Version", "it changed since this workbook was written"),
        ({"decision": "remove", "version": "-1"}, "Version", "only the yellow cells are yours"),
        ({"decision": "remove", "question": "Q-AAAAAAAAAA"}, "Question", "no open question of this reviewer"),
    ],
)
def test_a_row_that_cannot_be_is_named_and_nothing_of_the_file_is_recorded(
    sent: Sent, change: dict[str, object], column: str, why: str
) -> None:
    excess = sent.q("ana", QuestionKind.EXCESS)
    good = {id_: row for id_, row in sent.all_kept().items() if id_ != excess}
    brought = sent.back(filled(sent.path, {**good, excess: change}))
    assert brought.recorded == 0
    assert {fault.column for fault in brought.faults} == {column}
    assert all(why in str(fault) and f"row {fault.row}" in str(fault) for fault in brought.faults)
    assert set(sent.decisions().values()) == {None}
    assert sent.practice.verified().ok


def test_every_fault_of_a_file_is_told_at_once(sent: Sent) -> None:
    wrong = {id_: {"decision": "yes"} for id_ in sent.decisions()}
    assert len(sent.back(filled(sent.path, wrong)).faults) == len(wrong) > 1


def test_a_reason_that_is_copied_down_the_column_is_no_reason(sent: Sent) -> None:
    rows = {id_: {"decision": "keep", "reason": REASON} for id_ in sent.decisions()}
    brought = sent.back(filled(sent.path, rows))
    assert {fault.column for fault in brought.faults} == {"Reason"}
    assert set(sent.decisions().values()) == {None}


def test_rows_that_are_doubled_are_refused_and_one_that_was_taken_out_stays_undecided(sent: Sent) -> None:
    cells = cells_of(sent.path)
    first = cells[DECISIONS][1]
    first[AT["decision"]] = "remove"
    doubled = save(sent.path.with_name("doubled.xlsx"), {**cells, DECISIONS: [*cells[DECISIONS], first]})
    assert [fault.column for fault in sent.back(doubled).faults] == ["Question", "Question"]
    first[AT["decision"]] = ""
    shorter = save(sent.path.with_name("shorter.xlsx"), {**cells, DECISIONS: cells[DECISIONS][:-1]})
    brought = sent.back(shorter)
    assert (brought.missing, brought.undecided) == (1, len(sent.decisions()))


def test_a_formula_decides_nothing_whatever_it_shows(sent: Sent) -> None:
    cells = cells_of(sent.path)
    cells[DECISIONS][1][AT["decision"]] = "remove"
    at = (DECISIONS, 1, AT["decision"])
    path = save(sent.path.with_name("formula.xlsx"), cells, {at: '=IF(1,"remove","keep")'})
    with pytest.raises(InputError, match=r"it holds formulas.*sheet2\.xml!H2"):
        sent.back(path)


def test_what_was_decided_meanwhile_stays_and_is_told(sent: Sent) -> None:
    view = question(sent.desk, "dana", sent.campaign, "ana", QuestionKind.EXCESS)
    sent.desk.decide(who("dana"), sent.practice.wanted(view, "remove"))
    back = filled(sent.path, {view.question.question: {"decision": "keep", "reason": REASON}})
    (fault,) = sent.back(back).faults
    assert "now decided remove by Dana Ortiz" in fault.why
    assert sent.decisions()[view.question.question] is DecisionKind.REMOVE


def test_a_name_signs_what_is_whole_and_own_and_nothing_else(sent: Sent) -> None:
    some = dict(list(sent.all_kept().items())[1:])
    (fault,) = sent.back(filled(sent.path, some, "Dana Ortiz")).faults
    assert "1 question without a decision" in fault.why
    (fault,) = sent.back(filled(sent.path, sent.all_kept(), "Sam Kim")).faults
    assert fault.why == "the reviewer of this workbook is Dana Ortiz"
    assert set(sent.decisions().values()) == {None}


def test_a_workbook_of_another_review_reviewer_or_program_is_refused(sent: Sent) -> None:
    cells = cells_of(sent.path)
    for mark in ("R-AAAAAAAAAA dana 00", f"{sent.campaign} nobody 00", f"{sent.campaign} dana {'0' * 64}", "2026-Q4"):
        cells[START][3][1] = mark
        with pytest.raises(InputError):
            sent.back(save(sent.path.with_name("other.xlsx"), cells))
    with pytest.raises(InputError):
        bring_in(sent.desk, sent.path, "brought by morgan", only_of="morgan")
    with pytest.raises(InputError, match="Start here"):
        sent.back(save(sent.path.with_name("else.xlsx"), {"Sheet1": [["a"]]}))
    moved = {**cells_of(sent.path)}
    moved[DECISIONS] = [row[::-1] for row in moved[DECISIONS]]
    with pytest.raises(InputError, match="the titles of `Decisions` are not as they were"):
        sent.back(save(sent.path.with_name("moved.xlsx"), moved))


HOSTILE = ("=HYPERLINK(1)", "+1+1", "-2", "@SUM(1)", "\u202egnp.exe", "<script>alert(1)</script>", "x" * 900)


def test_a_hostile_name_is_text_in_every_cell_and_comes_back_as_it_went_out(tmp_path: Path) -> None:
    accounts = [account(f"h{number}", "Scheduling", Name=name, **USED) for number, name in enumerate(HOSTILE)]
    practice = Reviewed.made(tmp_path, (*ACCOUNTS, *accounts))
    opened = practice.open()
    with Store.open(practice.path) as store:
        desk = practice.desk(store)
        paths = {name: tmp_path / f"{name}.xlsx" for name in ("dana", "morgan")}
        asked = [write_workbook(desk, opened.campaign, name, path) for name, path in paths.items()]
        for path, questions in zip(paths.values(), asked, strict=True):
            cells = [str(cell) for rows in cells_of(path).values() for row in rows for cell in row]
            assert formula_cells(path, 1_000, 50) == ()
            assert not any("\u202e" in cell for cell in cells)
            again = save(path.with_name(f"saved-{path.name}"), cells_of(path))
            assert bring_in(desk, again, "as it was").undecided == questions
        assert sum(asked) > len(HOSTILE)
