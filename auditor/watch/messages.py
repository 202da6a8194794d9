"""The words of a message: ids and counts, for a mailbox, a chat, and a machine."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from auditor.watch.digest import Digest, Due, NewFinding, by_whom
from auditor.watch.failure import Failure
from auditor.watch.message_data import OrdersMessageData, TestMessageData, TroubleMessageData, as_body, news_data
from auditor.watch.overdue import OverdueOrder
from auditor.watch.state import Message
from policies.engine.evidence import listing
from policies.engine.outcomes import Severity

MAX_LINES = 20
"""Of one kind in a message; the rest is counted."""
VERDICTS = {0: "in step", 1: "not in step", 2: "something could not be evaluated"}


def message_id(*parts: object) -> str:
    """Return the identity of a message: the same for the same reason, for ever."""
    digest = hashlib.sha256("\n".join(str(part) for part in parts).encode()).digest()
    return f"W-{base64.b32encode(digest).decode()[:10]}"


def of_news(news: Digest, practice: str, timezone: str, recipient: str, at: datetime) -> Message:
    """Word what an audit has to say to a recipient; `news` already holds only what that recipient wants."""
    audit = news.audit
    id_ = message_id(practice, "audit", audit.id, audit.at.isoformat())
    local = audit.at.astimezone(ZoneInfo(timezone))
    lines = [f"{practice}, audit {audit.id} of {local:%Y-%m-%d %H:%M}: {VERDICTS[audit.exit_code]}"]
    if news.first:
        lines += ["This is the first audit: everything that it found is new."]
    if news.usable_again:
        lines += ["The inputs, which could not be used before, can be used again."]
    if news.headcount:
        lines += ["", "Headcount:", *_cut(f"  {vma} {kind}" for kind, vma in news.headcount)]
    if news.announced:
        told = (f"  {vma} {kind}, by notice {notice}" for kind, vma, notice in news.announced)
        lines += ["", "Claimed by notices; the roster decides:", *_cut(told)]
    if news.new:
        lines += ["", f"New findings: {_severities(news.new)}", *_cut(_concerned(news.new))]
        lines += _cut(f"  auditor explain {f.id}" for f in news.new[:3])
    if news.closed:
        lines += ["", f"Findings that are gone: {news.closed}"]
    if news.unread.checks or news.unread.systems or news.less_known:
        lines += ["", f"Could not be evaluated: {news.unread.checks} check{'' if news.unread.checks == 1 else 's'}"]
        if news.unread.systems or news.unread_before.systems:
            lines += [f"  not read whole: {', '.join(news.unread.systems) or 'no system any more'}"]
    lines += _times(news)
    lines += ["", "The report and `auditor explain` on the auditor's machine say more.", id_]
    subject = _subject(news, practice)
    body = as_body(news_data(news, practice, id_, subject))
    return Message(id_, recipient, subject, "\n".join(lines) + "\n", body, at)


def _times(news: Digest) -> list[str]:
    """Say what is to fall due, and which orders are overdue."""
    lines = []
    if news.due:
        lines += ["", "Falls out of step if nobody acts:", *_cut(f"  {_due(d)}" for d in news.due)]
    if news.overdue:
        lines += ["", "Orders overdue (`auditor orders`):", *_cut(map(_overdue, news.overdue))]
    return lines


def of_trouble(id_: str, practice: str, recipient: str, trouble: Failure, at: datetime) -> Message:
    """Word that an audit could not be made."""
    subject = f"{practice}: no audit could be made"
    body = f"{practice}: {trouble.what}\n{trouble.hint}\n\n{id_}\n"
    return Message(id_, recipient, subject, body, as_body(TroubleMessageData(id_, practice, body, trouble.what)), at)


def of_orders(overdue: Sequence[OverdueOrder], practice: str, recipient: str, at: datetime) -> Message:
    """Word which orders have come to a step of being overdue since the last audit was told."""
    id_, subject = message_id(practice, "orders", *(one.key for one in overdue)), f"{practice}: {_orders(overdue)}"
    ask = "`auditor orders` on the auditor's machine says what to do, who, and by which clock."
    told = [subject, "", *_cut(map(_overdue, overdue)), "", ask, id_]
    data = OrdersMessageData(id_, practice, subject, tuple(overdue))
    return Message(id_, recipient, subject, "\n".join(told) + "\n", as_body(data), at)


def of_test(practice: str, recipient: str, at: datetime) -> Message:
    """Word a test."""
    id_ = message_id(practice, "test", at.isoformat())
    subject, body = f"{practice}: test", f"{practice}: a test message of `auditor watch`; nothing happened.\n\n{id_}\n"
    return Message(id_, recipient, subject, body, as_body(TestMessageData(id_, practice, body, test=True)), at)


def _subject(news: Digest, practice: str) -> str:
    parts = [f"{count} {kind}" for kind, count in Counter(kind for kind, _ in news.headcount).items()]
    if news.announced:
        parts.append(f"{len(news.announced)} claimed by notices")
    if news.new:
        parts.append(f"{len(news.new)} new finding{'' if len(news.new) == 1 else 's'} ({_severities(news.new)})")
    if news.less_known:
        parts.append(_unread(news))
    if news.due:
        parts.append(f"{len(news.due)} to fall due")
    if news.overdue:
        parts.append(_orders(news.overdue))
    if news.usable_again:
        parts.append("audits again")
    return f"{practice}: {'; '.join(parts)}"


def _unread(news: Digest) -> str:
    if news.unread.systems:
        return f"not read whole: {', '.join(news.unread.systems)}"
    return "every system read again" if news.unread_before.systems else "more could not be evaluated"


def _severities(findings: Iterable[NewFinding]) -> str:
    counts = Counter(f.severity for f in findings)
    return ", ".join(f"{counts[s]} {s.value}" for s in Severity if counts[s])


def _concerned(findings: Iterable[NewFinding]) -> Iterable[str]:
    for whom, counts in by_whom(findings).items():
        yield f"  {whom or 'the practice'}: {', '.join(f'{n} {s.value}' for s, n in counts.items())}"


def _due(due: Due) -> str:
    return f"{due.day} {due.kind}" + (f": {listing(due.whom)}" if due.whom else "")


def _orders(overdue: Sequence[OverdueOrder]) -> str:
    return f"{len(overdue)} order{'' if len(overdue) == 1 else 's'} overdue"


def _overdue(one: OverdueOrder) -> str:
    return f"  {one.id}, {one.system}, {one.whom} {one.cause}: overdue by {one.hours} h"


def _cut(lines: Iterable[str]) -> list[str]:
    all_ = list(lines)
    more = len(all_) - MAX_LINES
    return all_ if more <= 0 else [*all_[:MAX_LINES], f"  and {more} more"]
