"""`auditor onboard`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from auditor.cli.console import print_lines, styled
from auditor.cli.data.gates import onboarding_data, orders_data
from auditor.cli.formats import Format
from auditor.cli.gate_gather import Gathered, gather
from auditor.cli.gate_items import before, print_announced, print_items
from auditor.cli.gate_orders import orders_of, print_orders
from auditor.cli.output import emit
from auditor.clocks import clocks_of
from auditor.config import load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.gates.announced import Announced, announced
from auditor.gates.checklist import GateAnswer
from auditor.gates.onboard import Onboarding, onboard
from auditor.snapshot import WorkOrder
from policies.engine.case import Case
from reports.words import plural


def run_onboard(vma: str, path: Path, as_of: str | None, *, store: Path | None, output: Format) -> int:
    """
    GateAnswer the gate of a new VMA and print it; nothing is stored.

    Returns 0 when ready; 1 when something is missing; 2 when all that is missing is what cannot be told.
    """
    config = load_config(path, store=store)
    gathered = gather(config, vma, as_of)
    result = onboard(gathered.case, lambda then: gathered.facts(then, vma), vma)
    orders = orders_of(gathered, vma)
    claimed = announced(gathered.case, vma, clocks_of(config))
    emit(
        output,
        text=lambda: _print(gathered, result, claimed, orders),
        data=lambda: replace(
            onboarding_data(result, gathered.case.policy.vocabulary, claimed), orders=orders_data(orders)
        ),
    )
    return exit_code(result)


def exit_code(result: Onboarding) -> int:
    """Return 0 when ready, 1 when something is missing, 2 when all that is missing is what cannot be told."""
    if result.ready:
        return IN_STEP
    return NOT_EVALUABLE if all(a.answer is GateAnswer.CANNOT_TELL for a in result.missing) else FINDINGS


def _print(gathered: Gathered, result: Onboarding, claimed: Sequence[Announced], orders: Sequence[WorkOrder]) -> None:
    names = gathered.case.policy.vocabulary.names
    _show(result, gathered.case, lambda mask: ", ".join(names(mask)), claimed)
    print_orders(orders, gathered.case, result.vma)


def _show(result: Onboarding, case: Case, names: Callable[[int], str], claimed: Sequence[Announced]) -> None:
    asked = f", asked for {result.day}, the first day" if result.day > case.today else ""
    print_lines(
        styled(f"{result.name} ({result.vma}): {', '.join(result.roles)}, from {result.start}{asked}", "bold"), ""
    )
    print_items(result.items)
    print_lines("", styled("what to grant, and nothing else", "bold"))
    grants, advice = result.grants, result.grants.advice
    for system, chosen in grants.by_system.items():
        print_lines(f"  {case.systems[system].title}: {', '.join(c.name for c in chosen)}")
    print_lines(f"  gives: {names(advice.covers) or 'nothing'}")
    if advice.spare:
        print_lines(f"  brings along, and the role allows it: {names(advice.spare)}")
    for title, mask in (
        ("brings along beyond the role, because the product has nothing finer to give", advice.excess),
        ("only together with something forbidden", advice.impossible),
        ("no system here is known to give" if grants.unclassified else "no system here gives", grants.nowhere),
    ):
        if mask:
            print_lines(styled(f"  {title}: {names(mask)}", "yellow"))
    for system, chosen in grants.finer.items():
        rights = ", ".join(c.name for c in chosen)
        print_lines(f"  a new group in {case.systems[system].title} would do better, with only: {rights}")
    for system, count in grants.unclassified.items():
        counted = plural(count, "entitlement")
        print_lines(f"  {counted} of {case.systems[system].title} could not be weighed: `auditor catalog check`")
    print_announced(claimed, case.practice.timezone)
    print_lines("")
    if result.ready:
        print_lines(styled("READY", "bold green"))
        return
    print_lines(styled(f"NOT READY: {len(result.missing)} of {before(result.items)} items are missing", "bold red"))
    for answered in result.missing:
        print_lines(f"  {answered.item.id}: {'; '.join(answered.todo or answered.evidence)}")
