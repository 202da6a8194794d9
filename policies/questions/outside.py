"""What is wrong with a way in for somebody outside the roster: with whom it lets in, and with who stands behind it."""

from collections.abc import Iterator, Sequence
from datetime import date

from connectors.facts import Door, DoorKind, Person, PersonKind
from policies.agreements.days import after
from policies.citations import Citation
from policies.engine.answers import Broken
from policies.engine.case import Case
from policies.engine.doors import Opened, opened_doors, through_provider, unread_of
from policies.engine.evidence import cite, paper_steps, papers_stated, system_subject
from policies.engine.outcomes import Severity, Step, Subject
from policies.engine.rule import Item
from policies.questions.accountability import gone
from policies.questions.papers import papers_with

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


def doors_and_systems(case: Case) -> Iterator[Item]:
    """Yield every door, and every system of which such doors can be read, once for what was not."""
    for (system, _), opened in opened_doors(case).items():
        yield Item(Subject.within("door", (system, opened.door.id), opened.door.who), system)
    for system in case.systems:
        if system not in case.incomplete and unread_of(case, system) is not None:
            yield Item(system_subject(case, system), system)


def says(door: Door) -> str:
    """Say who comes in by a door, and to what."""
    return SAYS[door.kind].format_map({"who": door.who, "to": short(door.to)})


def short(native: str) -> str:
    """Name a role of AWS in words, and leave what is readable as it is."""
    kind, slash, name = native.rpartition(":")[2].partition("/") if native.startswith("arn:") else ("", "", "")
    return f"the {kind} {name.rpartition('/')[2]}" if slash else native


def nobody_known(case: Case, system: str, opened: Opened) -> Broken:
    """Say what is wrong with a door behind which nobody is known to stand."""
    door = opened.door
    if door.anybody:
        # What it asks for does not tell who comes, or nothing asks.
        return _broken(case, system, opened, "asks-too-little" if door.asks else "asks-nobody")
    action = "ask-provider" if through_provider(door) else "close-door"
    remedy = case.policy.remedies.text(action, case.systems[system], login=door.who, name=short(door.to))
    if door.names:
        remedy += (
            f". Then one line of the staff file says who it is: kind `vendor` (`service` for a workload of your own), "
            f"named as its agreement names it, logins `{system}:{door.names[0]}`, owner whoever answers for it"
        )
    return _broken(case, system, opened, "nobody-known", remedy=remedy)


def faults(case: Case, system: str, opened: Opened, person: Person) -> Iterator[Broken]:
    """Yield what is wrong with a door behind which somebody stands, as the practice says."""
    if person.kind is PersonKind.VMA:
        engagement = case.engagements.get(person.id)
        if engagement is None or not engagement.active_on(case.today):
            why = gone(case, person.id) or "does not work here today"
            yield _broken(case, system, opened, "vma-gone", person, what=person.id, behind=person.name, why=why)
        return
    why = gone(case, person.owner or person.id) if person.owner or person.kind is PersonKind.STAFF else "is missing"
    if why:
        whose = "whoever answers for it at the practice" if person.kind is not PersonKind.STAFF else person.name
        owner, what = person.owner or whose, f"owner|{person.id}"
        yield _broken(case, system, opened, "owner-gone", person, what=what, behind=person.name, owner=owner, why=why)
    if person.kind is PersonKind.VENDOR and opened.phi:
        papers = papers_with(case, case.systems[system], person.name)
        if not papers.in_force:
            yield _broken(
                case,
                system,
                opened,
                "without-agreement",
                person,
                what=f"agreement|{person.id}",
                citations=cite(case, "vendor-agreement", leg=papers.leg),
                steps=paper_steps(case, papers.register),
                behind=person.name,
                known=papers_stated(case, papers.register),
                paper=papers.leg.text,
            )


def holds_until(case: Case, system: str, opened: Opened, people: Sequence[Person]) -> date | None:
    """Return the first day on which time alone may change that nothing is wrong."""
    ends = (_until(case, system, opened, person) for person in people)
    return min((end for end in ends if end is not None), default=None)


def _until(case: Case, system: str, opened: Opened, person: Person) -> date | None:
    if person.kind is PersonKind.VMA:
        end = case.engagements[person.id].end
        return after(end) if end is not None else None
    if person.kind is not PersonKind.VENDOR or not opened.phi:
        return None
    return papers_with(case, case.systems[system], person.name).until


def _broken(
    case: Case,
    system: str,
    opened: Opened,
    way: str,
    person: Person | None = None,
    *,
    what: str = "",
    citations: tuple[Citation, ...] = (),
    steps: tuple[Step, ...] = (),
    **words: str,
) -> Broken:
    door, place = opened.door, case.systems[system]
    leads = "; whoever comes is, or can become, an administrator" if opened.administrator else ""
    who = (Step("person", person.id, f"{person.name} stands behind it, as the practice says"),) if person else ()
    told = f"{says(door)}: {door.detail}" if door.detail else says(door)
    notes = f"; {opened.note}" if opened.note else ""
    first = Step("system", system, f"{place.title}, holds PHI" if place.holds_phi else place.title)
    return Broken(
        way,
        severity=_severity(opened),
        what=what,
        path=(first, Step("door", door.id, told), *opened.steps, *who, *steps),
        citations=citations or cite(case, "outside-door"),
        vma=person.id if person and person.kind is PersonKind.VMA else "",
        words={"says": says(door), "told": f"{told}{leads}{notes}", "login": door.who, "name": short(door.to), **words},
    )


def _severity(opened: Opened) -> Severity:
    if opened.administrator or (opened.door.anybody and opened.phi):
        return Severity.CRITICAL
    return Severity.HIGH if opened.phi or opened.door.anybody else Severity.MEDIUM
