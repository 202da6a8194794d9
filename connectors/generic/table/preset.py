"""Mappings that stand in a file: those that a practice writes, and those that are shipped for some products."""

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from connectors.errors import AuditorError, InputError
from connectors.generic.table.contrary import questioned
from connectors.generic.table.mapping import Mapping
from connectors.generic.table.settings import Settings
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml

SHIPPED = Path(__file__).parent / "presets"
MERGED = ("columns", "status_values", "contents", "fixed", "matrix", "sections")
"""Of these single keys can be set over a file; everything else is set as a whole."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _File(Strict):
    title: Text
    product: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    source: Annotated[str, StringConstraints(pattern=r"^https://\S+$")]
    get: Text
    not_known: Annotated[list[Text], Field(min_length=1)]
    needs: dict[Text, Text] = {}
    mapping: Mapping


@dataclass(frozen=True, slots=True)
class Preset:
    """A shipped mapping, and how much of it is known."""

    name: str
    title: str
    product: str
    """The word for `product` in the configuration."""
    source: str
    """The public page from which it was made."""
    get: str
    """How a person gets the report."""
    not_known: tuple[str, ...]
    """What that page does not say, and what was done about it."""
    needs: MappingOf[str, str]
    """Settings that the practice must give, with the reason."""
    mapping: Mapping
    path: Path


def preset_names() -> tuple[str, ...]:
    """List the shipped presets."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


@cache
def load_preset(name: str) -> Preset:
    """Return a shipped preset, read once; raises `AuditorError` naming those that exist."""
    names = preset_names()
    if name not in names:
        near = get_close_matches(name, names, n=1)
        raise AuditorError(
            f"no preset is called `{name}`",
            hint=(f"did you mean `{near[0]}`? " if near else "")
            + f"there are: {', '.join(names)}; for any other product: auditor connect --map FILE",
        )
    path = SHIPPED / f"{name}.yaml"
    file = load_yaml(path).validate(_File)
    return Preset(
        name, file.title, file.product, file.source, file.get, tuple(file.not_known), file.needs, file.mapping, path
    )


def load_mapping(path: Path) -> Mapping:
    """Return the mapping in a file; raises `InputError` naming file, line and key."""
    document = load_yaml(path)
    mapping = document.validate(Mapping)
    try:
        mapping.check()
    except ValueError as error:
        document.refuse((), "something is missing or said twice", expected=str(error))
    return mapping


def resolve(settings: Settings, folder: Path) -> Mapping:
    """
    Return the whole mapping: the file or preset, with what the settings say over it.

    What contradicts the words of the report, and is not confirmed, is left open in it. Raises `AuditorError` when a
    preset needs more than it is given, and `InputError` for a file that is wrong.
    """
    return questioned(_resolved(settings, folder), settings.parts)


def _resolved(settings: Settings, folder: Path) -> Mapping:
    if settings.mapping is not None:
        path = folder / settings.mapping
        return _whole(_over(load_mapping(path), settings, path), path)
    if settings.preset is not None:
        preset = load_preset(settings.preset)
        _check_needs(preset, settings)
        return _whole(_over(preset.mapping, settings, preset.path), preset.path)
    return _whole(Mapping.model_validate(_said(settings)), "the settings")


def _whole(mapping: Mapping, source: Path | str) -> Mapping:
    """Refuse a mapping that needs a second report and is not given one."""
    if mapping.contents is not None and mapping.contents.file is None:
        raise InputError(
            source, "the second report is missing", field="contents.file", expected="the file that says what each holds"
        )
    return mapping


def _said(settings: Mapping) -> dict[str, Any]:
    """What was written down, without defaults."""
    return settings.model_dump(include=settings.model_fields_set & set(Mapping.model_fields), exclude_unset=True)


def _over(base: Mapping, settings: Settings, path: Path) -> Mapping:
    merged, own = _said(base), _said(settings)
    for key, value in own.items():
        beneath = merged.get(key)
        # The two dictionaries below one key are joined; the mapping of a file may say `columns` only in part.
        merged[key] = {**beneath, **value} if key in MERGED and beneath and value else value
    try:
        mapping = Mapping.model_validate(merged)
        mapping.check()
    except ValidationError as errors:
        first = errors.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(
            path, "with the settings over it, the mapping is not whole", field=where, expected=first["msg"]
        ) from None
    except ValueError as error:
        raise InputError(path, "with the settings over it, the mapping is not whole", expected=str(error)) from None
    return mapping


def _check_needs(preset: Preset, settings: Settings) -> None:
    given = settings.model_dump(exclude_none=True)
    for need, reason in preset.needs.items():
        ways = need.split(" or ")
        if not any(_has(given, way) for way in ways):
            raise AuditorError(
                f"the preset `{preset.name}` needs {' or '.join(f'`{way}`' for way in ways)}",
                hint=f"{reason} (see {preset.source})",
            )


def _has(given: Any, dotted: str) -> bool:
    for part in dotted.split("."):
        if not isinstance(given, dict) or not given.get(part):
            return False
        given = given[part]
    return True
