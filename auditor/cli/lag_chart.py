"""Two step lines in a terminal: controlled headcount, and above it what is missing to the headcount."""

from rich.text import Text

from auditor.lag import Lockstep, Step
from auditor.lag_time import Calendar

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
    cells = [_worst(step, number, room) for number in range(room)]
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


def _worst(step: Lockstep, number: int, columns: int) -> tuple[int, int]:
    """Return headcount and controlled headcount at the moment of one column at which they are farthest apart."""
    length = step.until - step.since
    begin = step.since + length * number // columns
    end = max(begin + 1, step.since + length * (number + 1) // columns)
    inside = [
        s for s, after in zip(step.steps, _ends(step), strict=True) if s.at < end and begin < after and s.at < after
    ]
    worst = max(inside, key=lambda s: (s.headcount - s.controlled, s.headcount), default=Step(begin, 0, 0))
    return worst.headcount, worst.controlled


def _ends(step: Lockstep) -> list[int]:
    return [s.at for s in step.steps[1:]] + [step.until]
