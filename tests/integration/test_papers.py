"""Papers of an agency, by the real command: an amendment that lowers the seats, and the name under which it trades."""

import json
from pathlib import Path

import pytest

from auditor.cli import run
from tests.small_practice import HARBOR, Small, account, row

AT = "2026-11-30T07:00:00+00:00"
PAPER = "  - {{id: {}, kind: baa, between: [practice, {}], signed_by_both: true, from: {}{}}}\n"
TEAM = [row("ana", "2026-01-05"), row("ben", "2026-02-05")]


def rules_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], register: str, rows: list[str]
) -> dict[str, list[str]]:
    small = Small(tmp_path / "p", agreements=register)
    small.write(AT, rows, [account("ana"), account("ben")])
    run(["audit", str(small.config), "--at", AT, "--format", "json"])
    found: dict[str, list[str]] = {}
    for finding in json.loads(capsys.readouterr().out)["findings"]:
        if finding["rule"].startswith(("agreement", "no-agreement")):
            found.setdefault(finding["rule"], []).append(finding["title"])
    return found


def test_whoever_lost_the_seat_to_an_amendment_is_told_and_nobody_else(tmp_path, capsys):
    both = "agreements:\n" + PAPER.format("B1", HARBOR, "2026-01-01", ", headcount: 2")
    assert rules_of(tmp_path, capsys, both, TEAM) == {}
    lowered = both + PAPER.format("B2", HARBOR, "2026-06-15", ", headcount: 1")
    found = rules_of(tmp_path, capsys, lowered, TEAM)
    assert list(found) == ["agreement-headcount"]
    assert "Ben Reyes" in str(found)
    assert "Ana Reyes" not in str(found)


@pytest.mark.parametrize(
    ("party", "agency", "more"),
    [
        ("Port Group LLC dba Port VA", "Port VA", ""),
        ("Port VA", "Port Group LLC d/b/a Port VA", ""),
        ("Port Group LLC", "Port VA", "also_known_as: {Port Group LLC: [Port VA]}\n"),
    ],
)
def test_an_agency_is_covered_under_the_name_by_which_it_trades(tmp_path, capsys, party, agency, more):
    register = f"agreements:\n{PAPER.format('B1', party, '2026-01-01', '')}{more}"
    rows = [row("ana", "2026-01-05", agency=agency), row("ben", "2026-02-05", agency=agency)]
    assert rules_of(tmp_path, capsys, register, rows) == {}


def test_a_trade_name_that_no_paper_knows_covers_nobody(tmp_path, capsys):
    register = f"agreements:\n{PAPER.format('B1', 'Port Group LLC', '2026-01-01', '')}"
    rows = [row("ana", "2026-01-05", agency="Port VA"), row("ben", "2026-02-05", agency="Port VA")]
    assert list(rules_of(tmp_path, capsys, register, rows)) == ["no-agreement"]
