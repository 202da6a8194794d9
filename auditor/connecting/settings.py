"""
What a connector needs to know, from its `Settings` model: one `AskedSetting` for each value that a person can give.

Nothing here ever repeats the value of a setting that could be a secret, not even in an error.
"""

import difflib
import os
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from connectors.errors import AuditorError

MAX_VALUE = 64 * 2**10
VARIABLE = "_env"
"""How the name of a setting ends that names an environment variable, and never holds the secret itself."""

_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")


@dataclass(frozen=True, slots=True)
class AskedSetting:
    """One value that a person can give."""

    key: str
    """With dots for what is in another: `columns.login`."""
    meaning: str
    """Its description in the model; empty when it has none."""
    required: bool
    default: object
    """What holds when it is left out; `None` too when nothing does."""
    text: bool
    """Whether it is taken as it is written; anything else is read as YAML."""
    mapping: bool
    """Whether it holds keys of the person's own."""
    choices: tuple[str, ...]

    @property
    def variable(self) -> bool:
        """Whether it is the name of an environment variable."""
        return self.key.endswith(VARIABLE)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be used."""

    key: str
    text: str


def describe(model: type[BaseModel]) -> tuple[AskedSetting, ...]:
    """List everything that can be given, in the order of the model, what is in another with dots."""
    return tuple(_walk(model, "", optional=False))


def _walk(model: type[BaseModel], prefix: str, *, optional: bool) -> Iterator[AskedSetting]:
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        kinds = list(_kinds(field.annotation))
        inner = [k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)]
        if len(inner) == 1 and len([k for k in kinds if k is not type(None)]) == 1:
            yield from _walk(inner[0], f"{key}.", optional=optional or not field.is_required())
            continue
        yield AskedSetting(
            key=key,
            meaning=" ".join((field.description or "").split()),
            required=field.is_required() and not optional,
            default=_default(field),
            text=any(isinstance(k, type) and issubclass(k, str | Path) for k in kinds),
            mapping=any(k is dict or get_origin(k) in (dict, Mapping) for k in kinds),
            choices=tuple(dict.fromkeys(_choices(kinds))),
        )


def _kinds(annotation: Any) -> Iterator[Any]:
    """Yield the types that an annotation allows, without what only constrains them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for one in get_args(annotation):
            yield from _kinds(one)
    elif origin is Literal:
        yield from (type(word) for word in get_args(annotation))
        yield annotation
    else:
        yield annotation


def _choices(kinds: list[Any]) -> Iterator[str]:
    for kind in kinds:
        if get_origin(kind) is Literal:
            yield from (str(word) for word in get_args(kind))
        elif isinstance(kind, type) and issubclass(kind, Enum):
            yield from (str(one.value) for one in kind)


def _default(field: FieldInfo) -> object:
    return None if field.is_required() or field.default is PydanticUndefined else field.default


def apply(fields: tuple[AskedSetting, ...], data: dict[str, Any], key: str, raw: str) -> None:
    """
    Put a value into the settings as they will stand in the file; an empty one takes the setting out.

    Raises `AuditorError` for a setting that there is not, and for a value that cannot be read; neither repeats it.
    """
    field, rest = _find(fields, key)
    if not raw:
        _remove(data, key.split("."))
        return
    value = raw if field.text or rest else _parse(key, raw)
    if field.variable and isinstance(value, str):
        _refuse_secret(key, value)
    inner = data
    path = [*field.key.split("."), *([rest] if rest else [])]
    for part in path[:-1]:
        if not isinstance(inner.get(part), dict):
            inner[part] = {}
        inner = inner[part]
    inner[path[-1]] = value


