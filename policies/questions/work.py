"""Work that somebody cannot do, and access that leads beyond the locations and providers of somebody's work."""

from collections.abc import Iterator, Sequence

from connectors.unread import is_unread
from policies.engine.answers import Broken, Unknown
from policies.engine.by_assignment import assignment_name, assignments, identified
from policies.engine.case import AccountKey, Case
from policies.engine.evidence import account_steps, capability_steps, listing, vma_step, vma_subject
from policies.engine.holdings import Assignment
from policies.engine.outcomes import Step, Subject
from policies.engine.ownership import able, named
from policies.engine.rule import Item
from policies.engine.work_scope import held_by
from policies.work.assignments import TaskAssignment
from policies.work.model import Scoped


def of_work(case: Case, person: str) -> Sequence[TaskAssignment]:
    """Return the work that the work map gives somebody today; none without a map."""
    return case.duties.of(person) if case.duties else ()


def workers(case: Case) -> Iterator[Item]:
    """Yield everybody to whom the work map gives work today: VMAs and staff."""
    for person in case.duties.by_person if case.duties else ():
        if person in case.engagements:
            yield Item(vma_subject(case, person), vma=person)
        else:
            yield Item(Subject("staff", person, case.people[person].name))


def lacking(case: Case, person: str) -> list[tuple[TaskAssignment, int]]:
    """Return the work that somebody cannot do, each with the capabilities that are missing."""
    held = held_by(case, person)
    return [(duty, missing) for duty in of_work(case, person) if (missing := duty.task.needs & ~held)]


def work_path(case: Case, item: Item, duties: Sequence[TaskAssignment], missing: int) -> tuple[Step, ...]:
    """Return the steps from somebody over work that they cannot do to what is missing."""
    who = vma_step(case, item.vma) if item.vma else Step("staff", item.subject.id, item.subject.name)
    source = case.work.source if case.work else ""
    tasks = (Step("work", d.task.id, f"{d.task.title}: {source} line {d.task.line}") for d in duties)
    return (who, *tasks, *capability_steps(case, missing))


def how_to_do(case: Case, person: str, duties: Sequence[TaskAssignment], missing: int) -> str:
    """Say what to give, or to whom the work should go, and who does it until then."""
    if person not in case.engagements:
        return "give the access, or give the work to somebody who has it"
    words, foreign = case.policy.vocabulary, missing & ~case.template(person).allows
    if foreign:
        return (
            f"give the work to somebody of another role: {listing(case.engagements[person].roles)} does not allow "
            f"{listing(words.names(foreign))}"
        )
    meanwhile = _meanwhile(case, person, duties)
    return f"`auditor onboard {person}` says what to grant" + (f"; {meanwhile}" if meanwhile else "")


def _meanwhile(case: Case, person: str, duties: Sequence[TaskAssignment]) -> str:
    """Say who does until then what the owner cannot; a backup counts who is there and holds what the work needs."""
    tasks = {duty.task.id for duty in duties}
    pieces = case.duties.pieces if case.duties else ()
    owned = [piece for piece in pieces if piece.task in tasks and person in piece.owners]
    left = [named(piece) for piece in owned if not able(case, piece, but=person)]
    if left:
        return f"until then no backup is known to be able to do: {listing(left)}"
    return "until then the backup does the work" if owned else ""


def scoped_systems(case: Case) -> set[str]:
    """Return the systems in which the work map ties an entitlement to a location or a provider."""
    return {entry.system for entry in case.work.scoped} if case.work else set()


def unread_rights(case: Case, item: Item) -> str:
    """List what an item's VMA holds in its system that was not read at all; empty when there is none."""
    keys = case.live_accounts_of(item.vma, item.system)
    unread = sorted({id_ for key in keys for id_ in case.holdings[key].unclassified if is_unread(id_)})
    return listing(case.holdings.entitlement(item.system, id_).name for id_ in unread)


def beyond_scope(case: Case, item: Item) -> Iterator[Broken | Unknown]:
    """Yield each entitlement that the map ties to other locations or providers, by whatever it is held."""
    scoped = case.work.scoped if case.work else ()
    for key, assignment in assignments(case, item):
        for entry in scoped:
            if entry.system != item.system or not _brings(case, key, assignment, entry.entitlement):
                continue
            if entry.locations and not case.engagements[item.vma].locations:
                yield Unknown("the roster names no location for this VMA")
            if why := _mismatch(case, item.vma, entry):
                yield _beyond(case, key, assignment, entry, why)


def _beyond(case: Case, key: AccountKey, assignment: Assignment, entry: Scoped, why: str) -> Broken:
    name, source = assignment_name(case, key, assignment), case.work.source if case.work else ""
    return Broken(
        "" if entry.entitlement in (name, assignment.id) else "brought-along",
        what=f"{identified(key, assignment)}|{entry.entitlement}",
        account=key,
        name=name,
        scoped=entry.entitlement,
        why=why,
        path=(
            *account_steps(case, key),
            Step("entitlement", assignment.id, name),
            Step("work", entry.entitlement, f"{why}: {source} line {entry.line}"),
        ),
    )


def _brings(case: Case, key: AccountKey, assignment: Assignment, entitlement: str) -> bool:
    """Whether an assignment is, leads through, or ends in an entitlement, by its native name or id."""
    for grant, _ in assignment.grants:
        for id_ in (*grant.path, grant.entitlement):
            if entitlement in (id_, case.holdings.entitlement(key[0], id_).name):
                return True
    return False


def _mismatch(case: Case, vma: str, entry: Scoped) -> str:
    """Say why an entitlement is not for this VMA; empty when it is."""
    locations, providers = entry.locations, entry.providers
    own, own_providers = case.engagements[vma].locations, case.duties.providers(vma) if case.duties else None
    if locations and own and not set(own) & set(locations):
        return f"it is for {listing(locations)}; the VMA works at {listing(own)}"
    if providers and own_providers is not None and not own_providers & set(providers):
        return (
            f"it is for patients of {listing(providers)}; the VMA works for {listing(sorted(own_providers)) or 'none'}"
        )
    return ""
