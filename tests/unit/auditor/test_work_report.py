"""`auditor work` answers every question of the work map, each by itself."""

import pytest

from auditor.work_report import work_report
from tests.builders import SCHEDULER_NEEDS, ago, in_step
from tests.workmaps import mapped, one_task


def clinic(**vma):
    return in_step(**vma).person("boss", "Laura Pettersen").person("lee", "Dana Lee")


def sections(text, practice=None):
    return {section.id: section for section in work_report(mapped(practice or clinic(), text)).sections}


def points(id_, text, practice=None):
    return [point.text for point in sections(text, practice)[id_].points]


def test_work_that_is_owned_by_one_person_who_can_do_it_leaves_nothing_to_say_but_of_administrators():
    report = work_report(mapped(clinic(), one_task()))
    assert report.headline == "1 pieces of work, 1 VMAs at work: 1 owned, 0 unowned, 0 with two owners"
    assert [s.id for s in report.sections if s.points] == ["few-administrators"]


def test_every_question_has_an_answer_of_its_own():
    assert list(sections(one_task())) == [
        *("unowned-work", "two-owners", "owner-lacks-capability", "outside-lane", "outside-scope", "cloned-access"),
        *("undifferentiated-generalist", "owner-gone", "few-administrators", "fewer-accounts-than-people"),
        *("single-coordination", "span"),
    ]


def test_work_without_an_owner_says_why_and_who_stands_in():
    left = clinic(end=ago(3)).vma("bob", "Bob Reyes")
    (point,) = sections(one_task(owner="ana", more=", backup: boss"), left)["unowned-work"].points
    assert point.text == "Book visits has no owner"
    cannot = "Laura Pettersen should stand in, and is not known to hold what the work needs"
    assert point.detail == f"ana left on {ago(3)}; {cannot} (work.yaml line 7)"
    left.account("ehr", "boss", "boss").grant("ehr", "boss", *SCHEDULER_NEEDS)
    (point,) = sections(one_task(owner="ana", more=", backup: boss"), left)["unowned-work"].points
    assert point.detail == f"ana left on {ago(3)}; until then: Laura Pettersen (work.yaml line 7)"


def test_work_with_two_owners_names_both():
    two = clinic().vma("bob", "Bob Reyes")
    assert points("two-owners", one_task(owner="[ana, bob]"), two) == [
        "Book visits has 2 owners: Ana Santos, Bob Reyes"
    ]


MANY = one_task(owner="ana") + "".join(
    f"  c{n}:\n    title: C{n}\n    owner: ana\n    tasks: {{t{n}: {{title: T{n}, needs: [schedule.read]}}}}\n"
    for n in range(2)
)


def test_somebody_with_work_in_too_many_clusters_is_an_undifferentiated_generalist():
    assert points("undifferentiated-generalist", MANY) == ["Ana Santos owns work in 3 clusters, more than 2"]
    assert not points("undifferentiated-generalist", MANY.replace("model:", "limits: {clusters: 3}\nmodel:", 1))


def test_a_generalist_by_role_or_a_vma_without_work_is_told_too():
    text = one_task(owner="boss")
    assert points("undifferentiated-generalist", text, clinic(roles=("generalist",))) == [
        "Ana Santos is a generalist whose work is not in the map"
    ]
    assert points("undifferentiated-generalist", text) == ["Ana Santos has no work in the map"]


@pytest.mark.parametrize(
    ("coordinators", "told"),
    [
        ("coordinator: boss\n", []),
        ("", ["nobody coordinates Desk", "nobody coordinates C0", "nobody coordinates C1"]),
    ],
)
def test_a_cluster_without_coordinator_has_no_point_of_coordination(coordinators, told):
    assert points("single-coordination", MANY.replace("coordinator: boss\n", coordinators)) == told


def test_several_coordinators_need_somebody_above_them():
    text = MANY.replace("    title: C0\n", "    title: C0\n    coordinator: lee\n").replace(
        "    title: C1\n", "    title: C1\n    coordinator: boss\n"
    )
    assert points("single-coordination", text) == []
    above = text.replace("coordinator: boss\n", "", 1)
    assert "2 people coordinate, and nobody above them: Dana Lee, Laura Pettersen" in points(
        "single-coordination", above
    )


def test_a_coordinator_who_has_left_coordinates_nobody():
    text = one_task().replace("coordinator: boss", "coordinator: bob")
    gone = clinic().vma("bob", "Bob Reyes", end=ago(2))
    assert points("single-coordination", text, gone) == [f"Bob Reyes, who coordinates Desk, left on {ago(2)}"]


def test_a_span_above_the_limit_is_told_and_the_coordinator_is_not_counted():
    practice = clinic().vma("bob", "Bob Reyes").vma("cyd", "Cyd Lim")
    limited = one_task(top="limits: {span: 2}\n")
    assert points("span", limited, practice) == ["Laura Pettersen coordinates 3 VMAs, more than 2"]
    assert points("span", limited.replace("coordinator: boss", "coordinator: bob"), practice) == []


def test_what_comes_along_and_which_agreements_nobody_answers_for_are_notes():
    more = clinic().grant("ehr", "asantos", "patients/reminder:view", through=["Schedulers"])
    assert sections(one_task(), more)["outside-lane"].notes == (
        "Schedulers in OpenEMR brings Ana Santos reminder.read along with what the work needs",
    )
    assert sections(one_task())["owner-gone"].notes == ("the map says of no one that they answer for BAA-1",)


def test_what_could_not_be_read_is_not_evaluated():
    unread = clinic().system("directory").unread("directory")
    assert sections(one_task("message.send"), unread)["owner-lacks-capability"].not_evaluated
