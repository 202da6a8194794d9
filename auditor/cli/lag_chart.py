"""Two step lines in a terminal: controlled headcount, and above it what is missing to the headcount."""

from rich.text import Text

from auditor.lag.lag import Lockstep, worst
from auditor.lag.spans import Calendar

ROWS = 8


def chart(step: Lockstep, calendar: Calendar, columns: int) -> list[Text]:
    """
    Return the lines of the chart; none when there was nobody or no time.

    Each column shows the worst moment of its time, so that a short gap is not lost between two columns.
    """
    room = max(10, min(columns - 8, 72))
    top = max((s.headcount for s in step.steps), default=0)
    if top == 0 or step.until <= step.since:
        return []
    cells = [worst(step, number, room) for number in range(room)]
    rows = min(ROWS, top)
    lines = []
    for row in range(rows, 0, -1):
        line = Text(f"{-(-top * row // rows):>5} │")
        for heads, controlled in cells:
            # A row stands for `top / rows` people, and is filled when they are all there.
            if controlled * rows >= top * row:
                line.append("█", "green")
            else:
                line.append("░" if heads * rows >= top * row else " ", "red")
        lines.append(line)
    first, last = str(calendar.day(step.since)), str(calendar.day(step.until))
    lines.append(Text(f"{'':6}└{'─' * room}"))
    lines.append(Text(f"{'':7}{first}{last:>{room - len(first)}}"))
    lines.append(Text(f"{'':7}█ every control in place   ░ headcount without", style="dim"))
    return lines
