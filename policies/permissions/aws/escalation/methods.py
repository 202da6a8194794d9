"""
The methods of privilege escalation, as `escalation.yaml` has them.

The file is part of the product and checked by its tests against the Service Authorization Reference; what is wrong with
it raises when it is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "escalation.yaml"
TARGET, TRUSTED, OPENED, ANYWHERE = "target", "trusted", "opened", "*"
RELATED = ("permission-set", "sso-instance", "saml-provider")
"""Resources that belong to the target role."""
PASS_ROLE = "iam:passrole"  # noqa: S105 - the name of an action


class Gain(StrEnum):
    """What a method gives."""

    BECOME = "become"
    PARTLY = "partly"
    RAISE = "raise"
    JOIN = "join"
    UNBIND = "unbind"
    STRIP = "strip"


class Kind(StrEnum):
    """What a method is about."""

    USER = "user"
    ROLE = "role"
    GROUP = "group"
    POLICY = "policy"
    NEW_USER = "new-user"
    NEW_ROLE = "new-role"
    SET_ROLE = "permission-set-role"


@dataclass(frozen=True, slots=True)
class Need:
    """One action that must be allowed, and on what."""

    action: str
    """As AWS writes it."""
    places: tuple[str, ...]
    stated: tuple[tuple[str, str], ...] = ()
    """Condition keys that whoever makes the request chooses, with their values; `{partition}` stands for the one."""

    @property
    def name(self) -> str:
        """The action in lower case."""
        return self.action.lower()


@dataclass(frozen=True, slots=True)
class Circumstance:
    """Something that must hold of the target, or that can be made to hold."""

    id: str
    title: str
    assumed: bool
    """Whether it is assumed to hold where nobody said."""
    instead: tuple[Need, ...]
    """What makes it hold."""


@dataclass(frozen=True, eq=False)
class Method:
    """One method; the same only as itself."""

    id: str
    title: str
    gains: Gain
    target: Kind
    needs: tuple[Need, ...]
    source: str
    trusts: str = ""
    given: tuple[Circumstance, ...] = ()
    running: str = ""
    strips: str = ""

    @cached_property
    def actions(self) -> tuple[str, ...]:
        """The actions that are needed in any case, in lower case."""
        return tuple(need.name for need in self.needs)


@dataclass(frozen=True, slots=True)
class Methods:
    """The whole file."""

    version: int
    methods: tuple[Method, ...]
    places: Mapping[str, tuple[str, ...]]
    """By name: ARNs with `{partition}`, `{region}`, `{account}` and `{name}` left open."""


@cache
def methods() -> Methods:
    """Read the file, once."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load(FILE.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader, in C where there is one
    places = {name: _texts(arns) for name, arns in data["places"].items()}
    known = {*places, *RELATED, TARGET, TRUSTED, OPENED, ANYWHERE}
    circumstances = {
        name: Circumstance(name, one["title"], one["unknown"] == "assume", _needs(one["instead"], {}, "", known))
        for name, one in data["circumstances"].items()
    }
    return Methods(data["version"], tuple(_method(one, circumstances, known) for one in data["methods"]), places)


def _method(data: Mapping[str, Any], circumstances: Mapping[str, Circumstance], known: set[str]) -> Method:
    return Method(
        id=data["id"],
        title=data["title"],
        gains=Gain(data["gains"]),
        target=Kind(data["target"]),
        needs=_needs(data["needs"], data.get("with", {}), data.get("trusts", ""), known),
        source=data["source"],
        trusts=data.get("trusts", ""),
        given=tuple(circumstances[name] for name in data.get("given", ())),
        running=data.get("running", ""),
        strips=data.get("strips", ""),
    )


def _needs(data: Mapping[str, Any], with_: Mapping[str, Any], trusts: str, known: set[str]) -> tuple[Need, ...]:
    found = []
    for action, places in data.items():
        stated = {key.lower(): value for key, value in with_.get(action, {}).items()}
        if action.lower() == PASS_ROLE and trusts:
            stated["iam:passedtoservice"] = trusts if trusts.endswith(".com") else f"{trusts}.amazonaws.com"
        if unknown := set(_texts(places)) - known:
            raise ValueError(f"`{FILE.name}` names no place `{min(unknown)}`")
        found.append(Need(action, _texts(places), tuple(sorted(stated.items()))))
    return tuple(found)


def _texts(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
