"""What the gates have in common: how the items of a checklist look, and how long something took against the clock."""

from collections.abc import Iterable

from auditor.cli.console import folded, joined, print_lines, styled
from auditor.gates.announced import Announced
from auditor.gates.checklist import AnsweredItem, GateAnswer
from auditor.gates.offboard import Timely

MARKS = {
    GateAnswer.PASSED: ("✓", "green"),
    GateAnswer.FAILED: ("✗", "bold red"),
    GateAnswer.CANNOT_TELL: ("?", "yellow"),
    GateAnswer.NEEDS_A_WORD: ("✎", "yellow"),
    GateAnswer.NOT_DUE: ("·", "dim"),
}


def timely_text(timely: Timely) -> tuple[str, str]:
    """Return the words and the style of how something stands against the clock."""
    styles = {Timely.IN_TIME: "green", Timely.LATE: "bold red", Timely.UNPROVEN: "yellow", Timely.NOT_DUE: "yellow"}
    return timely.value, styles[timely]


def print_items(items: Iterable[AnsweredItem]) -> None:
    """Print the items of a checklist, each with what it rests on."""
    for answered in items:
        mark, style = MARKS[answered.answer]
        print_lines(joined((f"{mark} ", style), (f"{answered.item.id:<16}", "bold"), answered.item.text))
        for line in (line for evidence in answered.evidence for line in folded(evidence)):
            print_lines(styled(f"{'':18}{line}", style="dim"))


def before(items: Iterable[AnsweredItem]) -> int:
    """Count the items that must be there before the first day."""
    return sum(a.item.when == "before" for a in items)


def print_announced(found: Iterable[Announced], timezone: str) -> None:
    """Print what notices claim of a VMA; nothing where none does."""
    for number, one in enumerate(found):
        if number == 0:
            print_lines("", styled("what notices claim", style="bold"))
        for place, line in enumerate(one.lines(timezone)):
            print_lines(*(f"{'  ' if place == 0 else '    '}{part}" for part in folded(line)))
