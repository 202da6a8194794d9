"""Rules that compare what people hold with the work that the work map gives them; without a map they ask nobody."""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_

from connectors.facts import Engagement, System
from connectors.unread import is_unread
from policies.engine.by_assignment import ByAssignment, assignment_finding, assignment_name, assignments, identified
from policies.engine.candidates_wording import told
from policies.engine.case import AccountKey, Case
from policies.engine.doubt import supplying
from policies.engine.evidence import account_steps, capability_steps, listing, vma_step, vma_subject
from policies.engine.finding import finding
from policies.engine.holdings import Assignment
from policies.engine.outcomes import Finding, Outcome, Step, Subject
from policies.engine.ownership import able, named
from policies.engine.populations import people_in_systems
from policies.engine.rule import Bounded, Item, Reads
from policies.engine.verdicts import concluded, not_evaluated, satisfied
from policies.engine.work_scope import held_by, needed_access, unneeded_access, unread_by
from policies.work.assignments import TaskAssignment, TaskAssignments
from policies.work.model import Scoped


def _person(case: Case, person: str) -> Subject:
    return (
        vma_subject(case, person) if person in case.engagements else Subject("staff", person, case.people[person].name)
    )


class _OfPresent(Bounded):
    def items(self, case: Case) -> Iterator[Item]:
        """Every VMA at work by the work map, in every system where the VMA has a live account."""
        return people_in_systems(case, lambda engagement: self._present(case, engagement))

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:
        """Every VMA at work by the work map."""
        return self._present(case, engagement) and super().about(case, engagement, system)

    @staticmethod
    def _present(case: Case, engagement: Engagement) -> bool:
        return case.duties is not None and case.duties.present(engagement.vma)


class OwnerLacksCapability:
    """
    Whoever owns work, or stands in for its owner, can do it with the access that they have.

    Who cannot, borrows an account, or leaves the work undone. Source: 45 CFR 164.308(a)(4)(ii)(B) (addressable).
    """

    id = "owner-lacks-capability"
    title = "Owner cannot do the work"
    question = "Can everybody who owns work, or stands in for it, do it?"
    reads = Reads.ALL

    def items(self, case: Case) -> Iterator[Item]:
        """Everybody to whom the work map gives work today."""
        for person in case.duties.by_person if case.duties else ():
            yield Item(_person(case, person), vma=person)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Needed − held, over all systems; an unread system might hold the rest."""
        duties = case.duties
        assert duties is not None  # noqa: S101
        held = held_by(case, item.vma)
        lacking = [duty for duty in duties.of(item.vma) if duty.task.needs & ~held]
        if not lacking:
            yield satisfied(self, item)
        elif case.incomplete:
            reason = f"{listing(case.incomplete)} was not read, and might give what the work needs"
            yield not_evaluated(self, item, reason)
        elif unread := unread_by(case, item.vma):
            reason = f"no catalog says what {unread} gives, which might be what the work needs"
            yield not_evaluated(self, item, reason)
        elif perhaps := supplying(case, item.vma, reduce(or_, (duty.task.needs for duty in lacking)) & ~held):
            yield not_evaluated(self, item, told(case, perhaps))
        else:
            yield self._finding(case, item, duties, held)

    def _finding(self, case: Case, item: Item, duties: TaskAssignments, held: int) -> Finding:
        lacking = [duty for duty in duties.of(item.vma) if duty.task.needs & ~held]
        missing = reduce(or_, (duty.task.needs & ~held for duty in lacking))
        vma = item.vma in case.engagements
        steps = (vma_step(case, item.vma) if vma else Step("staff", item.vma, item.subject.name),)
        tasks = tuple(
            Step("work", d.task.id, f"{d.task.title}: {duties.work.source} line {d.task.line}") for d in lacking
        )
        return finding(
            self,
            case,
            item if vma else Item(item.subject),
            way="owner" if any(not duty.backup for duty in lacking) else "backup",
            mask=missing,
            tasks=listing(d.task.title for d in lacking),
            remedy=_advice(case, duties, item.vma, lacking, missing),
            path=(*steps, *tasks, *capability_steps(case, missing)),
        )


def _advice(case: Case, duties: TaskAssignments, person: str, lacking: Sequence[TaskAssignment], missing: int) -> str:
    if person not in case.engagements:
        return "give the access, or give the work to somebody who has it"
    words, foreign = case.policy.vocabulary, missing & ~case.template(person).allows
    if foreign:
        return (
            f"give the work to somebody of another role: {listing(case.engagements[person].roles)} does not allow "
            f"{listing(words.names(foreign))}"
        )
    meanwhile = _meanwhile(case, duties, person, lacking)
    return f"`auditor onboard {person}` says what to grant" + (f"; {meanwhile}" if meanwhile else "")


def _meanwhile(case: Case, duties: TaskAssignments, person: str, lacking: Sequence[TaskAssignment]) -> str:
    """Say who does until then what the owner cannot; a backup counts who is there and holds what the work needs."""
    tasks = {duty.task.id for duty in lacking}
    owned = [piece for piece in duties.pieces if piece.task in tasks and person in piece.owners]
    left = [named(piece) for piece in owned if not able(case, piece, but=person)]
    if left:
        return f"until then no backup is known to be able to do: {listing(left)}"
    return "until then the backup does the work" if owned else ""


class OutsideLane(_OfPresent, ByAssignment):
    """
    A VMA holds only what the VMA's own work needs, also where the role would allow more.

    Not counted: what every role allows, what the role requires, what reaches no patient data and does no harm. Told is
    what can be taken away whole; what comes along with something that the work needs, `auditor work` lists.
    Source: 45 CFR 164.502(b)(1), minimum necessary; 164.514(d)(2).
    """

    id = "outside-lane"
    title = "Access that the lane does not need"
    question = "Does every VMA hold only what the VMA's own work needs?"

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Without work nothing is known of what it needs."""
        if case.duties is not None and not case.duties.of(item.vma):
            yield not_evaluated(self, item, "the work map gives this VMA no work")
        else:
            yield from super().judge(case, item)

    def of_assignment(self, case: Case, item: Item, key: AccountKey, assignment: Assignment) -> Finding | None:
        """Held and allowed − required − lane; what is not allowed is told by its own rule."""
        assert case.duties is not None  # noqa: S101
        spare = assignment.mask & unneeded_access(case, item.vma)
        if not spare or assignment.mask & needed_access(case, item.vma):
            return None
        work = listing(duty.task.title for duty in case.duties.of(item.vma))
        return assignment_finding(self, case, item, key, assignment, mask=spare, work=work)


