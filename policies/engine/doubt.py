"""
What cannot be said of a VMA while it is not settled whether an account is theirs.

The engine asks here for every rule, so that no rule can forget it: what a rule says of all that a VMA has in a system
holds only when it is known what that is.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby

from connectors.facts import Status
from policies.engine.candidates import Open, candidates_of
from policies.engine.candidates_wording import told
from policies.engine.case import Case
from policies.engine.evidence import listing, vma_subject
from policies.engine.outcomes import NotEvaluated, Outcome, Satisfied
from policies.engine.rule import Individual, Item, Reads, Rule, Selective
from policies.engine.work_scope import unread_by

Doubts = Mapping[tuple[str, str], str]
"""By VMA and system: what is not settled, in words."""


def supplying(case: Case, vma: str, wanted: int) -> tuple[Open, ...]:
    """Return what is open about a VMA as far as it might give some of what seems to be missing."""
    return tuple(
        question
        for question in candidates_of(case).of(vma)
        if any(
            case.holdings[key].mask & wanted or case.holdings[key].unclassified
            for key in (*question.among, *((question.account,) if question.account else ()))
        )
    )


def perhaps_supplied(case: Case, person: str, missing: int, what: str) -> str:
    """
    Say what might give somebody what seems to be missing; empty where all is known.

    `what` names it in words, such as `what the work needs`.
    """
    if case.incomplete:
        return f"{listing(case.incomplete)} was not read, and might give {what}"
    if unread := unread_by(case, person):
        return f"no catalog says what {unread} gives, which might be {what}"
    return told(case, supplying(case, person, missing))


def perhaps_asleep(case: Case, vma: str, required: int) -> str:
    """Name the accounts of unknown state without which something required is not held; empty where none is needed."""
    surely, unknown = 0, []
    for key in case.live_accounts_of(vma):
        if case.accounts[key].status is Status.UNKNOWN:
            unknown.append(key)
        else:
            surely |= case.holdings[key].mask
    wanting = [key for key in unknown if case.holdings[key].mask & required & ~surely]
    return listing(f"{case.accounts[key].login} in {case.systems[key[0]].title}" for key in wanting)


def doubts(rule: Rule, case: Case) -> Doubts:
    """Return where a rule is about all that a VMA has, and that is not known."""
    open_ = candidates_of(case).by_person
    if not open_ or rule.reads is Reads.REGISTER or not isinstance(rule, Individual):
        return {}
    found = {}
    for vma in sorted(open_.keys() & case.asked_people.keys()):
        engagement = case.engagements[vma]
        for system, questions in groupby(sorted(open_[vma], key=lambda q: q.system), key=lambda q: q.system):
            where = case.systems[system]
            if not (isinstance(rule, Selective) and not rule.concerns(where)) and rule.about(case, engagement, where):
                found[vma, system] = told(case, questions)
    return found


def doubted(rule: Rule, item: Item, said: list[Outcome], where: Doubts) -> list[Outcome]:
    """Return what a rule said of a VMA, without what it could not know."""
    if not where or not item.vma or item.account[0]:
        return said
    of_all = rule.reads is Reads.ALL
    why = "; ".join(
        text for (vma, system), text in where.items() if vma == item.vma and (of_all or system == item.system)
    )
    if not why:
        return said
    return [
        NotEvaluated(rule.id, outcome.subject, outcome.system, why) if isinstance(outcome, Satisfied) else outcome
        for outcome in said
    ]


def unasked(rule: Rule, case: Case, where: Doubts, asked: set[tuple[str, str]]) -> Iterable[NotEvaluated]:
    """Yield what is to be said of VMAs of whom a rule did not ask in a system: nothing there is known as theirs."""
    if rule.reads is Reads.SYSTEM:
        for (vma, system), why in where.items():
            if (vma, system) not in asked:
                yield NotEvaluated(rule.id, vma_subject(case, vma), system, why)
