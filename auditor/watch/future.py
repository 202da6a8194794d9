"""
Marks in the future: a clock that ran ahead once must not keep the watch silent for as long.

What was noted while the clock was ahead is brought back to the present on every turn, and told: when the schedule ran
last, when to try again, when a message was made, sent, or given up because it seemed to have waited too long.
"""

import json
from datetime import datetime, timedelta

from auditor.watch.delivery import LONGEST_PAUSE_S
from auditor.watch.state import WatchState

SCHEDULE, RETRY = "schedule", "retry"
LONGEST_RETRY_S = 3600
SLACK = timedelta(seconds=5)
"""By how much two clocks of one machine may differ; a mark that is no further ahead is left alone."""


def future_marks(state: WatchState, practice: str, now: datetime) -> list[str]:
    """Return in words what was noted for a time that is still to come, and cannot be meant."""
    found = []
    scheduled, retry = state.mark(practice, SCHEDULE), _retry(state, practice)
    if scheduled is not None and datetime.fromisoformat(scheduled) > now + SLACK:
        found.append(f"the last scheduled audit was noted for {scheduled}")
    if retry is not None and retry > now + timedelta(seconds=LONGEST_RETRY_S) + SLACK:
        found.append(f"the next try was noted for {retry.isoformat()}")
    if count := state.ahead(practice, now + SLACK, now + timedelta(seconds=LONGEST_PAUSE_S) + SLACK):
        found.append(f"{count} message{'' if count == 1 else 's'} of the outbox bear a time that is still to come")
    return found


def mend(state: WatchState, practice: str, now: datetime) -> list[str]:
    """Bring such marks back to the present; return in words what was mended."""
    found = future_marks(state, practice, now)
    if not found:
        return []
    with state.writing():
        scheduled = state.mark(practice, SCHEDULE)
        if scheduled is not None and datetime.fromisoformat(scheduled) > now:
            state.put(practice, SCHEDULE, now.isoformat())
        retry = _retry(state, practice)
        if retry is not None and retry > now + timedelta(seconds=LONGEST_RETRY_S):
            failures = json.loads(state.mark(practice, RETRY) or "[null, 0]")[1]
            state.put(practice, RETRY, json.dumps([now.isoformat(), failures]))
        state.bring_back(practice, now, now + timedelta(seconds=LONGEST_PAUSE_S))
    return found


def _retry(state: WatchState, practice: str) -> datetime | None:
    again = json.loads(state.mark(practice, RETRY) or "[null, 0]")[0]
    return datetime.fromisoformat(again) if again else None