def pairs(fields: tuple[AskedSetting, ...], data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what stands in the settings by the keys under which `apply` takes it."""
    known = {field.key for field in fields}
    for name, value in data.items():
        key = f"{prefix}{name}"
        if key not in known and isinstance(value, dict):
            yield from pairs(fields, value, f"{key}.")
        else:
            yield key, value


def _find(fields: tuple[AskedSetting, ...], key: str) -> tuple[AskedSetting, str]:
    for field in fields:
        if field.key == key:
            return field, ""
        if field.mapping and key.startswith(f"{field.key}."):
            return field, key[len(field.key) + 1 :]
    known = [field.key for field in fields]
    near = difflib.get_close_matches(key, known, n=3) or known
    variables = ", ".join(f"`{f.key}`" for f in fields if f.variable)
    raise AuditorError(
        f"this connector has no setting `{key}`" if _is_key(key) else "this is no setting of this connector",
        hint=f"there is: {', '.join(near)}"
        + (f"; a secret is never given, only the name of its variable: {variables}" if variables else ""),
    )


def _is_key(key: str) -> bool:
    return re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]{0,63}", key) is not None


def _parse(key: str, raw: str) -> Any:
    if len(raw) > MAX_VALUE:
        raise AuditorError(f"the value of `{key}` is too long", hint=f"at most {MAX_VALUE} letters")
    try:
        forbidden = yaml.AnchorToken | yaml.AliasToken | yaml.TagToken
        if not any(isinstance(token, forbidden) for token in yaml.scan(raw, Loader=yaml.SafeLoader)):
            return yaml.safe_load(raw)
    except (yaml.YAMLError, ValueError, RecursionError):
        pass
    raise AuditorError(
        f"the value of `{key}` cannot be read", hint="write lists as `[a, b]` and pairs as `{a: b}`, as in YAML"
    )


def _refuse_secret(key: str, value: str) -> None:
    """Refuse what does not look like the name of a variable: it may be the secret, given by mistake."""
    if value in os.environ or _NAME.fullmatch(value):
        return
    raise AuditorError(
        f"`{key}` takes the name of an environment variable, and this does not look like one",
        hint="such as AUDITOR_LDAP_PASSWORD: capital letters, digits and `_`; "
        "if it was the secret itself, give that account another one",
    )


def _remove(data: dict[str, Any], path: list[str]) -> None:
    for part in path[:-1]:
        data = data.get(part, {})
        if not isinstance(data, dict):
            return
    data.pop(path[-1], None)


def value_at(data: Mapping[str, Any], key: str) -> Any:
    """Return what was given for a setting; `None` when nothing was."""
    inner: Any = data
    for part in key.split("."):
        if not isinstance(inner, Mapping) or part not in inner:
            return None
        inner = inner[part]
    return inner


def problems(model: type[BaseModel], data: Mapping[str, Any]) -> list[Problem]:
    """Say everything that is wrong with the settings, what was expected first; never what was found."""
    try:
        model.model_validate(dict(data))
    except ValidationError as errors:
        found: dict[str, str] = {}
        for error in errors.errors(include_input=False, include_url=False):
            key = ".".join(str(part) for part in error["loc"]) or "settings"
            name_wanted = key.endswith(VARIABLE) and error["type"] == "string_pattern_mismatch"
            told = "the name of an environment variable" if name_wanted else error["msg"]
            found.setdefault(key, _expected(error["type"], told))
        return [Problem(key, text) for key, text in found.items()]
    return []


def _expected(kind: str, message: str) -> str:
    if kind == "missing":
        return "a value is needed"
    if kind == "extra_forbidden":
        return "this connector has no such setting"
    for start in ("Input should be ", "Value error, "):
        message = message.removeprefix(start)
    return f"expected {message[:300]}"


def variables(settings: object, prefix: str = "") -> dict[str, str]:
    """Return the environment variables that settings name, by the key of the setting, defaults too."""
    found: dict[str, str] = {}
    if isinstance(settings, BaseModel):
        settings = {name: getattr(settings, name) for name in type(settings).model_fields}
    if isinstance(settings, Mapping):
        for name, value in settings.items():
            key = f"{prefix}{name}"
            if str(name).endswith(VARIABLE) and isinstance(value, str):
                found[key] = value
            else:
                found |= variables(value, f"{key}.")
    elif isinstance(settings, list | tuple):
        for place, value in enumerate(settings):
            found |= variables(value, f"{prefix}{place}.")
    return found


def is_set(variable: str) -> bool:
    """Whether an environment variable holds anything."""
    return bool(os.environ.get(variable, ""))


def how_to_set(variable: str) -> str:
    """Say how a secret gets into a variable without getting into a file or the shell's history."""
    return (
        f"in this shell: read -rs {variable} && export {variable}\n"
        "  then type the secret, which is not shown, press Enter, and run again; for nightly runs, set it from your "
        "secret store for the auditor's process only"
    )
