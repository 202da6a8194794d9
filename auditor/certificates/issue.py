"""What a certificate states, taken from the gates as an audit stored them: nothing is judged here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from auditor import __version__
from auditor.gates.checklist import AnsweredItem, GateAnswer
from auditor.gates.history import Past
from auditor.gates.leaver import ends_at
from auditor.gates.offboard import AccountLag, Offboarding
from auditor.gates.onboard import Onboarding
from auditor.gates.role_change import KeptGrant
from auditor.gates.transfer import Transfer
from auditor.instants.instant import Instant
from auditor.instants.log import AccessLog
from policies.clocks import Clock
from policies.engine.candidates import candidates_of
from policies.engine.candidates_wording import seems
from policies.engine.case import Case
from reports.certificate_model import (
    Certificate,
    CertificateKind,
    CertifiedAccess,
    CertifiedClock,
    CertifiedInstant,
    CertifiedItem,
)

LATER = "it rests on an earlier audit"


@dataclass(frozen=True, slots=True)
class Vouched:
    """The audit that a certificate rests on, and the ledger that vouches for it."""

    audit: int
    at: datetime
    entry: int
    head: str
    key: str
    made: datetime
    newest: tuple[int, datetime] | None = None
    """A later audit that is there: its number and instant."""
    later: str = ""
    """What that one gives as the outcome."""


def of_leaver(result: Offboarding, case: Case, past: Past, clocks: Iterable[Clock], by: Vouched) -> Certificate:
    """Return what is known of a leaver."""
    end = ends_at(case, result.end) if result.end else None
    dates = (("last_day", result.end.isoformat()),) if result.end else ()
    access = tuple(_account(case, past, lag) for lag in result.lags)
    told = _clocks(clocks, end)
    return _certificate(
        CertificateKind.OFFBOARD, case, past, by, result.vma, str(result.outcome), dates, access, result.items, told
    )


def of_starter(result: Onboarding, case: Case, past: Past, by: Vouched) -> Certificate:
    """Return what is known of somebody who starts."""
    dates = (("first_day", result.start.isoformat()), ("roles", ", ".join(result.roles)))
    access = tuple(
        CertifiedAccess(
            case.systems[key[0]].title,
            case.accounts[key].login,
            "",
            "ready" if case.accounts[key].live else "ended",
            case.collections[key[0]].as_of,
        )
        for key in case.accounts_of.get(result.vma, ())
    )
    missing = tuple(
        CertifiedAccess(case.systems[system].title, "", ", ".join(c.name for c in chosen), "missing", by.at)
        for system, chosen in result.grants.by_system.items()
    )
    outcome = "READY" if result.ready else "NOT READY"
    return _certificate(
        CertificateKind.ONBOARD, case, past, by, result.vma, outcome, dates, (*access, *missing), result.items, ()
    )


def of_mover(result: Transfer, case: Case, past: Past, clocks: Iterable[Clock], by: Vouched) -> Certificate:
    """Return what is known of somebody whose role changed."""
    dates = [("roles_before", ", ".join(result.old)), ("roles_after", ", ".join(result.new))]
    since = None
    if result.on is not None:
        dates.append(("changes_on", result.on.isoformat()))
    elif result.changed is not None:
        since = result.changed.earliest if result.changed.dated else None
        days = dict.fromkeys(case.day_of(one).isoformat() for one in (result.changed.earliest, result.changed.latest))
        dates.append(("changed_on", " – ".join(days)))
    kept = tuple(_kept(case, past, one) for one in result.kept)
    told = {(one.system, one.login, one.what) for one in kept}
    held = (_held(case, one.system, one.login, one.name, "held") for one in result.go)
    missing = (
        CertifiedAccess(case.systems[system].title, "", ", ".join(c.name for c in chosen), "missing", by.at)
        for system, chosen in result.grants.by_system.items()
    )
    access = (*kept, *(one for one in held if (one.system, one.login, one.what) not in told), *missing)
    open_ = tuple(
        f"{one.name} of {one.login} in {case.systems[one.system].title}: no catalog can read it"
        for one in result.unknown
    )
    return _certificate(
        CertificateKind.TRANSFER,
        case,
        past,
        by,
        result.vma,
        str(result.outcome),
        tuple(dates),
        access,
        (),
        _clocks(clocks, since),
        open_,
    )


def _certificate(  # noqa: PLR0917 - a certificate has as many parts
    kind: CertificateKind,
    case: Case,
    past: Past,
    by: Vouched,
    vma: str,
    outcome: str,
    dates: tuple[tuple[str, str], ...],
    access: tuple[CertifiedAccess, ...],
    items: Iterable[AnsweredItem],
    clocks: tuple[CertifiedClock, ...],
    open_: tuple[str, ...] = (),
) -> Certificate:
    titles = {case.systems[s].title: log for s, log in past.records.items() if s in case.systems}
    used = {one.system for one in access if one.instant is not None and one.instant.record}
    unread = tuple(f"{case.systems[s].title} was not read whole: {p.reason}" for s, p in case.incomplete.items())
    return Certificate(
        kind=kind,
        practice=case.practice.id,
        practice_name=case.practice.name,
        timezone=case.practice.timezone,
        vma=vma,
        name=case.people[vma].name,
        outcome=outcome,
        dates=dates,
        made=by.made,
        audit=by.audit,
        audited=by.at,
        access=access,
        items=tuple(_item(one) for one in items),
        clocks=clocks,
        lives_on=tuple(f"{title}: {one}" for title, log in titles.items() if title in used for one in log.lives_on),
        open=(*_later(by), *unread, *_unsettled(case, vma), *_doubted(titles), *open_),
        tool=__version__,
        entry=by.entry,
        head=by.head,
        key=by.key,
    )


def _later(by: Vouched) -> tuple[str, ...]:
    """Say what a later audit gives: a page of an earlier one is not the last word."""
    if by.newest is None:
        return ()
    number, at = by.newest
    return (f"{LATER}: by audit {number} of {at:%Y-%m-%d %H:%M} UTC it is {by.later}",)


def _unsettled(case: Case, vma: str) -> tuple[str, ...]:
    return tuple(seems(case, question) for question in candidates_of(case).of(vma))


def _doubted(titles: Mapping[str, AccessLog]) -> tuple[str, ...]:
    return tuple(
        f"{title}: its record tells this, and it is not believed: {one}"
        for title, log in titles.items()
        for one in log.doubted
    )


def _account(case: Case, past: Past, lag: AccountLag) -> CertifiedAccess:
    log = past.records.get(lag.system)
    return CertifiedAccess(
        system=case.systems[lag.system].title,
        login=lag.login,
        what="",
        state="live" if lag.live else "ended",
        read_at=lag.seen_at,
        timely=str(lag.timely),
        hours=f"{lag.hours:.1f}",
        instant=_instant(lag.instant),
        clock=_clock(log, lag.instant),
    )


def _kept(case: Case, past: Past, one: KeptGrant) -> CertifiedAccess:
    return CertifiedAccess(
        system=case.systems[one.system].title,
        login=one.login,
        what=one.name,
        state="held" if one.held else "taken",
        read_at=case.collections[one.system].as_of,
        timely=str(one.timely),
        hours=f"{one.hours:.1f}",
        instant=_instant(one.instant),
        clock=_clock(past.records.get(one.system), one.instant),
    )


def _held(case: Case, system: str, login: str, name: str, state: str) -> CertifiedAccess:
    return CertifiedAccess(case.systems[system].title, login, name, state, case.collections[system].as_of)


def _instant(instant: Instant | None) -> CertifiedInstant | None:
    if instant is None:
        return None
    record = instant.record
    return CertifiedInstant(
        kind=str(instant.kind),
        earliest=instant.earliest,
        latest=instant.latest,
        why=instant.why,
        source=record.source if record else "",
        record=record.id if record else "",
        sha256=record.sha256 if record else "",
        actor=instant.actor or "",
        host=instant.host or "",
    )


def _clock(log: AccessLog | None, instant: Instant | None) -> str:
    if log is None or instant is None or instant.record is None:
        return ""
    if log.clock is None:
        return "its clock could not be compared with ours"
    low, high = log.clock.low, log.clock.high
    return f"its clock was {low:+.1f} to {high:+.1f} s against ours when last asked ({log.clock.by})"


def _item(one: AnsweredItem) -> CertifiedItem:
    item = one.item
    todo = one.todo if one.answer is not GateAnswer.PASSED else ()
    return CertifiedItem(item.id, item.text, str(one.answer), bool(item.attested), item.source, one.evidence, todo)


def _clocks(clocks: Iterable[Clock], since: datetime | None) -> tuple[CertifiedClock, ...]:
    return tuple(CertifiedClock(c.hours, c.source, c.proposed, c.due(since) if since else None) for c in clocks)
