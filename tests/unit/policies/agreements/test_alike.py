"""Which names may mean one organisation although no paper says so: asked, never taken for one."""

import pytest

from policies.agreements.alike import nearest
from policies.agreements.organisations import Organisations

PAPER = "Harbor Assist Staffing LLC dba HarborVA"


@pytest.mark.parametrize(
    ("name", "paper"),
    [
        ("Harbor Assist", PAPER),
        ("Harbor VA", PAPER),
        ("Harbor", PAPER),
        ("Harbour Asist", "Harbor Assist LLC"),
        ("HVA", "Harbor Virtual Assistants Inc"),
        ("Cedar Practice Services", "CPS LLC"),
        ("Tide Partners of Cebu", "Tide Partners Inc"),
    ],
)
def test_names_that_may_mean_one_are_near_and_still_two(name, paper):
    assert nearest(name, ["Quarry Software Corp", paper]) == [paper]
    names = Organisations([name, paper])
    assert names.key(name) != names.key(paper)


@pytest.mark.parametrize(
    ("name", "paper"),
    [
        ("Harbor Assist", "Cedar Assist Staffing LLC"),
        ("Virtual Staffing", "Virtual Staffing Services of Northern Cebu Inc"),
        ("Lakeside Billing", "Lakeside Family Medicine"),
        ("VA", "Virtual Assistants Inc"),
        ("Tide", "Tidewater Records"),
    ],
)
def test_common_words_and_parts_of_words_bring_nobody_near(name, paper):
    assert nearest(name, [paper]) == []


def test_the_nearest_comes_first():
    found = nearest("Harbor Assist", ["Harbor Assist Holdings and Partners Inc", "Harbor Assists LLC", "Harbor Assist"])
    assert found == ["Harbor Assists LLC", "Harbor Assist Holdings and Partners Inc"]
