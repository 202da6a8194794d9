"""Rules that compare what people hold with the work that the work map gives them; without a map they ask nobody."""

from abc import ABC
from collections.abc import Iterator
from functools import reduce
from operator import or_

from connectors.facts import Engagement, System
from policies.engine.answers import Answer, Asking, Broken, Kept, Unknown, gathered
from policies.engine.bases import EachVmaInSystem
from policies.engine.by_assignment import ByAssignment, broken_by
from policies.engine.case import AccountKey, Case
from policies.engine.doubt import perhaps_supplied
from policies.engine.evidence import listing
from policies.engine.holdings import Assignment
from policies.engine.rule import Bounded, Item, Reads
from policies.engine.work_scope import needed_access, unneeded_access
from policies.questions.work import (
    beyond_scope,
    how_to_do,
    lacking,
    of_work,
    scoped_systems,
    unread_rights,
    work_path,
    workers,
)


class OwnerLacksCapability(Asking):
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
        return workers(case)

    def answer(self, case: Case, item: Item) -> Answer:
        """Needed − held, over all systems; an unread system might hold the rest."""
        person = item.subject.id
        duties = lacking(case, person)
        if not duties:
            return Kept()
        missing = reduce(or_, (mask for _, mask in duties))
        if perhaps := perhaps_supplied(case, person, missing, "what the work needs"):
            return Unknown(perhaps)
        return Broken(
            "owner" if any(not duty.backup for duty, _ in duties) else "backup",
            mask=missing,
            tasks=listing(duty.task.title for duty, _ in duties),
            remedy=how_to_do(case, person, [duty for duty, _ in duties], missing),
            path=work_path(case, item, [duty for duty, _ in duties], missing),
        )


class _OfPresent(EachVmaInSystem, ABC):
    def wanted(self, case: Case, engagement: Engagement) -> bool:
        """Whoever is at work by the work map."""
        return case.duties is not None and case.duties.present(engagement.vma)


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

    def answer(self, case: Case, item: Item) -> Iterator[Answer]:
        """Without work nothing is known of what it needs."""
        if not of_work(case, item.vma):
            return iter([Unknown("the work map gives this VMA no work")])
        return super().answer(case, item)

    def of_assignment(self, case: Case, item: Item, key: AccountKey, assignment: Assignment) -> Broken | None:
        """Held and allowed − required − lane; what is not allowed is told by its own rule."""
        spare = assignment.mask & unneeded_access(case, item.vma)
        if not spare or assignment.mask & needed_access(case, item.vma):
            return None
        work = listing(duty.task.title for duty in of_work(case, item.vma))
        return broken_by(case, item, key, assignment, mask=spare, work=work)


class OutsideScope(Bounded, _OfPresent):
    """
    A VMA holds no access that opens other locations, or other providers' patients, than those that the VMA works for.

    The map says which entitlement opens which; the roster says where, and the map for whom, a VMA works.
    Source: 45 CFR 164.502(b)(1), minimum necessary; 164.308(a)(4)(ii)(C).
    """

    id = "outside-scope"
    title = "Access outside of the scope"
    question = "Does every VMA hold only access to the locations and providers that the VMA works for?"

    def within(self, case: Case, system: System) -> bool:
        """Every system in which the map ties an entitlement to a location or a provider."""
        return system.id in scoped_systems(case)

    def answer(self, case: Case, item: Item) -> Iterator[Answer]:
        """Compare each entitlement that the map ties, however it is held."""
        return gathered(beyond_scope(case, item))

    def unproven(self, case: Case, item: Item) -> str:
        """An entitlement is compared by its name, also one that no catalog knows; one that was not read cannot be."""
        return unread_rights(case, item)


RULES = (OwnerLacksCapability(), OutsideLane(), OutsideScope())
