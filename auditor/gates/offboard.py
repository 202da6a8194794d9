"""
A leaver, from notice to proof: GONE, NOT GONE, or UNPROVEN.

Nobody is gone because an account is not in an answer that was cut short: only a whole read after the end proves it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from auditor.gates.checklist import Answer, Answered, Item, Verdict, load_checklist
from auditor.gates.subject import Facts
from connectors.errors import AuditorError, shorten
from connectors.facts import Account, Never, PersonKind
from policies.case import AccountKey, Case

SECRETS = "secret.read"
"""The capability to read stored secrets, which the leaver may have kept."""


class Outcome(StrEnum):
    """What the offboarding ends with."""

    GONE = "GONE"
    NOT_GONE = "NOT GONE"
    UNPROVEN = "UNPROVEN"


@dataclass(frozen=True, slots=True)
class Lag:
    """How long one account stayed live after the end."""

    system: str
    login: str
    live: bool
    hours: float | None
    """From the end of the last day, on the practice's clock, until a whole read showed it disabled; open while live."""
    seen_at: datetime
    """When the read showed it."""


@dataclass(frozen=True, slots=True)
class Offboarding:
    """The checklist, answered."""

    vma: str
    name: str
    end: date | None
    items: tuple[Answered, ...]
    lags: tuple[Lag, ...]
    outcome: Outcome


def ends_at(case: Case, end: date) -> datetime:
    """Return the instant at which the last day is over, on the practice's clock."""
    return datetime.combine(end + timedelta(days=1), time(), ZoneInfo(case.practice.timezone)).astimezone(UTC)


def offboard(case: Case, subject: Facts, stopped: Mapping[AccountKey, datetime]) -> Offboarding:
    """
    Answer the checklist of a leaver.

    `stopped` says of accounts when an earlier audit first saw them disabled or gone. Raises `AuditorError` for nobody
    who is, or ever was, on the roster.
    """
    vma = subject.vma
    engagement = case.engagements.get(vma)
    if engagement is None:
        raise AuditorError(f"there is no VMA {shorten(vma)}, and there never was", hint="check the id on the roster")
    over = engagement.end is not None and engagement.end < case.today
    items = tuple(_answer(item, subject, over=over) for item in load_checklist("offboarding").items)
    lags = _lags(subject, stopped) if over else ()
    return Offboarding(vma, case.people[vma].name, engagement.end, items, lags, _outcome(items, over=over))


def _outcome(items: tuple[Answered, ...], *, over: bool) -> Outcome:
    if not over:
        return Outcome.NOT_GONE
    access = [a.answer for a in items if a.item.id in ("disabled", "keys")]
    if Answer.FAILED in access:
        return Outcome.NOT_GONE
    everything = [a.answer for a in items]
    return Outcome.GONE if all(a is Answer.PASSED for a in everything) else Outcome.UNPROVEN


def _answer(item: Item, subject: Facts, *, over: bool) -> Answered:
    if item.when == "after" and not over:
        return Answered(item, Answer.NOT_DUE, ("the last day is not over",))
    if item.attested:
        return Answered(item, *subject.by_word(item, subject.case.today))
    return Answered(item, *CHECKS[str(item.check)](subject))


def _notice(subject: Facts) -> Verdict:
    engagement = subject.case.engagements[subject.vma]
    if engagement.end is None:
        todo = (f"set `end` of {subject.vma} on the roster, with the last day of work",)
        return Answer.FAILED, ("the roster gives no end",), todo
    if subject.vma in subject.case.former:
        why = f"no longer on the roster; an audit saw them there last on {engagement.end}"
        return Answer.CANNOT_TELL, (why,), ("keep leavers on the roster, with their last day in `end`",)
    return Answer.PASSED, (f"last day {engagement.end}",), ()


def _disabled(subject: Facts) -> Verdict:
    case = subject.case
    end = ends_at(case, case.engagements[subject.vma].end or case.today)
    live = [case.accounts[k] for k in subject.accounts if case.accounts[k].live]
    if live:
        evidence = tuple(f"{a.login} in {case.systems[a.system].title} is {a.status.value}" for a in live)
        todo = tuple(f"disable {a.login} in {case.systems[a.system].title}, now" for a in live)
        return Answer.FAILED, evidence, todo
    unread = [case.systems[s].title for s in case.incomplete]
    early = [c.system.title for c in case.collections.values() if c.complete and c.as_of < end]
    if unread or early:
        evidence = tuple(f"{name} was not read whole" for name in unread)
        evidence += tuple(f"{name} was read before the end" for name in early)
        return Answer.CANNOT_TELL, evidence, ("run again with a whole read, or a newer export, of these",)
    return Answer.PASSED, tuple(f"{case.systems[s].title}: read whole, no live account" for s in case.systems), ()


