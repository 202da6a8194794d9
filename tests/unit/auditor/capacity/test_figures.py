"""Weekly figures are refused with their line wherever a trend over them would not be one of the practice."""

import pytest

from auditor.capacity.checklist import load_checklist
from auditor.capacity.figures import read_figures
from connectors.errors import InputError

HEAD = "week,calls,abandoned,response_hours\n"
GOOD = HEAD + "2026-11-02,100,4,2.5\n2026-11-09,110,5,2\n2026-11-16,90,6,3\n"
ROLES = (
    "week,role,calls,response_hours,providers\n"
    "2026-11-02,billing,10,5,2\n2026-11-02,scheduler,90,1,2\n2026-11-09,billing,20,4,3\n2026-11-09,scheduler,80,6,3\n"
)


def read(tmp_path, text):
    path = tmp_path / "figures.csv"
    path.write_text(text, encoding="utf-8")
    return read_figures(path, load_checklist())


def test_weeks_are_read_in_their_order(tmp_path):
    figures = read(tmp_path, GOOD)
    assert [str(week) for week in figures.weeks] == ["2026-11-02", "2026-11-09", "2026-11-16"]
    assert figures.values["", "response_hours"] == (2.5, 2, 3)
    assert figures.roles == ()


def test_the_practices_figure_is_the_sum_of_the_roles_the_slowest_queue_or_the_one_that_all_share(tmp_path):
    figures = read(tmp_path, ROLES)
    assert figures.roles == ("billing", "scheduler")
    assert figures.values["", "calls"] == (100, 100)
    assert figures.values["", "response_hours"] == (5, 6)
    assert figures.values["", "providers"] == (2, 3)


def test_a_column_of_ones_own_is_left_alone(tmp_path):
    text = "week,calls,x_note\n2026-11-02,1,quiet\n"
    assert read(tmp_path, text).columns == ("calls",)


REFUSED = {
    "a gap": (GOOD.replace("2026-11-09,110,5,2\n", ""), 3, "week", "1 week missing before this one"),
    "a day that is no week later": (GOOD.replace("2026-11-09", "2026-11-10"), 3, "week", "2026-11-09: each week"),
    "weeks out of order": (GOOD.replace("2026-11-16", "2026-10-26"), 4, "week", "not in order"),
    "a week twice": (GOOD.replace("2026-11-16", "2026-11-09"), 4, "week", "on line 3 already"),
    "no date": (GOOD.replace("2026-11-09", "week 46"), 3, "week", "not a date"),
    "an American date": (GOOD.replace("2026-11-09", "11/09/2026"), 3, "week", "YYYY-MM-DD"),
    "a negative": (GOOD.replace("110,5", "110,-5"), 3, "abandoned", "negative"),
    "an empty value": (GOOD.replace("110,5", "110,"), 3, "abandoned", "empty"),
    "half a call": (GOOD.replace("110,5", "110,5.5"), 3, "abandoned", "whole number"),
    "no number": (GOOD.replace("110,5", "110,five"), 3, "abandoned", "five"),
    "not a number": (GOOD.replace("2.5", "nan"), 2, "response_hours", "a number"),
    "infinite": (GOOD.replace("2.5", "1e999"), 2, "response_hours", "a number"),
    "a part beyond the whole": (GOOD.replace("110,5", "110,111"), 3, "abandoned", "at most 110"),
    "an unknown column": (GOOD.replace("response_hours", "respons_hours"), 1, "respons_hours", "`response_hours`"),
    "no week": (GOOD.replace("week,", "weak,"), 1, "week", "column is missing"),
    "no figure": ("week,x_a\n2026-11-02,1\n", 1, "week", "no figure"),
    "a header only": (HEAD, None, None, "no week"),
    "a role that one week lacks": (ROLES.replace("2026-11-09,billing,20,4,3\n", ""), 4, "role", "billing"),
    "a role twice in a week": (ROLES.replace("2026-11-09,billing", "2026-11-09,scheduler"), 5, "role", "line 4"),
    "providers that differ by role": (ROLES.replace("20,4,3", "20,4,2"), 5, "providers", "in one week"),
    "a nameless role": (ROLES.replace("2026-11-09,billing", "2026-11-09,"), 4, "role", "empty"),
}


@pytest.mark.parametrize(("text", "line", "field", "says"), REFUSED.values(), ids=REFUSED)
def test_figures_that_would_mislead_are_refused_with_line_and_column(tmp_path, text, line, field, says):
    with pytest.raises(InputError) as refused:
        read(tmp_path, text)
    assert (refused.value.line, refused.value.field) == (line, field)
    assert says in refused.value.diagnostics()


def test_the_shipped_checklist_has_every_figure_that_it_uses(tmp_path):
    path = tmp_path / "checklist.yaml"
    shipped = load_checklist()
    assert {"calls", "abandoned", "tasks_due", "done_late", "carried_over", "deferred_duties", "response_hours"} <= set(
        shipped.columns
    )
    assert all(signal.why for signal in shipped.signals)
    text = (load_checklist.__wrapped__.__globals__["SHIPPED"]).read_text()
    path.write_text(text.replace("of: abandoned", "of: abandond"))
    with pytest.raises(InputError, match="no such column"):
        load_checklist(path)
