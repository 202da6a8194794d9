"""Every format is drawn from one model: they may leave out words, and never disagree in a count or an id."""

import json
import re
from dataclasses import fields, replace

import pytest

from reports import html, json_report, text
from reports.model import Report
from tests.report_sample import big, clean, first_audit, sample

REPORTS = [sample, clean, first_audit]
ARTICLE = re.compile(r'<article class="finding [a-z]+" id="(F-[A-Z2-7]{10})"')


@pytest.mark.parametrize("make", REPORTS)
def test_every_finding_has_the_same_id_in_html_and_json(make) -> None:
    report = make()
    ids = [finding.id for finding in report.findings]
    assert ARTICLE.findall(html.render(report)) == ids
    assert [finding["id"] for finding in json.loads(json_report.render(report))["findings"]] == ids


@pytest.mark.parametrize("make", REPORTS)
def test_every_format_prints_the_same_counts(make) -> None:
    report = make()
    counts = report.counts
    assert json.loads(json_report.render(report))["counts"] == counts
    line = (
        f"{counts['population']} checks = {counts['satisfied']} satisfied + {counts['with_findings']} with findings + "
    )
    line += f"{counts['not_evaluated']} not evaluated"
    assert line in text.render(report, width=200, colour=False)
    assert line in plain(html.render(report))


def test_the_counts_of_the_sample_add_up() -> None:
    """The sample must be a report that the auditor could make, or the other tests prove little."""
    report = sample()
    assert report.counts["population"] == sum(report.counts[k] for k in ("with_findings", "satisfied", "not_evaluated"))
    assert report.counts["findings"] == len(report.findings)
    assert report.counts["not_evaluated"] == sum(len(line.subjects) for line in report.not_evaluated)
    for system in report.systems:
        mine = [owner for owner in report.owners if owner.system == system.id]
        assert system.accounts == len(mine) == system.of_vmas + system.of_others + system.of_nobody
        assert system.live == sum(owner.status != "disabled" for owner in mine)


@pytest.mark.parametrize("make", [*REPORTS, lambda: big(600, 2_100)])
def test_the_same_report_gives_the_same_bytes(make) -> None:
    assert html.render(make()) == html.render(make())
    assert json_report.render(make()) == json_report.render(make())
    assert text.render(make(), width=80, colour=True) == text.render(make(), width=80, colour=True)


def test_json_holds_every_part_of_the_model_in_its_order() -> None:
    loaded = json.loads(json_report.render(sample()))
    assert list(loaded) == ["schema_version", *(field.name for field in fields(Report))]
    assert loaded["schema_version"] == 1
    assert loaded["at"] == "2026-11-24T14:00:00Z"
    assert loaded["findings"][0]["since"] == "2026-11-01"
    assert loaded["findings"][0]["severity"] == "critical"
    assert loaded["coverage"][8]["engagement"] == ["2025-07-01", "2026-10-31"]
    assert loaded["drift"]["events"][0]["kind"] == "joined"


def test_the_order_in_which_counts_were_made_does_not_change_the_bytes() -> None:
    report = sample()
    other = replace(report, counts=dict(reversed(report.counts.items())))
    assert json_report.render(other) == json_report.render(report)


def test_json_holds_all_of_a_big_report() -> None:
    loaded = json.loads(json_report.render(big(600, 2_100)))
    assert len(loaded["findings"]) == 600
    assert len(loaded["owners"]) == 2_100


def test_json_is_ascii_so_no_name_can_drive_a_terminal() -> None:
    assert json_report.render(sample()).isascii()


def test_json_refuses_what_it_has_no_form_for() -> None:
    with pytest.raises(TypeError, match="`set` has no form in JSON yet"):
        json_report.render(replace(sample(), notes={"a set has no order"}))  # type: ignore[arg-type]


def plain(page: str) -> str:
    """Return the words of a page."""
    return " ".join(re.sub(r"<[^>]*>", "", page).split())
