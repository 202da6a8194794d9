"""
When a user or role last used which service, and, where AWS tracks it, which action.

Source: IAM API Reference, GenerateServiceLastAccessedDetails; IAM User Guide, "Refine permissions using last accessed
information": the tracking period is the last 400 days.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.cloud.aws.calls import Call
from connectors.cloud.aws.estate import ServiceUse
from connectors.cloud.aws.responses import Response, ResponseSource, malformed, moment, one, pages, text
from connectors.errors import SourceUnreachable
from connectors.facts import NEVER

QUESTION = "service-last-accessed"
TRACKING = timedelta(days=400)
TRIES, WAIT_S = 60, 2.0
GENERATE = Call(
    "iam",
    "GenerateServiceLastAccessedDetails",
    QUESTION,
    by=("Arn",),
    absent=frozenset(["NoSuchEntity", "NoSuchEntityException"]),
)
GET = Call(
    "iam",
    "GetServiceLastAccessedDetails",
    QUESTION,
    by=("JobId",),
    items="ServicesLastAccessed",
    more_at="Marker",
    truncates=True,
)
CALLS = (GENERATE, GET)

Used = dict[str, tuple[ServiceUse, ...]]


def read_last_accessed(answers: ResponseSource, identities: Sequence[str]) -> tuple[Used, datetime | None]:
    """
    Read the use of each identity, and from when on it is known; raises `Refused`, `SourceUnreachable`.

    All jobs are started before the first is waited for: AWS works on them at the same time.
    """
    jobs: dict[str, str] = {}
    for arn in sorted(set(identities)):
        job = one(answers, GENERATE, Arn=arn, Granularity="ACTION_LEVEL")
        if job is not None:  # deleted since the list of identities was read
            jobs[arn] = text(GENERATE, job, "JobId")
    done = _finished(answers, jobs)
    used = {
        arn: tuple(sorted((_use(s) for answer in found for s in _services(answer)), key=lambda use: use.service))
        for arn, found in done.items()
    }
    created = [moment(GET, found[0], "JobCreationDate") for found in done.values()]
    return used, max((when - TRACKING for when in created if when is not None), default=None)


def _finished(answers: ResponseSource, jobs: dict[str, str]) -> dict[str, list[Response]]:
    """Return the answers of each identity, in their order, once AWS has finished all of them."""
    done: dict[str, list[Response]] = {}
    for attempt in range(TRIES):
        if attempt:
            time.sleep(min(WAIT_S, 0.1 * 2**attempt))
        for arn in [arn for arn in jobs if arn not in done]:
            found = list(pages(answers, GET, JobId=jobs[arn]))
            states = {answer.get("JobStatus") for answer in found}
            if states == {"COMPLETED"}:
                done[arn] = found
            elif states != {"IN_PROGRESS"} or not answers.live:
                raise malformed(GET, "JobStatus")
        if len(done) == len(jobs):
            return {arn: done[arn] for arn in jobs}
    raise SourceUnreachable(f"`{GET.action}` did not finish its list", hint="try again in some minutes")


def _services(answer: Response) -> list[dict[str, Any]]:
    services = answer.get("ServicesLastAccessed", [])
    if not isinstance(services, list) or not all(isinstance(service, dict) for service in services):
        raise malformed(GET, "ServicesLastAccessed")
    return services


def _use(service: dict[str, Any]) -> ServiceUse:
    name = text(GET, service, "ServiceNamespace").casefold()
    tracked = service.get("TrackedActionsLastAccessed", [])
    if not isinstance(tracked, list) or not all(isinstance(action, dict) for action in tracked):
        raise malformed(GET, "TrackedActionsLastAccessed")
    actions = {
        f"{name}:{text(GET, action, 'ActionName').casefold()}": moment(GET, action, "LastAccessedTime")
        for action in tracked
    }
    last = moment(GET, service, "LastAuthenticated")
    known = {action: when or NEVER for action, when in sorted(actions.items())}
    return ServiceUse(name, NEVER if last is None else last, known)
