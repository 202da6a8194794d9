"""Annexes over the audits of a quarter, on a practice whose headcount moved and whose system was once not read."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import run
from tests.quick_audits import quick_audits
from tests.small_practice import Small, account, answer, noon, row

ANA, BEA = row("ana", "2026-01-05"), row("bea", "2026-01-05")
BEA_LEFT = row("bea", "2026-01-05", "2026-11-01")
CAL, CAL_LEFT = row("cal", "2026-01-05"), row("cal", "2026-01-05", "2026-10-25")
DAN, DAN_LEFT = row("dan", "2026-01-05"), row("dan", "2026-01-05", "2026-10-30")
GIL = row("gil", "2026-11-02")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Five audits: one before the quarter, three in it that read the EHR, and a last one that could not."""
    with quick_audits():
        small = Small(tmp_path_factory.mktemp("period") / "small")
        ana, gil = account("ana"), account("gil")
        bea, cal, dan = (account(name, Last="2026-10-15") for name in ("bea", "cal", "dan"))
        small.audit(noon("2026-09-28"), [ANA, BEA, CAL, DAN], [ana, bea, cal, dan])
        off = account("cal", Status="Disabled", Last="2026-10-15")
        visitor, more = account("visitor", Name="Temporary Desk"), account("ana", "Scheduling;Claims")
        small.audit(noon("2026-10-20"), [ANA, BEA, CAL_LEFT, DAN], [more, bea, off, dan, visitor])
        rows = [ANA, BEA_LEFT, CAL_LEFT, DAN_LEFT, GIL]
        small.audit(noon("2026-11-10"), rows, [ana, bea, off, gil])
        small.audit(noon("2026-11-20"), rows, [ana, bea, off, gil])
        small.write(noon("2026-11-25"), rows, [ana])
        (small.folder / "users.csv").unlink()
        run(["audit", str(small.config), "--at", noon("2026-11-25")])
    return small


def quarter(kept: Small, capsys: Any, *words: str) -> dict[str, dict[str, Any]]:
    words = words or ("--from", "1", "--to", "4")
    found = answer(capsys, "review", "annexes", str(kept.config), *words)
    return {one["id"]: one for one in found["annexes"]}


def test_what_came_and_went_between_the_ends_is_told_though_neither_end_shows_it(kept, capsys):
    annexes = quarter(kept, capsys)
    came = {r["login"]: (r["still_there"], r["state"]) for r in annexes["A"]["rows"]}
    assert came == {"gil": (True, "in order"), "visitor": (False, "needs action")}
    undone = [r for r in annexes["H"]["rows"] if r["what"].startswith("access, undone again")]
    # The visitor's account and what it held, and Claims of Ana: each came, and each went.
    assert sorted((r["change"].split(" ")[0], r["change"].split(") ")[1].split(" in ")[0]) for r in undone) == [
        ("ana", "got Claims"),
        ("ana", "lost Claims"),
        ("visitor", "got Scheduling"),
        ("visitor", "got an account"),
        ("visitor", "lost Scheduling"),
        ("visitor", "lost the account"),
    ]
    assert {r["explained_by"].rpartition("seen by ")[2] for r in undone} == {"audit 2", "audit 3"}
    outside = " ".join(r["change"] for r in annexes["outside-offboarding"]["rows"])
    assert "visitor (nobody known) lost the account" in outside
    assert "dan" not in outside  # who left


def test_leavers_are_told_early_open_and_gone_with_the_hours_of_offboard(kept, capsys):
    rows = [r for r in quarter(kept, capsys)["B"]["rows"] if r["what"] == "left"]
    told = {r["login"]: r for r in rows}
    assert {login: (r["state"], r["timely"]) for login, r in told.items()} == {
        "bea": ("needs action", "late"),
        "cal": ("in order", "in time"),  # disabled before the end
        "dan": ("not evaluated", "not proven in time"),  # gone between two audits, which may have been late
    }
    for vma, login in (("bea", "bea"), ("cal", "cal"), ("dan", "dan")):
        (lag,) = answer(capsys, "offboard", vma, str(kept.config), "--as-of", "4")["hours_to_disabled"]
        mine = told[login]
        assert (mine["hours_until_ended"], mine["hours_at_least"]) == (lag["hours"], lag["at_least"])
    assert told["cal"]["hours_until_ended"] == 0


