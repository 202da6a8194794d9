"""What stands where in the workbook of a review; written and read by the same words."""

from dataclasses import dataclass

from auditor.review.desk import QuestionView
from auditor.review_records import Campaign, DecisionKind, ReviewItem
from reports.safe import one_line, visible

START, DECISIONS, HELD = "Start here", "Decisions", "What is held"
"""The names of the sheets, in their order."""
MAX_ROWS, MAX_COLUMNS = 100_000, 20
"""More than any honest workbook of a review has."""
MAX_CELL = 2_000
"""Characters of a cell that is shown; the whole stands on the page and on the sheet of what is held."""
FEW = 8
"""So many places are named in the row itself; all of them stand on the sheet of what is held."""

MARK_ROW, NAME_ROW = 3, 4
"""Rows of the first sheet, counted from 0, that are read again: which workbook it is, and who signs."""
VALUE_COLUMN = 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the decisions."""

    key: str
    title: str
    width: int
    filled_in: bool = False
    """Whether the reviewer writes into it; every other cell is compared with the review."""


COLUMNS = (
    Column("number", "No.", 5),
    Column("person", "Person", 24),
    Column("title", "What", 44),
    Column("held", "Held where", 44),
    Column("used", "Last used", 13),
    Column("why", "What speaks for and against", 50),
    Column("advice", "Advice", 34),
    Column("decision", "Decision", 13, filled_in=True),
    Column("reason", "Reason", 40, filled_in=True),
    Column("change_to", "Change: what instead", 28, filled_in=True),
    Column("expires", "Exception: last day", 14, filled_in=True),
    Column("compensating", "Exception: what protects meanwhile", 34, filled_in=True),
    Column("question", "Question", 15),
    Column("version", "Version", 9),
)
COMPARED = tuple(c for c in COLUMNS if not c.filled_in and c.key not in ("number", "version"))
"""What must come back as it went out; the number only counts, and the version is judged by the desk."""

HELD_TITLES = ("No.", "Person", "System", "Log-in", "Held", "Given by", "Last used", "Held since")

CHOICES = (DecisionKind.KEEP, DecisionKind.REMOVE, DecisionKind.CHANGE, DecisionKind.EXCEPTION)
"""What the drop-down offers; an empty cell decides nothing."""


def mark_of(campaign: Campaign, reviewer: str) -> str:
    """Say whose workbook of which review it is, and of which population: `R-… dana SHA256`."""
    return f"{campaign.id} {reviewer} {campaign.population_digest}"


def shown(number: int, view: QuestionView) -> dict[str, str]:
    """Return the cells of a row that the reviewer only reads, by column."""
    question = view.question
    return {
        "number": str(number),
        "person": _cell(f"{question.person_name} ({question.person})"),
        "title": _cell(question.title),
        "held": _cell("\n".join(_places(view.items))),
        "used": _cell(_used(view.items)),
        "why": _cell("\n".join(one_line(each) for each in question.why)),
        "advice": _cell(f"{question.advice.value}: {question.advice_why}"),
        "question": question.question,
        "version": str(view.state.version),
    }


def held_row(number: int, view: QuestionView, item: ReviewItem) -> tuple[str, ...]:
    """Return one line of the sheet of what is held."""
    return (
        str(number),
        _cell(view.question.person_name),
        _cell(item.system_title),
        _cell(item.login),
        _cell(item.name if item.entitlement else "the account itself"),
        _cell(item.given_name if item.given != item.entitlement else ""),
        _cell(_day(item.last_used)),
        item.held_since.isoformat() if item.held_since else "the first audit",
    )


def told(text: str) -> str:
    """Return a cell as it is compared: programs for spreadsheets change the white space of what they save."""
    return " ".join(text.split())


def _cell(text: str) -> str:
    text = visible(text)
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"


def _places(items: tuple[ReviewItem, ...]) -> list[str]:
    lines = [f"{i.system_title}: {one_line(i.name)} ({one_line(i.login)})" for i in items[:FEW]]
    more = len(items) - len(lines)
    return [*lines, f"and {more} more: sheet `{HELD}`"] if more > 0 else lines


def _used(items: tuple[ReviewItem, ...]) -> str:
    known = sorted({item.last_used for item in items if item.last_used and item.last_used != "never"})
    if known:
        return _day(known[-1])
    return "never" if items and all(item.last_used == "never" for item in items) else "not known"


def _day(last_used: str | None) -> str:
    return "not known" if last_used is None else last_used[:10]
