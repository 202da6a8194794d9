"""JSON that a tool saved or a server sent: bounded, without duplicate keys, and clear about what is wrong."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from connectors.errors import InputError
from connectors.inputs.files import MAX_TEXT_BYTES, read_bytes, read_text

MAX_DEPTH = 100
"""A policy document of AWS nests a dozen levels."""
MAX_DOCUMENTS = 10_000
"""More pages than any account has."""
_BLANKS = re.compile(r"[ \t\r\n]*")


def load_json(path: Path) -> dict[str, Any]:
    """
    Load a file that holds one JSON object, in UTF-8 or as Windows PowerShell saves it (UTF-16).

    Raises `InputError` naming the line for a file that is cut off, and for duplicate keys, NaN, text that is no
    text (lone surrogates), and nesting without end.
    """
    data = load_json_value(path)
    if not isinstance(data, dict):
        raise InputError(path, "this is not a JSON object", expected="`{…}`, as the tool that saved it writes")
    return data


def load_json_value(path: Path) -> Any:
    """Load a file as `load_json` does, whatever value it holds."""
    return parse_json(_text(path), path)


def load_json_documents(path: Path) -> list[Any]:
    """
    Load a file that holds one JSON document, or several one after the other, as whoever appends to a file gets them.

    Raises `InputError` as `load_json` does, with the line at which it stops being JSON.
    """
    return parse_json_documents(_text(path), path)


def parse_json_documents(text: str, path: Path) -> list[Any]:
    """Parse text as `load_json_documents` does; `path` names it in errors."""
    found: list[Any] = []
    strange, place = _may_be_strange(text), 0
    while not found or place < len(text):
        if len(found) == MAX_DOCUMENTS:
            raise InputError(path, f"more than {MAX_DOCUMENTS} JSON documents", expected="one, or the pages of one")
        value, place = _one(text, place, path, strange=strange)
        found.append(value)
        place = _after_blanks(text, place)
    return found


def parse_json(text: str, source: Path | str) -> Any:
    """
    Parse JSON text strictly; `source` names it in errors.

    Raises `InputError` for text that is cut off, duplicate keys, NaN, lone surrogates, and nesting without end.
    """
    value, place = _one(text, 0, source, strange=_may_be_strange(text))
    place = _after_blanks(text, place)
    if place < len(text):
        line = text.count("\n", 0, place) + 1
        several = text[place] in "{["
        raise InputError(
            source,
            "a second document begins after the first" if several else "something stands after the document",
            line=line,
            expected="one whole JSON document",
            hint="save it again into a new file (`>`, not `>>`)" if several else "save it again; do not edit it",
        )
    return value


def _after_blanks(text: str, place: int) -> int:
    match = _BLANKS.match(text, place)
    return match.end() if match else place


def _may_be_strange(text: str) -> bool:
    """Whether half a character may be in it: that can only come from an escape, or from text that is not ASCII."""
    return "\\u" in text or not text.isascii()


def _one(text: str, place: int, source: Path | str, *, strange: bool) -> tuple[Any, int]:
    """Parse the document that begins at a place; return it, and where it ends."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        data = dict(found)
        if len(data) != len(found):
            twice = next(key for key, times in Counter(key for key, _ in found).items() if times > 1)
            raise InputError(source, "a key stands twice", field=twice[:80], expected="each key once")
        return data

    def constant(name: str) -> None:
        raise InputError(source, "this is not JSON", found=name, expected="a number")

    decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_constant=constant)
    try:
        data, end = decoder.raw_decode(text, _after_blanks(text, place))
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        raise InputError(
            source,
            "the file ends in the middle" if cut else f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}",
            line=error.lineno,
            expected="one whole JSON document",
            hint="get it again, and wait until it has ended" if cut else "save it again; do not edit it",
        ) from None
    except RecursionError:
        raise _too_deep(source) from None
    except ValueError:
        raise InputError(source, "a number is too long", expected="ordinary numbers") from None
    _refuse_strange(source, data, texts=strange)
    return data, end


def _text(path: Path) -> str:
    if path.is_file() and path.stat().st_size <= MAX_TEXT_BYTES:
        data = read_bytes(path)
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            try:
                return data.decode("utf-16")
            except UnicodeDecodeError:
                raise InputError(path, "the file is not UTF-16", expected="UTF-8 text", hint="save it again") from None
    return read_text(path)


def _refuse_strange(path: Path | str, data: Any, *, texts: bool) -> None:
    """Walk the data without recursion; refuse what is too deep, and with `texts` what cannot be written down again."""
    level = [data]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                if texts:
                    below += item.keys()
                below += item.values()
            elif isinstance(item, list):
                below += item
            elif texts and isinstance(item, str) and not item.isascii():
                _refuse_surrogates(path, item)
        if not below:
            return
        level = below
    raise _too_deep(path)


def _refuse_surrogates(path: Path | str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(path, "a text holds half a character", expected="whole Unicode characters") from None


def _too_deep(path: Path | str) -> InputError:
    return InputError(path, "the file is nested too deeply", expected=f"at most {MAX_DEPTH} levels")
