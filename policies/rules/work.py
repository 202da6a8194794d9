"""Rules that compare what people hold with the work that the work map gives them; without a map they ask nobody."""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_

from connectors.facts import Engagement, System
from connectors.unread import is_unread
from policies.engine.candidates_wording import told
from policies.engine.case import AccountKey, Case
from policies.engine.doubt import supplying
from policies.engine.evidence import (
    account_steps,
    assignment_path,
    capability_steps,
    cite,
    listing,
    vma_step,
    vma_subject,
)
from policies.engine.finding import finding
from policies.engine.holdings import Assignment
from policies.engine.outcomes import Finding, NotEvaluated, Outcome, Satisfied, Severity, Step, Subject
from policies.engine.ownership import able, named
from policies.engine.rule import Bounded, Item, Reads
from policies.engine.work_scope import held_by, needed_access, unneeded_access, unread_by
from policies.work.assignments import TaskAssignment, TaskAssignments
from policies.work.model import Scoped


def _person(case: Case, person: str) -> Subject:
    return (
        vma_subject(case, person) if person in case.engagements else Subject("staff", person, case.people[person].name)
    )


def _in_lanes(case: Case) -> Iterator[Item]:
    """Yield every active VMA who is present, in every system where the VMA has a live account."""
    duties = case.duties
    for engagement in case.active if duties else ():
        if duties is not None and duties.present(engagement.vma):
            for system in case.systems_of(engagement.vma):
                yield Item(vma_subject(case, engagement.vma), system, engagement.vma)


