"""JSON that a tool saved: bounded, without duplicate keys, and clear about what is wrong."""

import json
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
    text = _text(path)

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        keys: set[str] = set()
        for key, _ in found:
            if key in keys:
                raise InputError(path, "a key stands twice", field=key[:80], expected="each key once")
            keys.add(key)
        return dict(found)

    def constant(name: str) -> None:
        raise InputError(path, "this is not JSON", found=name, expected="a number")

    try:
        data = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip())
        raise InputError(
            path,
            "the file ends in the middle" if cut else f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}",
            line=error.lineno,
            expected="one whole JSON object",
            hint="save it again, and wait until the command has ended",
        ) from None
    except RecursionError:
        raise _too_deep(path) from None
    except ValueError:
        raise InputError(path, "a number is too long", expected="ordinary numbers") from None
    if not isinstance(data, dict):
        raise InputError(path, "this is not a JSON object", expected="`{…}`, as the AWS command line saves it")
    _refuse_strange(path, data)
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


def _refuse_strange(path: Path, data: Any) -> None:
    """Walk the data without recursion; refuse what is too deep, and text that cannot be written down again."""
    level = [data]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += item.keys()
                below += item.values()
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str) and not item.isascii():
                _refuse_surrogates(path, item)
        if not below:
            return
        level = below
    raise _too_deep(path)


def _refuse_surrogates(path: Path, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(path, "a text holds half a character", expected="whole Unicode characters") from None


def _too_deep(path: Path) -> InputError:
    return InputError(path, "the file is nested too deeply", expected=f"at most {MAX_DEPTH} levels")
