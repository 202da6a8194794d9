# ruff: noqa: E501 - tables are read across
"""
The practice's weekly figures, June to November 2026: what its telephone and its task lists counted, by role.

Nothing here is random: each figure goes from its first to its last value along a line, with a small fixed unrest.
"""

from datetime import date, timedelta

from story.files import Files, csv_text, table

_FIRST, _WEEKS = date(2026, 6, 1), 25
_UNREST = (0, 2, -1, 1, -2, 3, 0, -3, 1, 2, -1, 0, -2, 1, 3, -1, 0, 2, -3, 1, -1, 2, 0, -2, 1)

# From → to, over the 25 weeks; `step` is a date from which the second value holds.
_ROLES = table("""
role                | calls    | abandoned | tasks_due | done_late | carried_over | deferred_duties | response_hours | hours
# Hillcrest's calls come to the same desk since September; Rosa came on 9 November.
front_desk          | 310 520  | 14 86     | 120 165   | 6 30      | 8 46         | 2 12            | 3 11           | 38 42
# Steady: Tomás has two places now, and the same day.
scheduler           | 180 205  | 9 12      | 140 150   | 7 9       | 9 11         | 2 3             | 4 5            | 39 40
# Priya took these on in August.
prior_authorization | 30 34    | 1 1       | 66 72     | step 17 5 | step 26 8    | step 7 2        | step 30 14     | step 12 40
billing             | 40 44    | 2 2       | 150 172   | 9 10      | 14 15        | 3 4             | 18 20          | 40 47
""")
_PRIYA = date(2026, 8, 3)


def files(path: str) -> Files:
    """Return the figures as a file."""
    rows = []
    for week in range(_WEEKS):
        day = _FIRST + timedelta(days=7 * week)
        shared = [3 if day >= date(2026, 9, 14) else 2, 190 + 3 * week + 4 * _UNREST[week]]
        for number, role in enumerate(_ROLES):
            unrest = _UNREST[(week + 7 * number) % _WEEKS]
            figures = [_value(text, week, day, unrest) for name, text in role.items() if name != "role"]
            rows.append([day, role["role"], *figures[:-1], *shared, figures[-1]])
    header = "week,role,calls,abandoned,tasks_due,done_late,carried_over,deferred_duties,response_hours,providers,visits,hours"
    return {path: csv_text(header, rows)}


def _value(text: str, week: int, day: date, unrest: int) -> int:
    words = text.split()
    if words[0] == "step":
        base = int(words[2 if day >= _PRIYA else 1])
    else:
        first, last = int(words[0]), int(words[1])
        base = first + (last - first) * week // (_WEEKS - 1)
    # A twentieth of unrest, and at least one where there is something to count.
    return max(0, base + unrest * max(base, 12) // 36)
