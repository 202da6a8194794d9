"""Rules about who answers: for accounts of services and vendors, for what the work map registers, for each system."""

from collections.abc import Iterator

from connectors.facts import PersonKind
from policies.engine.case import Case
from policies.engine.evidence import account_steps, account_subject, listing, system_subject
from policies.engine.finding import finding
from policies.engine.outcomes import Outcome, Step, Subject
from policies.engine.rule import Item, Reads
from policies.engine.verdicts import not_evaluated, satisfied
from policies.work.model import Accountable

ADMINISTRATION = ("user.admin", "identity.admin", "system.admin")
"""Whoever can do one of these can let others in, and lock them out."""


class OwnerGone:
    """
    Whatever no single person signs in with has somebody who answers for it, and who is still there.

    That is every account of a service or vendor, and every account, group, key and agreement under `owners` of the
    work map. Source: 45 CFR 164.308(a)(3)(ii)(C), 164.308(a)(4)(ii)(C); NIST SP 800-53 AC-2.
    """

    id = "owner-gone"
    title = "Nobody answers for it"
    question = "Is whoever answers for an account, group, key or agreement still there?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every live account of a service or vendor, and everything that the work map registers."""
        registered = {(a.system, a.id) for a in _answers(case) if a.kind in ("account", "key")}
        for key in sorted((*case.live_of(PersonKind.SERVICE), *case.live_of(PersonKind.VENDOR))):
            if (key[0], case.accounts[key].login) not in registered and key not in registered:
                yield Item(account_subject(case, key), key[0], account=key)
        for answer in _answers(case):
            yield Item(Subject.within(answer.kind, (answer.system, answer.id), answer.id), answer.system)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Nobody, somebody who has left, or somebody whom no file knows is a finding."""
        answer = next((a for a in _answers(case) if _is(a, item)), None)
        owner = answer.owner if answer else _owner(case, item)
        why = gone(case, owner) if owner else "nobody is named"
        if not why:
            yield satisfied(self, item)
            return
        system = case.systems[item.system].title if item.system else ""
        what = f"{item.subject.kind} {item.subject.name}" + (f" in {system}" if system else "")
        name = _name(case, owner)
        path = (
            account_steps(case, item.account) if item.account[0] else (Step(item.subject.kind, item.subject.id, what),)
        )
        if owner:
            where = f": {case.work.source} line {answer.line}" if answer and case.work else ""
            path = (*path, Step("owner", owner, f"{name} {why}{where}"))
        yield finding(
            self,
            case,
            item,
            way="gone" if owner else "",
            what_for=what,
            owner=name,
            why=why,
            file="the work map" if answer else "the staff file",
            path=path,
        )


def _answers(case: Case) -> tuple[Accountable, ...]:
    return case.work.answers if case.work else ()


def _is(answer: Accountable, item: Item) -> bool:
    return (answer.kind, (answer.system, answer.id)) == (item.subject.kind, item.subject.key)


def _owner(case: Case, item: Item) -> str:
    """Return who answers for an account by the staff file: an id, or a name where the file gives one."""
    people = case.owners[item.account].people
    return next((owner for person in people if (owner := case.people[person].owner)), "")


def gone(case: Case, owner: str) -> str:
    """Say why somebody, by id or by name, cannot answer for anything; empty when they can."""
    if case.work and owner in case.work.left:
        return f"left on {case.work.left[owner][1]}"
    engagement = case.engagements.get(owner)
    if engagement is not None:
        return f"left on {engagement.end}" if engagement.end is not None and engagement.end < case.today else ""
    known = owner in case.people or any(p.name.casefold() == owner.casefold() for p in case.people.values())
    return "" if known else "is neither on the roster nor in the staff file"


def _name(case: Case, owner: str) -> str:
    if case.work and owner in case.work.left:
        return case.work.left[owner][0]
    return case.people[owner].name if owner in case.people else owner


class FewAdministrators:
    """
    A system has more than one person who can administer it: with one, their absence locks out everybody.

    VMAs do not count, because no VMA may; a vendor counts once. Asked where the practice keeps a work map, which sets
    the number. Source: 45 CFR 164.312(a)(2)(ii), emergency access; the number is the practice's.
    """

    id = "few-administrators"
    title = "Too few administrators"
    question = "Can at least two people administer every system?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every system that was read whole, where there is a work map."""
        for system in case.systems if case.work else ():
            if system not in case.incomplete:
                yield Item(system_subject(case, system), system)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Count people with a live account that can administer; unread rights might make more of them."""
        assert case.work is not None  # noqa: S101
        able = case.policy.vocabulary.mask(ADMINISTRATION)
        people: dict[str, str] = {}
        unread = False
        for key in sorted((*case.live_of(PersonKind.STAFF), *case.live_of(PersonKind.VENDOR))):
            if key[0] == item.system:
                if case.holdings[key].mask & able:
                    people |= dict.fromkeys(case.owners[key].people, case.accounts[key].login)
                unread = unread or bool(case.holdings[key].unclassified)
        least = case.work.limits.administrators
        if len(people) >= least:
            yield satisfied(self, item)
        elif unread:
            reason = "some rights of staff are in no catalog, and might make administrators"
            yield not_evaluated(self, item, reason)
        else:
            names = listing(f"{case.people[person].name} ({login})" for person, login in sorted(people.items()))
            title = case.systems[item.system].title
            yield finding(
                self,
                case,
                item,
                way="" if people else "nobody",
                names=names,
                least=str(least),
                path=(Step("system", item.system, f"{title}: {names or 'no administrator'}"),),
            )


RULES = (FewAdministrators(), OwnerGone())
