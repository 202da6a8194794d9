"""
The checks of a leaver, each answered from what was read: notice, accounts, keys, shared secrets, services, sign-ins.

Nobody is gone because an account is not in an answer that was cut short: only a whole read after the end proves it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from auditor.gates.announced import announced
from auditor.gates.checklist import GateAnswer, Verdict, worst
from auditor.gates.leaver import Leaver
from auditor.gates.states import nobody_knows
from auditor.instants.instant import account_ended
from auditor.instants.log import AccessLog
from auditor.instants.unseen import sign_ins, unseen_access
from connectors.audit_log import LogKind
from connectors.facts import Account, Never, PersonKind
from policies.agreements.chain import engagement_type
from policies.breach import ASSESS, clocks
from policies.engine.candidates import Open, used_since
from policies.engine.candidates_wording import how_to_settle, seems
from policies.engine.case import AccountKey
from policies.notices import ClaimKind
from reports.words import plural

SECRETS = "secret.read"
"""The capability to read stored secrets, which the leaver may have kept."""


def _notice(leaver: Leaver) -> Verdict:
    answer, evidence, todo = _on_the_roster(leaver)
    case = leaver.case
    claimed = announced(case, leaver.facts.vma, kinds=(ClaimKind.LEAVE,))
    return answer, (*evidence, *(line for one in claimed for line in one.lines(case.practice.timezone)[:2])), todo


def _on_the_roster(leaver: Leaver) -> Verdict:
    """Return whether the roster gives an end: what a notice claims is shown beside it, and answers nothing."""
    subject = leaver.facts
    engagement = subject.case.engagements[subject.vma]
    if engagement.end is None:
        todo = (f"set `end` of {subject.vma} on the roster, with the last day of work",)
        return GateAnswer.FAILED, ("the roster gives no end",), todo
    if subject.vma in subject.case.former:
        why = f"no longer on the roster; an audit saw them there last on {engagement.end}"
        why += f"; {subject.case.roster_part}" if subject.case.roster_part else ""
        return GateAnswer.CANNOT_TELL, (why,), ("keep leavers on the roster, with their last day in `end`",)
    return GateAnswer.PASSED, (f"last day {engagement.end}",), ()


def _disabled(leaver: Leaver) -> Verdict:
    case = leaver.case
    live = [case.accounts[k] for k in leaver.facts.accounts if case.accounts[k].live]
    if asked := nobody_knows(case, live):
        return worst([asked, _unsettled(leaver)])
    if live:
        evidence = tuple(f"{a.login} in {leaver.title(a.system)} is {a.status.value}" for a in live)
        todo = tuple(case.policy.remedies.text("disable-account", case.systems[a.system], login=a.login) for a in live)
        return worst([(GateAnswer.FAILED, evidence, todo), _unsettled(leaver)])
    unread = [case.systems[s].title for s in case.incomplete]
    early = [c.system.title for c in case.collections.values() if c.complete and c.as_of < leaver.end]
    if unread or early:
        evidence = tuple(f"{name} was not read whole" for name in unread)
        evidence += tuple(f"{name} was read before the end" for name in early)
        return worst([_unsettled(leaver), (GateAnswer.CANNOT_TELL, evidence, (AGAIN,))])
    if leaver.facts.questions or leaver.left_out:
        return _unsettled(leaver)
    if leaver.not_newer:
        return GateAnswer.CANNOT_TELL, leaver.not_newer, (AGAIN,)
    return GateAnswer.PASSED, tuple(f"{case.systems[s].title}: read whole, no live account" for s in case.systems), ()


AGAIN = "run again with a whole read, or a newer export, of these"


def _unsettled(leaver: Leaver) -> Verdict:
    return worst(
        [leaver.facts.unsettled() or (GateAnswer.PASSED, (), ()), leaver.left_out or (GateAnswer.PASSED, (), ())]
    )


def _used(leaver: Leaver, question: Open) -> str:
    """Say of an account that could be the leaver's when somebody signed in with it last, as far as that is known."""
    last = leaver.case.accounts[question.account].last_login if question.account else None
    when = "; when somebody signed in with it last is not known" if question.account and last is None else ""
    if last is not None and not isinstance(last, Never):
        when = f"; somebody signed in with it on {last:%Y-%m-%d %H:%M} UTC"
        when += ", after the end" if last >= leaver.end else ""
    return seems(leaver.case, question) + when


