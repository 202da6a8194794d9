"""The faults about where a list ends, as changes of its pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.testing.bodies import Body
from connectors.testing.faults import Fault

SECOND = 1
"""Most faults strike on the second page: a first page that was read well is what tempts a connector."""
Change = Callable[[int, bytes], bytes | None]


@dataclass(frozen=True, slots=True)
class Ends:
    """How an answer says where the list ends, so that it can be taken away from it."""

    total: str | None = None
    """The field with the stated total, in the outermost object."""
    more: tuple[str, ...] = ()
    """The fields that name the next page, there too."""
    by_index: bool = False
    """Whether the next page is asked for by how many came, so that a short page shifts what follows."""


def end_changes(fault: Fault, ends: Ends, body: Body, replies: list[bytes]) -> list[tuple[str, Change]]:
    """Return the forms of a fault about the end, each with a label."""
    if fault is Fault.SHORT_PAGE:
        return [("", _cut_short(body) if ends.by_index else _moved_on(body, replies))]
    if fault is Fault.NO_END:
        forms = [("left out", _said(body, ends, more=_left_out, total=_left_out))]
        return forms + ([("no link", _said(body, ends, more=_emptied, total=_left_out))] if ends.more else [])
    if not ends.total:
        return []
    forms = [("no link", _said(body, ends, more=_emptied, total=_counted))]
    return forms + ([("with its links", _said(body, ends, more=None, total=_counted))] if ends.more else [])


Field = Callable[[dict[str, Any], str, int], object]
"""Changes one field of an answer that holds so many entries."""


def _left_out(answer: dict[str, Any], field: str, _: int) -> None:
    answer.pop(field)


def _emptied(answer: dict[str, Any], field: str, _: int) -> None:
    answer[field] = [] if isinstance(answer[field], list) else None


def _counted(answer: dict[str, Any], field: str, entries: int) -> None:
    answer[field] = entries


def _said(body: Body, ends: Ends, *, more: Field | None, total: Field) -> Change:
    def change(_: int, data: bytes) -> bytes:
        document = body.load(data)
        answer, entries = document[0], len(body.entries(document))
        edits = [(total, ends.total)] if ends.total else []
        edits += [(more, field) for field in ends.more] if more else []
        for edit, field in edits:
            if isinstance(answer, dict) and field in answer:
                edit(answer, field, entries)
        return body.dump(document)

    return change


def _cut_short(body: Body) -> Change:
    """Leave one entry on the second page: whoever asks from there on gets the others."""

    def change(index: int, data: bytes) -> bytes | None:
        if index != SECOND:
            return None
        document = body.load(data)
        body.replace(document, body.entries(document)[:1])
        return body.dump(document)

    return change


def _moved_on(body: Body, replies: list[bytes]) -> Change:
    """Leave one entry on the second page, and hand the others out on the last."""
    pages = [body.entries(body.load(data)) for data in replies]
    full = [index for index, entries in enumerate(pages) if entries]
    pages[full[-1]] = [*pages[SECOND][1:], *pages[full[-1]]]
    pages[SECOND] = pages[SECOND][:1]

    def change(index: int, data: bytes) -> bytes | None:
        if index >= len(pages):
            return None
        document = body.load(data)
        body.replace(document, pages[index])
        return body.dump(document)

    return change
