"""The rule about ways in for somebody outside the roster."""

from collections.abc import Iterable, Iterator

from policies.engine.answers import Answer, Asking, Broken, Kept, Unknown
from policies.engine.case import Case
from policies.engine.doors import behind, opened_doors, unread_of
from policies.engine.evidence import listing
from policies.engine.rule import Item, Reads
from policies.questions.outside import doors_and_systems, faults, holds_until, nobody_known, says


class OutsideDoor(Asking):
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
        return doors_and_systems(case)

    def answer(self, case: Case, item: Item) -> Answer | Iterable[Answer]:
        """Ask who stands behind a door, who answers for it, and by which agreement."""
        if item.subject.kind == "system":
            unread = unread_of(case, item.system)
            return Unknown(f"ways in from outside were not read: {'; '.join(unread)}") if unread else Kept()
        opened = opened_doors(case)[item.subject.key]
        people = () if opened.door.anybody else behind(case, item.system, opened.door)
        if not people and opened.door.depends:
            return Unknown(f"whether {says(opened.door)} depends on {listing(opened.door.depends)}")
        if not people:
            return nobody_known(case, item.system, opened)
        broken: list[Broken] = [each for person in people for each in faults(case, item.system, opened, person)]
        return broken or Kept(holds_until(case, item.system, opened, people))


RULES = (OutsideDoor(),)
