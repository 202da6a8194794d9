"""
Saved answers of Microsoft Graph: one answer, or the answers of one question page by page.

A page that is not the last carries `@odata.nextLink`; a question with `$count=true` carries `@odata.count` on its first
page. Source: Microsoft Graph, "Paging Microsoft Graph data in your app", "Advanced query capabilities".
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.directory.saved.pages import AGAIN, load_pages, next_page
from connectors.errors import InputError, SourceTruncated
from connectors.inputs.fields import MAX_TEXT, Fields, FromFile

NEXT, COUNT = "@odata.nextLink", "@odata.count"


@dataclass(frozen=True, slots=True)
class CountedAnswers:
    """The entries of all pages, and how many the service said there are; `None` when it was not asked."""

    entries: tuple[Fields, ...]
    stated: int | None
    pages: int = 1


def read_answers(path: Path, what: str) -> CountedAnswers:
    """
    Read every page of a file; `what` names one entry.

    Raises `SourceTruncated` when the last page says that there is more, or the service counted otherwise; `InputError`
    for a file that is no answer of Graph.
    """
    pages = load_pages(path)
    entries: list[Fields] = []
    counts: set[int] = set()
    for number, page in enumerate(pages, 1):
        answer, values = _page(path, number, page)
        next_page(path, answer, NEXT, expected="an address", number=number, of=len(pages))
        if (count := _count(path, answer)) is not None:
            counts.add(count)
        entries += [Fields(FromFile(path), f"{what} {len(entries) + n}", value) for n, value in enumerate(values, 1)]
    if len(counts) > 1:
        raise SourceTruncated(f"{path}: the pages state different totals", hint=AGAIN)
    stated = counts.pop() if counts else None
    if stated is not None and stated != len(entries):
        raise SourceTruncated(f"{path}: Graph said it has {stated} but the file holds {len(entries)}", hint=AGAIN)
    return CountedAnswers(tuple(entries), stated, len(pages))


def identifier(entry: Fields, key: str) -> str:
    """Return an object id in lower case, because Graph compares them whatever their case."""
    value = entry.text(key).lower()
    return value if len(value) <= MAX_TEXT // 4 else entry.refuse(key, "too long", "an object id")


def _page(path: Path, number: int, page: object) -> tuple[dict[str, Any], list[Any]]:
    where = f"page {number}"
    if isinstance(page, dict) and "error" in page:
        raise InputError(
            path,
            f"{where} is a refusal of Graph, not an answer",
            expected="an answer with `value`",
            hint="see which permission or licence is missing (`auditor connect` lists them), and save it again",
        )
    values = page.get("value") if isinstance(page, dict) else None
    if not isinstance(page, dict) or not isinstance(values, list):
        raise InputError(
            path,
            f"{where} has no list `value`",
            expected="the answer of Graph as it came, or a list of such answers",
            hint="save whole answers, without `--query` and without turning them into other objects",
        )
    return page, values


def _count(path: Path, answer: dict[str, Any]) -> int | None:
    count = answer.get(COUNT)
    if count is None:
        return None
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise InputError(path, f"`{COUNT}` is not a whole number", expected="how many there are", hint=AGAIN)
    return count
