"""
What an audit has to say to people, worked out from the store alone: asked again, after a crash, the answer is the same.

Persons are VMA ids, findings are ids and counts, systems are ids: no name, no login, no entitlement.
"""

import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from auditor.audit.inputs import Inputs
from auditor.config import Config
from auditor.forecast.forecast import forecast
from auditor.headcount.events import events
from auditor.history.projection import load_baseline
from auditor.lag.controls import SHIPPED, load_controls
from auditor.ledger.notices import NoticeEvent
from auditor.notices.bodies import short_id
from auditor.notices.book import read_book
from auditor.notices.claims import CLAIMED
from auditor.snapshot import AuditSummary
from auditor.store import Store
from auditor.watch.overdue import OverdueOrder
from auditor.watch_settings import Tell
from connectors.inputs.dates import day_of
from policies.engine.outcomes import Severity


@dataclass(frozen=True, slots=True)
class NewFinding:
    """A finding that the audit before did not have."""

    id: str
    severity: Severity
    whom: str
    """A VMA's id, or a system's; empty when it concerns neither."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that falls out of step on a day to come."""

    day: date
    kind: str
    whom: tuple[str, ...]
    """VMA ids and system ids only."""
    key: str
    """Says once and for all which item on which day this is; for our own notes, never sent."""


@dataclass(frozen=True, slots=True)
class Unevaluated:
    """What could not be evaluated."""

    checks: int
    systems: tuple[str, ...]
    """Ids of the systems that were not read whole."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What one audit has to say."""

    audit: AuditSummary
    day: date
    """The practice's calendar day of the audit."""
    first: bool
    """Nothing came before it: everything is new."""
    headcount: tuple[tuple[str, str], ...] = ()
    """Kind of event and VMA id."""
    announced: tuple[tuple[str, str, str], ...] = ()
    """What notices claim that came since the audit before: kind of event, VMA id, and the notice's id."""
    new: tuple[NewFinding, ...] = ()
    closed: int = 0
    """Findings of the audit before that are gone."""
    unread: Unevaluated = Unevaluated(0, ())
    unread_before: Unevaluated = Unevaluated(0, ())
    due: tuple[Due, ...] = ()
    overdue: tuple[OverdueOrder, ...] = ()
    """Orders that have come to a step of being overdue; of one recipient, and only in the message of the last audit."""
    usable_again: bool = False
    """The audits before it could not be made, and people were told."""

    def for_(self, tell: Tell) -> "Digest":
        """Leave out what somebody does not want to be told."""
        worst = -1 if tell.findings == "none" else tell.findings.rank
        until = self.day + timedelta(days=tell.falls_due_days)
        return replace(
            self,
            headcount=self.headcount if tell.headcount else (),
            announced=self.announced if tell.headcount else (),
            new=tuple(f for f in self.new if f.severity.rank <= worst),
            unread_before=self.unread_before if tell.not_evaluated else self.unread,
            due=tuple(d for d in self.due if tell.falls_due_days and d.day <= until),
        )

    @property
    def less_known(self) -> bool:
        """Whether more could not be evaluated than before, or other systems were not read whole."""
        now, before = self.unread, self.unread_before
        return now.checks > before.checks or now.systems != before.systems

    @property
    def worth_telling(self) -> bool:
        """Whether there is anything to say; findings that are gone alone are not."""
        news = self.headcount or self.announced or self.new or self.due or self.overdue
        return bool(news or self.less_known or self.usable_again)


@dataclass(frozen=True, slots=True)
class NewsSource:
    """Where news comes from."""

    config: Config
    inputs: Inputs
    store: Store
    key: bytes
    """By which ids that may be names are told apart (`shown`); known to the store's owner alone."""
    foresee_days: int = 0
    """How far ahead anybody wants to be told."""


