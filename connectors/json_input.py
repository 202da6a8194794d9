"""JSON that a tool saved or a server sent: bounded, without duplicate keys, and clear about what is wrong."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from connectors.errors import InputError
from connectors.files import MAX_TEXT_BYTES, read_bytes, read_text

MAX_DEPTH = 100
"""A policy document of AWS nests a dozen levels."""


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


def parse_json(text: str, source: Path | str) -> Any:
    """
    Parse JSON text strictly; `source` names it in errors.

    Raises `InputError` for text that is cut off, duplicate keys, NaN, lone surrogates, and nesting without end.
    """

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        data = dict(found)
        if len(data) != len(found):
            twice = next(key for key, times in Counter(key for key, _ in found).items() if times > 1)
            raise InputError(source, "a key stands twice", field=twice[:80], expected="each key once")
        return data

    def constant(name: str) -> None:
        raise InputError(source, "this is not JSON", found=name, expected="a number")

    try:
        data = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip())
        raise InputError(
            source,
            "the file ends in the middle" if cut else f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}",
            line=error.lineno,
            expected="one whole JSON document",
            hint="get it again, and wait until it has ended",
        ) from None
    except RecursionError:
        raise _too_deep(source) from None
    except ValueError:
        raise InputError(source, "a number is too long", expected="ordinary numbers") from None
    # Half a character can only come from an escape, or from text that is not ASCII.
    _refuse_strange(source, data, texts="\\u" in text or not text.isascii())
    return data


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
