"""The rule about ways in for somebody outside the roster."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from connectors.facts import Door, DoorKind, Person, PersonKind
from policies.agreements.days import after, contains
from policies.citations import Citation
from policies.engine.case import Case
from policies.engine.doors import Opened, behind, opened_doors, through_provider, unread_of
from policies.engine.evidence import cite, listing, paper_steps, papers_stated, system_subject
from policies.engine.finding import finding
from policies.engine.outcomes import Finding, Outcome, Severity, Step, Subject
from policies.engine.rule import Item, Reads
from policies.engine.verdicts import not_evaluated, satisfied
from policies.rules.accountable import gone
from policies.rules.vendors import agreements_with, covered_until

SAYS = {
    DoorKind.FEDERATED: "{who} can sign in as {to}",
    DoorKind.FOREIGN_ACCOUNT: "{who} can become {to}",
    DoorKind.GUEST: "{who} is a guest in {to}",
    DoorKind.EXTERNAL_MEMBER: "{who} is a member of {to} from outside",
    DoorKind.DELEGATE: "{who} can act in the mailbox of {to}",
    DoorKind.FORWARDING: "the mail of {to} goes on to {who}",
    DoorKind.PROGRAM: "the program {who} reaches {to}",
    DoorKind.TRUST: "{who} is trusted in {to}",
}
assert set(SAYS) == set(DoorKind)  # noqa: S101 - a kind that is added must be given its words


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with a door of which somebody has said who stands behind it."""

    way: str
    what: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    citations: tuple[Citation, ...] = ()
    steps: tuple[Step, ...] = ()


