"""The workbook of one reviewer."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from auditor.review.desk import Desk, QuestionView
from auditor.review.wanted import MIN_REASON, Who
from auditor.review_records import Campaign
from auditor.review_sheet.layout import (
    CHOICES,
    COLUMNS,
    COMPARED,
    DECISIONS,
    HELD,
    HELD_TITLES,
    MARK_ROW,
    NAME_ROW,
    START,
    held_row,
    mark_of,
    shown,
)
from connectors.inputs.file_writing import write_whole
from reports.safe import one_line

_AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LINE, MOST_LINES = 14, 20
"""Points of a line, and how many a row is at most high."""

_WORDS = (
    "Decide each row of the sheet `Decisions`: choose keep, remove, change or exception. An empty row is not decided.",
    f"Where you decide against the advice, say why in at least {MIN_REASON} characters of your own, row by row.",
    "An exception needs its last day (such as 2027-03-31), a reason, and what protects meanwhile.",
    "What the role explains is one row a person: `keep` confirms all of it; the last sheet says what is held.",
    "Type your full name above when every row is decided: that signs them. Until then you may change your mind.",
    "Send the file back as it is. Rows that were edited, moved, doubled or added are refused, and so are formulas.",
)


def file_name(campaign: Campaign, reviewer: str) -> str:
    """Return what the workbook of a reviewer is called."""
    return f"review-{_plain(campaign.name)}-{_plain(reviewer)}.xlsx"


def write_workbook(desk: Desk, campaign: Campaign, reviewer: str, path: Path) -> int:
    """
    Write the workbook of a reviewer, whole or not at all, and return how many questions it asks.

    The same review gives the same bytes, whoever writes it when. Raises `OSError`; the file is not there then.
    """
    made = BytesIO()
    rows = _fill(desk, campaign, reviewer, made)
    write_whole(path, made.getvalue())
    return rows


def views_of(desk: Desk, who: Who, campaign: Campaign) -> Iterator[QuestionView]:
    """Give the own questions of a reviewer in the order of the workbook: person by person, the riskiest first."""
    for line in desk.people(who, campaign.id, limit=2**31):
        view = desk.person(who, campaign.id, line.person)
        if view is not None:
            yield from (one for one in view.questions if one.state.reviewer == who.reviewer and not one.state.closed)


def _fill(desk: Desk, campaign: Campaign, reviewer: str, file: BytesIO) -> int:
    who = Who(reviewer, "writes the workbook")
    with Workbook(file, _AS_TEXT) as book:
        # Otherwise the moment of writing stands in the file, and two workbooks of one review differ.
        book.set_properties({"title": f"Access review {campaign.name}", "created": datetime(2020, 1, 1, tzinfo=UTC)})
        formats = _formats(book)
        _start(book, formats, desk, campaign, reviewer)
        decisions, held = book.add_worksheet(DECISIONS), book.add_worksheet(HELD)
        decisions.write_row(0, 0, [column.title for column in COLUMNS], formats["head"])
        held.write_row(0, 0, HELD_TITLES, formats["head"])
        row = line = 0
        for row, view in enumerate(views_of(desk, who, campaign), 1):
            _row(decisions, row, view, formats)
            for item in view.items:
                line += 1
                for column, text in enumerate(held_row(row, view, item)):
                    held.write_string(line, column, text, formats["read"])
        _finish(decisions, held, row, line)
    return row


def _start(book: Workbook, formats: dict[str, Any], desk: Desk, campaign: Campaign, reviewer: str) -> None:
    sheet = book.add_worksheet(START)
    name = desk.settings.reviewers[reviewer].name
    told = (
        ("Access review", f"{campaign.name}, {campaign.period_from} to {campaign.period_to}"),
        ("Reviewer", one_line(name)),
        ("Due", campaign.due.isoformat()),
        ("This workbook", mark_of(campaign, reviewer)),
    )
    assert len(told) - 1 == MARK_ROW  # noqa: S101 - the reader looks there
    for row, (title, text) in enumerate(told):
        sheet.write_string(row, 0, title, formats["head"])
        sheet.write_string(row, 1, text, formats["read"])
    sheet.write_string(NAME_ROW, 0, "Your full name, to sign", formats["head"])
    sheet.write_blank(NAME_ROW, 1, None, formats["fill"])
    for row, text in enumerate((*_WORDS, *_unread(campaign)), NAME_ROW + 2):
        sheet.write_string(row, 1, text, formats["read"])
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 110)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.protect()


def _unread(campaign: Campaign) -> Iterator[str]:
    """Yield what was not read: of what stands there nobody is asked, and nobody is to think that it was reviewed."""
    for line in campaign.unread:
        yield one_line(f"Not read whole, so not all of it is asked about: {line}")[:500]
    for one in campaign.accepted:
        yield one_line(f"{one.system}: opened all the same by {one.by}, because: {one.reason}")[:500]


def _row(sheet: Any, row: int, view: QuestionView, formats: dict[str, Any]) -> None:
    texts = shown(row, view)
    decided = _decided(view)
    sheet.set_row(row, LINE * max(_lines(texts[column.key], column.width) for column in COMPARED))
    for number, column in enumerate(COLUMNS):
        if not column.filled_in:
            sheet.write_string(row, number, texts[column.key], formats["read"])
        elif text := decided.get(column.key):
            sheet.write_string(row, number, text, formats["fill"])
        else:
            sheet.write_blank(row, number, None, formats["fill"])


def _lines(text: str, width: int) -> int:
    """Return how many lines a text takes in a cell: not every program makes a row as high as its text."""
    return min(MOST_LINES, sum(-(-max(len(part), 1) // width) for part in text.split("\n")))


def _decided(view: QuestionView) -> dict[str, str]:
    if view.decision is None or not view.state.decision:
        return {}
    d = view.decision
    return {
        "decision": d.kind.value,
        "reason": d.reason,
        "change_to": d.change_to,
        "expires": d.expires.isoformat() if d.expires else "",
        "compensating": d.compensating,
    }


def _finish(decisions: Any, held: Any, rows: int, lines: int) -> None:
    for number, column in enumerate(COLUMNS):
        decisions.set_column(number, number, column.width)
    for number, width in enumerate((5, 24, 18, 20, 40, 28, 13, 15)):
        held.set_column(number, number, width)
    if rows:
        choices = {"validate": "list", "source": [one.value for one in CHOICES], "error_message": "choose one of four"}
        decisions.data_validation(1, _at("decision"), rows, _at("decision"), choices)
    for sheet, last, columns in ((decisions, rows, len(COLUMNS)), (held, lines, len(HELD_TITLES))):
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(last, 1), columns - 1)
        sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)


def _formats(book: Workbook) -> dict[str, Any]:
    plain = {"text_wrap": True, "valign": "top", "num_format": "@"}
    return {
        "head": book.add_format({**plain, "bold": True, "bg_color": "#E7EDF3"}),
        "read": book.add_format(plain),
        "fill": book.add_format({**plain, "locked": False, "bg_color": "#FFF9E0", "border": 1}),
    }


def _at(key: str) -> int:
    return next(number for number, column in enumerate(COLUMNS) if column.key == key)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-") or "x"
