"""
What somebody may do on any resource, by kind of risk: the first look at a policy, before anybody asks which resources.

The kinds are those of cloudsplaining, judged on effective permission: denials, boundary and service control policies
count, and conditions make an answer depend on them. Who can escalate, to whom and how, is `escalation`'s to say; here
stand the methods whose actions are all there, whatever there is to use them on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from policies.permissions.aws.access.by_resource import ResourceEvaluator
from policies.permissions.aws.actions.index import ActionIndex, Service
from policies.permissions.aws.actions.named import named_actions
from policies.permissions.aws.escalation.methods import OPENED, methods
from policies.permissions.aws.evaluation.document import PolicyDocument, PolicyStatement
from policies.permissions.aws.evaluation.request import NO_ORGANIZATION, Organization, Principal, Resource

FILE = Path(__file__).parent / "risks.yaml"


class RiskKind(StrEnum):
    """A kind of risk."""

    PRIVILEGE_ESCALATION = "privilege-escalation"
    DATA_EXFILTRATION = "data-exfiltration"
    CREDENTIALS_EXPOSURE = "credentials-exposure"
    RESOURCE_EXPOSURE = "resource-exposure"
    INFRASTRUCTURE_MODIFICATION = "infrastructure-modification"
    SERVICE_WILDCARD = "service-wildcard"


@dataclass(frozen=True, slots=True)
class AtRisk:
    """What is at risk: actions in lower case, ids of methods, or names of services."""

    certain: frozenset[str]
    possible: frozenset[str]
    """Those, and what depends on something."""


@dataclass(frozen=True, slots=True)
class _Kind:
    levels: frozenset[str]
    actions: frozenset[str]
    """Lower case."""


class Risks:
    """Answers for the principals of one account."""

    def __init__(self, index: ActionIndex | None = None, limits: Organization = NO_ORGANIZATION) -> None:
        self._index = index or ActionIndex()
        self._evaluator, self._limits = ResourceEvaluator(self._index), limits

    def of(self, principal: Principal) -> Mapping[RiskKind, AtRisk]:
        """Return what a principal puts at risk, by kind; kinds without anything are left out."""
        certain: dict[RiskKind, set[str]] = {risk: set() for risk in RiskKind}
        possible: dict[RiskKind, set[str]] = {risk: set() for risk in RiskKind}
        allowed, maybe = set[str](), set[str]()
        for service in self._services(principal):
            access = self._evaluator.access(principal, Resource("*", principal.account), service.name, self._limits)
            for risk in _kinds():
                mask = _mask(self._index, service.name, risk)
                certain[risk].update(_names(service, access.allowed & mask))
                possible[risk].update(_names(service, access.possible & mask))
            if service.name in _services_of_methods():
                allowed.update(_names(service, access.allowed))
                maybe.update(_names(service, access.possible))
        certain[RiskKind.PRIVILEGE_ESCALATION] = set(_usable(allowed))
        possible[RiskKind.PRIVILEGE_ESCALATION] = set(_usable(maybe))
        certain[RiskKind.SERVICE_WILDCARD] = set(self._wildcards(principal, conditional=False))
        possible[RiskKind.SERVICE_WILDCARD] = set(self._wildcards(principal, conditional=True))
        return {
            risk: AtRisk(frozenset(certain[risk]), frozenset(possible[risk])) for risk in RiskKind if possible[risk]
        }

    # ---- services --------------------------------------------------------------------------------------------------

    def _services(self, principal: Principal) -> list[Service]:
        """Return the services of which the identity's own policies may allow anything."""
        prefixes: set[str] = set()
        for _, statement in _allowing(principal.identity):
            wide = statement.problem or statement.not_action or any(a.startswith("*") for a in statement.actions)
            if wide:
                self._index.everything()
                return sorted(self._index.services.values(), key=lambda service: service.name)
            prefixes |= {action.partition(":")[0] for action in statement.actions}
        if any(document.problem for document in principal.identity):
            self._index.everything()
            prefixes |= set(self._index.services)
        found = (self._index.service(prefix) for prefix in sorted(prefixes))
        return [service for service in found if service is not None]

    def _wildcards(self, principal: Principal, *, conditional: bool) -> Iterator[str]:
        """Yield the services of which one statement allows every action, on whatever resource."""
        taken = 0
        for statement in (s for d in principal.identity for s in d.statements if not s.allows and not s.problem):
            if not statement.conditions and statement.resources == ("*",) and not statement.not_resource:
                taken |= named_actions(self._index, statement)
        for _, statement in _allowing(principal.identity):
            if statement.problem or (statement.conditions and not conditional):
                continue
            named = named_actions(self._index, statement)
            rest = ~named
            whole = (s for s in self._index.services_in(named) if s.mask & rest == 0)
            # A denial of a part leaves a wildcard; a denial of everything leaves nothing.
            yield from (s.name for s in whole if s.mask & ~taken)


@cache
def _mask(index: ActionIndex, service: str, risk: RiskKind) -> int:
    """Return the actions of a service that are a risk of a kind."""
    kind, known = _kinds()[risk], index.service(service)
    if known is None:
        return 0
    found = 0
    for number, (action, levels) in enumerate(zip(known.actions, known.levels, strict=True)):
        if kind.levels & set(levels) or f"{service}:{action}" in kind.actions:
            found |= 1 << number
    return found << known.base


def _allowing(documents: tuple[PolicyDocument, ...]) -> Iterator[tuple[PolicyDocument, PolicyStatement]]:
    return ((document, s) for document in documents for s in document.statements if s.allows)


def _names(service: Service, bits: int) -> Iterator[str]:
    bits >>= service.base
    return (f"{service.name}:{action}" for i, action in enumerate(service.actions) if bits >> i & 1)


def _usable(actions: set[str]) -> Iterator[str]:
    """Yield the methods all of whose actions are there."""
    for method in methods().methods:
        if all(need.name in actions for need in method.needs if OPENED not in need.places):
            yield method.id


@cache
def _services_of_methods() -> frozenset[str]:
    return frozenset(need.name.partition(":")[0] for method in methods().methods for need in method.needs)


@cache
def _kinds() -> Mapping[RiskKind, _Kind]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, Any] = yaml.load(FILE.read_text(encoding="utf-8"), Loader=loader)["risks"]  # noqa: S506 - safe
    return {
        RiskKind(name): _Kind(
            frozenset(kind["levels"]),
            frozenset(f"{service}:{one}".lower() for service, names in kind["actions"].items() for one in names),
        )
        for name, kind in data.items()
    }
