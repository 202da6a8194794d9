"""Who has several pieces of work is told of those that cannot be done, and of no others."""

from tests.builders import SCHEDULER_NEEDS, Clinic, in_step
from tests.workmaps import asked, mapped, one_task

RULE = "owner-lacks-capability"
BOOK = "book: {title: Book visits, owner: scheduler, needs: [schedule.write]}"
WRITE = "write: {title: Write to patients, owner: scheduler, needs: [message.send]}"
REMIND = "remind: {title: Remind, owner: scheduler, needs: [reminder.read]}"
STANDS_IN = "letters: {title: Letters, owner: boss, backup: scheduler, needs: [reminder.read]}"


def practice(**vma: object) -> Clinic:
    return in_step(**vma).person("boss", "Laura Pettersen")


def several(*tasks: str) -> str:
    lines = "".join(f"      {task}\n" for task in tasks)
    return f"model: centralized\ncoordinator: boss\nclusters:\n  desk:\n    title: Desk\n    tasks:\n{lines}"


def of_ana(*tasks: str):
    (finding,) = (f for f in asked(RULE, mapped(practice(), several(*tasks))).findings if f.vma == "ana")
    return finding


def test_only_the_work_that_cannot_be_done_is_told():
    finding = of_ana(BOOK, REMIND)
    assert finding.title == "Ana Santos cannot do the work that is theirs: Remind"
    assert [step.id for step in finding.path if step.kind == "work"] == ["remind"]
    assert finding.remedy.endswith("until then no backup is known to be able to do: Remind")


def test_whoever_lacks_something_for_own_work_too_does_not_only_stand_in():
    finding = of_ana(WRITE, STANDS_IN)
    assert (finding.severity, finding.title.partition(":")[0]) == (
        "medium", "Ana Santos cannot do the work that is theirs",
    )  # fmt: skip
    finding = of_ana(BOOK, STANDS_IN)
    assert (finding.severity, finding.title) == (
        "low", "Ana Santos cannot do the work that they stand in for: Letters",
    )  # fmt: skip
    assert "until then" not in finding.remedy, "the work has an owner"


def test_an_account_that_could_be_theirs_says_nothing_of_the_lane_of_somebody_on_leave():
    for leave, counts in ((True, (0, 0, 0)), (False, (0, 0, 1))):
        clinic = practice(on_leave=leave).account("ehr", "q7", name="Santos, Ana M")
        clinic.grant("ehr", "q7", *SCHEDULER_NEEDS)
        assert asked("outside-lane", mapped(clinic, one_task())).counts == counts
