"""The first sentence, the tiles, and headcount against controls, worded; every figure is one of `auditor.figures`."""

from auditor.audit.result import AuditResult
from auditor.figures import counts
from auditor.figures.controls import ControlStanding, Figure, controls, covered
from policies.engine.case import Case
from reports.model import ControlLine, Headline, Tile
from reports.words import plural


def headline(judged: AuditResult) -> Headline:
    """Say headcount arithmetic, and the verdict."""
    case = judged.case
    unknown = counts.not_evaluated(judged.judgment)
    active = len(case.active)
    sentence = (
        f"{active} active VMA{'' if active == 1 else 's'}, {_baa(covered(case))}, {_ehr_accounts(case)}; "
        f"{_action(judged, unknown)}"
    )
    findings = len(judged.open)
    verdict = "not in step" if findings else "not evaluable" if unknown else "in step"
    return Headline(sentence, verdict, _explanation(judged, findings, unknown))


def _action(judged: AuditResult, unknown: int) -> str:
    """Say who needs action; where nobody does, what is open all the same, so that no sentence contradicts itself."""
    if today := counts.need_action(judged):
        return f"{today} need{'s' if today == 1 else ''} action today"
    # Of what was not read or judged nobody can say that it needs no action.
    verb, lesser = "is known to need" if unknown else "needs", len(judged.open)
    open_ = f"{plural(lesser, 'lesser finding')} {'is' if lesser == 1 else 'are'} open" if lesser else ""
    taken = f"{plural(len(judged.accepted), 'finding')} accepted until a day" if judged.accepted else ""
    unjudged = f"{plural(unknown, 'check')} could not be evaluated" if unknown else ""
    also = " and ".join(part for part in (open_, taken, unjudged) if part)
    nothing = f"nothing{' critical or high' if lesser else ''} {verb} action today"
    return f"{nothing}, but {also}" if also else nothing


def _baa(figure: Figure) -> str:
    """Say how many are covered, of whom that cannot be told, and who needs no agreement."""
    beside = []
    if unknown := len(figure.of(ControlStanding.UNKNOWN)):
        beside.append(f"of {unknown} more it cannot be told")
    if exempt := len(figure.of(ControlStanding.NOT_NEEDED)):
        beside.append(f"{exempt} of the practice's own workforce need none")
    return f"{len(figure.of(ControlStanding.IN_PLACE))} under a BAA" + (f" ({'; '.join(beside)})" if beside else "")


def _explanation(judged: AuditResult, findings: int, unknown: int) -> str:
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
    return f"{'; '.join(parts)}, of {counts.population(judged.judgment)} checks"


def _ehr_accounts(case: Case) -> str:
    if not counts.ehr_systems(case):
        return "no EHR configured"
    count = counts.live_ehr(case)
    return "live EHR accounts not known" if count is None else f"{count} live EHR account{'' if count == 1 else 's'}"


def tiles(judged: AuditResult) -> tuple[Tile, ...]:
    """Return the numbers that matter most."""
    baa = covered(judged.case)
    leavers, unexplained = counts.leavers(judged), counts.unexplained(judged)
    doubtful = counts.leavers_in_doubt(judged)
    unknown, read = counts.not_evaluated(judged.judgment), not judged.case.incomplete
    return (
        _baa_tile(baa),
        Tile(
            str(leavers),
            "leavers' accounts that still work",
            _state(leavers == 0, known=read and not doubtful),
            f"of {doubtful} more it is not settled which accounts are theirs" if doubtful else "",
        ),
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


def _baa_tile(baa: Figure) -> Tile:
    unknown = len(baa.of(ControlStanding.UNKNOWN))
    note = "of those who need one" + (f"; of {unknown} it cannot be told" if unknown else "")
    state = _state(not baa.of(ControlStanding.MISSING), known=not unknown)
    value = f"{len(baa.of(ControlStanding.IN_PLACE))} of {baa.needed}"
    return Tile(value, "VMAs under a BAA", state, note)


def _state(good: bool, *, known: bool = True) -> str:
    if not good:
        return "bad"
    return "good" if known else "unknown"


def control_lines(judged: AuditResult) -> tuple[ControlLine, ...]:
    """Count for each control how many of the VMAs who need it have it, and name the others."""
    people = judged.case.people
    return tuple(
        ControlLine(
            figure.control,
            len(figure.of(ControlStanding.IN_PLACE)),
            figure.needed,
            tuple(people[vma].name for vma in figure.of(ControlStanding.MISSING)),
            tuple(people[vma].name for vma in figure.of(ControlStanding.UNKNOWN)),
            tuple(people[vma].name for vma in figure.of(ControlStanding.NOT_NEEDED)),
        )
        for figure in controls(judged)
    )
