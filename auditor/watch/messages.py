"""The words of a message: ids and counts, for a mailbox, a chat, and a machine."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from auditor.watch.digest import Digest, Due, NewFinding, by_whom
from auditor.watch.failure import Failure
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
    return Message(
        id_, recipient, _subject(news, practice), "\n".join(lines) + "\n", _json(_data(news, practice, id_)), at
    )


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
    data = {"schema_version": 1, "message": id_, "practice": practice, "trouble": trouble.what, "text": body}
    return Message(id_, recipient, subject, body, _json(data), at)


def of_orders(overdue: Sequence[OverdueOrder], practice: str, recipient: str, at: datetime) -> Message:
    """Word which orders have come to a step of being overdue since the last audit was told."""
    id_, subject = message_id(practice, "orders", *(one.key for one in overdue)), f"{practice}: {_orders(overdue)}"
    ask = "`auditor orders` on the auditor's machine says what to do, who, and by which clock."
    told = [subject, "", *_cut(map(_overdue, overdue)), "", ask, id_]
    data = {
        "schema_version": 1,
        "message": id_,
        "practice": practice,
        "overdue_orders": [_overdue_data(one) for one in overdue],
        "text": subject,
    }
    return Message(id_, recipient, subject, "\n".join(told) + "\n", _json(data), at)


def of_test(practice: str, recipient: str, at: datetime) -> Message:
    """Word a test."""
    id_ = message_id(practice, "test", at.isoformat())
    subject, body = f"{practice}: test", f"{practice}: a test message of `auditor watch`; nothing happened.\n\n{id_}\n"
    data = {"schema_version": 1, "message": id_, "practice": practice, "test": True, "text": body}
    return Message(id_, recipient, subject, body, _json(data), at)


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


def _overdue_data(one: OverdueOrder) -> dict[str, Any]:
    facts = {"id": one.id, "system": one.system, "whom": one.whom, "cause": one.cause}
    return {**facts, "hours": one.hours, "step": one.step}


def _cut(lines: Iterable[str]) -> list[str]:
    all_ = list(lines)
    more = len(all_) - MAX_LINES
    return all_ if more <= 0 else [*all_[:MAX_LINES], f"  and {more} more"]


def _data(news: Digest, practice: str, id_: str) -> dict[str, Any]:
    audit = news.audit
    counts = Counter(f.severity for f in news.new)
    return {
        "schema_version": 1,
        "message": id_,
        "practice": practice,
        "audit": {"id": audit.id, "at": audit.at.isoformat(), "exit_code": audit.exit_code, "first": news.first},
        "headcount": [{"kind": kind, "vma": vma} for kind, vma in news.headcount],
        "announced": [{"kind": kind, "vma": vma, "notice": notice} for kind, vma, notice in news.announced],
        "new_findings": {
            "by_severity": {s.value: counts[s] for s in Severity},
            "findings": [{"id": f.id, "severity": f.severity.value, "whom": f.whom} for f in news.new],
        },
        "gone_findings": news.closed,
        "not_evaluated": {"checks": news.unread.checks, "systems": list(news.unread.systems)},
        "falls_due": [{"day": d.day.isoformat(), "kind": d.kind, "whom": list(d.whom)} for d in news.due],
        "overdue_orders": [_overdue_data(one) for one in news.overdue],
        "usable_again": news.usable_again,
        "text": _subject(news, practice),
    }


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True)
