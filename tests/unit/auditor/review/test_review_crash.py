"""Two reviewers at once, and a process that is killed in the middle: no decision lost, doubled, or given to another."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from auditor.review.outcomes import Done, Repeated, Stale
from auditor.review_records import QuestionKind
from auditor.store import Store
from tests.review_practice import ANA, BEN, Reviewed, question, who
from tests.small_practice import account, row

ROOT = Path(__file__).parents[4]
CHILD = """
import sys
from pathlib import Path
from auditor.store import Store
from auditor.review.outcomes import Done
from tests.review_practice import Reviewed, who
from tests.small_practice import Small
made = Reviewed(Small(Path(sys.argv[1])))
with Store.open(made.path) as store:
    desk = made.desk(store)
    for line in desk.people(who("dana"), sys.argv[2]):
        for view in desk.person(who("dana"), sys.argv[2], line.person).questions:
            kind = "keep" if view.question.advice.value == "keep" else "remove"
            wanted = made.wanted(view, kind)
            assert isinstance(desk.decide(who("dana"), wanted), Done)
            print(view.question.question, wanted.key, flush=True)
"""


@pytest.fixture
def review(tmp_path):
    """Give a review with many questions of one reviewer."""
    more = [f"x{n:02}" for n in range(30)]
    rows = (row("ana", "2026-01-05"), row("ben", "2026-01-05"), *(row(m, "2026-01-05") for m in more))
    accounts = (ANA, BEN, *(account(m, "Scheduling;Charges", Last="2026-11-09") for m in more))
    made = Reviewed.made(tmp_path, accounts=accounts, rows=(*rows, row("eve", "2026-01-05", roles="billing")))
    return made, made.open().campaign.id


def decisions(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT question, key, kind FROM review_decision").fetchall()


@pytest.mark.parametrize("after", [3, 17])
def test_each_decision_that_was_acknowledged_is_there_once_when_the_process_is_killed(review, after):
    made, campaign = review
    command = [sys.executable, "-c", CHILD, str(made.small.folder), campaign]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    acknowledged = [child.stdout.readline().split() for _ in range(after)]
    os.kill(child.pid, signal.SIGKILL)
    acknowledged += [line.split() for line in child.stdout.read().splitlines() if len(line.split()) == 2]
    child.stdout.close()
    child.wait()
    found = decisions(made.path)
    assert len(found) == len({q for q, _, _ in found})
    assert {q for q, _ in acknowledged} <= {q for q, _, _ in found}
    assert len(found) <= len(acknowledged) + 1  # one may have been whole when its word was not heard
    with Store.open(made.path) as store:
        desk = made.desk(store)
        total, open_ = desk.progress(who("dana"), campaign)
        assert total - open_ == len(found)
        for line in desk.people(who("dana"), campaign):
            for view in desk.person(who("dana"), campaign, line.person).questions:
                assert (view.decision is not None) == (view.question.question in {q for q, _, _ in found})
    assert made.verified().problems == ()


def test_two_tabs_that_decide_at_once_leave_one_decision_and_one_that_is_told_so(review):
    made, campaign = review
    with Store.open(made.path) as store:
        desk = made.desk(store)
        shown = question(desk, "dana", campaign, "ana", QuestionKind.EXCESS)
        wanted = [made.wanted(shown, "remove"), made.wanted(shown, "keep", reason="she bills since this week")]
        outcomes = at_once([lambda w=w: desk.decide(who("dana"), w) for w in wanted])
    assert sorted(type(o).__name__ for o in outcomes) == ["Done", "Stale"]
    assert len(decisions(made.path)) == 1


def test_a_form_that_is_sent_ten_times_at_once_is_one_decision(review):
    made, campaign = review
    with Store.open(made.path) as store:
        desk = made.desk(store)
        wanted = made.wanted(question(desk, "dana", campaign, "ana", QuestionKind.EXCESS), "remove")
        outcomes = at_once([lambda: desk.decide(who("dana"), wanted)] * 10)
    assert sum(isinstance(o, Done) for o in outcomes) == 1
    assert sum(isinstance(o, Repeated) for o in outcomes) == 9
    assert len(decisions(made.path)) == 1


def test_two_reviewers_at_once_each_get_their_own(review):
    made, campaign = review
    with Store.open(made.path) as store:
        desk = made.desk(store)
        tasks = []
        for reviewer in ("dana", "morgan"):
            for line in desk.people(who(reviewer), campaign):
                for view in desk.person(who(reviewer), campaign, line.person).questions:
                    kind, reason = "keep" if view.question.bulk else "remove", f"{line.name} was asked about that"
                    wanted = made.wanted(view, kind, reason=reason)
                    tasks.append(lambda r=reviewer, w=wanted: desk.decide(who(r), w))
        outcomes = at_once(tasks)
        assert {type(o) for o in outcomes} <= {Done}
        assert desk.progress(who("dana"), campaign)[1] == desk.progress(who("morgan"), campaign)[1] == 0
    assert len(decisions(made.path)) == len(tasks)


def test_a_question_that_is_handed_over_while_it_is_decided_is_one_or_the_other(review):
    made, campaign = review
    with Store.open(made.path) as store:
        desk = made.desk(store)
        shown = question(desk, "dana", campaign, "ana", QuestionKind.EXCESS)
        id_ = shown.question.question
        outcomes = at_once(
            [
                lambda: desk.decide(who("dana"), made.wanted(shown, "remove")),
                lambda: desk.delegate(
                    who("dana"), campaign, id_, 0, to="morgan", reason="I am away", key="hand-over-form-0001"
                ),
            ]
        )
        assert sum(isinstance(o, Done) for o in outcomes) == 1
        assert not any(isinstance(o, Stale) for o in outcomes) or len(decisions(made.path)) <= 1


def at_once(tasks):
    """Run tasks in threads that begin together; return what each returned."""
    results: list[object] = [None] * len(tasks)
    gate = threading.Barrier(min(len(tasks), 8))
    share = [list(range(n, len(tasks), gate.parties)) for n in range(gate.parties)]

    def run(mine):
        gate.wait()
        for n in mine:
            results[n] = tasks[n]()

    threads = [threading.Thread(target=run, args=(mine,)) for mine in share]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