class OutsideScope(_OfPresent):
    """
    A VMA holds no access that opens other locations, or other providers' patients, than those that the VMA works for.

    The map says which entitlement opens which; the roster says where, and the map for whom, a VMA works.
    Source: 45 CFR 164.502(b)(1), minimum necessary; 164.308(a)(4)(ii)(C).
    """

    id = "outside-scope"
    title = "Access outside of the scope"
    question = "Does every VMA hold only access to the locations and providers that the VMA works for?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every VMA at work in every system in which the map ties an entitlement to a location or a provider."""
        scoped = {entry.system for entry in case.work.scoped} if case.work else set()
        return (item for item in super().items(case) if item.system in scoped)

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:
        """As for `items`."""
        scoped = {entry.system for entry in case.work.scoped} if case.work else set()
        return system.id in scoped and super().about(case, engagement, system)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Compare each entitlement that the map ties, however it is held."""
        assert case.work is not None  # noqa: S101
        found = unknown = False
        for key, assignment in assignments(case, item):
            for entry in case.work.scoped:
                if entry.system != item.system or not _brings(case, key, assignment, entry.entitlement):
                    continue
                unknown = unknown or bool(entry.locations and not case.engagements[item.vma].locations)
                if _mismatch(case, item.vma, entry):
                    found = True
                    yield self._finding(case, item, key, assignment, entry)
        nowhere = ("the roster names no location for this VMA",) if unknown else ()
        yield from concluded(self, item, found=found, unknown=nowhere)

    def unproven(self, case: Case, item: Item) -> str:
        """An entitlement is compared by its name, also one that no catalog knows; one that was not read cannot be."""
        keys = case.live_accounts_of(item.vma, item.system)
        unread = sorted({id_ for key in keys for id_ in case.holdings[key].unclassified if is_unread(id_)})
        return listing(case.holdings.entitlement(item.system, id_).name for id_ in unread)

    def _finding(self, case: Case, item: Item, key: AccountKey, assignment: Assignment, entry: Scoped) -> Finding:
        assert case.work is not None  # noqa: S101
        name, why = assignment_name(case, key, assignment), _mismatch(case, item.vma, entry)
        return finding(
            self,
            case,
            item,
            way="" if entry.entitlement in (name, assignment.id) else "brought-along",
            what=f"{identified(key, assignment)}|{entry.entitlement}",
            account=key,
            name=name,
            scoped=entry.entitlement,
            why=why,
            path=(
                *account_steps(case, key),
                Step("entitlement", assignment.id, name),
                Step("work", entry.entitlement, f"{why}: {case.work.source} line {entry.line}"),
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
    duties = case.duties
    assert duties is not None  # noqa: S101
    own, own_providers = case.engagements[vma].locations, duties.providers(vma)
    if locations and own and not set(own) & set(locations):
        return f"it is for {listing(locations)}; the VMA works at {listing(own)}"
    if providers and own_providers is not None and not own_providers & set(providers):
        return (
            f"it is for patients of {listing(providers)}; the VMA works for {listing(sorted(own_providers)) or 'none'}"
        )
    return ""


RULES = (OwnerLacksCapability(), OutsideLane(), OutsideScope())
