"""
Changes one place of a YAML file that a person wrote, and leaves every other byte as it is: comments, quotes, blanks.

The file is not written anew from its data, which no YAML library does byte for byte: the text of what changes is cut
out and replaced, by the positions that the parser gives. Whether the result holds what it should, and nothing else has
changed, is checked by reading it again; what cannot be edited so is refused, and left to the person.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import yaml

from connectors.errors import AuditorError

STEP = 2
"""By how many blanks a level is indented where the file shows no other way."""


@dataclass(frozen=True, slots=True)
class Splice:
    """One piece of text that takes the place of another."""

    start: int
    end: int
    text: str


def put(text: str, key: tuple[str, ...], value: object) -> str:
    """
    Return the text with `value` under `key`; mappings on the way are made, and one that is there is changed key by key.

    Raises `AuditorError` when the file is written in a way in which this cannot be done.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise _cannot_edit()
    before = _data(root)
    newline = "\r\n" if "\r\n" in text else "\n"
    splices = _Editor(text).at(root, key, value)
    # From the end to the start; of two at one place the earlier is of the deeper level, whose lines come first.
    for _, splice in sorted(enumerate(splices), key=lambda s: (s[1].start, s[0]), reverse=True):
        new = splice.text.replace("\n", newline)
        text = text[: splice.start] + new + text[splice.end :]
    try:
        after = _data(yaml.compose(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        raise _cannot_edit() from None
    if after != _with(before, key, value):
        raise _cannot_edit()
    return text


def block(key: str, value: object, indent: int = 0) -> str:
    """Return `key: value` as lines, mappings with a line for each key."""
    if not isinstance(value, dict) or not value:
        return f"{' ' * indent}{_line(key)}: {_line(value)}\n"
    inner = "".join(block(k, v, indent + STEP) for k, v in value.items())
    return f"{' ' * indent}{_line(key)}:\n{inner}"


class _Editor:
    def __init__(self, text: str) -> None:
        self.text = text

    def at(self, node: yaml.MappingNode, key: tuple[str, ...], value: object) -> list[Splice]:
        """Put the value under a key of this mapping."""
        first, *rest = key
        found = next(((k, v) for k, v in node.value if k.value == first), None)
        if found is None:
            return self.merge(node, {first: _nested(rest, value)}, keep=True)
        if rest and isinstance(found[1], yaml.MappingNode) and (found[1].value or node.flow_style):
            return self.at(found[1], tuple(rest), value)
        return self.replace(node, *found, _nested(rest, value))

    def replace(self, parent: yaml.MappingNode, key: yaml.Node, old: yaml.Node, new: object) -> list[Splice]:
        """Let a key have another value."""
        if isinstance(old, yaml.MappingNode) and isinstance(new, dict) and old.value and new:
            return self.merge(old, new)
        if _data(old) == new:
            return []
        after_colon = self.text.index(":", key.end_mark.index) + 1
        empty = self.end(old) <= old.start_mark.index
        if isinstance(new, dict) and new and not parent.flow_style:
            inner = "".join(block(k, v, _column(parent) + STEP) for k, v in new.items())
            if empty:
                return [self.lines(self.next_line(after_colon), inner)]
            return [Splice(after_colon, self.end(old), f"\n{inner}".removesuffix("\n"))]
        written = one_line(new) if parent.flow_style else _line(new)
        if empty or old.start_mark.line != key.start_mark.line:
            return [Splice(after_colon, max(after_colon, self.end(old)), f" {written}")]
        return [Splice(old.start_mark.index, self.end(old), written)]

    def merge(self, node: yaml.MappingNode, new: Mapping[str, object], *, keep: bool = False) -> list[Splice]:
        """Make a mapping hold exactly these keys, or, with `keep`, these too."""
        if node.flow_style and not keep and any(key.value not in new for key, _ in node.value):
            return [Splice(node.start_mark.index, node.end_mark.index, one_line(dict(new)))]
        splices: list[Splice] = []
        for place, (key, old) in enumerate(node.value):
            if key.value in new:
                splices += self.replace(node, key, old, new[key.value])
            elif not keep:
                splices.append(self.without(node, place))
        there = {key.value for key, _ in node.value}
        added = {key: value for key, value in new.items() if key not in there}
        return [*splices, self.append(node, added)] if added else splices

    def append(self, node: yaml.MappingNode, added: Mapping[str, object]) -> Splice:
        """Add keys behind the last."""
        if node.flow_style:
            text = ", ".join(f"{one_line(k)}: {one_line(v)}" for k, v in added.items())
            if not node.value:
                return Splice(node.start_mark.index + 1, node.end_mark.index - 1, text)
            end = self.end(node.value[-1][1])
            return Splice(end, end, f", {text}")
        text = "".join(block(k, v, _column(node)) for k, v in added.items())
        return self.lines(self.next_line(self.end(node.value[-1][1])), text)

    def lines(self, here: int, text: str) -> Splice:
        """Put whole lines at the start of a line, or behind a last line that does not end."""
        if here and self.text[here - 1] != "\n":
            text = f"\n{text}".removesuffix("\n")
        return Splice(here, here, text)

    def without(self, node: yaml.MappingNode, place: int) -> Splice:
        """Take a key out, with its lines and what is written beside it."""
        key, value = node.value[place]
        start = self.text.rfind("\n", 0, key.start_mark.index) + 1
        return Splice(start, self.next_line(self.end(value)), "")

    def end(self, node: yaml.Node) -> int:
        """Return where the last letter of a value stands; the parser counts comments and blank lines after it too."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self.end(last[1] if isinstance(last, tuple) else last)
        here = node.end_mark.index
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            return len(self.text[:here].rstrip())
        return int(here)

    def next_line(self, place: int) -> int:
        """Return where the line after a place starts."""
        end = self.text.find("\n", place)
        return len(self.text) if end < 0 else end + 1


def _nested(keys: list[str], value: object) -> object:
    for key in reversed(keys):
        value = {key: value}
    return value


def _with(data: Any, key: tuple[str, ...], value: object) -> Any:
    result = inner = deepcopy(data)
    for part in key[:-1]:
        if not isinstance(inner.get(part), dict):
            inner[part] = {}
        inner = inner[part]
    inner[key[-1]] = value
    return result


def _data(node: yaml.Node | None) -> Any:
    """Return what a node says; keys are text, as `connectors.inputs.yaml` reads them."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: _data(value) for key, value in node.value}
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()


def _column(node: yaml.MappingNode) -> int:
    return int(node.value[0][0].start_mark.column)


def _line(value: object) -> str:
    """Write a value on one line, for where it stands alone on it."""
    if isinstance(value, str) and value.isprintable():
        return yaml.safe_dump(value, allow_unicode=True, width=2**30).removesuffix("\n").removesuffix("\n...")
    return one_line(value)


def one_line(value: object) -> str:
    """Write a value on one line, so that it means the same within braces too."""
    text = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, sort_keys=False, width=2**30)
    return text.strip()[1:-1]


def _cannot_edit() -> AuditorError:
    return AuditorError(
        "the file is written in a way that cannot be changed without touching the rest of it",
        hint="put these lines into it by hand",
    )