def digest_of(source: NewsSource, audits: Sequence[AuditSummary], place: int) -> Digest:
    """Work out what the audit at a place in the list of a practice's audits, oldest first, has to say."""
    store, practice, zone = source.store, source.config.practice.id, source.config.practice.timezone
    audit, before = audits[place], audits[place - 1] if place else None
    then = store.at(practice, audit.id).snapshot
    earlier = store.at(practice, before.id).snapshot if before else None
    known_before = earlier.findings if earlier else {}
    found = Digest(
        audit=audit,
        day=day_of(audit.at, zone),
        first=before is None,
        new=tuple(
            NewFinding(id_, f.severity, shown(f.vma, source.key) if f.vma else f.system or "")
            for id_, f in sorted(then.findings.items(), key=lambda item: (item[1].severity.rank, item[0]))
            if id_ not in known_before
        ),
        closed=len(known_before.keys() - then.findings.keys()),
        unread=_unread(store, audit),
        unread_before=_unread(store, before) if before else Unevaluated(0, ()),
        announced=tuple(_announced(source, before.id if before else None, audit.id)),
    )
    if earlier is not None and before is not None:
        happened = events(
            earlier.rows,
            then.rows,
            day_of(before.at, zone),
            day_of(audit.at, zone),
        )
        found = replace(found, headcount=tuple((e.kind.value, shown(e.vma, source.key)) for e in happened))
    if source.foresee_days and place == len(audits) - 1:
        found = replace(found, due=tuple(_due(source, day_of(audit.at, zone))))
    return found


def _announced(source: NewsSource, before: int | None, audit: int) -> Iterator[tuple[str, str, str]]:
    """Yield what notices of others claim that were taken down between two audits, and were not taken back."""
    store, practice = source.store, source.config.practice.id
    records = store.notices(practice)
    rows = _rows_between(store, practice, before, audit) if records else set()
    came = {short_id(r.about) for r in records if r.event is NoticeEvent.RECEIVED and r.id in rows}
    for claim in read_book(practice, records).announced.claims:
        if claim.id in came and not claim.ours and not claim.taken_back:
            yield CLAIMED[claim.kind].value, shown(claim.vma, source.key), claim.id


def _rows_between(store: Store, practice: str, before: int | None, audit: int) -> set[int]:
    """Return which records of notices came between two audits: the ledger has the order, which no clock disturbs."""
    rows: set[int] = set()
    for entry in store.entries():
        if entry.practice == practice and entry.row is not None:
            rows.add(entry.row)
        elif entry.audit == before and before is not None:
            rows.clear()
        elif entry.audit == audit:
            break
    return rows


def _unread(store: Store, audit: AuditSummary) -> Unevaluated:
    partial = tuple(system for system, (_, _, why) in store.reads(audit.id).items() if why is not None)
    return Unevaluated(audit.counts.get("not_evaluated", 0), partial)


def _due(source: NewsSource, today: date) -> Iterable[Due]:
    base = load_baseline(source.config, source.inputs, source.store, None)
    ids = {e.vma for e in base.case.periods} | set(base.case.systems)
    last, controls = today + timedelta(days=source.foresee_days), load_controls(source.config.controls or SHIPPED)
    for item in forecast(base.case, base.statements, today, last, controls).items:
        whom = tuple(shown(w, source.key) for w in item.whom if w in ids)
        yield Due(item.day, item.kind.value, whom, f"{item.key} {item.day}")


def shown(vma: str, key: bytes) -> str:
    """
    Return a VMA's id as a message may show it; an id that may be a name or an address is told by a digest.

    The digest is keyed (HMAC, RFC 2104): a plain one of an address is found again by whoever tries addresses.
    """
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", vma):
        return vma
    return f"VMA-{hmac.digest(key, vma.encode(), 'sha256').hex()[:8]}"


def by_whom(findings: Iterable[NewFinding]) -> Mapping[str, Mapping[Severity, int]]:
    """Count findings by whom they concern, then by severity, most severe first."""
    found: dict[str, dict[Severity, int]] = {}
    for f in findings:
        of = found.setdefault(f.whom, {})
        of[f.severity] = of.get(f.severity, 0) + 1
    return found


def later_than(audit: AuditSummary, told: tuple[datetime, int]) -> bool:
    """Whether an audit comes after the last one that was told, also when the store was put back from a backup."""
    return (audit.at, audit.id) > told
