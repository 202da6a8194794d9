"""Rules about access that was made for somebody else: copied from another account, or lent by a colleague."""

from collections.abc import Iterator

from policies.engine.answers import Answer, Asking, Broken, Kept
from policies.engine.bases import EachVmaInSystem
from policies.engine.case import Case, EvaluationScope
from policies.engine.rule import Bounded, Item, Reads
from policies.questions.copied import copies_of, copy_told, perhaps_copied
from policies.questions.log_ins import fewer, roles_in_systems


class ClonedAccess(Bounded, EachVmaInSystem):
    """
    A VMA's access is set up from the template of the VMA's role, and not copied from somebody of another lane.

    A copy brings what the other needed, and the other's own extras. No system says that an account was copied: what is
    found is a likeness, told with what speaks for it. An extra that is outside the roles of both does; the same few
    rights that two people need for their jobs do not, nor do many that are alike while nothing says which was first.
    Source: 45 CFR 164.308(a)(4)(ii)(B), access is granted by policy; 164.502(b)(1), minimum necessary.
    """

    id = "cloned-access"
    title = "Access that looks copied from somebody else"
    question = "Was every VMA's access set up for the VMA's own role, and not copied from another account?"

    def answer(self, case: Case, item: Item) -> Iterator[Answer]:
        """Only an account with more than the role allows can have inherited it."""
        for key, likeness, extras in copies_of(case, item):
            words, path = copy_told(case, item.vma, key, likeness, extras)
            yield Broken(what=key[1], account=key, words=words, path=path)
        yield Kept()

    def peers(self, before: Case, after: Case, moved: EvaluationScope) -> Iterator[str]:
        """Whoever has an account that may be a copy of one that is not what it was, and holds more than the role."""
        return perhaps_copied(before, after, moved)


class FewerAccountsThanPeople(Asking):
    """
    A system has an account for each person of a role who needs it: with fewer, somebody works with another's log-in.

    Somebody needs it who has an account there, or who lacks what the role requires and a colleague gets from it. A hire
    who has no account at all yet works with nobody's: that is told only when it lasts as long as the role gives a new
    account for its first sign-in.
    Source: 45 CFR 164.312(a)(2)(i), unique user identification (required).
    """

    id = "fewer-accounts-than-people"
    title = "Fewer accounts than people"
    question = "Are there as many accounts in each system as people of a role who need it?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every role in every system in which somebody of the role has a live account."""
        return roles_in_systems(case)

    def answer(self, case: Case, item: Item) -> Answer:
        """Count accounts and those who need one."""
        return fewer(case, item)


RULES = (ClonedAccess(), FewerAccountsThanPeople())
