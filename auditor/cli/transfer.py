"""`auditor transfer`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from auditor.cli.console import folded, joined, print_lines, styled
from auditor.cli.data.gates import KEYS, orders_data, transfer_data
from auditor.cli.formats import Format
from auditor.cli.gate_gather import Gathered, gather
from auditor.cli.gate_items import print_announced, timely_text
from auditor.cli.gate_orders import orders_of, print_orders
from auditor.cli.output import emit
from auditor.clocks import clocks_of
from auditor.config import load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.gates.announced import Announced, announced
from auditor.gates.transfer import Transfer, TransferHolding, TransferOutcome, transfer
from auditor.lag.controls import SHIPPED, By, Control, clock, load_controls
from auditor.snapshot import WorkOrder
from policies.engine.candidates_wording import how_to_settle, seems
from policies.engine.case import Case


def run_transfer(
    vma: str, path: Path, to: Sequence[str], as_of: str | None, *, store: Path | None, output: Format
) -> int:
    """
    Say what a change of role takes away, brings and leaves, and print it; nothing is stored.

    Returns 0 for DONE, 1 for NOT DONE, 2 for UNPROVEN.
    """
    config = load_config(path, store=store)
    gathered = gather(config, vma, as_of)
    due = clock(load_controls(config.controls or SHIPPED), By.AUDITS)
    result = answer(gathered, vma, to, due)
    claimed = announced(gathered.case, vma, clocks_of(config))
    emit(
        output,
        text=lambda: _print(gathered, result, due.due_hours if due else None, claimed, to_come=bool(to)),
        data=lambda: replace(
            transfer_data(result, gathered.case, claimed), orders=orders_data(_orders(gathered, result, to))
        ),
        keys=KEYS,
    )
    return {TransferOutcome.DONE: IN_STEP, TransferOutcome.NOT_DONE: FINDINGS, TransferOutcome.UNPROVEN: NOT_EVALUABLE}[
        result.outcome
    ]


def _print(
    gathered: Gathered, result: Transfer, due_hours: int | None, claimed: Sequence[Announced], *, to_come: bool
) -> None:
    _show(result, gathered.case, due_hours, claimed, to_come=to_come)
    print_orders(_orders(gathered, result, ["asked for"] if to_come else []), gathered.case, result.vma)


def _orders(gathered: Gathered, result: Transfer, to: Sequence[str]) -> tuple[WorkOrder, ...]:
    """Return what a change that has been calls for; one that is only asked about, or is to come, calls for nothing."""
    return () if to or result.on is not None else orders_of(gathered, result.vma)


def answer(gathered: Gathered, vma: str, to: Sequence[str], due: Control | None) -> Transfer:
    """Return what a change of role means for somebody; `due` is the control whose hours count, if there is one."""
    case = gathered.case
    findings = gathered.facts(case, vma).judgment.findings if vma in case.engagements else ()
    return transfer(case, vma, to, findings, past=gathered.past, due_hours=due.due_hours if due else 0)


def _show(result: Transfer, case: Case, due_hours: int | None, claimed: Sequence[Announced], *, to_come: bool) -> None:
    when = f", from {result.on}" if result.on else ""
    print_lines(
        styled(f"{result.name} ({result.vma}): {', '.join(result.old)} → {', '.join(result.new)}{when}", style="bold")
    )
    if due_hours is not None:
        print_lines(
            f"within {due_hours} h of the first day in the new role, by the practice's clock; remove first, then add"
        )
    _show_going(result, case)
    _show_coming(result, case)
    _head("3. may stay", bool(result.stay))
    for held in result.stay:
        _line("✓", "green", f"{_where(case, held)}: {'needed' if held.needed else 'allowed, and not required'}")
    _show_rest(result, case)
    if result.on is None and not to_come:
        _show_hours(result, case)
    print_announced(claimed, case.practice.timezone)
    styles = {
        TransferOutcome.DONE: "bold green",
        TransferOutcome.NOT_DONE: "bold red",
        TransferOutcome.UNPROVEN: "bold yellow",
    }
    todo = (
        f": {len(result.go)} must go, {_coming(result)} must come" if result.outcome is TransferOutcome.NOT_DONE else ""
    )
    print_lines("", styled(f"{result.outcome.value}{todo}", style=styles[result.outcome]))


def _show_going(result: Transfer, case: Case) -> None:
    names = case.policy.vocabulary.names
    _head("1. must go, first", bool(result.go))
    for held in result.go:
        _line("✗", "bold red", f"{_where(case, held)}: beyond the role: {', '.join(names(held.beyond))}")
        _more(f"→ {held.remedy}")
        if held.needed:
            _more(
                f"what of it the role needs ({', '.join(names(held.needed))}) comes below, or stays by something else"
            )


def _show_coming(result: Transfer, case: Case) -> None:
    names, advice = case.policy.vocabulary.names, result.grants.advice
    _head("2. must come, then", bool(result.grants.by_system))
    for system, chosen in result.grants.by_system.items():
        _line("+", "yellow", f"{case.systems[system].title}: {', '.join(c.name for c in chosen)}")
    for title, mask in (
        ("gives", advice.covers),
        ("brings along beyond the role, because the product has nothing finer to give", advice.excess),
        ("only together with something forbidden", advice.impossible),
        (
            "no system here is known to give" if result.grants.unclassified else "no system here gives",
            result.grants.nowhere,
        ),
    ):
        if mask:
            _more(f"{title}: {', '.join(names(mask))}")


def _show_rest(result: Transfer, case: Case) -> None:
    if result.unknown or result.idle or result.accumulated or result.unread or result.unsettled:
        _head("and", some=True)
    for held in result.unknown:
        _line("?", "yellow", f"{_where(case, held)}: no catalog can read it, so a person must say whether it may stay")
    for system, login in result.idle:
        _line("!", "yellow", f"nothing in {case.systems[system].title} is needed any more: disable {login}")
    for finding in result.accumulated:
        _line("✗", "bold red", f"{finding.identity(case.practice.id)} accumulated: {finding.observed}")
    for system, reason in result.unread.items():
        _line("?", "yellow", f"{case.systems[system].title} was not read: {reason}")
    for question in result.unsettled:
        _line("?", "yellow", seems(case, question))
        _more(f"→ {how_to_settle(question)}")


def _show_hours(result: Transfer, case: Case) -> None:
    changed = result.changed
    if changed is None:
        print_lines(
            "", "how long it is due is not known: no roster dates the change, and no audit saw the earlier role"
        )
        return
    first, last = case.day_of(changed.earliest), case.day_of(changed.latest)
    if changed.dated:
        print_lines("", f"from the first day in the new role, {first}, until what is beyond it was gone")
    else:
        print_lines("", "from the change of role until what is beyond the new one was gone")
        print_lines(f"  it changed between {first} and {last}, as audits saw it: the roster gives no day")
    for k in result.kept:
        least, most = f"{k.at_least:.1f}", f"{k.hours:.1f}"
        span = f"{most} h" if k.at_least >= k.hours or least == most else f"between {least} and {most} h"
        what = f"is still held, {span} after it" if k.held else f"was gone {span} after it"
        text = f"{case.systems[k.system].title}: {k.name} of {k.login} {what}: "
        print_lines(joined(f"  {text}", timely_text(k.timely)))
    if not result.kept:
        print_lines("  nothing that was held then is beyond the new role")


def _coming(result: Transfer) -> int:
    return sum(len(chosen) for chosen in result.grants.by_system.values())


def _head(title: str, some: bool) -> None:
    print_lines("", styled(title if some else f"{title}: nothing", style="bold"))


def _line(mark: str, style: str, text: str) -> None:
    first, *more = folded(text)
    print_lines(joined((f"  {mark} ", style), first), *(f"    {line}" for line in more))


def _more(text: str) -> None:
    print_lines(*(styled(f"    {line}", style="dim") for line in folded(text)))


def _where(case: Case, held: TransferHolding) -> str:
    return f"{held.name} of {held.login} in {case.systems[held.system].title}"
