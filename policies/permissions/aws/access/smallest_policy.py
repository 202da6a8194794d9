"""
The smallest policy of AWS that gives what a role requires on the resources with PHI, and nothing else.

It is made from data (`smallest.yaml`), and proven before it is given away: the evaluator is asked for every action that
the policy can be about on every resource of the policy, and the answer must be what was wanted, no less and no more;
on its neighbours it must be nothing, nor may anything of any service be allowed on `*`.
Source: IAM User Guide, "Grammar of the IAM JSON policy language"; "IAM and AWS STS quotas".
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any

from policies.permissions.aws.access.by_resource import ResourceEvaluator
from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.actions.smallest_actions import WantedActions, wanted
from policies.permissions.aws.evaluation.document import PolicyDocument, parse_document
from policies.permissions.aws.evaluation.overlap import ANYTHING
from policies.permissions.aws.evaluation.request import NO_ORGANIZATION, Principal, PrincipalKind, Resource

VERSION = "2012-10-17"
MANAGED_LIMIT = 6_144
"""Characters of a managed policy, white space not counted. Source: IAM User Guide, "IAM and AWS STS quotas"."""
NOTHING_LESS: Mapping[str, Sequence[str]] = MappingProxyType({})
WILDCARDS = ("*", "?", "$")
_DELEGATES = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"%s"},"Action":"*","Resource":"*"}}'
)


@dataclass(frozen=True, slots=True)
class Smallest:
    """A policy, and what it is for."""

    policy: dict[str, Any] | None
    """As JSON; `None` where nothing is needed."""
    gives: tuple[str, ...]
    """The capabilities that it gives."""
    elsewhere: tuple[str, ...]
    """The capabilities that no resource with PHI gives: they come from other systems, or not by policy."""
    unproven: tuple[str, ...] = ()
    """Where the evaluator does not agree; a policy with any is not to be used."""

    @property
    def size(self) -> int:
        """Characters, as AWS counts them."""
        return sum(not c.isspace() for c in json.dumps(self.policy, ensure_ascii=False))

    @property
    def fits(self) -> bool:
        """Whether it fits one managed policy."""
        return self.size <= MANAGED_LIMIT

    def text(self) -> str:
        """Return it ready to paste."""
        return json.dumps(self.policy, indent=2) + "\n"


def smallest(
    index: ActionIndex,
    account: str,
    resources: Sequence[str],
    capabilities: Iterable[str],
    within: Mapping[str, Sequence[str]] = NOTHING_LESS,
) -> Smallest:
    """
    Return the smallest policy that gives capabilities on resources, by their ARNs; on some only `within` them.

    Raises `ValueError` for an ARN that a policy would read as a pattern.
    """
    for arn in (*resources, *(path.removesuffix("/*") for paths in within.values() for path in paths)):
        if any(sign in arn for sign in WILDCARDS):
            raise ValueError(f"a policy would read `{arn}` as a pattern")
    asked = sorted(set(capabilities))
    arns = sorted(set(resources))
    found = [one for capability in asked for arn in arns for one in wanted(capability, arn, within.get(arn, ()))]
    given = {one.capability for one in found if not one.supports}
    needed = [one for one in found if one.capability in given]
    elsewhere = tuple(capability for capability in asked if capability not in given)
    if not needed:
        return Smallest(None, (), elsewhere)
    policy = {"Version": VERSION, "Statement": list(_statements(needed))}
    document = parse_document(json.dumps(policy), "the smallest policy")
    return Smallest(policy, tuple(sorted(given)), elsewhere, tuple(proof(index, account, document, needed)))


def _statements(needed: Iterable[WantedActions]) -> Iterator[dict[str, Any]]:
    """Group what is wanted: places that need the same actions stand in one statement."""
    by_place: dict[str, set[str]] = {}
    reasons: dict[str, set[str]] = {}
    for one in needed:
        by_place.setdefault(one.place, set()).update(one.actions)
        reasons.setdefault(one.place, set()).add(one.capability)
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for place, needs in by_place.items():
        groups.setdefault((tuple(sorted(needs)), tuple(sorted(reasons[place]))), []).append(place)
    for (actions, capabilities), places in sorted(groups.items()):
        service = actions[0].partition(":")[0]
        yield {
            "Sid": _sid(service, *capabilities),
            "Effect": "Allow",
            "Action": list(actions),
            "Resource": sorted(places),
        }


def _sid(*words: str) -> str:
    """Return a `Sid`: letters and digits only, one for each group of actions and capabilities."""
    parts = (part for word in words for part in word.replace("-", ".").split("."))
    return "".join(part.capitalize() for part in parts)


def proof(index: ActionIndex, account: str, document: PolicyDocument, needed: Iterable[WantedActions]) -> Iterator[str]:
    """
    Yield every place at which the evaluator allows something else than what is wanted; nothing when all agrees.

    A service of which no statement names an action is allowed nowhere, so it is asked about once, at `*`. What cannot
    be read, `*` and `NotAction` name every service.
    """
    evaluator = ResourceEvaluator(index)
    everything = index.everything()
    arn = f"arn:aws:iam::{account}:user/proof"
    principal = Principal(arn, PrincipalKind.USER, account, "proof", identity=(document,))
    delegates = parse_document(_DELEGATES % account, "a resource policy that delegates to the account")
    expected: dict[str, int] = {}
    for one in needed:
        for action in one.actions:
            expected[one.place] = expected.get(one.place, 0) | (index.expand(action) or 0)
    named = everything if document.problem else reduce(or_, expected.values(), 0)
    for statement in document.statements:
        named |= everything if statement.problem else evaluator.actions(statement, everything)
    services = tuple(index.services_in(named))
    for place in places(expected):
        resource = Resource(place.replace("*", "proof/of.it"), account, policy=delegates)
        want = expected.get(place, 0)
        for service in index.services.values() if place == ANYTHING else services:
            access = evaluator.access(principal, resource, service.name, NO_ORGANIZATION)
            if access.allowed != want & service.mask or access.possible != want & service.mask:
                yield f"{service.name} on {place}"


def places(expected: Iterable[str]) -> Iterator[str]:
    """Yield the places of a policy, and their neighbours, at which nothing may be allowed."""
    named = sorted(expected)
    known = set(named)
    yield from named
    for place in named:
        whole = place.removesuffix("/*").removesuffix("/contact")
        for other in (whole, f"{whole}/*", f"{whole}-other", f"{whole}-other/*", whole[:-1], f"{whole[:-1]}/*"):
            if other not in known and not (place.endswith("/*") and other == place):
                yield other
    yield ANYTHING
