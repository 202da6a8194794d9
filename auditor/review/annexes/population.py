"""The population with its proof: how each system was read, what the source counted, what was left out, how fresh."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from auditor.reporting.lines import system_lines
from auditor.review.annexes.facts import AnnexFacts, SystemProof
from auditor.review.annexes.making import About, made
from connectors.facts import Evidence
from connectors.unread import ALL_UNEXPLAINED
from reports.annexes import Annex, AnnexRow, LookedAt, RowState
from reports.model import SystemLine
from reports.words import plural

ABOUT = About(
    "population",
    "population and its completeness",
    "Was everybody looked at, how do you know, and how old is what you looked at?",
    "45 CFR 164.308(a)(8), 164.312(b); auditors ask it of every extract (source, query, count, completeness, hash)",
)
COUNTED = frozenset({"total"})
HASHES = frozenset({"sha256"})
ASKED = frozenset({"scope", "filter", "filter-checked", "base", "service", "directory", "server", "practice"})
"""Evidence that says what was asked of the source."""
LEFT_OUT = ALL_UNEXPLAINED | {
    *("archived", "deleted", "foreign-members", "hidden-members", "limits", "members-elsewhere"),
    *("members-not-looked-up", "not in the report", "not read", "other-members", "persons", "private-groups"),
    *("gap", "open-groups", "other-entries", "outsiders", "references", "rows", "says", "strays", "unknown-groups"),
    *("unknown-holders", "unknown-members", "unlisted-members", "unread"),
}
"""Evidence that says what was not read, passed over, or read and not understood."""
ENDS = frozenset({"canary", "end", "pages", "proof"})
"""Evidence that it was the whole."""


@dataclass(frozen=True, slots=True)
class SystemPopulation(AnnexRow):
    """One system, as the last audit of the period read it."""

    system: str
    product: str
    holds_phi: bool
    source: str
    asked: tuple[str, ...]
    """The scope, base or filter of the question."""
    as_of: datetime
    hours_old: float
    """From when the facts were true until the instant of the audit."""
    dated: str
    """By what it is known when they were true."""
    complete: bool
    why_not: str
    counted_by_source: str
    """The source's own total; where it gives none, what else shows the end."""
    accounts: int | None
    live: int | None
    not_live: int | None
    of_vmas: int | None
    of_others: int | None
    of_nobody: int | None
    grants: int | None
    left_out: tuple[str, ...]
    proof: tuple[str, ...]
    also_told: tuple[str, ...]
    """What else the source said of the read."""
    sha256: tuple[str, ...]
    audits_that_read_it_whole: str
    """In how many audits of the period it was read whole."""


def population(facts: AnnexFacts) -> Annex:
    """Return the annex; its figures are the report's."""
    lines = system_lines(facts.case)
    rows = [_row(facts, line) for line in lines]
    whole = sum(line.complete for line in lines)
    accounts = sum(line.accounts for line in lines if line.complete)
    told = f"{whole} of {plural(len(lines), 'system')} read whole, with {plural(accounts, 'account')}"
    looked_at = (LookedAt("systems", len(lines)), LookedAt("audits of the period", len(_audits(facts.proofs)) or 1))
    return made(ABOUT, SystemPopulation, rows, told, looked_at=looked_at, not_evaluated=facts.unread)


def _audits(proofs: Iterable[SystemProof]) -> set[int | None]:
    return {proof.audit for proof in proofs}


def _row(facts: AnnexFacts, line: SystemLine) -> SystemPopulation:
    evidence = [Evidence(name, detail) for name, detail in line.evidence]
    known = COUNTED | HASHES | ASKED | LEFT_OUT | ENDS
    mine = [proof for proof in facts.proofs if proof.system == line.id]
    whole = sum(proof.partial is None for proof in mine)
    read = line.complete
    return SystemPopulation(
        state=RowState.IN_ORDER if read else RowState.UNKNOWN,
        system=line.title,
        product=line.product,
        holds_phi=line.holds_phi,
        source=line.source,
        asked=_told(evidence, ASKED),
        as_of=line.as_of,
        hours_old=(facts.case.at - line.as_of).total_seconds() / 3600,
        dated=line.dated or "stated with the export, or read live",
        complete=read,
        why_not=line.reason,
        counted_by_source="; ".join(_details(evidence, COUNTED)) or _no_total(evidence, complete=read),
        accounts=line.accounts if read else None,
        live=line.live if read else None,
        not_live=line.accounts - line.live if read else None,
        of_vmas=line.of_vmas if read else None,
        of_others=line.of_others if read else None,
        of_nobody=line.of_nobody if read else None,
        grants=line.grants if read else None,
        left_out=_told(evidence, LEFT_OUT),
        proof=_told(evidence, ENDS),
        also_told=tuple(f"{e.name}: {e.detail}" for e in evidence if e.name not in known),
        sha256=_details(evidence, HASHES),
        audits_that_read_it_whole=f"{whole} of {len(mine)}" if mine else "",
    )


def _told(evidence: Iterable[Evidence], names: frozenset[str]) -> tuple[str, ...]:
    return tuple(f"{e.name}: {e.detail}" for e in evidence if e.name in names)


def _details(evidence: Iterable[Evidence], names: frozenset[str]) -> tuple[str, ...]:
    return tuple(e.detail for e in evidence if e.name in names)


def _no_total(evidence: Iterable[Evidence], *, complete: bool) -> str:
    if not complete:
        return "not known: it was not read whole"
    ends = [e.detail for e in evidence if e.name == "end"]
    return f"the source states no total; its end: {'; '.join(ends)}" if ends else "the source states no total"
