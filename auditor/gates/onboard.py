"""The gate of a new VMA: every item of the checklist, what to grant, and READY or NOT READY."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from auditor.gates.announced import only_announced
from auditor.gates.checklist import AnsweredItem, GateAnswer, GateItem, Verdict, load_checklist, worst
from auditor.gates.grants import Grants, what_to_grant
from auditor.gates.rests_on import rests_on
from auditor.gates.subject import SubjectFacts
from auditor.ledger.statements import StatementKind, in_force
from connectors.errors import AuditorError, shorten
from connectors.facts import Never, Status
from policies.agreements.chain import legs
from policies.engine.case import Case
from policies.engine.evidence import listing
from policies.engine.unproven import why_unproven

STATE = "whether it works is not known"
WORKFORCE = (
    "no agreement is needed: an employee of the practice is its workforce, no business associate (45 CFR 160.103, "
    "definitions of workforce and business associate)"
)


@dataclass(frozen=True, slots=True)
class Onboarding:
    """The gate, answered."""

    vma: str
    name: str
    roles: tuple[str, ...]
    start: date
    day: date
    """The day for which it was asked: today, or the first day of work when that is still to come."""
    items: tuple[AnsweredItem, ...]
    grants: Grants

    @property
    def missing(self) -> tuple[AnsweredItem, ...]:
        """The items due before the first day that have not passed."""
        return tuple(a for a in self.items if a.item.when == "before" and a.answer is not GateAnswer.PASSED)

    @property
    def ready(self) -> bool:
        """Whether nothing that is due before the first day is missing."""
        return not self.missing


def onboard(case: Case, facts: Callable[[Case], SubjectFacts], vma: str) -> Onboarding:
    """
    Answer the gate for a VMA on the roster.

    Raises `AuditorError` for nobody on the roster, and for somebody who has left.
    """
    engagement = case.engagements.get(vma)
    if engagement is None or vma in case.former:
        known = ", ".join(sorted(set(case.engagements) - case.former))
        hint = f"{only_announced(case, vma)}name one of: {known}"
        raise AuditorError(f"there is no VMA {shorten(vma)} on the roster", hint=hint)
    if engagement.end is not None and engagement.end < case.today:
        raise AuditorError(
            f"`{vma}` left on {engagement.end}", hint=f"`auditor offboard {vma}` says whether they are gone"
        )
    day = max(case.today, engagement.start)
    then = replace(case, today=day)
    subject = facts(then)
    grants = what_to_grant(then, vma)
    started = engagement.start <= case.today
    asked = [item.of(workforce=not legs(engagement)) for item in load_checklist("onboarding").items]
    items = tuple(_answer(item, subject, grants, started) for item in asked)
    return Onboarding(vma, case.people[vma].name, engagement.roles, engagement.start, day, items, grants)


def _answer(item: GateItem, subject: SubjectFacts, grants: Grants, started: bool) -> AnsweredItem:
    if item.when == "after" and not started:
        return AnsweredItem(
            item, GateAnswer.NOT_DUE, (f"work begins on {subject.case.engagements[subject.vma].start}",)
        )
    if item.unless == "workforce" and not legs(subject.case.engagements[subject.vma]):
        return AnsweredItem(item, GateAnswer.PASSED, (WORKFORCE,))
    if item.attested:
        return AnsweredItem(item, *subject.by_word(item, subject.case.today))
    verdicts: list[Verdict] = []
    if item.check:
        answer, evidence, todo = CHECKS[item.check](subject, grants)
        said = rests_on(subject) if item.check == "accounts" else ()
        verdicts.append((answer, (*evidence, *said), todo))
    if item.rules and (verdicts == [] or verdicts[0][0] is not GateAnswer.FAILED):
        verdicts.append(subject.by_rules(item.rules))
    return AnsweredItem(item, *worst(verdicts))


def _role(subject: SubjectFacts, _: Grants) -> Verdict:
    roles = subject.case.engagements[subject.vma].roles
    return GateAnswer.PASSED, (f"{', '.join(roles)}, each with a template",), ()


def _approval(subject: SubjectFacts, grants: Grants) -> Verdict:
    asked = [
        s
        for s in in_force(subject.statements, subject.case.today)
        if s.kind is StatementKind.REQUEST and s.about == subject.vma
    ]
    covered = {s.topic.partition(":")[0].strip() for s in asked}
    # Where nothing here is known to give what the role needs, what is held already was granted all the same.
    needed = list(grants.by_system) or list(subject.case.systems_of(subject.vma))
    lacking = [system for system in needed if system not in covered]
    if lacking:
        todo = tuple(
            f"auditor approve {subject.vma} '{system}: {_names(grants, system) or '…'}' --by … --requested-by …"
            for system in lacking
        )
        return GateAnswer.NEEDS_A_WORD, (f"no approval is recorded for {', '.join(lacking)}",), todo
    return GateAnswer.PASSED, tuple(f"{s.id}: {s.topic}, approved by {s.by}" for s in asked), ()


def _accounts(subject: SubjectFacts, grants: Grants) -> Verdict:
    case = subject.case
    needed = list(grants.by_system)
    lacking = [s for s in needed if not case.live_accounts_of(subject.vma, s)]
    perhaps = {question.system for question in subject.questions if question.account is not None}
    if lacking and perhaps.issuperset(lacking):
        return subject.unsettled() or (GateAnswer.CANNOT_TELL, (), ())  # a second account would be made for nothing
    unread = [case.systems[s].title for s in case.incomplete]
    if lacking:
        todo = tuple(f"in {case.systems[s].title}, make an account and grant {_names(grants, s)}" for s in lacking)
        return GateAnswer.FAILED, (f"no live account in {', '.join(case.systems[s].title for s in lacking)}",), todo
    if unread:
        return GateAnswer.CANNOT_TELL, (f"{', '.join(unread)} was not read whole",), ("run again when it can be read",)
    if (open_ := subject.unsettled()) is not None:
        return open_
    if why := _unweighed(case, subject.vma, grants):
        return (
            GateAnswer.CANNOT_TELL,
            (why,),
            (
                "see in the system whether it works"
                if why.startswith(STATE)
                else "say in a catalog what it gives (`auditor catalog check` lists it), then audit again",
            ),
        )
    held = ", ".join(f"{case.accounts[k].login} in {case.systems[k[0]].title}" for k in subject.accounts)
    return GateAnswer.PASSED, (held or "the role needs no account here",), ()


def _unweighed(case: Case, vma: str, grants: Grants) -> str:
    """Say what nobody knows of the accounts that the VMA has, or needs; empty where all is known."""
    if states := [a for a in (case.accounts[k] for k in case.accounts_of.get(vma, ())) if a.status is Status.UNKNOWN]:
        return f"{STATE}: {listing(f'{a.login} in {case.systems[a.system].title}' for a in states)}"
    if why := why_unproven(case, vma):
        return why
    if grants.nowhere & ~case.held(vma) and grants.unclassified:
        titles = listing(f"{count} of {case.systems[s].title}" for s, count in grants.unclassified.items())
        return f"what the role needs may be among entitlements that no catalog knows: {titles}"
    return ""


def _expiry(subject: SubjectFacts, _: Grants) -> Verdict:
    case, end = subject.case, subject.case.engagements[subject.vma].end
    if end is None:
        return GateAnswer.PASSED, ("the contract has no end yet",), ()
    live = [case.accounts[k] for k in case.live_accounts_of(subject.vma)]
    late = [a.login for a in live if a.expires is not None and (case.day_of(a.expires) - end).days > 1]
    if late:
        return GateAnswer.FAILED, (f"{', '.join(late)} would go on after {end}",), (f"set the expiry to {end}",)
    unknown = [a.login for a in live if a.expires is None]
    if (open_ := subject.unsettled()) is not None:
        return open_
    if unknown or not live:
        where = ", ".join(unknown) or "there is no account yet"
        return GateAnswer.CANNOT_TELL, (f"no expiry is known of: {where}",), (f"set it to {end} where the product can",)
    return GateAnswer.PASSED, (f"every account ends by {end}",), ()


def _first_login(subject: SubjectFacts, _: Grants) -> Verdict:
    case = subject.case
    seen = [
        f"{a.login} in {case.systems[a.system].title}: {case.day_of(a.last_login)}"
        for a in (case.accounts[k] for k in subject.accounts)
        if a.last_login is not None and not isinstance(a.last_login, Never)
    ]
    if seen:
        return GateAnswer.PASSED, tuple(seen), ()
    return GateAnswer.CANNOT_TELL, ("no system has seen a sign-in, or none says",), ()


def _audited(subject: SubjectFacts, _: Grants) -> Verdict:
    start = subject.case.engagements[subject.vma].start
    if subject.audited_on is None or subject.audited_on < start:
        return GateAnswer.FAILED, (f"no audit since {start}",), ("auditor audit",)
    return GateAnswer.PASSED, (f"last on {subject.audited_on}",), ()


def _names(grants: Grants, system: str) -> str:
    return ", ".join(candidate.name for candidate in grants.by_system.get(system, ()))


CHECKS: Mapping[str, Callable[[SubjectFacts, Grants], Verdict]] = {
    "role": _role,
    "approval": _approval,
    "accounts": _accounts,
    "expiry": _expiry,
    "first_login": _first_login,
    "audited": _audited,
}
