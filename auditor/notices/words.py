"""A claim in words, the same on every page: what it says, when it came, and what each clock makes of it."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from policies.clocks import Clock, Matter
from policies.notices import Claim, ClaimKind

CLAIMED = "claimed: the roster decides"

_TO_DO = {
    ClaimKind.LEAVE: (Matter.ACCESS_END, "every account is to be disabled"),
    ClaimKind.ROLE_CHANGE: (Matter.ROLE_CHANGE, "what the new role does not allow is to be taken away"),
}
"""What whoever receives a claim has to do, and by the clock of which matter."""


def local(moment: datetime, timezone: str) -> str:
    """Write an instant on the practice's clock, with its zone."""
    return f"{moment.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M} {timezone}"


def whom(claim: Claim) -> str:
    """Name the VMA of a claim."""
    return f"{claim.name} ({claim.vma})" if claim.name else claim.vma


def edge(claim: Claim, timezone: str) -> str:
    """Say until, or since, when, by the sender's word."""
    return f"{'until' if claim.kind is ClaimKind.LEAVE else 'since'} {local(claim.effective, timezone)}"


def came(claim: Claim, timezone: str) -> str:
    """Say when a claim came, or left and arrived."""
    if not claim.ours:
        return f"received {local(claim.received_at, timezone)}"
    if claim.delivered_at is None:
        return f"made here {local(claim.made_at, timezone)}; no receipt is here yet"
    return f"made here {local(claim.made_at, timezone)}; received there {local(claim.delivered_at, timezone)}"


def known(claim: Claim, timezone: str) -> str:
    """Say since when the sender knew of it, by its own word."""
    return f"{'known here' if claim.ours else 'by their word known there'} since {local(claim.known_since, timezone)}"


def remarks(claim: Claim, timezone: str) -> tuple[str, ...]:
    """Say what must be known besides: a date before the receipt, a clock ahead, a key that was revoked."""
    found = []
    if claim.taken_back:
        found.append("taken back by its sender: it claims nothing any more")
    if claim.key_revoked:
        found.append("the key that signed it was revoked later: ask the sender whether it is theirs")
    if not claim.ours and claim.back_dated:
        gap = hours((claim.received_at - claim.effective).total_seconds() / 3600)
        found.append(f"it came {gap} after the instant that it speaks of: hours to act count from its receipt")
    if claim.told_at is not None and claim.made_at > claim.told_at:
        found.append(f"it is dated {local(claim.made_at, timezone)}, after its receipt: one of the two clocks is wrong")
    return tuple(found)


def by_clocks(claim: Claim, clocks: Iterable[Clock], now: datetime, timezone: str) -> tuple[str, ...]:
    """Return one sentence for each clock: whether the other side was told in time, and by when somebody must act."""
    if claim.taken_back:
        return ()
    sentences = []
    for clock in clocks:
        if clock.matter is Matter.NOTICE:
            sentences.append(clock.says(_told(claim, clock, now, timezone)))
        elif not claim.ours and claim.kind in _TO_DO and _TO_DO[claim.kind][0] is clock.matter:
            due = local(clock.due(claim.starts), timezone)
            sentences.append(clock.says(f"{_TO_DO[claim.kind][1]} by {due}, if the roster confirms it"))
    return tuple(sentences)


def _told(claim: Claim, clock: Clock, now: datetime, timezone: str) -> str:
    """Say whether the other side was told in time; no date that the sender wrote counts, but that of the change."""
    due = clock.due(claim.effective)
    if claim.told_at is None:
        if now <= due:
            return f"to be received there by {local(due, timezone)}"
        return f"was to be received there by {local(due, timezone)}; no receipt proves that it was"
    if claim.told_at <= claim.effective:
        return "told before it took effect: in time"
    gap = hours((claim.told_at - claim.effective).total_seconds() / 3600)
    return f"told {gap} after it took effect: {'in time' if claim.told_at <= due else 'late'}"


def hours(number: float) -> str:
    """Write a number of hours; what is less than a tenth is not written as none."""
    return "less than 0.1 h" if 0 < number < 0.1 else f"{number:.1f} h"
