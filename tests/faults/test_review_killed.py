"""The pages killed by SIGKILL while two people are decided about: what was acknowledged is there, once and whole."""

import random
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import httpx2
import pytest

from auditor.review_records import DecisionKind, QuestionKind
from auditor.store import Store
from auditor.store.reviews import DECISION, PROGRESS, STATE, read
from auditor.store.web import WebStore
from auditor.web.people import Person, Role
from auditor.web.sign_in.links import issue_link
from tests.integration.slapd import free_port
from tests.review_practice import Reviewed, question, who
from tests.review_site import Made
from tests.web_visits import forms_of

PROGRAM = [sys.executable, "-c", "from auditor.cli import main; main()"]
DANA = Person("dana", "Dana Ortiz", None, frozenset({Role.REVIEWER}))


class Reviewer:
    """Decides one question, takes it back, decides it again, until nobody answers; counts what was acknowledged."""

    def __init__(self, origin: str, cookie: str, path: str, question_: str) -> None:
        self.path, self.question, self.acknowledged = path, question_, 0
        headers = {"cookie": cookie, "sec-fetch-site": "same-origin", "origin": origin}
        self._client = httpx2.Client(base_url=origin, headers=headers, timeout=10)

    def run(self) -> None:
        with suppress(httpx2.HTTPError), self._client:
            while True:
                page = self._client.get(self.path)
                undo = next((f for f in forms_of(page.text) if f.action.endswith(f"/{self.question}/undo")), None)
                if undo is not None:
                    answer = self._client.post(undo.action, data=undo.hidden)
                else:
                    form = next(f for f in forms_of(page.text) if f.action == self.path)
                    wanted = {f"kind:{self.question}": "remove", f"why:{self.question}": "it is not needed any more"}
                    if f"only:{self.question}" in page.text:
                        wanted[f"only:{self.question}"] = re.findall(
                            rf'only:{self.question}" value="(\d+)"', page.text
                        )[0]
                    answer = self._client.post(self.path, data={**form.hidden, **wanted, "then": "stay"})
                if answer.status_code != 303:
                    return
                self.acknowledged += 1


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = Reviewed.made(tmp_path_factory.mktemp("killed"))
    return Made(made, made.open().campaign.id)


def cookie_of(origin: str, store: Path) -> str:
    """Sign in by a link, as a reviewer does; return what the browser sends from then on."""
    with WebStore(store) as web:
        link = issue_link(web, DANA, "test", by="test", at=datetime.now(UTC), life=timedelta(hours=1))
    with httpx2.Client(base_url=origin, timeout=20) as client:
        page = client.get(link.path)
        first = page.headers["set-cookie"].partition(";")[0]
        headers = {"cookie": first, "sec-fetch-site": "same-origin", "origin": origin}
        done = client.post(link.path, data=forms_of(page.text)[0].hidden, headers=headers)
    assert done.status_code == 303
    cookie: str = done.headers["set-cookie"].partition(";")[0]
    return cookie


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 22))])
def test_no_decision_is_lost_doubled_or_halved_when_the_pages_are_killed(
    opened: Made, tmp_path: Path, seed: int
) -> None:
    made, port = opened.copied(tmp_path), free_port()
    reviewed, origin = made.reviewed, f"http://127.0.0.1:{port}"
    command = [*PROGRAM, "review", "serve", str(reviewed.small.config), "--port", str(port)]
    with Store.open(reviewed.path) as store:
        desk = reviewed.desk(store)
        asked = {
            "ana": question(desk, "dana", made.campaign, "ana", QuestionKind.EXCESS).question.question,
            "ben": question(desk, "dana", made.campaign, "ben", QuestionKind.EXPLAINED).question.question,
        }
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as served:
        try:
            assert served.stdout is not None
            assert origin in served.stdout.readline()
            cookie = cookie_of(origin, reviewed.path)
            two = [
                Reviewer(origin, cookie, f"/review/{made.campaign}/person/{person}", id_)
                for person, id_ in asked.items()
            ]
            threads = [Thread(target=one.run) for one in two]
            for thread in threads:
                thread.start()
            deadline = time.monotonic() + 60
            while min(one.acknowledged for one in two) < 2 and time.monotonic() < deadline:
                time.sleep(0.005)
            time.sleep(random.Random(seed).random() / 5)
        finally:
            served.send_signal(signal.SIGKILL)
        for thread in threads:
            thread.join(30)
    with Store.open(reviewed.path) as store:
        with store.reviewed() as connection:
            decisions, states = read(connection, DECISION), read(connection, STATE)
            progress = read(connection, PROGRESS)
        for one in two:
            mine = [d for d in decisions if d.question == one.question]
            assert one.acknowledged >= 2, "it was killed while something was going on"
            assert one.acknowledged <= len(mine) <= one.acknowledged + 1, "the last one may not have been told"
            assert [d.version for d in mine] == list(range(1, len(mine) + 1))
            assert [d.kind for d in mine] == [
                (DecisionKind.REMOVE, DecisionKind.UNDONE)[n % 2] for n in range(len(mine))
            ]
            state = next(s for s in states if s.question == one.question)
            assert state.version == len(mine)
            assert state.decision == (None if mine[-1].kind is DecisionKind.UNDONE else DecisionKind.REMOVE)
        assert len({d.key for d in decisions}) == len(decisions)
        for line in progress:
            theirs = [s for s in states if (s.reviewer, s.person) == (line.reviewer, line.person)]
            assert (line.total, line.open) == (
                len(theirs),
                sum(s.decision is None and s.closed is None for s in theirs),
            )
        assert reviewed.desk(store).people(who("dana"), made.campaign)
    assert reviewed.verified().problems == ()
