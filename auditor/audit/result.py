"""One audit as it was judged, with what the store knew before: what reporting and saving both work from."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from auditor.drift.attribution import AttributedChange, attribute
from auditor.drift.compare import DriftResult
from auditor.drift.moments import Moments
from auditor.instants.log import AccessLog
from auditor.ledger.statements import Statement, StatementKind, in_force, recorded_by
from auditor.snapshot import AcceptedDrop, Stored
from connectors.audit_log import LogAnswer, LogUnread
from connectors.facts import PersonKind
from policies.engine.case import Case
from policies.engine.evaluate import Judgment
from policies.engine.outcomes import Finding, Subject
from policies.engine.rule import Reads, all_rules

RULE = "rule:"
"""Stands before the id of a rule where the accepted drop is that of a rule, which no package offers any more."""


@dataclass(frozen=True)
class AuditResult:
    """A case, its judgment, and the audit before it."""

    case: Case
    judgment: Judgment
    previous: Stored | None
    drift: DriftResult | None
    """`None` in a first audit."""
    findings: Mapping[str, Finding]
    """By identity, most severe first."""
    kept_open: Mapping[str, Finding]
    """Findings of the audit before that could not be judged again: they are neither found nor closed."""
    accepted_drops: tuple[AcceptedDrop, ...] = ()
    accepted: Mapping[str, Statement] = field(default_factory=dict)
    """By identity of a finding: the exception that accepts it today; on the day after its last, it is open again."""

    statements: tuple[Statement, ...] = ()
    """What people had stated by the day of the audit."""
    logs: Mapping[str, LogAnswer | LogUnread] = field(default_factory=dict)
    """By system: what its own record of changes told in this audit."""
    records: Mapping[str, AccessLog] = field(default_factory=dict)
    """By system: what its record told in this audit and all before it."""
    read_before: Mapping[str, datetime] = field(default_factory=dict)
    """By system: as of when the audit before read it whole."""

    @cached_property
    def attributed(self) -> tuple[AttributedChange, ...]:
        """Every change since the audit before, each with its one primary cause; none in a first audit."""
        if self.drift is None or self.previous is None:
            return ()
        since = self.case.day_of(self.previous.audit.at)
        return attribute(self.drift.changes, self.statements, self.previous, since, self.case)

    @cached_property
    def moments(self) -> Moments:
        """When what changed since the audit before took effect, by the systems' own records."""
        after = {s: c.as_of for s, c in self.case.collections.items() if c.complete}
        return Moments(self.records, self.read_before, after, self.previous.snapshot if self.previous else None)

    @property
    def open(self) -> dict[str, Finding]:
        """The findings that nobody has accepted: those that ask for action and decide the exit code."""
        return {identity: finding for identity, finding in self.findings.items() if identity not in self.accepted}

    def first_seen(self, identity: str) -> datetime:
        """Return the instant of the first audit that found it; this one, when it is new."""
        known = self.previous.first_seen if self.previous else {}
        return known.get(identity, self.case.at)

    def of_vma(self, vma: str) -> list[tuple[str, Finding]]:
        """Return the findings that concern one VMA, also those of an account that several people share."""
        return self._by_vma.get(vma, [])

    @cached_property
    def _by_vma(self) -> dict[str, list[tuple[str, Finding]]]:
        index: dict[str, list[tuple[str, Finding]]] = {}
        for identity, finding in self.findings.items():
            people = {finding.vma} if finding.vma else set()
            if finding.subject.kind == "account":
                people |= set(_users(self.case, finding.subject))
            for vma in people:
                index.setdefault(vma, []).append((identity, finding))
        return index


def _users(case: Case, subject: Subject) -> tuple[str, ...]:
    """Return the VMAs who use the account that a subject names."""
    owner = case.owners.get(subject.key)
    return owner.people if owner is not None and owner.kind is PersonKind.VMA else ()


def identify(case: Case, judgment: Judgment) -> dict[str, Finding]:
    """
    Name the findings by their identities, in the order of the judgment.

    Raises `AssertionError` when two findings share one, which would let one hide the other.
    """
    named: dict[str, Finding] = {}
    for finding in judgment.findings:
        identity = finding.identity(case.practice.id)
        if identity in named:
            raise AssertionError(f"two findings share the identity `{identity}`: rule `{finding.rule}`")
        named[identity] = finding
    return named


def accepted(case: Case, findings: Mapping[str, Finding], statements: Iterable[Statement]) -> dict[str, Statement]:
    """Return the exception in force for each finding that has one; nothing counts that was recorded after the day."""
    known = in_force(recorded_by(statements, case.today, case.practice.timezone), case.today)
    return {s.about: s for s in known if s.kind is StatementKind.EXCEPTION and s.about in findings}


def carried_over(
    case: Case, judgment: Judgment, open_before: Mapping[str, Finding], retired: Collection[str] = ()
) -> dict[str, Finding]:
    """
    Return the open findings that this audit could not judge again, and therefore may not close.

    A system that is no longer configured was not looked at, and a rule that is no longer installed was not asked; only
    one that a person said is gone (`retired`) is closed.
    """
    found = {finding.identity(case.practice.id) for finding in judgment.findings}
    open_questions = {(n.rule, n.subject.kind, n.subject.id, n.system) for n in judgment.not_evaluated}
    reads, ran = {rule.id: rule.reads for rule in all_rules()}, {tally.rule for tally in judgment.tallies}
    kept = {}
    for identity, finding in open_before.items():
        if identity in found:
            continue
        needs_system = reads.get(finding.rule) is Reads.SYSTEM and finding.system in case.incomplete
        # A rule over all systems says itself whether what was not read could change its answer.
        asked = (finding.rule, finding.subject.kind, finding.subject.id, finding.system) in open_questions
        # Where it is not settled whose an account is, what was found of its user is not mended by a new spelling.
        unsettled = (finding.rule, "vma", finding.vma, finding.system) in open_questions
        not_configured = finding.system is not None and finding.system not in {*case.systems, *retired}
        not_asked = finding.rule not in ran and f"{RULE}{finding.rule}" not in retired
        if needs_system or asked or unsettled or not_configured or not_asked:
            kept[identity] = finding
    return kept
