"""
YAML that people write: loaded safely, with the line of every key, and validated against a pydantic model.

Anchors, aliases and tags are refused: configuration does not need them, and they are how a few lines become
gigabytes. A key that stands twice is refused, because one of the two would be ignored.
"""

from pathlib import Path
from typing import Any, NoReturn, TypeVar, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from yaml.constructor import SafeConstructor

from connectors.errors import InputError
from connectors.inputs.files import read_text

MAX_YAML_BYTES = 8 * 2**20
MAX_DEPTH = 40

_OPENS = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSES = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)

_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, where PyYAML was built with it: the same tokens and nodes, an order of magnitude sooner."""

Key = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


class Document:
    """The data of one YAML file, and the line on which each key or item stands."""

    def __init__(self, path: Path, data: Any, lines: dict[Key, int]) -> None:
        self.path, self.data, self.lines = path, data, lines

    def line(self, key: Key) -> int:
        """Return the line of a key, or of its nearest parent that is in the file."""
        return self.lines.get(self._in_file(key), 1)

    def value(self, key: Key) -> Any:
        """Return what stands under a key, as it was written."""
        data = self.data
        for part in key:
            data = data[part]
        return data

    def refuse(self, key: Key, problem: str, *, found: object = None, expected: str = "", hint: str = "") -> NoReturn:
        """Raise the `InputError` that names file, line and key."""
        raise InputError(
            self.path,
            problem,
            line=self.line(key),
            field=dotted(key),
            found=found,
            expected=expected,
            hint=hint,
        )

    def validate(self, model: type[Model], key: Key = ()) -> Model:
        """
        Return the part of the document under `key` as a `model`.

        Raises `InputError` for the first thing that is wrong, in the order of the file.
        """
        try:
            return model.model_validate(self.value(key))
        except ValidationError as errors:
            # A mistyped key is told before the one that is then missing.
            first = min(errors.errors(), key=lambda e: (e["type"] != "extra_forbidden", self.line((*key, *e["loc"]))))
            where: Key = (*key, *first["loc"])
            if first["type"] == "extra_forbidden":
                known = ", ".join(_fields_at(model, first["loc"][:-1]))
                self.refuse(
                    where,
                    "unknown key",
                    found=where[-1],
                    expected=f"one of: {known}" if known else "no such key",
                )
            if first["type"] == "missing":
                self.refuse(where, "a key is missing", expected=str(where[-1]))
            where = self._in_file(where)
            ways = [_expected(e["msg"]) for e in errors.errors() if self._in_file((*key, *e["loc"])) == where]
            if where and str(where[-1]).endswith("_env"):
                # It names an environment variable; what does not fit may be the secret itself, put there by mistake.
                self.refuse(where, "wrong value, not shown here", expected="the name of an environment variable")
            self.refuse(where, "wrong value", found=first["input"], expected=" or ".join(dict.fromkeys(ways)))

    def _in_file(self, key: Key) -> Key:
        """Cut from a key what only pydantic sees, such as which of two types it tried."""
        while key and key not in self.lines:
            key = key[:-1]
        return key


def load_yaml(path: Path) -> Document:
    """Load one YAML document; raises `InputError` naming file and line."""
    text = read_text(path, max_bytes=MAX_YAML_BYTES)
    try:
        return _load(path, text, _FAST)
    except (yaml.YAMLError, RecursionError):
        pass  # told in the words of the slower parser, whose lines are exact
    try:
        return _load(path, text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InputError(
            path,
            f"this is not YAML: {error.problem}",
            line=mark.line + 1 if mark else None,
            hint="check the indentation and the quotes just above that line",
        ) from None
    except yaml.YAMLError:
        raise InputError(path, "this is not YAML", expected="plain text without control characters") from None
    except RecursionError:
        raise InputError(path, "the file is nested too deeply", expected=f"at most {MAX_DEPTH} levels") from None


def _load(path: Path, text: str, loader: Any) -> Document:
    _refuse_bombs(path, text, loader)
    root = yaml.compose(text, Loader=loader)
    if root is None:
        raise InputError(path, "the file is empty", expected="YAML keys and values")
    lines: dict[Key, int] = {}
    data = _build(path, root, (), lines, SafeConstructor())
    return Document(path, data, lines)


def dotted(key: Key) -> str:
    """Write a key as people do: `systems.ehr.columns[2]`."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text


def _refuse_bombs(path: Path, text: str, loader: Any) -> None:
    # Tokens come before any expansion, so that a bomb is refused before it can go off. So is what is nested deeply:
    # to compose it takes time that grows with the square of its depth.
    depth = 0
    for token in yaml.scan(text, Loader=loader):
        depth += isinstance(token, _OPENS) - isinstance(token, _CLOSES)
        if depth > MAX_DEPTH:
            raise InputError(
                path,
                "the file is nested too deeply",
                line=token.start_mark.line + 1,
                expected=f"at most {MAX_DEPTH} levels",
            )
        if isinstance(token, yaml.AnchorToken | yaml.AliasToken | yaml.TagToken):
            raise InputError(
                path,
                "anchors, aliases and tags are not accepted",
                line=token.start_mark.line + 1,
                expected="plain keys and values",
                hint="write the value out where it is used",
            )


def _build(path: Path, node: yaml.Node, key: Key, lines: dict[Key, int], values: SafeConstructor) -> Any:
    if len(key) > MAX_DEPTH:
        raise InputError(
            path,
            "the file is nested too deeply",
            line=node.start_mark.line + 1,
            expected=f"at most {MAX_DEPTH} levels",
        )
    lines.setdefault(key, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_build(path, item, (*key, i), lines, values) for i, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return _scalar(path, node, key, values)
    mapping: dict[str, Any] = {}
    for key_node, value in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise InputError(path, "a key must be a single word", line=line, expected="`key: value`")
        name = str(key_node.value)
        if name in mapping:
            raise InputError(
                path, "the key stands twice", line=line, field=dotted((*key, name)), expected="each key once"
            )
        lines[*key, name] = line
        mapping[name] = _build(path, value, (*key, name), lines, values)
    return mapping


def _scalar(path: Path, node: yaml.Node, key: Key, values: SafeConstructor) -> Any:
    try:
        return values.construct_object(node, deep=True)
    except ValueError:
        raise InputError(
            path,
            "this value cannot be read",
            line=node.start_mark.line + 1,
            field=dotted(key),
            found=node.value,
            expected="a valid date, number or text in quotes",
        ) from None


def _fields_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """Find the fields that the model accepts at a place, to tell somebody who mistyped one."""
    current: Any = model
    item = False
    for part in loc:
        if item:
            item = False  # the key of a dictionary or the place in a list, not the name of a field
            continue
        if not (isinstance(current, type) and issubclass(current, BaseModel)):
            return []
        field = current.model_fields.get(str(part)) or next(
            (f for f in current.model_fields.values() if f.alias == part), None
        )
        if field is None:
            return []
        current = _model_in(field.annotation)
        item = get_origin(field.annotation) in (dict, list)
    if isinstance(current, type) and issubclass(current, BaseModel):
        return sorted(f.alias or name for name, f in current.model_fields.items())
    return []


def _model_in(annotation: Any) -> Any:
    for candidate in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _expected(message: str) -> str:
    """Turn pydantic's sentence into the second half of ours."""
    for start in ("Input should be ", "Value error, "):
        message = message.removeprefix(start)
    return message
