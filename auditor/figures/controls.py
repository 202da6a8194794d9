"""
Headcount against controls: which active VMA has which control, which lacks it, and of whom it cannot be told.

*In place* is what was judged and holds. *Missing* is a finding, accepted or not: who accepted it knows that it is
missing. *Cannot be told* is what could not be judged: a system that was not read, an entitlement that no catalog knows,
an account that may be the VMA's. Somebody without any account, in systems that were all read whole, holds nothing too
much: that was seen, and is in place. Least privilege cannot be told while it is not known what somebody holds
(`policies.engine.unproven`); a work map that gives somebody no work leaves open what the lane is, not what is held.
The same rules make the same control in `auditor lag` (`policies/controls.yaml`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from auditor.audit.result import AuditResult
from auditor.lag.controls import load_controls
from policies.engine.candidates import candidates_of
from policies.engine.case import Case
from policies.engine.covered import Cover, covered_today
from policies.engine.outcomes import Subject
from policies.engine.unproven import why_unproven

LEAST_PRIVILEGE, REQUIRED = "Least privilege", "Access that the role requires"


class ControlStanding(StrEnum):
    """How one control stands for one VMA."""

    IN_PLACE = "in place"
    MISSING = "missing"
    UNKNOWN = "cannot be told"
    NOT_NEEDED = "not needed"


@dataclass(frozen=True, slots=True)
class Figure:
    """One control, and how it stands for each active VMA, in the order of their ids."""

    control: str
    standings: Mapping[str, ControlStanding]

    def of(self, standing: ControlStanding) -> tuple[str, ...]:
        """Return the VMAs for whom it stands so."""
        return tuple(vma for vma, found in self.standings.items() if found is standing)

    @property
    def needed(self) -> int:
        """How many VMAs need it: in place, missing, and cannot be told together."""
        return len(self.standings) - len(self.of(ControlStanding.NOT_NEEDED))


_COVERED = {
    Cover.COVERED: ControlStanding.IN_PLACE,
    Cover.NOT_COVERED: ControlStanding.MISSING,
    Cover.UNKNOWN: ControlStanding.UNKNOWN,
    Cover.NOT_NEEDED: ControlStanding.NOT_NEEDED,
}


def covered(case: Case) -> Figure:
    """Say of each active VMA whether the VMA is under a BAA today (`policies.engine.covered`)."""
    return Figure(
        "BAA in force for the person, system and PHI",
        {e.vma: _COVERED[covered_today(case, e)] for e in case.active},
    )


def controls(judged: AuditResult) -> tuple[Figure, ...]:
    """Return every control, the agreements first."""
    broken, open_ = _broken(judged), _open(judged)
    active = [e.vma for e in judged.case.active]
    found = [covered(judged.case)]
    for title, rules in _by_rules().items():
        missing = {vma for rule in rules for vma in broken.get(rule, ())}
        if title == LEAST_PRIVILEGE:
            unknown = {vma for vma in active if why_unproven(judged.case, vma)}
        else:
            unknown = {vma for rule in rules for vma in open_.get(rule, ())}
        if title != REQUIRED:  # what is held is enough for that, whatever else there is
            unknown |= {vma for vma in active if candidates_of(judged.case).of(vma)}
        found.append(Figure(title, {vma: _standing(vma, missing, unknown) for vma in active}))
    return tuple(found)


@cache
def _by_rules() -> dict[str, tuple[str, ...]]:
    """Return the controls that rules alone decide, with these; where `auditor lag` knows one too, its rules."""
    shipped = {control.id: control.rules for control in load_controls()}
    return {
        LEAST_PRIVILEGE: shipped["least-privilege"],
        REQUIRED: ("missing",),
        "Second factor on every account": shipped["mfa"],
        "Accounts of one's own": shipped["unique-account"],
        "Accounts in use": ("dormant-account",),
    }


def _standing(vma: str, missing: set[str], unknown: set[str]) -> ControlStanding:
    if vma in missing:
        return ControlStanding.MISSING
    return ControlStanding.UNKNOWN if vma in unknown else ControlStanding.IN_PLACE


def _broken(judged: AuditResult) -> dict[str, set[str]]:
    """Return the active VMAs of whom a rule has found something, by rule."""
    broken: dict[str, set[str]] = {}
    for engagement in judged.case.active:
        for _, finding in judged.of_vma(engagement.vma):
            broken.setdefault(finding.rule, set()).add(engagement.vma)
    return broken


def _open(judged: AuditResult) -> dict[str, set[str]]:
    """Return the active VMAs of whom a rule could not tell, by rule."""
    open_: dict[str, set[str]] = {}
    for outcome in judged.judgment.not_evaluated:
        open_.setdefault(outcome.rule, set()).update(_concerned(judged.case, outcome.subject))
    return open_


def _concerned(case: Case, subject: Subject) -> set[str]:
    """Return the active VMAs whom a verdict about a subject concerns."""
    active = {e.vma for e in case.active}
    if subject.kind == "vma":
        return active & {subject.id}
    if subject.kind == "account":
        return active & set(case.owners[subject.key].people)
    # A system that was not read may hold an account of anybody.
    return active if subject.kind == "system" and subject.id in case.incomplete else set()
