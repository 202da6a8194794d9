"""`auditor onboard` and `auditor offboard`."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.text import Text

from auditor.cli.audit import Spinner
from auditor.cli.show import folded, show
from auditor.config import Config, load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.gates.checklist import Answer, Answered
from auditor.gates.offboard import Offboarding, Outcome, offboard
from auditor.gates.onboard import Onboarding, onboard
from auditor.gates.subject import Facts
from auditor.gather import collect_all, make_case, read_inputs
from auditor.statements import Statement
from auditor.store import Store
from connectors.collect import utc_now
from policies.case import AccountKey, Case
from policies.engine import judge

MARKS = {
    Answer.PASSED: ("✓", "green"),
    Answer.FAILED: ("✗", "bold red"),
    Answer.CANNOT_TELL: ("?", "yellow"),
    Answer.NEEDS_A_WORD: ("✎", "yellow"),
    Answer.NOT_DUE: ("·", "dim"),
}


@dataclass(frozen=True)
class _Gathered:
    case: Case
    statements: tuple[Statement, ...]
    audited: Callable[[str], datetime | None]
    stopped: dict[AccountKey, datetime]


def run_onboard(vma: str, path: Path, *, as_json: bool) -> int:
    """
    Answer the gate of a new VMA and print it; nothing is stored.

    Returns 0 when ready; 1 when something is missing; 2 when all that is missing is what cannot be told.
    """
    gathered = _gather(load_config(path), vma)
    result = onboard(gathered.case, lambda then: _facts(gathered, then, vma), vma)
    vocabulary = gathered.case.policy.vocabulary
    if as_json:
        _say(_onboarding_data(result, gathered.case))
    else:
        _show_onboarding(result, gathered.case, lambda mask: ", ".join(vocabulary.names(mask)))
    if result.ready:
        return IN_STEP
    return NOT_EVALUABLE if all(a.answer is Answer.CANNOT_TELL for a in result.missing) else FINDINGS


def run_offboard(vma: str, path: Path, *, as_json: bool) -> int:
    """
    Say whether a leaver is gone, and print what proves it; nothing is stored.

    Returns 0 for GONE, 1 for NOT GONE, 2 for UNPROVEN.
    """
    gathered = _gather(load_config(path), vma)
    result = offboard(gathered.case, _facts(gathered, gathered.case, vma), gathered.stopped)
    if as_json:
        _say(_offboarding_data(result))
    else:
        _show_offboarding(result, gathered.case)
    return {Outcome.GONE: IN_STEP, Outcome.NOT_GONE: FINDINGS, Outcome.UNPROVEN: NOT_EVALUABLE}[result.outcome]


def _gather(config: Config, vma: str) -> _Gathered:
    progress = Spinner()
    with progress.stage("read"):
        inputs = read_inputs(config)
        collections = collect_all(config, progress, utc_now)
    at = utc_now().replace(microsecond=0)
    if not config.store.exists():
        return _Gathered(make_case(config, inputs, collections, at, None), (), lambda _: None, {})
    with Store.open(config.store) as store:
        case = make_case(config, inputs, collections, at, store)
        statements = store.statements(config.practice.id)
        seen = store.last_seen(config.practice.id, vma)
        stopped = store.stopped(config.practice.id)
    return _Gathered(case, statements, lambda _: seen, stopped)


def _facts(gathered: _Gathered, case: Case, vma: str) -> Facts:
    seen = gathered.audited(vma)
    return Facts(case, judge(case), vma, gathered.statements, case.day_of(seen) if seen else None)


# ---- text -----------------------------------------------------------------------------------------------------------


def _show_onboarding(result: Onboarding, case: Case, names: Callable[[int], str]) -> None:
    asked = f", asked for {result.day}, the first day" if result.day > case.today else ""
    show(Text(f"{result.name} ({result.vma}): {', '.join(result.roles)}, from {result.start}{asked}", style="bold"), "")
    _show_items(result.items)
    show("", Text("what to grant, and nothing else", style="bold"))
    grants, advice = result.grants, result.grants.advice
    for system, chosen in grants.by_system.items():
        show(f"  {case.systems[system].title}: {', '.join(c.name for c in chosen)}")
    show(f"  gives: {names(advice.covers) or 'nothing'}")
    if advice.spare:
        show(f"  brings along, and the role allows it: {names(advice.spare)}")
    for title, mask in (
        ("brings along beyond the role, because nothing here is finer", advice.excess),
        ("only together with something forbidden", advice.impossible),
        ("no system here gives", grants.nowhere),
    ):
        if mask:
            show(Text(f"  {title}: {names(mask)}", "yellow"))
    for system, count in grants.unclassified.items():
        show(f"  {count} entitlements of {case.systems[system].title} could not be weighed: `auditor catalog check`")
    show("")
    if result.ready:
        show(Text("READY", style="bold green"))
        return
    show(Text(f"NOT READY: {len(result.missing)} of {_before(result.items)} items are missing", style="bold red"))
    for answered in result.missing:
        show(f"  {answered.item.id}: {'; '.join(answered.todo or answered.evidence)}")


def _show_offboarding(result: Offboarding, case: Case) -> None:
    end = f"last day {result.end}" if result.end else "no end on the roster"
    show(Text(f"{result.name} ({result.vma}): {end}", style="bold"), "")
    _show_items(result.items)
    if result.lags:
        show("", Text("from the end of the last day until disabled", style="bold"))
    for lag in result.lags:
        title = case.systems[lag.system].title
        state = "still live after" if lag.live else "seen disabled within"
        show(f"  {title}: {lag.login} {state} {lag.hours:.1f} h")
    style = {Outcome.GONE: "bold green", Outcome.NOT_GONE: "bold red", Outcome.UNPROVEN: "bold yellow"}[result.outcome]
    show("", Text(result.outcome.value, style=style))
    for answered in result.items:
        if answered.answer not in (Answer.PASSED, Answer.NOT_DUE):
            show(f"  {answered.item.id}: {'; '.join(answered.todo or answered.evidence)}")


def _show_items(items: Iterable[Answered]) -> None:
    for answered in items:
        mark, style = MARKS[answered.answer]
        show(Text.assemble((f"{mark} ", style), (f"{answered.item.id:<16}", "bold"), answered.item.text))
        for line in (line for evidence in answered.evidence for line in folded(evidence)):
            show(Text(f"{'':18}{line}", style="dim"))


def _before(items: Iterable[Answered]) -> int:
    return sum(a.item.when == "before" for a in items)


# ---- JSON -----------------------------------------------------------------------------------------------------------


def _say(data: dict[str, Any]) -> None:
    from auditor.cli.out import say  # noqa: PLC0415

    say(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def _item_data(answered: Answered) -> dict[str, Any]:
    return {
        "id": answered.item.id,
        "text": answered.item.text,
        "when": answered.item.when,
        "source": answered.item.source,
        "answer": answered.answer.value,
        "evidence": list(answered.evidence),
        "to_do": list(answered.todo),
    }


def _onboarding_data(result: Onboarding, case: Case) -> dict[str, Any]:
    names = case.policy.vocabulary.names
    return {
        "vma": result.vma,
        "name": result.name,
        "roles": list(result.roles),
        "start": result.start.isoformat(),
        "day": result.day.isoformat(),
        "ready": result.ready,
        "missing": [a.item.id for a in result.missing],
        "items": [_item_data(a) for a in result.items],
        "grant": {
            system: [{"id": c.id.partition("/")[2], "name": c.name} for c in chosen]
            for system, chosen in result.grants.by_system.items()
        },
        "gives": list(names(result.grants.advice.covers)),
        "spare": list(names(result.grants.advice.spare)),
        "excess": list(names(result.grants.advice.excess)),
        "only_with_forbidden": list(names(result.grants.advice.impossible)),
        "no_system_gives": list(names(result.grants.nowhere)),
        "could_not_be_weighed": result.grants.unclassified,
    }


def _offboarding_data(result: Offboarding) -> dict[str, Any]:
    return {
        "vma": result.vma,
        "name": result.name,
        "end": result.end.isoformat() if result.end else None,
        "outcome": result.outcome.value,
        "items": [_item_data(a) for a in result.items],
        "hours_to_disabled": [
            {"system": g.system, "login": g.login, "live": g.live, "hours": g.hours, "seen_at": g.seen_at.isoformat()}
            for g in result.lags
        ],
    }
