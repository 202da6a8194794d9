"""Rules about who answers: for accounts of services and vendors, for what the work map registers, for each system."""

from collections.abc import Iterator

from connectors.facts import System
from policies.engine.answers import Answer, Asking, Broken, Kept, Unknown
from policies.engine.bases import EachSystem
from policies.engine.case import Case
from policies.engine.evidence import listing
from policies.engine.outcomes import Step
from policies.engine.rule import Item, Reads
from policies.questions.accountability import administrators, answered_for, answering


class OwnerGone(Asking):
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
        return iter(answered_for(case))

    def answer(self, case: Case, item: Item) -> Answer:
        """Nobody, somebody who has left, or somebody whom no file knows is a finding."""
        by = answering(case, item)
        if not by.gone:
            return Kept()
        return Broken(by.way, what_for=by.thing, owner=by.name, why=by.gone, file=by.file, path=by.path)


class FewAdministrators(EachSystem):
    """
    A system has more than one person who can administer it: with one, their absence locks out everybody.

    VMAs do not count, because no VMA may; a vendor counts once. Asked where the practice keeps a work map, which sets
    the number. Source: 45 CFR 164.312(a)(2)(ii), emergency access; the number is the practice's.
    """

    id = "few-administrators"
    title = "Too few administrators"
    question = "Can at least two people administer every system?"

    def wanted(self, case: Case, system: System) -> bool:
        """Every system that was read whole, where there is a work map."""
        return case.work is not None and super().wanted(case, system)

    def answer(self, case: Case, item: Item) -> Answer:
        """Count people with a live account that can administer; unread rights might make more of them."""
        people, unread = administrators(case, item.system)
        least = case.work.limits.administrators if case.work else 0
        if len(people) >= least:
            return Kept()
        if unread:
            return Unknown("some rights of staff are in no catalog, and might make administrators")
        names = listing(f"{case.people[person].name} ({login})" for person, login in sorted(people.items()))
        step = Step("system", item.system, f"{case.systems[item.system].title}: {names or 'no administrator'}")
        return Broken("" if people else "nobody", names=names, least=str(least), path=(step,))


RULES = (FewAdministrators(), OwnerGone())