def test_a_leaver_is_in_the_annex_of_one_period_only_unless_access_is_still_open(kept, capsys):
    rows = quarter(kept, capsys, "--from", "3", "--to", "4")["B"]["rows"]
    assert [r["login"] for r in rows if r["what"] == "left"] == ["bea"]


def test_a_system_that_the_last_audit_could_not_read_is_named_and_what_was_before_is_not_taken_for_now(kept, capsys):
    annexes = quarter(kept, capsys, "--quarter", "2026Q4")
    for id_ in ("A", "B", "C", "D", "E", "H", "I", "outside-offboarding", "administrators", "second-factor"):
        assert "EHR" in {one["what"] for one in annexes[id_]["not_evaluated"]}, id_
        assert annexes[id_]["outcome"] != "nothing", id_
    (population,) = annexes["population"]["rows"]
    assert (population["complete"], population["accounts"]) == (False, None)
    assert population["audits_that_read_it_whole"] == "3 of 4"
    reads = [r for r in annexes["I"]["rows"] if r["what"] == "system that was read"]
    assert [(r["audit"], r["state"], r["sha256"]) for r in reads] == [(5, "not evaluated", "")]
    left = {r["person"]: r["state"] for r in annexes["B"]["rows"] if r["what"] == "left"}
    assert set(left.values()) == {"not evaluated"}


def test_only_one_audit_has_nothing_to_compare_with_and_says_so(kept, capsys):
    annexes = quarter(kept, capsys, "--quarter", "2026Q3")
    assert {id_ for id_, one in annexes.items() if one["outcome"] == "not evaluated"} >= {
        "A",
        "H",
        "outside-offboarding",
    }


def test_a_quarter_in_which_the_first_audit_was_made_is_told_since_that_and_says_so(tmp_path, capsys):
    with quick_audits():
        small = Small(tmp_path / "young")
        kim = [row("kim", "2026-01-05", "2026-10-10"), row("kim", "2026-11-02")]
        small.audit(noon("2026-10-07"), [ANA, *kim], [account("ana"), account("kim")])
        small.audit(noon("2026-11-20"), [ANA, BEA, *kim], [account("ana"), account("kim"), account("bea")])
    annexes = quarter(small, capsys, "--quarter", "2026Q4")
    assert [r["login"] for r in annexes["A"]["rows"]] == ["bea"]
    for id_ in ("A", "B", "H", "outside-offboarding"):
        missing = {one["what"]: one["why"] for one in annexes[id_]["not_evaluated"]}
        assert missing == {"2026-10-01 to 2026-10-07": "no audit is older than audit 1, of 2026-10-07"}, id_
    assert {r["audit"] for r in annexes["I"]["rows"]} == {1, 2}  # both are of the quarter
    # Kim left and came back: how long the account lived on in between is not passed over.
    (back,) = annexes["B"]["rows"]
    assert (back["person"], back["last_day"], back["state"]) == ("Kim Reyes (kim)", "2026-10-10", "not evaluated")
    assert "came back on 2026-11-02" in back["note"]


def test_the_same_quarter_gives_the_same_bytes_from_a_copy_that_may_only_be_read(kept, tmp_path: Path, capsys):
    copy = tmp_path / "copy"
    shutil.copytree(kept.folder, copy)
    (copy / "auditor.db").chmod(0o400)
    capsys.readouterr()
    printed = []
    for folder in (kept.folder, copy):
        run(["review", "annexes", str(folder / "auditor.yaml"), "--to", "4", "--format", "csv"])
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != ""
