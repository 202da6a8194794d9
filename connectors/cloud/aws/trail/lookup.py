"""
CloudTrail's event history, asked through the API or as it was saved: by the name of the event, 90 days back. Live, what
was written since the last read is looked at first, if that is little.

Not by the name of the user: what a record calls a resource is now a name, now an ARN, now an id, so that a user who is
not found may only be called otherwise there. What is of nobody who was asked for is dropped unread.
Source: CloudTrail API Reference, LookupEvents; User Guide, "Working with CloudTrail Event history".
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.cloud.aws.calls import REGION, Call, CallAccount
from connectors.cloud.aws.responses import ResponseSource, malformed
from connectors.cloud.aws.trail.records import TrailRecord, of_history, parse_record

KEPT = timedelta(days=89)
"""A day less than the 90 that AWS keeps."""
DELIVERY = timedelta(minutes=15)
"""From: CloudTrail User Guide, "How CloudTrail works": "typically … within an average of about 5 minutes of an API
call. This time is not guaranteed". What is younger may be missing."""
PAUSE_S = 0.5
"""AWS answers two questions a second, for each account and region."""
MAX_PAGES = 200
LATEST_PAGES = 20
FEW_PAGES = 4
"""So many pages of all that was written are read before it is asked by the name of the event: a small account, or a
few days of one, fits in, and there are many names."""
QUESTION = "trail"


def _call(place: CallAccount) -> Call:
    return Call("cloudtrail", "LookupEvents", QUESTION, ("LookupAttributes",), "Events", "NextToken", place=place)


LOOKUP, LOOKUP_ABOVE = _call(CallAccount.ACCOUNT), _call(CallAccount.ORGANIZATION)
HOME = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
"""From: IAM User Guide, "Logging IAM and AWS STS API calls": where the events of IAM are, by partition."""


class History:
    """What was found, and what is missing."""

    def __init__(self, answers: ResponseSource) -> None:
        self.records: list[TrailRecord] = []
        self.gaps: list[str] = []
        self.cut: datetime | None = None
        """Where a list was too long: the oldest that was read of it, so that nobody knows of what is older."""
        self._answers = answers
        self._asked = 0

    def read(self, call: Call, region: str, names: Sequence[str]) -> None:
        """Read all events of these names; raises `CallRefused`, `SourceError`."""
        for name in names:
            self._read_name(call, region, name, MAX_PAGES)

    def written(self, call: Call, region: str, since: datetime | None) -> list[TrailRecord] | None:
        """
        Return all calls that wrote something, since then or in all 90 days; `None` where they are not few.

        One list for all names: AWS calls each call read-only or not. Raises `CallRefused`, `SourceError`.
        """
        found: list[TrailRecord] = []
        odd: list[str] = []
        request, token = _since(_by("ReadOnly", "false", region), since), None
        for _ in range(FEW_PAGES):
            self._wait()
            answer, token = self._answers.page(call, request, token)
            found += self._parsed(call, answer or {}, odd)
            if token is None and not odd:
                return found
        return None

    def read_latest(self, call: Call, region: str, name: str, since: datetime | None) -> None:
        """Read the latest events of a name, of which nobody takes it that there were no others: sign-ins."""
        self._read_name(call, region, name, LATEST_PAGES, whole=False, since=since)

    def read_uses(self, call: Call, region: str, keys: Iterable[str]) -> None:
        """Read what was done last with each access key: who signed a call with a key had one that was on."""
        for key in keys:
            self._wait()
            answer, _ = self._answers.page(call, _by("AccessKeyId", key, region), None)
            # Of what is not asked for, nothing is missed when it cannot be read.
            self.records += self._parsed(call, answer or {}, [])

    def _wait(self) -> None:
        if self._asked and self._answers.live:
            time.sleep(PAUSE_S)
        self._asked += 1

    def _read_name(
        self, call: Call, region: str, name: str, most: int, *, whole: bool = True, since: datetime | None = None
    ) -> None:
        request = _since(_by("EventName", name, region), since)
        token: str | None = None
        found: list[TrailRecord] = []
        seen: set[str] = set()
        for _ in range(most):
            self._wait()
            answer, token = self._answers.page(call, request, token)
            found += self._parsed(call, answer or {}, self.gaps)
            if token is None or token in seen:
                break
            seen.add(token)
        self.records += found
        if token is not None and whole:
            oldest = min((record.at for record in found), default=None)
            self.cut = max(filter(None, (self.cut, oldest)), default=None)
            self.gaps.append(f"there are more events `{name}` than {most} pages: older ones were not read")

    def _parsed(self, call: Call, answer: Mapping[str, Any], gaps: list[str]) -> list[TrailRecord]:
        events = answer.get("Events", [])
        if not isinstance(events, list):
            raise malformed(call, "Events")
        found = []
        for event in events:
            try:
                found.append(parse_record(*of_history(event)))
            except ValueError:  # what cannot be read may be what matters
                gaps.append("an event of CloudTrail's history is not as documented, and was left out")
        return found


def _by(attribute: str, value: str, region: str) -> dict[str, Any]:
    return {"LookupAttributes": [{"AttributeKey": attribute, "AttributeValue": value}], REGION: region}


def _since(request: dict[str, Any], since: datetime | None) -> dict[str, Any]:
    return {**request, "StartTime": since} if since else request
