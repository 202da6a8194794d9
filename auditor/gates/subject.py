"""What the engine, and people, say of one VMA: the parts that both gates ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from auditor.gates.checklist import GateAnswer, GateItem, Verdict
from auditor.ledger.statements import Statement, StatementKind, in_force
from policies.engine.candidates import Open, candidates_of
from policies.engine.candidates_wording import how_to_settle, seems
from policies.engine.case import AccountKey, Case
from policies.engine.evaluate import Judgment
from policies.engine.outcomes import Finding, NotEvaluated, Satisfied
from reports.words import plural


@dataclass(frozen=True)
class SubjectFacts:
    """One VMA in a case that was judged."""

    case: Case
    judgment: Judgment
    vma: str
    statements: tuple[Statement, ...]
    audited_on: date | None
    """The day of the last stored audit whose roster had the VMA."""

    @property
    def accounts(self) -> tuple[AccountKey, ...]:
        """The accounts of the VMA in the systems that were read whole."""
        return self.case.accounts_of.get(self.vma, ())

    @property
    def questions(self) -> tuple[Open, ...]:
        """What is not settled of the VMA's accounts: while there is any, not all of them are known."""
        return candidates_of(self.case).of(self.vma)

    def unsettled(self) -> Verdict | None:
        """Return what cannot be told while it is not settled whose an account is; `None` when all is."""
        if not self.questions:
            return None
        todo = tuple(how_to_settle(question) for question in self.questions)
        return GateAnswer.CANNOT_TELL, tuple(seems(self.case, question) for question in self.questions), todo

    def by_rules(self, rules: Iterable[str]) -> Verdict:
        """Return what the engine says of the VMA by some rules."""
        wanted = set(rules)
        mine = {self.vma, *(f"{system}:{account}" for system, account in self.accounts)}
        findings = [
            f for f in self.judgment.findings if f.rule in wanted and (f.vma == self.vma or f.subject.id in mine)
        ]
        if findings:
            return GateAnswer.FAILED, tuple(_told(f) for f in findings), tuple(f.remedy for f in findings)
        unknown = [n for n in self.judgment.not_evaluated if n.rule in wanted and self._concerns(n, mine)]
        if unknown:
            return GateAnswer.CANNOT_TELL, tuple(sorted({f"{n.subject.name}: {n.reason}" for n in unknown})), ()
        looked = [s for s in self.judgment.satisfied if s.rule in wanted and s.subject.id in mine]
        if not looked:
            return GateAnswer.CANNOT_TELL, ("there is nothing yet to look at",), ()
        return GateAnswer.PASSED, (_counted(looked),), ()

    def by_word(self, item: GateItem, day: date, *, since: date | None = None) -> Verdict:
        """Return what people have attested on the topic of an item, for a day on or after `since`."""
        assert item.attested is not None  # noqa: S101 - the checklist has made sure
        holding = [
            s
            for s in in_force(self.statements, day)
            if s.kind is StatementKind.ATTESTATION
            and s.about == self.vma
            and s.topic.casefold() == item.attested
            and (since is None or s.on >= since)
        ]
        if not holding:
            todo = f"auditor attest {self.vma} {item.attested} --by …"
            return GateAnswer.NEEDS_A_WORD, (f"nobody has attested `{item.attested}`",), (todo,)
        return GateAnswer.PASSED, tuple(_attested(s) for s in holding), ()

    def _concerns(self, unknown: NotEvaluated, mine: set[str]) -> bool:
        return unknown.subject.id in mine or (unknown.subject.kind == "system" and unknown.system is not None)


def _told(finding: Finding) -> str:
    return f"{finding.title}: {finding.observed}"


def _counted(looked: list[Satisfied]) -> str:
    rules = ", ".join(sorted({s.rule for s in looked}))
    return f"{plural(len(looked), 'verdict')} of {rules}"


def _attested(s: Statement) -> str:
    until = f", until {s.expires}" if s.expires else ""
    proof = f", document {s.document[:12]}…" if s.document else ", without a document"
    return f"{s.id} by {s.by}, {s.on}{until}{proof}"
