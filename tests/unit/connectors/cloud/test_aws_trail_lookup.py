"""How often CloudTrail's event history is asked, live: it answers two questions a second."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.audit_log import LogQuestion
from connectors.cloud.aws.calls import REGION, Call
from connectors.cloud.aws.responses import ResponsePage
from connectors.cloud.aws.trail import iam_events, lookup
from connectors.cloud.aws.trail.iam_events import Place
from connectors.cloud.aws.trail.reading import Regions, from_history
from connectors.cloud.aws.trail.translate import Trail
from connectors.facts import Account, Status
from tests.servers.aws import ACCOUNT
from tests.servers.cloudtrail import CloudTrail, shaped

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
LAST = NOW - timedelta(days=3)
ANA = Account("cloud", "AIDA1", "ana", "Ana", Status.ACTIVE)
NAMES = len(iam_events.NAMES) - 1
"""Without sign-ins, which are always asked for by themselves."""


class History:
    """An account whose CloudTrail is asked live."""

    live = True

    def __init__(self, *records: dict[str, Any]) -> None:
        self.trail = CloudTrail(SimpleNamespace(heard=[], lacks={}))  # type: ignore[arg-type]
        self.trail.records = sorted(records, key=lambda one: one["eventTime"])
        self.asked: list[str] = []

    def page(self, call: Call, request: dict[str, Any], token: str | None) -> ResponsePage:
        fields = {**request, "NextToken": token}
        if "StartTime" in fields:
            fields["StartTime"] = fields["StartTime"].timestamp()
        (by,) = request["LookupAttributes"]
        self.asked.append(f"{by['AttributeKey']}={by['AttributeValue']}")
        answer = self.trail.look_up(SimpleNamespace(fields=fields, region=request[REGION]))  # type: ignore[arg-type]
        return ResponsePage(answer, answer.get("NextToken"))

    def read(self, since: datetime | None = LAST) -> Trail:
        self.asked.clear()
        question, place = LogQuestion((ANA,), since=since), Place("cloud", ACCOUNT)
        return from_history(self, question, place, Regions("us-east-1", "us-east-1"), NOW)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "PAUSE_S", 0.0)


def iam(name: str, days_ago: float, user: str = "ana", **more: Any) -> dict[str, Any]:
    return shaped("iam", name, NOW - timedelta(days=days_ago), requestParameters={"userName": user}, **more)


def of(trail: Trail) -> set[str]:
    return {record.name for record in trail.records}


OLD = iam("UpdateAccessKey", 40)


def test_where_nobody_was_changed_since_the_last_read_two_questions_are_enough() -> None:
    history = History(OLD, iam("CreateUser", 2, "bob"), shaped("ec2", "RunInstances", NOW - timedelta(days=1)))
    trail = history.read()
    assert history.asked == ["ReadOnly=false", "EventName=ConsoleLogin"]
    assert of(trail) == set()
    assert trail.whole_from == LAST - timedelta(days=1)  # as the question asks, for clocks that are off


@pytest.mark.parametrize(
    "change",
    [
        iam("DeleteLoginProfile", 2),
        iam("DeleteLoginProfile", 2, "ANA"),
        {**iam("UpdateUser", 2), "requestParameters": {"userName": "bob", "newUserName": "bobby"}},
        shaped("iam", "UpdateAccessKey", NOW - timedelta(days=2), actor="ana", requestParameters={}),
        {**iam("DeleteAccessKey", 2), "userIdentity": {}, "requestParameters": None},
    ],
    ids=["one of those asked for", "in capitals", "anybody's name", "by an own key", "of nobody who is named"],
)
def test_where_somebody_was_or_may_have_been_all_90_days_are_read(change: dict[str, Any]) -> None:
    history = History(OLD, change)
    trail = history.read()
    assert len(history.asked) >= 1 + NAMES + 1
    assert of(trail) >= {"UpdateAccessKey", change["eventName"]}
    assert trail.whole_from == NOW - lookup.DELIVERY - lookup.KEPT


def test_the_first_read_of_a_small_account_is_one_list_which_says_the_same_as_all_names() -> None:
    changes = (OLD, iam("DeleteLoginProfile", 2), iam("CreateUser", 80, "bob"))
    history = History(*changes, shaped("s3", "CreateBucket", NOW - timedelta(days=5)))
    trail = history.read(None)
    assert history.asked[:2] == ["ReadOnly=false", "EventName=ConsoleLogin"]
    assert not any(one.startswith("EventName=") for one in history.asked[2:])
    assert of(trail) == {one["eventName"] for one in changes}
    assert trail.whole_from == NOW - lookup.DELIVERY - lookup.KEPT


def test_where_much_was_written_it_is_asked_by_the_name() -> None:
    many = [shaped("ec2", "RunInstances", NOW - timedelta(hours=1)) for _ in range(50 * lookup.FEW_PAGES + 1)]
    history = History(OLD, iam("DeleteLoginProfile", 2), *many)
    for since in (None, LAST):
        trail = history.read(since)
        assert history.asked[: lookup.FEW_PAGES + 1].count("ReadOnly=false") == lookup.FEW_PAGES
        assert of(trail) == {"UpdateAccessKey", "DeleteLoginProfile"}


def test_a_list_with_something_that_cannot_be_read_is_not_taken_for_whole() -> None:
    history = History({**iam("DeleteLoginProfile", 2), "eventSource": "nothing"}, OLD)
    trail = history.read()
    assert len(history.asked) >= 1 + NAMES
    assert trail.whole_from is None
    assert "not as documented" in trail.gaps[0]