class _OfPresent(Bounded):
    def about(self, case: Case, engagement: Engagement, system: System) -> bool:
        """Every VMA at work by the work map."""
        present = case.duties is not None and case.duties.present(engagement.vma)
        return present and super().about(case, engagement, system)


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
            yield Satisfied(self.id, item.subject)
        elif case.incomplete:
            reason = f"{listing(case.incomplete)} was not read, and might give what the work needs"
            yield NotEvaluated(self.id, item.subject, None, reason)
        elif unread := unread_by(case, item.vma):
            reason = f"no catalog says what {unread} gives, which might be what the work needs"
            yield NotEvaluated(self.id, item.subject, None, reason)
        elif perhaps := supplying(case, item.vma, reduce(or_, (duty.task.needs for duty in lacking)) & ~held):
            yield NotEvaluated(self.id, item.subject, None, told(case, perhaps))
        else:
            yield self._finding(case, item, duties, held)

    def _finding(self, case: Case, item: Item, duties: TaskAssignments, held: int) -> Finding:
        words = case.policy.vocabulary
        lacking = [duty for duty in duties.of(item.vma) if duty.task.needs & ~held]
        missing = 0
        for duty in lacking:
            missing |= duty.task.needs & ~held
        vma = item.vma if item.vma in case.engagements else None
        owned = any(not duty.backup for duty in lacking)
        steps = (vma_step(case, vma),) if vma else (Step("staff", item.vma, item.subject.name),)
        tasks = tuple(
            Step("work", d.task.id, f"{d.task.title}: {duties.work.source} line {d.task.line}") for d in lacking
        )
        return Finding(
            rule=self.id,
            severity=Severity.MEDIUM if owned else Severity.LOW,
            subject=item.subject,
            system=None,
            what="",
            title=f"{item.subject.name} cannot do the work that {'is theirs' if owned else 'they stand in for'}: "
            f"{listing(d.task.title for d in lacking)}",
            observed=f"cannot {listing(words.titles(missing))}",
            expected=f"what the work map says that the work needs: {listing(words.names(missing))}",
            remedy=_advice(case, duties, item.vma, lacking, missing),
            path=(*steps, *tasks, *capability_steps(case, missing)),
            citations=cite(case, self.id, vma),
            vma=vma,
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


class OutsideLane(_OfPresent):
    """
    A VMA holds only what the VMA's own work needs, also where the role would allow more.

    Not counted: what every role allows, what the role requires, what reaches no patient data and does no harm. Told is
    what can be taken away whole; what comes along with something that the work needs, `auditor work` lists.
    Source: 45 CFR 164.502(b)(1), minimum necessary; 164.514(d)(2).
    """

    id = "outside-lane"
    title = "Access that the lane does not need"
    question = "Does every VMA hold only what the VMA's own work needs?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every VMA at work in every system where the VMA has a live account."""
        return _in_lanes(case)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Held and allowed − required − lane, by assignment; what is not allowed is told by its own rule."""
        duties = case.duties
        assert duties is not None  # noqa: S101
        if not duties.of(item.vma):
            yield NotEvaluated(self.id, item.subject, item.system, "the work map gives this VMA no work")
            return
        needed, spare = needed_access(case, item.vma), unneeded_access(case, item.vma)
        found = False
        for key in case.live_accounts_of(item.vma, item.system):
            for _, assignment in sorted(case.holdings[key].assignments.items()):
                if assignment.mask & spare and not assignment.mask & needed:
                    found = True
                    yield self._finding(case, item, key, assignment, assignment.mask & spare)
        if not found:
            yield Satisfied(self.id, item.subject, item.system)

    def _finding(self, case: Case, item: Item, key: AccountKey, assignment: Assignment, spare: int) -> Finding:
        system, account, words = case.systems[key[0]], case.accounts[key], case.policy.vocabulary
        duties = case.duties
        assert duties is not None  # noqa: S101
        name = case.holdings.entitlement(key[0], assignment.id).name
        work = listing(duty.task.title for duty in duties.of(item.vma))
        return finding(
            self,
            case,
            item,
            what=_what(key, assignment.id),
            title=f"{name} gives {case.people[item.vma].name} nothing that the own work needs in {system.title}",
            observed=f"can {listing(words.titles(spare))}",
            expected=f"only what the work needs: {work}",
            remedy=case.policy.remedies.text("remove-entitlement", system, login=account.login, name=name),
            path=assignment_path(case, item.vma, key, assignment, spare),
        )


def _what(key: AccountKey, assignment: str) -> str:
    # Escaped, so that no choice of native ids makes two findings one.
    account = key[1].replace("\\", "\\\\").replace("|", "\\|")
    return f"{account}|{assignment}"


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
        return (item for item in _in_lanes(case) if item.system in scoped)

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:
        """As for `items`."""
        scoped = {entry.system for entry in case.work.scoped} if case.work else set()
        return system.id in scoped and super().about(case, engagement, system)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Compare each entitlement that the map ties, however it is held."""
        assert case.work is not None  # noqa: S101
        engagement = case.engagements[item.vma]
        found = unknown = False
        for key in case.live_accounts_of(item.vma, item.system):
            for assignment in case.holdings[key].assignments.values():
                for entry in case.work.scoped:
                    if entry.system != item.system or not _brings(case, key, assignment, entry.entitlement):
                        continue
                    unknown = unknown or bool(entry.locations and not engagement.locations)
                    if _mismatch(case, item.vma, entry):
                        found = True
                        yield self._finding(case, item, key, assignment, entry)
        if unknown:
            yield NotEvaluated(self.id, item.subject, item.system, "the roster names no location for this VMA")
        elif not found:
            yield Satisfied(self.id, item.subject, item.system)

    def unproven(self, case: Case, item: Item) -> str:
        """An entitlement is compared by its name, also one that no catalog knows; one that was not read cannot be."""
        keys = case.live_accounts_of(item.vma, item.system)
        unread = sorted({id_ for key in keys for id_ in case.holdings[key].unclassified if is_unread(id_)})
        return listing(case.holdings.entitlement(item.system, id_).name for id_ in unread)

    def _finding(self, case: Case, item: Item, key: AccountKey, assignment: Assignment, entry: Scoped) -> Finding:
        assert case.work is not None  # noqa: S101
        system, account = case.systems[key[0]], case.accounts[key]
        name, why = case.holdings.entitlement(key[0], assignment.id).name, _mismatch(case, item.vma, entry)
        remedy = case.policy.remedies.text("remove-entitlement", system, login=account.login, name=name)
        if entry.entitlement not in (name, assignment.id):
            remedy = f"{name} brings {entry.entitlement}: take it out of {name}; if that cannot be, {remedy}"
        return finding(
            self,
            case,
            item,
            what=f"{_what(key, assignment.id)}|{entry.entitlement}",
            title=f"{name} in {system.title} lets {case.people[item.vma].name} reach beyond the own scope",
            observed=why,
            expected="access to the own locations and providers only",
            remedy=remedy,
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
