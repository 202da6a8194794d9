"""Who answers for what no single person signs in with, whether they are still there, and who administers a system."""

from dataclasses import dataclass

from connectors.facts import PersonKind
from policies.engine.case import Case
from policies.engine.evidence import account_steps, account_subject
from policies.engine.outcomes import Step, Subject
from policies.engine.rule import Item
from policies.work.model import Accountable


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for one thing, and by which file."""

    thing: str
    """What is answered for, in words."""
    owner: str
    """An id, or a name where the file gives one; empty where nobody is named."""
    name: str
    gone: str
    """Why the owner does not answer any more; empty where they do."""
    file: str
    path: tuple[Step, ...]

    @property
    def way(self) -> str:
        """In which way the thing is answered for no more."""
        return "gone" if self.owner else ""


def answers(case: Case) -> tuple[Accountable, ...]:
    """Return what the work map registers; nothing without one."""
    return case.work.answers if case.work else ()


def answered_for(case: Case) -> tuple[Item, ...]:
    """Return every live account of a service or vendor, and everything that the work map registers."""
    registered = {(a.system, a.id) for a in answers(case) if a.kind in ("account", "key")}
    keys = sorted((*case.live_of(PersonKind.SERVICE), *case.live_of(PersonKind.VENDOR)))
    return (
        *(
            Item(account_subject(case, key), key[0], account=key)
            for key in keys
            if (key[0], case.accounts[key].login) not in registered and key not in registered
        ),
        *(Item(Subject.within(a.kind, (a.system, a.id), a.id), a.system) for a in answers(case)),
    )


def answering(case: Case, item: Item) -> Answering:
    """Return who answers for a thing: by the work map, where that registers it, else by the staff file."""
    registered = {(a.kind, (a.system, a.id)): a for a in reversed(answers(case))}
    stated = registered.get((item.subject.kind, item.subject.key))
    owner = stated.owner if stated else _of_account(case, item)
    why = gone(case, owner) if owner else "nobody is named"
    system = case.systems[item.system].title if item.system else ""
    thing = f"{item.subject.kind} {item.subject.name}" + (f" in {system}" if system else "")
    name = _name(case, owner)
    path = account_steps(case, item.account) if item.account[0] else (Step(item.subject.kind, item.subject.id, thing),)
    if owner:
        where = f": {case.work.source} line {stated.line}" if stated and case.work else ""
        path = (*path, Step("owner", owner, f"{name} {why}{where}"))
    return Answering(thing, owner, name, why, "the work map" if stated else "the staff file", path)


def _of_account(case: Case, item: Item) -> str:
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


def administrators(case: Case, system: str) -> tuple[dict[str, str], bool]:
    """Return the staff and vendors who can administer a system, each with a login, and whether more may be."""
    people: dict[str, str] = {}
    unread = False
    for key in sorted((*case.live_of(PersonKind.STAFF), *case.live_of(PersonKind.VENDOR))):
        if key[0] == system:
            if case.holdings[key].mask & case.policy.privileged.administers:
                people |= dict.fromkeys(case.owners[key].people, case.accounts[key].login)
            unread = unread or bool(case.holdings[key].unclassified)
    return people, unread
