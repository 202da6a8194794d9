"""What a plan says where some of it cannot be evaluated: never that nothing new is found."""

from contextlib import redirect_stdout
from datetime import date, datetime, time
from io import StringIO

import pytest

from auditor import pipeline
from auditor.cli import run
from auditor.config import load_config
from tests.written_practice import ZONE, Login, Who, World, write

FIRST = date(2026, 1, 5)


def planned(world: World, folder) -> str:
    day = world.audits[-1]
    path = write(world, folder, day, first=False)
    pipeline.audit(load_config(path), pipeline.Options(at=datetime.combine(day, time(12), ZONE)))
    with redirect_stdout(StringIO()) as out:
        run(["plan", str(path), "--hire", "1:scheduler:2026-12-15", "--as-of", "1"])
    return out.getvalue().splitlines()[0]


@pytest.mark.parametrize(
    ("factor", "head"),
    [
        ("yes", "as planned, nothing new is found"),
        ("", "as planned, nothing new is known, but 1 check cannot be evaluated"),
    ],
)
def test_a_plan_finds_nothing_new_only_where_everything_can_be_evaluated(tmp_path, factor, head):
    ana = Who("ana", "Ana Santos", ((FIRST, None),))
    account = Login("u1", "ana", "email", mfa=factor, last=date(2026, 11, 23), created=FIRST)
    assert planned(World((ana,), (account,)), tmp_path) == head