class OutsideDoor:
    """
    Behind every way in for somebody outside the roster stands somebody whom the practice knows.

    A role that another account or an outside identity provider may take, a guest, a member of a group from outside, a
    delegate, mail that goes on to an address outside. The practice says in the staff file who stands behind it and who
    at the practice answers for it; where it may lead to PHI, a vendor has an agreement in force that covers the system.
    A way in that asks nobody who they are is a finding whatever is said. What was not read is "not evaluated".
    Source: 45 CFR 164.312(a)(1), 164.308(a)(4)(i); 164.308(b)(1) for whoever handles PHI; NIST SP 800-53 AC-20, AC-2.
    """

    id = "outside-door"
    title = "A way in from outside"
    question = "Is it known, and agreed, who stands behind every way in for somebody outside the roster?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every door, and every system of which such doors can be read, once for what was not."""
        for (system, _), opened in opened_doors(case).items():
            door = opened.door
            yield Item(Subject.within("door", (system, door.id), door.who), system)
        for system in case.systems:
            if system not in case.incomplete and unread_of(case, system) is not None:
                yield Item(system_subject(case, system), system)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Ask who stands behind a door, who answers for it, and by which agreement."""
        if item.subject.kind == "system":
            if unread := unread_of(case, item.system):
                yield not_evaluated(self, item, f"ways in from outside were not read: {'; '.join(unread)}")
            else:
                yield satisfied(self, item)
            return
        opened = opened_doors(case)[item.subject.key]
        door = opened.door
        people = () if door.anybody else behind(case, item.system, door)
        if not people and door.depends:
            yield not_evaluated(self, item, f"whether {_says(door)} depends on {listing(door.depends)}")
            return
        if not people:
            yield self._finding(case, item, opened, _unknown(case, item.system, opened))
            return
        faults = [(person, fault) for person in people for fault in _faults(case, item.system, opened, person)]
        for person, fault in faults:
            yield self._finding(case, item, opened, fault, person)
        if not faults:
            ends = [end for person in people if (end := _until(case, item.system, opened, person)) is not None]
            yield satisfied(self, item, min(ends, default=None))

    def _finding(self, case: Case, item: Item, opened: Opened, fault: _Fault, person: Person | None = None) -> Finding:
        door, system = opened.door, case.systems[item.system]
        leads = "; whoever comes is, or can become, an administrator" if opened.administrator else ""
        who = (Step("person", person.id, f"{person.name} stands behind it, as the practice says"),) if person else ()
        detail = f": {door.detail}" if door.detail else ""
        notes = f"; {opened.note}" if opened.note else ""
        return finding(
            self,
            case,
            replace(item, vma=person.id if person and person.kind is PersonKind.VMA else ""),
            _severity(opened),
            way=fault.way,
            what=fault.what,
            says=_says(door),
            told=f"{_says(door)}{detail}{leads}{notes}",
            login=door.who,
            name=short(door.to),
            words=fault.words,
            path=(
                Step("system", system.id, f"{system.title}" + (", holds PHI" if system.holds_phi else "")),
                Step("door", door.id, f"{_says(door)}{detail}"),
                *opened.steps,
                *who,
                *fault.steps,
            ),
            citations=fault.citations or cite(case, self.id),
        )


def _says(door: Door) -> str:
    return SAYS[door.kind].format_map({"who": door.who, "to": short(door.to)})


def short(native: str) -> str:
    """Name a role of AWS in words, and leave what is readable as it is."""
    kind, slash, name = native.rpartition(":")[2].partition("/") if native.startswith("arn:") else ("", "", "")
    return f"the {kind} {name.rpartition('/')[2]}" if slash else native


def _severity(opened: Opened) -> Severity:
    if opened.administrator or (opened.door.anybody and opened.phi):
        return Severity.CRITICAL
    return Severity.HIGH if opened.phi or opened.door.anybody else Severity.MEDIUM


def _unknown(case: Case, system: str, opened: Opened) -> _Fault:
    """Return what is wrong with a door behind which nobody is known to stand."""
    door = opened.door
    if door.anybody:
        # What it asks for does not tell who comes, or nothing asks.
        return _Fault("asks-too-little" if door.asks else "asks-nobody")
    action = "ask-provider" if through_provider(door) else "close-door"
    remedy = case.policy.remedies.text(action, case.systems[system], login=door.who, name=short(door.to))
    if door.names:
        remedy += (
            f". Then one line of the staff file says who it is: kind `vendor` (`service` for a workload of your own), "
            f"named as its agreement names it, logins `{system}:{door.names[0]}`, owner whoever answers for it"
        )
    return _Fault("nobody-known", words={"remedy": remedy})


def _faults(case: Case, system: str, opened: Opened, person: Person) -> Iterator[_Fault]:
    if person.kind is PersonKind.VMA:
        engagement = case.engagements.get(person.id)
        if engagement is None or not engagement.active_on(case.today):
            said = gone(case, person.id) or "does not work here today"
            yield _Fault("vma-gone", person.id, {"behind": person.name, "why": said})
        return
    why = gone(case, person.owner or person.id) if person.owner or person.kind is PersonKind.STAFF else "is missing"
    if why:
        whose = "whoever answers for it at the practice" if person.kind is not PersonKind.STAFF else person.name
        words = {"behind": person.name, "owner": person.owner or whose, "why": why}
        yield _Fault("owner-gone", f"owner|{person.id}", words)
    if person.kind is PersonKind.VENDOR and opened.phi:
        leg, register = agreements_with(case, case.systems[system], person.name)
        if not any(contains(a.days, case.today) for a in register):
            known = papers_stated(case, register)
            yield _Fault(
                "without-agreement",
                f"agreement|{person.id}",
                {"behind": person.name, "known": known, "paper": leg.text},
                cite(case, "vendor-agreement", leg=leg),
                paper_steps(case, register),
            )


def _until(case: Case, system: str, opened: Opened, person: Person) -> date | None:
    """Return the first day on which time alone may change what holds today."""
    if person.kind is PersonKind.VMA:
        end = case.engagements[person.id].end
        return after(end) if end is not None else None
    if person.kind is not PersonKind.VENDOR or not opened.phi:
        return None
    _, register = agreements_with(case, case.systems[system], person.name)
    return covered_until(case, register)


RULES = (OutsideDoor(),)