def _keys(subject: Facts) -> Verdict:
    case = subject.case
    clouds = [s for s in case.systems if case.systems[s].kind.value == "cloud"]
    open_ = [case.accounts[k].login for k in subject.accounts if k[0] in clouds and case.accounts[k].live]
    if open_:
        return Answer.FAILED, (f"{', '.join(open_)} can still be used",), ("deactivate the access keys, now",)
    if unread := [case.systems[s].title for s in clouds if s in case.incomplete]:
        return Answer.CANNOT_TELL, (f"{', '.join(unread)} was not read whole",), ("run again when it can be read",)
    return Answer.PASSED, ("no account of theirs can be used in the cloud",), ()


def _shared(subject: Facts) -> Verdict:
    case = subject.case
    shared = [
        case.accounts[key]
        for key, owner in case.owners.items()
        if subject.vma in owner.people and len(owner.people) > 1 and key in case.live_accounts
    ]
    return _rotated(subject, "shared-secrets", shared, "was shared with the leaver")


def _services(subject: Facts) -> Verdict:
    case = subject.case
    bit = case.policy.vocabulary.mask([SECRETS])
    read = sorted({k[0] for k in subject.accounts if case.holdings[k].mask & bit})
    services = [
        case.accounts[key]
        for key, owner in case.owners.items()
        if key[0] in read and owner.kind is PersonKind.SERVICE and key in case.live_accounts
    ]
    return _rotated(subject, "service-secrets", services, "has a secret that the leaver could read")


def _rotated(subject: Facts, topic: str, accounts: list[Account], why: str) -> Verdict:
    case = subject.case
    if not accounts:
        return Answer.PASSED, ("there is none",), ()
    names = [f"{a.login} in {case.systems[a.system].title}" for a in accounts]
    item = Item(id=topic, text="", when="after", source="", attested=topic)
    answer, evidence, _ = subject.by_word(item, case.today)
    if answer is Answer.PASSED:
        return answer, evidence, ()
    todo = (*(f"change the secret of {name}" for name in names), f"auditor attest {subject.vma} {topic} --by …")
    return Answer.FAILED, tuple(f"{name} {why}" for name in names), todo


def _after_end(subject: Facts) -> Verdict:
    case = subject.case
    end = ends_at(case, case.engagements[subject.vma].end or case.today)
    unread = [case.systems[s].title for s in case.incomplete]
    late, unknown = [], []
    for key in subject.accounts:
        account = case.accounts[key]
        if account.last_login is None:
            unknown.append(f"{case.systems[key[0]].title} does not say when {account.login} signed in last")
        elif not isinstance(account.last_login, Never) and account.last_login >= end:
            late.append(
                f"{account.login} signed in to {case.systems[key[0]].title} on {account.last_login:%Y-%m-%d %H:%M} UTC"
            )
    if late:
        return Answer.FAILED, tuple(late), ("treat it as an incident: assess whether it is a breach (45 CFR 164.402)",)
    if unknown or unread:
        return Answer.CANNOT_TELL, (*unknown, *(f"{name} was not read whole" for name in unread)), ()
    return Answer.PASSED, ("no sign-in after the end in any system",), ()


def _lags(subject: Facts, stopped: Mapping[AccountKey, datetime]) -> tuple[Lag, ...]:
    case = subject.case
    end = ends_at(case, case.engagements[subject.vma].end or case.today)
    found = []
    for key in subject.accounts:
        account, read = case.accounts[key], case.collections[key[0]].as_of
        seen = read if account.live else stopped.get(key, read)
        hours = max(0.0, (seen - end).total_seconds() / 3600)
        found.append(Lag(key[0], account.login, account.live, hours, seen))
    return tuple(found)


CHECKS: Mapping[str, Callable[[Facts], Verdict]] = {
    "notice": _notice,
    "disabled": _disabled,
    "keys": _keys,
    "shared": _shared,
    "services": _services,
    "after_end": _after_end,
}
