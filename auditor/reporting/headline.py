"""The first sentence, the tiles, and headcount against controls."""

from auditor.between import Cause
from auditor.judged import Judged
from connectors.facts import PersonKind, SystemKind
from policies.case import Case
from policies.coverage import legs
from policies.intervals import contains
from policies.outcomes import Severity
from reports.model import ControlLine, Headline, Tile

URGENT = (Severity.CRITICAL, Severity.HIGH)

CONTROLS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "BAA in force for the person, system and PHI",
        ("no-agreement", "agreement-person", "agreement-headcount", "agreement-system", "agreement-phi"),
    ),
    ("Least privilege", ("excess", "forbidden", "separation-of-duties")),
    ("Access that the role requires", ("missing",)),
    ("Second factor on every account", ("no-mfa",)),
    ("Accounts of one's own", ("shared-account",)),
    ("Accounts in use", ("dormant-account",)),
)
"""Each control, and the rules that must be satisfied for it."""


def under_baa(case: Case) -> tuple[int, int]:
    """Count the active VMAs whose whole chain of agreements is in place today, and those who need none."""
    covered = sum(bool(legs(e)) and contains(case.coverage.chain_days(e), case.today) for e in case.active)
    return covered, sum(not legs(e) for e in case.active)


def urgent(judged: Judged) -> int:
    """Count the people, accounts, entitlements and systems with a critical or high finding that nobody accepted."""
    return len({f.vma or f"{f.subject.kind} {f.subject.id}" for f in judged.open.values() if f.severity in URGENT})


def headline(judged: Judged) -> Headline:
    """Say headcount arithmetic, and the verdict."""
    case = judged.case
    covered, exempt = under_baa(case)
    baa = f"{covered} under a BAA" + (f" ({exempt} of the practice's own workforce need none)" if exempt else "")
    today = urgent(judged)
    # Of a system that was not read nobody can say that nothing needs action.
    nothing = "nothing is known to need action today" if case.incomplete else "nothing needs action today"
    action = f"{today} need{'s' if today == 1 else ''} action today" if today else nothing
    active = len(case.active)
    sentence = f"{active} active VMA{'' if active == 1 else 's'}, {baa}, {_ehr_accounts(case)}; {action}"
    findings, unknown = len(judged.open), len(judged.judgment.not_evaluated)
    verdict = "not in step" if findings else "not evaluable" if unknown else "in step"
    return Headline(sentence, verdict, _explanation(judged, findings, unknown))


def _explanation(judged: Judged, findings: int, unknown: int) -> str:
    taken = len(judged.accepted)
    word = "open finding" if taken else "finding"
    parts = [f"{findings} {word}{'' if findings == 1 else 's'}" if findings else f"no {word}s"]
    if taken:
        parts.append(f"{taken} accepted until a day")
    if unknown:
        parts.append(f"{unknown} check{'' if unknown == 1 else 's'} could not be evaluated")
    if judged.case.incomplete:
        titles = [judged.case.systems[s].title for s in judged.case.incomplete]
        parts.append(f"{' and '.join(titles)} {'was' if len(titles) == 1 else 'were'} not read whole")
    population = sum(t.population for t in judged.judgment.tallies)
    return f"{'; '.join(parts)}, of {population} checks"


def _ehr_accounts(case: Case) -> str:
    """Count the live EHR accounts of VMAs and of nobody: what headcount should be compared with."""
    systems = {id_ for id_, s in case.systems.items() if s.kind is SystemKind.EHR}
    if not systems:
        return "no EHR configured"
    if systems & set(case.incomplete):
        return "live EHR accounts not known"
    count = sum(key[0] in systems and case.owners[key].kind in (PersonKind.VMA, None) for key in case.live_accounts)
    return f"{count} live EHR account{'' if count == 1 else 's'}"


def tiles(judged: Judged) -> tuple[Tile, ...]:
    """Return the numbers that matter most."""
    case, judgment = judged.case, judged.judgment
    covered, exempt = under_baa(case)
    need = len(case.active) - exempt
    leavers = sum(f.rule == "active-after-end" for f in judged.findings.values())
    read = not case.incomplete
    unexplained = sum(t.cause is Cause.UNEXPLAINED for t in judged.told) if judged.drift else None
    unknown = len(judgment.not_evaluated)
    return (
        Tile(f"{covered} of {need}", "VMAs under a BAA", _state(covered == need), "of those who need one"),
        Tile(str(leavers), "leavers' accounts that still work", _state(leavers == 0, known=read)),
        Tile(
            "–" if unexplained is None else str(unexplained),
            "unexplained access changes",
            "plain" if unexplained is None else _state(unexplained == 0, known=read),
            "first audit: nothing to compare with" if unexplained is None else "since the audit before",
        ),
        Tile(
            str(unknown),
            "checks not evaluated",
            "unknown" if unknown else "good",
            "neither passed nor failed" if unknown else "",
        ),
    )


def _state(good: bool, *, known: bool = True) -> str:
    if not good:
        return "bad"
    return "good" if known else "unknown"


def controls(judged: Judged) -> tuple[ControlLine, ...]:
    """Count for each control how many of the active VMAs have it, and name the others."""
    case = judged.case
    broken: dict[str, set[str]] = {}
    for engagement in case.active:
        for _, finding in judged.of_vma(engagement.vma):
            broken.setdefault(finding.rule, set()).add(engagement.vma)
    open_: dict[str, set[str]] = {}
    for outcome in judged.judgment.not_evaluated:
        open_.setdefault(outcome.rule, set()).update(_concerned(case, outcome.subject.kind, outcome.subject.id))
    lines = []
    for control, rules in CONTROLS:
        missing = {vma for rule in rules for vma in broken.get(rule, ())}
        unknown = {vma for rule in rules for vma in open_.get(rule, ())} - missing
        lines.append(
            ControlLine(
                control,
                len(case.active) - len(missing) - len(unknown),
                len(case.active),
                tuple(case.people[v].name for v in sorted(missing)),
                tuple(case.people[v].name for v in sorted(unknown)),
            )
        )
    return tuple(lines)


def _concerned(case: Case, kind: str, id_: str) -> set[str]:
    """Return the active VMAs whom a verdict about a subject concerns."""
    active = {e.vma for e in case.active}
    if kind == "vma":
        return active & {id_}
    if kind == "account":
        system, _, account = id_.partition(":")
        return active & set(case.owners[system, account].people)
    # A system that was not read may hold an account of anybody.
    return active if kind == "system" and id_ in case.incomplete else set()
