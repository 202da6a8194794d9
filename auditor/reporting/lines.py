"""Findings, checks that could not be evaluated, rules, systems, owners: one line each."""

from collections import Counter

from auditor.audit.freshness import AGE
from auditor.audit.result import RULE, AuditResult
from auditor.figures import counts
from auditor.ledger.statements import Statement
from connectors.facts import Complete, Partial, PersonKind
from policies.citations import Citation
from policies.engine.case import Case
from policies.engine.rule import all_rules
from reports.model import CitationLine, FindingLine, NotEvaluatedLine, OwnerLine, RuleLine, SystemLine

_KEPT = "found before, and not judged again: it stays open"
_KINDS = {"R": "required", "A": "addressable", "STD": "standard"}


def finding_lines(judged: AuditResult) -> tuple[FindingLine, ...]:
    """Return every finding, most severe first."""
    case = judged.case
    titles = {rule.id: rule.title for rule in all_rules()}
    open_before = judged.previous.snapshot.findings if judged.previous else None
    return tuple(
        FindingLine(
            id=identity,
            rule=f.rule,
            rule_title=titles[f.rule],
            severity=f.severity,
            subject=f.subject.name if f.subject.kind == "system" else f"{f.subject.name} ({f.subject.id})",
            subject_kind=f.subject.kind,
            vma=f.vma,
            system=f.system,
            system_title=case.systems[f.system].title if f.system else "",
            title=f.title,
            observed=f.observed,
            expected=f.expected,
            remedy=f.remedy,
            path=f.path,
            citations=tuple(_citation(c) for c in f.citations),
            since=f.since,
            first_seen=case.day_of(judged.first_seen(identity)),
            new=open_before is not None and identity not in open_before,
            accepted=_accepted(judged.accepted.get(identity)),
        )
        for identity, f in judged.findings.items()
    )


def _accepted(exception: Statement | None) -> str:
    if exception is None:
        return ""
    return f"until {exception.expires}, by {exception.by}: {exception.reason} ({exception.id})"


def _citation(citation: Citation) -> CitationLine:
    return CitationLine(f"45 CFR {citation.id}", _KINDS[citation.kind], citation.paraphrase, citation.nist)


def _kept_without_rule(rule: str) -> str:
    return (
        "found before, and no installed package offers the rule now: it stays open; install it again, or close what it "
        f"found with `auditor audit --accept-drop {RULE}{rule} --reason …`"
    )


def not_evaluated_lines(judged: AuditResult) -> tuple[NotEvaluatedLine, ...]:
    """Return what could not be judged, subjects with one cause together; then the findings that stay open for it."""
    case = judged.case
    titles = {rule.id: rule.title for rule in all_rules()}
    grouped: dict[tuple[str, str | None, str], list[str]] = {}
    for outcome in judged.judgment.not_evaluated:
        grouped.setdefault((outcome.rule, outcome.system, outcome.reason), []).append(outcome.subject.name)
    for identity, finding in judged.kept_open.items():
        key = (finding.rule, finding.system, _KEPT if finding.rule in titles else _kept_without_rule(finding.rule))
        grouped.setdefault(key, []).append(f"{identity} {finding.title}")
    return tuple(
        NotEvaluatedLine(rule, titles.get(rule, rule), system, _title(case, system), tuple(names), why)
        for (rule, system, why), names in sorted(grouped.items(), key=lambda g: (g[0][0], g[0][1] or "", g[0][2]))
    )


def _title(case: Case, system: str | None) -> str:
    return case.systems[system].title if system in case.systems else ""


def rule_lines(judged: AuditResult) -> tuple[RuleLine, ...]:
    """Return every rule with its counts."""
    rules = {rule.id: rule for rule in all_rules()}
    return tuple(
        RuleLine(
            t.rule,
            rules[t.rule].title,
            rules[t.rule].question,
            t.population,
            t.findings,
            t.satisfied,
            t.not_evaluated,
        )
        for t in judged.judgment.tallies
    )


def system_lines(case: Case) -> tuple[SystemLine, ...]:
    """Return population and completeness of every system."""
    lines = []
    for id_, system in case.systems.items():
        collection = case.collections[id_]
        live = counts.live(case, id_)
        owners = Counter(owner.kind for key, owner in case.owners.items() if key[0] == id_)
        others = sum(count for kind, count in owners.items() if kind not in (PersonKind.VMA, None))
        evidence: tuple[tuple[str, str], ...] = ()
        reason = hint = ""
        match collection.completeness:
            case Complete(proofs):
                evidence = tuple((p.name, p.detail) for p in proofs)
            case Partial(reason, hint):
                pass
        lines.append(
            SystemLine(
                id=id_,
                title=system.title,
                kind=system.kind.value,
                product=system.product,
                holds_phi=system.holds_phi,
                source=collection.source,
                as_of=collection.as_of,
                complete=collection.complete,
                evidence=evidence,
                reason=reason,
                hint=hint,
                accounts=len(collection.accounts),
                live=sum(a.live for a in collection.accounts),
                of_vmas=owners[PersonKind.VMA],
                of_others=others,
                of_nobody=owners[None],
                grants=len(collection.grants),
                live_of_vmas=live[PersonKind.VMA],
                live_of_nobody=live[None],
                dated=next((detail for name, detail in evidence if name == AGE), ""),
            )
        )
    return tuple(lines)


def owner_lines(judged: AuditResult) -> tuple[OwnerLine, ...]:
    """Return every account with its owner and the reason, accounts of nobody first."""
    case = judged.case
    lines = []
    for key, account in case.accounts.items():
        owner = case.owners[key]
        names = [f"{case.people[p].name} ({p})" for p in owner.people]
        lines.append(
            OwnerLine(
                system=key[0],
                login=account.login,
                name=account.name,
                status=account.status.value,
                owner=" and ".join(names) or "nobody",
                owner_kind=owner.kind.value if owner.kind else "nobody",
                reason=owner.reason,
            )
        )
    return tuple(sorted(lines, key=lambda o: (o.owner_kind != "nobody", o.system, o.login)))
