"""The answers of one question, saved page by page: only the last may say that there is no more."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.errors import InputError, SourceTruncated
from connectors.inputs.json import load_json_value

AGAIN = "save it again to the last page, as the loop of `auditor connect` does"


def load_pages(path: Path) -> list[Any]:
    """Return the pages of a file, which holds one answer or a list of them; raises `InputError` where it holds none."""
    data = load_json_value(path)
    pages = data if isinstance(data, list) else [data]
    if not pages:
        raise InputError(path, "there is no answer in the file", expected="at least one page", hint=AGAIN)
    return pages


def next_page(path: Path, page: Mapping[str, Any], key: str, *, expected: str, number: int, of: int) -> str | None:
    """
    Return what page `number` of `of` says under `key` of a page after it.

    Raises `SourceTruncated` when the last page says that there is more, or another that there is none; `InputError`
    for what is no text.
    """
    link = page.get(key)
    if link is not None and not isinstance(link, str):
        raise InputError(path, f"`{key}` of page {number} is not a text", expected=expected, hint=AGAIN)
    if bool(link) is (number == of):
        says = "says that there is more" if link else "says that it is the last"
        raise SourceTruncated(f"{path}: page {number} of {of} {says}", hint=AGAIN)
    return link
