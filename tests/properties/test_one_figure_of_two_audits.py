"""One figure for one word where two audits are compared: the report, `drift`, `lag` and the news of `watch` agree."""

import json
import re
from contextlib import redirect_stdout
from datetime import datetime, time, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings

from auditor import pipeline
from auditor.audit.inputs import read_inputs
from auditor.cli import run
from auditor.config import load_config
from auditor.store import Store
from auditor.watch.digest import NewsSource, digest_of
from auditor.watch.messages import of_news
from auditor.watch_settings import Tell
from reports import json_report
from tests.properties.test_metamorphic import SECOND, worlds
from tests.quick_audits import quick_audits, room
from tests.shown import BAA, of_json
from tests.small_practice import HARBOR
from tests.written_practice import ZONE, Login, Who, World, write


@pytest.fixture(autouse=True, scope="module")
def _quick():
    with quick_audits():
        yield


def said(*command: object) -> str:
    """Return what a command prints."""
    with redirect_stdout(StringIO()) as out:
        run([str(part) for part in command])
    return out.getvalue()


class Outputs:
    """What every command tells of the last of two audits of a practice."""

    def __init__(self, world: World, folder: Path) -> None:
        for day in world.audits:
            path = write(world, folder, day, first=day == world.audits[0])
            at = datetime.combine(day, time(12), ZONE)
            self.audited = pipeline.audit(load_config(path), pipeline.Options(at=at))
        printed = json_report.render(self.audited.report)
        self.report, self.shown = json.loads(printed), of_json(printed, world.audits[-1])
        self.lag_text = said("lag", path, "--as-of", "2", "--html", folder / "lag.html")
        self.lag = json.loads(said("lag", path, "--as-of", "2", "--format", "json"))
        self.lag_page = (folder / "lag.html").read_text(encoding="utf-8")
        self.drift_text = said("drift", path, "--html", folder / "drift.html")
        self.drift = json.loads(said("drift", path, "--format", "json"))
        self.drift_page = (folder / "drift.html").read_text(encoding="utf-8")
        self.message = self._watched(path)

    def _watched(self, path: Path) -> Any:
        config = load_config(path)
        with Store.look(config.store) as store:
            audits = store.audits(config.practice.id)
            told = digest_of(NewsSource(config, read_inputs(config), store, b"key"), audits, len(audits) - 1)
        message = of_news(told.for_(Tell()), "Small Practice", str(ZONE), "somebody", audits[-1].at)
        return told, message.body


def number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1].replace(",", "")) if found else 0


def owed_everywhere(out: Outputs) -> int:
    """Return the one number; fails where any output says another."""
    owed = len([line for line in out.lag["lags"] if line["owed_since"] is not None])
    rows = out.lag_page.split('<section id="owed"')[1].split("</section>")[0].count('data-label="Hours so far"')
    assert {
        "lag, JSON": len(out.lag["owed_now"]),
        "lag, text": number(r"owed now: ([\d,]+)", out.lag_text),
        "lag, page": rows,
        "drift, JSON": len(out.drift["owed_now"]),
        "drift, text": number(r"owed now: ([\d,]+)", out.drift_text),
        "drift, page": number(r"<strong>([\d,]+)</strong> owed now", out.drift_page),
    } == dict.fromkeys(("lag, JSON", "lag, text", "lag, page", "drift, JSON", "drift, text", "drift, page"), owed)
    assert out.lag["owed_now"] == out.drift["owed_now"]
    return owed


def agree(out: Outputs) -> None:
    owed_everywhere(out)
    heads, rows = out.shown.heads, dict(out.shown.controls)
    active = {e.vma for e in out.audited.judged.case.active}
    lacking = {one["vma"] for one in out.lag["owed_now"] if one["control"] == "agreement"} & active
    assert heads.covered == heads.active - heads.exempt - len(lacking) == rows[BAA].in_place
    # The same version counted both sentences, and nothing was corrected between.
    assert out.lag["stored_sentences_that_count_otherwise"] == []
    told, body = out.message
    assert told.unread.checks == out.report["counts"]["not_evaluated"]
    assert number(r"Could not be evaluated: (\d+)", body) in (told.unread.checks, 0)
    assert told.closed == len(out.report["drift"]["closed"])
    unexplained = out.drift["changes"]["unexplained"]
    assert unexplained == len(out.report["drift"]["unexplained"]) == int(out.shown.tiles[2][0])
    not_done = len(out.drift["not_done"])
    assert number(r"called for and not done: (\d+)", out.drift_text) == not_done
    assert number(r"<strong>(\d+)</strong> called for and not done", out.drift_page) == not_done


def outputs(world: World) -> Outputs:
    with TemporaryDirectory(dir=room()) as folder:
        return Outputs(world, Path(folder))


@settings(max_examples=5, deadline=None)
@given(worlds())
def test_report_drift_lag_and_watch_tell_the_same_of_any_practice(world):
    agree(outputs(world))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_report_drift_lag_and_watch_tell_the_same_of_a_thousand_practices():
    settings(max_examples=1000, deadline=None)(given(worlds())(lambda world: agree(outputs(world))))()


def test_what_is_owed_and_what_an_event_called_for_are_told_apart():
    """Accounts work after the end: 12 hours after it that is not owed yet, for the practice has 24 to stop them."""
    ana = Who("ana", "Ana Santos", ((SECOND - timedelta(90), SECOND - timedelta(1)),))
    ben = Who("ben", "Ben Ito", ((SECOND - timedelta(90), SECOND - timedelta(9)),))
    kept = (Login("u1", "ana", "email"), Login("u2", "ben", "email"))
    out = outputs(World((ana, ben), kept, agencies=(HARBOR,)))
    agree(out)
    assert {(one["vma"], one["what"]) for one in out.drift["not_done"]} == {
        ("ana", "the account still works"),
        ("ben", "the account still works"),
    }
    assert out.drift["owed"] == out.drift["not_done"]
    assert {one["vma"] for one in out.drift["owed_now"] if one["control"] == "disabled"} == {"ben"}
    assert "disabled after the end: Ben Ito (ben)" in out.drift_text
