"""Annex G: the register of agreements, what of each one's terms the register knows, and who is under none."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from auditor.figures.controls import ControlStanding, covered
from auditor.reporting.people import agreement_lines
from auditor.review.annexes.facts import AnnexFacts
from auditor.review.annexes.making import About, made
from policies.agreements.register import Agreement, AgreementKind
from policies.engine.evidence import listing
from reports.annexes import Annex, AnnexRow, Instead, LookedAt, NotLookedAt, RowState
from reports.timeline_model import AgreementLine
from reports.words import plural

ABOUT = About(
    "G",
    "agreements",
    "Which agreements are there, in force for whom and what, and what do they say?",
    "45 CFR 164.308(b)(1)-(3), 164.314(a), 164.502(e), 164.504(e)",
)
MISSING = "missing"
FINDINGS = (
    *("no-agreement", "agreement-person", "agreement-headcount", "agreement-system", "agreement-phi"),
    "vendor-agreement",
)
CLAUSES = (
    "The register keeps no clauses. Whether a paper has the terms that it must have, 45 CFR 164.504(e)(2)(i), "
    "(ii)(A)-(J) and (iii) and 164.314(a)(2)(i)(A)-(C), is not known here: read the paper."
)


@dataclass(frozen=True, slots=True)
class AgreementTerms(AnnexRow):
    """One agreement, or one that is missing."""

    agreement: str
    """Its id; of one that is missing, the id of the finding."""
    kind: str
    between: str
    standing: str
    """`in force`, `ended`, `not yet`, `unsigned`, or `missing`."""
    signed_by_both: bool | Instead
    signed_on: date | Instead | None
    begins: date | Instead
    ends: date | Instead
    """A contract need not name an end: no rule asks for one."""
    systems: str
    phi: str
    seats: str
    note: str


def agreements(facts: AnnexFacts) -> Annex:
    """Return the annex; who is covered is the report's figure."""
    case = facts.case
    lines = {line.id: line for line in agreement_lines(case)}
    rows = [_row(facts, a, lines[a.id]) for a in sorted(case.agreements, key=lambda a: a.id)]
    rows += _missing(facts)
    cover = covered(case)
    lacking, unknown = cover.of(ControlStanding.MISSING), cover.of(ControlStanding.UNKNOWN)
    in_force = sum(row.standing == "in force" for row in rows)
    told = f"{in_force} of {plural(len(case.agreements), 'agreement')} in force; "
    told += f"{len(cover.of(ControlStanding.IN_PLACE))} of {cover.needed} VMAs who need one are under a BAA"
    told += f", not {listing(facts.name(vma) for vma in lacking)}" if lacking else ""
    looked_at = (
        LookedAt("agreements in the register", len(case.agreements)),
        LookedAt("active VMAs who need one", cover.needed),
    )
    missing = tuple(NotLookedAt(f"whether {facts.name(vma)} is covered", _WHY) for vma in unknown)
    unread = facts.unread if unknown else ()
    return made(
        ABOUT, AgreementTerms, rows, told, looked_at=looked_at, not_evaluated=(*unread, *missing), notes=(CLAUSES,)
    )


_WHY = "it is not known what all they reach, or through whom they work"


def _row(facts: AnnexFacts, a: Agreement, line: AgreementLine) -> AgreementTerms:
    return AgreementTerms(
        state=RowState.IN_ORDER if line.state == "in force" else RowState.TOLD,
        agreement=a.id,
        kind=_words(a.kind),
        between=line.parties,
        standing=line.state,
        signed_by_both=a.signed,
        signed_on=a.signed_on,
        begins=a.start,
        ends=a.end or Instead.NO_END,
        systems="all" if a.systems is None else listing(facts.title(s) for s in sorted(a.systems)),
        phi="all" if a.phi is None else ", ".join(sorted(a.phi)),
        seats=line.seats,
        note=a.state(facts.case.today),
    )


def _words(kind: AgreementKind) -> str:
    return {
        AgreementKind.BAA: "BAA",
        AgreementKind.SUBCONTRACTOR_BAA: "subcontractor BAA",
        AgreementKind.WORKFORCE_ATTESTATION: "workforce attestation",
    }[kind]


def _missing(facts: AnnexFacts) -> Iterator[AgreementTerms]:
    """Yield what the findings say that is missing."""
    for identity, finding in sorted(facts.findings.items()):
        if finding.rule in FINDINGS:
            yield AgreementTerms(
                state=RowState.TOLD if identity in facts.accepted else RowState.OPEN,
                agreement=identity,
                kind=finding.rule,
                between="",
                standing=MISSING,
                signed_by_both=Instead.BLANK,
                signed_on=Instead.BLANK,
                begins=Instead.BLANK,
                ends=Instead.BLANK,
                systems=facts.title(finding.system) if finding.system else "",
                phi="",
                seats="",
                note=f"{finding.title}; {finding.observed}",
            )
