"""Cases with a work map: the map is read by the real loader, against the people of the practice."""

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from policies.engine.case import Case
from policies.engine.evaluate import judge
from policies.engine.outcomes import Finding, NotEvaluated, Satisfied
from policies.engine.rule import all_rules
from policies.work.file import KnownNames, load_work_map
from policies.work.model import WorkMap
from tests.builders import Clinic, policy


def read(path: Path, clinic: Clinic) -> WorkMap:
    """Read a work map as an audit of the practice would."""
    locations = frozenset(place for e in clinic.engagements.values() for place in e.locations)
    agreements = frozenset(agreement.id for agreement in clinic.agreements)
    ids, systems = frozenset(clinic.people), frozenset(clinic.systems)
    return load_work_map(
        path, KnownNames(ids, policy().templates.ids, locations, systems, agreements, policy().vocabulary)
    )


def mapped(clinic: Clinic, text: str) -> Case:
    """The case of a practice that keeps this work map."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "work.yaml"
        path.write_text(text, encoding="utf-8")
        return replace(clinic.case(), work=read(path, clinic))


@dataclass(frozen=True)
class Verdicts:
    """What one rule said of a case."""

    findings: tuple[Finding, ...]
    satisfied: tuple[Satisfied, ...]
    not_evaluated: tuple[NotEvaluated, ...]

    @property
    def counts(self) -> tuple[int, int, int]:
        return len(self.findings), len(self.satisfied), len(self.not_evaluated)

    @property
    def finding(self) -> Finding:
        (only,) = self.findings
        return only


def asked(rule: str, case: Case) -> Verdicts:
    """Judge a case by one rule."""
    said = judge(case, [r for r in all_rules() if r.id == rule])
    return Verdicts(said.findings, said.satisfied, said.not_evaluated)


def one_task(needs: str = "schedule.write", owner: str = "scheduler", more: str = "", top: str = "") -> str:
    """A map with one piece of work."""
    return (
        f"model: centralized\ncoordinator: boss\n{top}"
        "clusters:\n  desk:\n    title: Desk\n    tasks:\n"
        f"      book: {{title: Book visits, owner: {owner}, needs: [{needs}]{more}}}\n"
    )
