"""What one rule says of a clinic, and what a test asks of a finding."""

from dataclasses import dataclass
from datetime import date

from auditor.testing.clinic import Clinic
from policies.engine.evaluate import judge
from policies.engine.outcomes import Finding, NotEvaluated, Satisfied

HOSTILE = "{login} {0.__class__} <script>alert(1)</script> =1+1 %s \u202eevil"
"""A name that means something to half a dozen languages, and nothing to ours."""


@dataclass(frozen=True)
class Said:
    """What one rule said of a case."""

    findings: tuple[Finding, ...]
    satisfied: tuple[Satisfied, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    population: int

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many findings, how many satisfied, how many not evaluated."""
        return len(self.findings), len(self.satisfied), len(self.not_evaluated)

    @property
    def finding(self) -> Finding:
        """The one finding that there is; raises `ValueError` when there is none, or there are several."""
        (only,) = self.findings
        return only


def ask(rule: str, clinic: Clinic, *, today: date | None = None) -> Said:
    """Judge by every rule, as an audit does, and return what this one said."""
    judgment = judge(clinic.case(today=today))
    (tally,) = (t for t in judgment.tallies if t.rule == rule)
    return Said(
        tuple(f for f in judgment.findings if f.rule == rule),
        tuple(s for s in judgment.satisfied if s.rule == rule),
        tuple(n for n in judgment.not_evaluated if n.rule == rule),
        tally.population,
    )


def identity(finding: Finding) -> str:
    """Return the id under which a practice knows a finding."""
    return finding.identity("lakeside")


def cites(finding: Finding) -> list[str]:
    """Return the provisions that a finding rests on."""
    return [citation.id for citation in finding.citations]


def kinds(finding: Finding) -> list[str]:
    """Return what the steps of the path are, from the person to the policy."""
    return [step.kind for step in finding.path]
