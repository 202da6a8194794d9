"""Random histories of IAM users, with no-ops, refusals, late and cut records: no conclusion is false."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from auditor.instants.instant import InstantKind, account_ended
from auditor.instants.known import logs_of
from connectors.audit_log import LogQuestion
from connectors.cloud.aws.trail.iam_events import Place
from connectors.cloud.aws.trail.records import parse_record
from connectors.cloud.aws.trail.translate import Standing, Trail, answer_of
from connectors.facts import Account, Status
from tests.servers.aws import ACCOUNT
from tests.servers.cloudtrail import shaped

START = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 10
WAYS = ("password", "AKIA1", "AKIA2")
MOVE = st.tuples(
    st.sampled_from(WAYS),
    st.sampled_from(["open", "close", "close", "refused", "delete"]),
    st.integers(1, DAYS * 86_400 * 1000),
)


class Ana:
    """A user, and what CloudTrail writes of her."""

    def __init__(self, password: bool, key: bool, off: bool) -> None:
        self.open = {"password": password, "AKIA1": key, "AKIA2": False}
        self.there = {"password": password, "AKIA1": key or off, "AKIA2": False}
        self.records: list[dict[str, Any]] = []
        self.ends: list[datetime] = []
        self.closed_since: list[tuple[datetime, bool]] = [(START, self.live)]

    @property
    def live(self) -> bool:
        return any(self.open.values())

    def move(self, way: str, move: str, at: datetime) -> None:
        name, asked, allowed = self._call(way, move)
        was, error = self.live, {"errorCode": "AccessDenied"} if move == "refused" or not allowed else {}
        request = None if error else {"userName": "ana", **asked}
        answer = {"accessKey": {"userName": "ana", "accessKeyId": way}} if name == "CreateAccessKey" else None
        self.records.append(shaped("iam", name, at, requestParameters=request, responseElements=answer, **error))
        if error:
            return
        self.open[way] = move == "open"
        self.there[way] = move == "open" or (way != "password" and move == "close")
        if was and not self.live:
            self.ends.append(at)
        self.closed_since.append((at, self.live))

    def _call(self, way: str, move: str) -> tuple[str, dict[str, str], bool]:
        opens = move == "open"
        if way == "password":
            return ("CreateLoginProfile", {}, not self.there[way]) if opens else (
                "DeleteLoginProfile", {}, self.there[way])  # fmt: skip
        if opens and not self.there[way]:
            return "CreateAccessKey", {}, True
        name = "DeleteAccessKey" if move == "delete" else "UpdateAccessKey"
        return name, {"accessKeyId": way, "status": "Active" if opens else "Inactive"}, self.there[way]

    def read_around(self, which: int, before: float, after: float) -> tuple[datetime, datetime, datetime] | None:
        """An end, with a read in a time before it in which she was live, and one after it while she was not."""
        spans = list(
            zip(self.closed_since, [*self.closed_since[1:], (START + timedelta(days=DAYS + 1), False)], strict=True)
        )
        lives = [(start, end) for (start, live), (end, _) in spans if live]
        if not self.ends or not lives:
            return None
        end = self.ends[which % len(self.ends)]
        until = next(moment for moment, live in [*self.closed_since, spans[-1][1]] if moment > end)
        earlier = [(start, min(stop, end)) for start, stop in lives if start < end]
        start, stop = earlier[which % len(earlier)]
        return start + before * (stop - start), end, end + after * (until - end)


KEY_IN_THE_SECOND_OF_THE_READ = [("password", "open", 1), ("password", "close", 2000), ("AKIA1", "close", 4000)]
NOW = timedelta()


@example(password=False, key=True, off=False, moves=KEY_IN_THE_SECOND_OF_THE_READ, which=0, reads=(0.0, 0.0), late=NOW,
         whole=START - timedelta(days=80), tell=True)  # fmt: skip
@given(
    password=st.booleans(),
    key=st.booleans(),
    off=st.booleans(),
    moves=st.lists(MOVE, min_size=1, max_size=9, unique_by=lambda move: move[2] // 2000),
    which=st.integers(0, 20),
    reads=st.tuples(st.floats(0, 0.99), st.floats(0, 0.99)),
    late=st.sampled_from([timedelta(minutes=-15), timedelta(), timedelta(hours=5)]),
    whole=st.sampled_from([None, START - timedelta(days=80), START + timedelta(days=3)]),
    tell=st.booleans(),
)
def test_no_conclusion_is_false(password, key, off, moves, which, reads, late, whole, tell) -> None:
    ana = Ana(password, key, off)
    for way, move, ms in sorted(moves, key=lambda move: move[2]):
        ana.move(way, move, START + timedelta(milliseconds=ms))
    if (around := ana.read_around(which, *reads)) is None:
        return
    seen, truth, gone = around
    reaches = gone + late
    records = [parse_record(r) for r in ana.records if datetime.fromisoformat(r["eventTime"]) <= reaches]
    records = [r for r in records if whole is None or r.at >= whole]
    gaps = () if whole else ("nobody can tell whether a file is missing",)
    account = Account("cloud", "AIDAANA", "ana", "Ana", Status.DISABLED)
    question = LogQuestion((account,), closed={account.id: gone} if tell else {})
    trail = Trail("CloudTrail", tuple(records), reaches, whole, gaps)
    answer = answer_of(trail, question, Standing(Place("cloud", ACCOUNT)))
    found = account_ended(logs_of(None, "practice", now=[answer])["cloud"], account.id, seen, gone)
    assert found.latest >= truth, (found, truth)
    if found.kind is InstantKind.EXACT:
        assert found.earliest is not None
        assert found.earliest <= truth, (found, truth)