def _stopped_before(leaver: Leaver, question: Open) -> bool:
    """Whether audits saw an account stopped before the end, and nothing tells of a sign-in since."""
    account = leaver.case.accounts[question.account] if question.account else None
    stopped = leaver.past.stopped.get(question.account) if question.account else None
    return account is not None and account.last_login is None and stopped is not None and stopped <= leaver.end


def _keys(leaver: Leaver) -> Verdict:
    """A key or a password dies with its account; a session that was open then may live on, and no system tells."""
    case = leaver.case
    open_ = [case.accounts[k] for k in leaver.facts.accounts if case.accounts[k].live]
    if open_:
        evidence = tuple(f"{a.login} in {leaver.title(a.system)} can still be used" for a in open_)
        now = "disable the account and its keys, then end its sessions, now"
        return nobody_knows(case, open_) or (GateAnswer.FAILED, evidence, (now,))
    if unread := [case.systems[s].title for s in case.incomplete]:
        return GateAnswer.CANNOT_TELL, (f"{', '.join(unread)} was not read whole",), ("run again when it can be read",)
    if leaver.facts.questions or leaver.left_out:
        return _unsettled(leaver)
    systems = sorted({key[0] for key in (*leaver.facts.accounts, *leaver.past.accounts)} & set(case.systems))
    if not systems:
        return GateAnswer.PASSED, ("no account of theirs was ever seen",), ()
    if said := leaver.stated("sessions-ended"):
        return said
    where = ", ".join(leaver.title(s) for s in systems)
    evidence = (f"no account or key can be used to sign in; whether a session or token lives on, {where} does not say",)
    todo = (f"end sessions and tokens in {where}, then: auditor attest {leaver.facts.vma} sessions-ended --by …",)
    return GateAnswer.NEEDS_A_WORD, evidence, todo


def _shared(leaver: Leaver) -> Verdict:
    """Accounts that the leaver used with others, also those of which the roster no longer says so."""
    case, vma = leaver.case, leaver.facts.vma
    now = {key for key, owner in case.owners.items() if vma in owner.people and len(owner.people) > 1}
    shared = [case.accounts[key] for key in sorted(now | leaver.past.shared) if key in case.live_accounts]
    return _rotated(leaver, "shared-secrets", shared, "was shared with the leaver")


def _services(leaver: Leaver) -> Verdict:
    """Credentials that belong to no one person, in systems where the leaver can, or could, read secrets."""
    case = leaver.case
    bit = case.policy.vocabulary.mask([SECRETS])
    read = {k[0] for k in leaver.facts.accounts if case.holdings[k].mask & bit}
    for system, held in leaver.past.held.items():
        if system in case.systems:
            readings = case.policy.catalogs.read(case.systems[system], held).values()
            if any(reading.mask & bit for reading in readings):
                read.add(system)
    services = [
        case.accounts[key]
        for key, owner in sorted(case.owners.items())
        if key[0] in read and key in case.live_accounts and (owner.kind in _NO_ONE_PERSON or len(owner.people) > 1)
    ]
    return _rotated(leaver, "service-secrets", services, "has a secret that the leaver could read")


_NO_ONE_PERSON = (PersonKind.SERVICE, PersonKind.VENDOR, None)


def _rotated(leaver: Leaver, topic: str, accounts: list[Account], why: str) -> Verdict:
    if not accounts:
        return GateAnswer.PASSED, ("there is none",), ()
    names = [f"{a.login} in {leaver.title(a.system)}" for a in accounts]
    if said := leaver.stated(topic):
        return said
    vma = leaver.facts.vma
    todo = (*(f"change the secret of {name}" for name in names), f"auditor attest {vma} {topic} --by …")
    return GateAnswer.FAILED, tuple(f"{name} {why}" for name in names), todo


