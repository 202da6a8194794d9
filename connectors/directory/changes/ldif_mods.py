"""The LDIF in which 389 Directory Server writes what was changed (RFC 2849): read without the passwords in it."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence

from connectors.directory.changes.write import SECRETS, How, Mod

_HOW = {how.value: how for how in How}


def unfolded(lines: Iterable[str]) -> Iterator[str]:
    """Join the lines that go on with a blank (RFC 2849)."""
    pending: list[str] = []
    for line in lines:
        if line.startswith(" ") and pending:
            pending.append(line[1:])
            continue
        if pending:
            yield "".join(pending)
        pending = [line]
    if pending:
        yield "".join(pending)


def pair(line: str) -> tuple[str, str]:
    """
    Return name (small letters, without options) and value of a line; no value of a password.

    Raises `ValueError` for what is no line of LDIF, also for a value that stands outside of the file.
    """
    name, colon, rest = line.partition(":")
    if not colon or not name.strip() or rest.startswith("<"):
        raise ValueError("not a line of LDIF")
    plain = name.partition(";")[0].strip().lower()
    if plain in SECRETS:
        return plain, ""
    if not rest.startswith(":"):
        return plain, rest.lstrip(" ")
    try:
        return plain, base64.b64decode(rest[1:].strip(), validate=True).decode("utf-8", "replace")
    except (ValueError, binascii.Error):
        raise ValueError("not base64") from None


def changed(pairs: Sequence[tuple[str, str]]) -> Iterator[Mod]:
    """Yield the changes of a modify record: `add: member`, its values, and `-` after each; raises `ValueError`."""
    how: How | None = None
    name, values = "", list[str]()
    for key, value in (*pairs, ("-", "")):
        if how is None:
            if key == "-":
                continue
            if key not in _HOW:
                raise ValueError("not a change of LDIF")
            how, name, values = _HOW[key], value.strip().lower().partition(";")[0], []
        elif key == "-":
            yield Mod(how, name, tuple(values))
            how = None
        elif key == name:
            values.append(value)
        else:
            raise ValueError("a value of another attribute")


def added(pairs: Sequence[tuple[str, str]]) -> Iterator[Mod]:
    """Yield the attributes of a new entry."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    for name, values in found.items():
        yield Mod(How.ADD, name, tuple(values))


def pairs_of(lines: Iterable[str]) -> list[tuple[str, str]]:
    """Read lines as pairs, `-` as one of its own; raises `ValueError`."""
    return [("-", "") if line == "-" else pair(line) for line in unfolded(lines) if line]


def one(mods: Iterable[Mod], name: str) -> str:
    """Return the value that was written to an attribute; nothing where none was."""
    return next((mod.values[0] for mod in mods if mod.name == name and mod.values), "")
