"""`auditor onboard` and `auditor offboard`."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rich.text import Text

from auditor.cli.gate_gather import gather
from auditor.cli.show import clean, folded, show
from auditor.config import load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.gates.checklist import AnsweredItem, GateAnswer
from auditor.gates.offboard import AccountLag, Offboarding, OffboardOutcome, Timely, offboard
from auditor.gates.onboard import Onboarding, onboard
from auditor.lag.controls import SHIPPED, By, clock, load_controls
from connectors.errors import AuditorError
from policies.engine.case import Case
from reports.words import plural

MARKS = {
    GateAnswer.PASSED: ("✓", "green"),
    GateAnswer.FAILED: ("✗", "bold red"),
    GateAnswer.CANNOT_TELL: ("?", "yellow"),
    GateAnswer.NEEDS_A_WORD: ("✎", "yellow"),
    GateAnswer.NOT_DUE: ("·", "dim"),
}


def run_onboard(vma: str, path: Path, as_of: str | None, *, as_json: bool) -> int:
    """
    Answer the gate of a new VMA and print it; nothing is stored.

    Returns 0 when ready; 1 when something is missing; 2 when all that is missing is what cannot be told.
    """
    gathered = gather(load_config(path), vma, as_of)
    result = onboard(gathered.case, lambda then: gathered.facts(then, vma), vma)
    vocabulary = gathered.case.policy.vocabulary
    if as_json:
        _say(_onboarding_data(result, gathered.case))
    else:
        _show_onboarding(result, gathered.case, lambda mask: ", ".join(vocabulary.names(mask)))
    if result.ready:
        return IN_STEP
    return NOT_EVALUABLE if all(a.answer is GateAnswer.CANNOT_TELL for a in result.missing) else FINDINGS


def run_offboard(vma: str, path: Path, as_of: str | None, *, as_json: bool) -> int:
    """
    Say whether a leaver is gone, and print what proves it; nothing is stored.

    Returns 0 for GONE, 1 for NOT GONE, 2 for UNPROVEN.
    """
    config = load_config(path)
    controls = config.controls or SHIPPED
    due = clock(load_controls(controls), By.STOPPED)
    if due is None:
        raise AuditorError(
            f"`{controls.name}` has no control `by: stopped`", hint="its `due_hours` are the clock of an offboarding"
        )
    gathered = gather(config, vma, as_of)
    result = offboard(gathered.case, gathered.facts(gathered.case, vma), gathered.past, due)
    if as_json:
        _say(_offboarding_data(result))
    else:
        _show_offboarding(result, gathered.case)
    return {OffboardOutcome.GONE: IN_STEP, OffboardOutcome.NOT_GONE: FINDINGS, OffboardOutcome.UNPROVEN: NOT_EVALUABLE}[
        result.outcome
    ]


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
        ("brings along beyond the role, because the product has nothing finer to give", advice.excess),
        ("only together with something forbidden", advice.impossible),
        ("no system here is known to give" if grants.unclassified else "no system here gives", grants.nowhere),
    ):
        if mask:
            show(Text(f"  {title}: {names(mask)}", "yellow"))
    for system, chosen in grants.finer.items():
        rights = ", ".join(c.name for c in chosen)
        show(f"  a new group in {case.systems[system].title} would do better, with only: {rights}")
    for system, count in grants.unclassified.items():
        counted = plural(count, "entitlement")
        show(f"  {counted} of {case.systems[system].title} could not be weighed: `auditor catalog check`")
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
        head = f"from the end of the last day until disabled; the practice's clock gives {result.due_hours} h"
        show("", Text(head, style="bold"))
    for lag in result.lags:
        show(Text.assemble(f"  {case.systems[lag.system].title}: {clean(_hours(lag))}: ", timely_text(lag.timely)))
    style = {
        OffboardOutcome.GONE: "bold green",
        OffboardOutcome.NOT_GONE: "bold red",
        OffboardOutcome.UNPROVEN: "bold yellow",
    }[result.outcome]
    show("", Text(result.outcome.value, style=style))
    for answered in result.items:
        if answered.answer not in (GateAnswer.PASSED, GateAnswer.NOT_DUE):
            show(f"  {answered.item.id}: {'; '.join(answered.todo or answered.evidence)}")


def _hours(lag: AccountLag) -> str:
    if lag.live:
        return f"{lag.login} is still live after {lag.hours:.1f} h"
    if lag.at_least >= lag.hours:
        return f"{lag.login} was disabled {lag.hours:.1f} h after it"
    return f"{lag.login} was disabled between {lag.at_least:.1f} and {lag.hours:.1f} h after it, as audits saw it"


def timely_text(timely: Timely) -> tuple[str, str]:
    """Return the words and the style of how something stands against the clock."""
    styles = {Timely.IN_TIME: "green", Timely.LATE: "bold red", Timely.UNPROVEN: "yellow", Timely.NOT_DUE: "yellow"}
    return timely.value, styles[timely]


def _show_items(items: Iterable[AnsweredItem]) -> None:
    for answered in items:
        mark, style = MARKS[answered.answer]
        show(Text.assemble((f"{mark} ", style), (f"{answered.item.id:<16}", "bold"), answered.item.text))
        for line in (line for evidence in answered.evidence for line in folded(evidence)):
            show(Text(f"{'':18}{line}", style="dim"))


def _before(items: Iterable[AnsweredItem]) -> int:
    return sum(a.item.when == "before" for a in items)


# ---- JSON -----------------------------------------------------------------------------------------------------------


def _say(data: dict[str, Any]) -> None:
    from auditor.cli.out import say  # noqa: PLC0415

    say(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def _item_data(answered: AnsweredItem) -> dict[str, Any]:
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
        "finer": {system: [c.name for c in chosen] for system, chosen in result.grants.finer.items()},
        "could_not_be_weighed": result.grants.unclassified,
    }


def _offboarding_data(result: Offboarding) -> dict[str, Any]:
    return {
        "vma": result.vma,
        "name": result.name,
        "end": result.end.isoformat() if result.end else None,
        "outcome": result.outcome.value,
        "items": [_item_data(a) for a in result.items],
        "due_hours": result.due_hours,
        "hours_to_disabled": [
            {
                "system": g.system,
                "login": g.login,
                "live": g.live,
                "hours": g.hours,
                "at_least": g.at_least,
                "seen_at": g.seen_at.isoformat(),
                "timely": g.timely.value,
            }
            for g in result.lags
        ],
    }
