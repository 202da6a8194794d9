"""
When an IAM user ended: with the last of its ways in, which are a password, access keys and signing certificates.

What a record does not say is what was before it: whether a key that was switched off had been on at all (switching off
twice succeeds both times), and whether there are ways in that it never mentions. Where that leaves two answers, the
event spans both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from connectors.audit_log import SECOND, LogKind


class Step(Enum):
    """What a record says of one way in: (open before, open after); `None`: it does not say."""

    MADE = (False, True)
    """It was created, so it was not there before."""
    OPENED = (None, True)
    REMOVED = (True, False)
    """It was deleted, and nothing that is not open can be deleted so: a password."""
    CLOSED = (None, False)
    USED = (True, True)
    """Somebody came in by it, so it was open."""


@dataclass(frozen=True, slots=True)
class WayStep:
    """A step of one way in, such as `password` or `key AKIA…`, within [`at`, `at` + 1 s)."""

    at: datetime
    way: str
    step: Step


@dataclass(frozen=True, slots=True)
class Ending:
    """What a step made of the account: the truth lies in [`at`, `at` + `within`)."""

    kind: LogKind
    at: datetime
    within: timedelta


@dataclass(frozen=True, slots=True)
class Known:
    """What else is known of the account."""

    since: datetime
    """From when the record has no gap."""
    until: datetime
    """Until when it has none: what happened later may not have arrived."""
    made: datetime | None = None
    """When the account was made, where the record says so: it began without any way in."""
    closed: datetime | None = None
    """A moment at which it had no way in; then one that the record never mentions was never there."""


def endings(steps: Sequence[WayStep], known: Known | None) -> list[Ending | None]:
    """
    Say of each step, in the order of their times, what it made of the account; `None`: surely nothing.

    Where the record may have a gap (`known` is `None`, or the step is outside of what it covers), closing one way says
    nothing of the others.
    """
    if known is None:
        return [_alone(step) for step in steps]
    start = max(known.since, known.made) if known.made else known.since
    told = [step for step in steps if start <= step.at and step.at + SECOND <= known.until]
    fold = iter(_fold(told, known))
    within = {id(step) for step in told}
    return [next(fold) if id(step) in within else _alone(step) for step in steps]


def _fold(steps: Sequence[WayStep], known: Known) -> list[Ending | None]:
    state: dict[str, bool | None] = {}
    for step in steps:
        before, _ = step.step.value
        state.setdefault(step.way, False if known.made is not None and before is None else before)
    whole = known.made is not None or _closed(state, steps, known.closed)
    found: list[Ending | None] = []
    surely_open: datetime | None = None
    for step in steps:
        was = _account(state, whole=whole)
        if was:
            surely_open = step.at
        state[step.way] = step.step.value[1]
        now = _account(state, whole=whole)
        found.append(_ending(step, was, now, surely_open))
        if now is False:
            surely_open = None
    return found


def _closed(state: dict[str, bool | None], steps: Sequence[WayStep], at: datetime | None) -> bool:
    """Whether, by the record too, every way that it mentions was closed at a moment of ours."""
    if at is None:
        return False
    then = {**state, **{step.way: step.step.value[1] for step in steps if step.at <= at}}
    return not any(then.values())


def _alone(step: WayStep) -> Ending | None:
    if step.step is Step.USED:
        return None
    return Ending(LogKind.ENABLED if step.step.value[1] else LogKind.STATUS_SET, step.at, SECOND)


def _account(state: dict[str, bool | None], *, whole: bool) -> bool | None:
    """Whether the account is open by any of its ways; `None` where that is not known."""
    if any(state.values()):
        return True
    return False if whole and None not in state.values() else None


def _ending(step: WayStep, was: bool | None, now: bool | None, surely_open: datetime | None) -> Ending | None:
    if step.step is Step.USED or (was is not None and was is now):
        return None  # another way was open before and after, or none was
    if step.step.value[1]:
        return Ending(LogKind.ENABLED, step.at, SECOND)
    if now is False and surely_open is not None:
        # Where the last way may have been closed before already, it ended with the one that was surely open.
        return Ending(LogKind.DISABLED, surely_open, step.at + SECOND - surely_open)
    return Ending(LogKind.STATUS_SET, step.at, SECOND)
