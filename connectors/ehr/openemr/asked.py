"""
Which questions OpenEMR asks of an access control object: with a level, without one, or both.

Source: the calls of `AclMain::aclCheckCore` in OpenEMR 7 and 8 (interface/billing, interface/therapy_groups,
interface/patient_file/encounter/superbill_custom_full.php, interface/main/messages, interface/patient_file/summary).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Aco = tuple[str, str]
"""An access control object: (section, value)."""

SUPERUSER: Aco = ("admin", "super")
ANY = ""
"""Asked without a level: every list counts."""


@dataclass(frozen=True, slots=True)
class AccessQuestion:
    """One question, and how it is told when OpenEMR answers it with yes."""

    level: str
    """The level that is asked for; `ANY`: none."""
    told: str
    """What stands behind the object's name in the id of the entitlement; empty: the name alone."""
    enough: bool = False
    """Whether further questions of the same object add nothing."""
    alone: bool = False
    """Whether lists of other levels are told by answers of their own, although they count for this question too."""

    def tells(self, level: str) -> bool:
        """Whether what a list with this level opens is told by this answer."""
        return level == self.level if self.alone else self.counts(level)

    def counts(self, level: str) -> bool:
        """Whether a list with this level counts for the question."""
        return self.level in (ANY, level)


WITHOUT = (AccessQuestion(ANY, ""),)
"""Only ever asked for without a level, so that the level of a list says nothing."""
VIEW_OR_WRITE = (AccessQuestion("write", "", enough=True), AccessQuestion("view", "view", enough=True))
ASKED: Mapping[Aco, tuple[AccessQuestion, ...]] = {
    SUPERUSER: (AccessQuestion(ANY, "", enough=True), AccessQuestion("write", "notes")),
    # Posting asks for `write`; without a level only the history of electronic remittances is asked for.
    ("acct", "eob"): (AccessQuestion("write", "", enough=True), AccessQuestion(ANY, "view")),
    ("admin", "superbill"): (*VIEW_OR_WRITE, AccessQuestion(ANY, "view")),
    **dict.fromkeys(
        [
            *(("acct", value) for value in ("disc", "rep", "rep_a")),
            *(("encounters", value) for value in ("auth", "auth_a", "date_a")),
            *(("patients", value) for value in ("docs_rm", "pat_rep")),
        ],
        WITHOUT,
    ),
}
SECTIONS: Mapping[str, tuple[AccessQuestion, ...]] = {
    "admin": WITHOUT,
    "sensitivities": WITHOUT,
    "groups": VIEW_OR_WRITE,
}


def answers_for(aco: Aco, levels: Iterable[str]) -> tuple[AccessQuestion, ...]:
    """Return the questions asked of an object, the one that opens most first; `levels` are those of its lists."""
    known = ASKED.get(aco) or SECTIONS.get(aco[0])
    if known is not None:
        return known
    return tuple(AccessQuestion(level, level, alone=True) for level in dict.fromkeys(levels))