def _after_end(leaver: Leaver) -> Verdict:
    case = leaver.case
    unread = [case.systems[s].title for s in case.incomplete]
    used, unknown = _signed_in(leaver)
    used += _recorded_after(leaver)
    late = [told for _, told in used]
    if late:
        if said := leaver.stated("breach-assessment", case.day_of(max(moment for moment, _ in used))):
            return said[0], (*late, *said[1]), ()
        command = f"auditor attest {leaver.facts.vma} breach-assessment --document … --by …"
        whom = clocks(engagement_type(case.engagements[leaver.facts.vma]))
        todo = f"treat it as an incident: {ASSESS}; {whom}; then: {command}"
        return GateAnswer.FAILED, tuple(late), (todo,)
    unknown += [_used(leaver, question) for question in leaver.facts.questions]
    # With a disabled account nobody signs in today; whether the leaver did after the end it leaves open all the same.
    later = [q for q in used_since(case, leaver.facts.vma, leaver.end) if not _stopped_before(leaver, q)]
    unknown += [_used(leaver, question) for question in later]
    if unknown or unread or leaver.left_out:
        unsettled = _unsettled(leaver)
        unknown += leaver.left_out[1] if leaver.left_out else ()
        return (
            GateAnswer.CANNOT_TELL,
            (*unknown, *(f"{name} was not read whole" for name in unread)),
            (
                *unsettled[2],
                *(how_to_settle(question) for question in later),
            ),
        )
    return GateAnswer.PASSED, ("no sign-in after the end in any system", *_shown_late(leaver)), ()


def _signed_in(leaver: Leaver) -> tuple[list[tuple[datetime, str]], list[str]]:
    """Return the sign-ins after the end that accounts tell of, and of which accounts nothing tells."""
    used, unknown = [], []
    for key, account in {**{k: leaver.case.accounts[k] for k in leaver.facts.accounts}, **leaver.vanished}.items():
        title, last = leaver.title(key[0]), account.last_login
        gone = key in leaver.vanished
        if isinstance(last, datetime) and last >= leaver.end:
            since = ", and is gone since" if gone else ""
            used.append((last, f"{account.login} signed in to {title} on {last:%Y-%m-%d %H:%M} UTC{since}"))
        elif not gone and last is None:
            unknown.append(f"{title} does not say when {account.login} signed in last")
        elif gone and not _ended_before(leaver, key):
            unknown.append(
                f"{account.login} is gone from {title}: nothing tells whether it was used between the end and then"
            )
    return used, unknown


def _ended_before(leaver: Leaver, key: AccountKey) -> bool:
    """Whether an account that is gone was of no use after the end, or a record would show that it was used."""
    stopped, live = leaver.past.stopped.get(key), leaver.past.last_live.get(key)
    if stopped is None:
        return live is None
    log = leaver.past.records.get(key[0], AccessLog())
    if account_ended(log, key[1], live, stopped).latest <= leaver.end:
        return True
    return log.whole(leaver.end, stopped, frozenset({LogKind.SIGNED_IN}))


def _recorded_after(leaver: Leaver) -> Iterator[tuple[datetime, str]]:
    """Yield what records tell of use after the end: sign-ins, and access that came back for a while."""
    keys = leaver.past.accounts - leaver.past.shared | set(leaver.facts.accounts)
    for system, id_ in sorted(keys):
        log = leaver.past.records.get(system)
        if log is None:
            continue
        known = leaver.case.accounts.get((system, id_)) or leaver.past.known.get((system, id_))
        login, title = known.login if known else id_, leaver.title(system)
        for event in sign_ins(log, id_, leaver.end):
            yield (
                event.at,
                f"{login} signed in to {title} on {event.at:%Y-%m-%d %H:%M:%S} UTC, by {event.record.source}",
            )
        live = leaver.past.stopped.get((system, id_), leaver.case.at) > leaver.end
        for one in unseen_access(log, id_, leaver.end, leaver.case.at, lambda _, live=live: live):  # type: ignore[misc]
            if one.entitlement is None:
                span = f"from {one.began.at:%Y-%m-%d %H:%M:%S} to {one.ended.at:%Y-%m-%d %H:%M:%S} UTC"
                yield one.ended.at, f"{login} could sign in to {title} {span}, by {one.began.record.source}"


def _shown_late(leaver: Leaver) -> tuple[str, ...]:
    """Say where a sign-in after the end may not be shown, because the system writes sign-ins down days late."""
    found = {}
    for key in leaver.facts.accounts:
        account = leaver.case.accounts[key]
        if isinstance(account.last_login, datetime) and account.last_login_lag_days:
            until = account.last_login + timedelta(days=account.last_login_lag_days)
            if until >= leaver.end and leaver.past.stopped.get(key, until) > leaver.end:
                found[key[0]] = account.last_login_lag_days
    return tuple(
        f"{leaver.title(system)} shows sign-ins up to {plural(days, 'day')} late: its own log tells of those days"
        for system, days in sorted(found.items())
    )


CHECKS: Mapping[str, Callable[[Leaver], Verdict]] = {
    "notice": _notice,
    "disabled": _disabled,
    "keys": _keys,
    "shared": _shared,
    "services": _services,
    "after_end": _after_end,
}
