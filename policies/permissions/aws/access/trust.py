"""
The trust policies of an account's roles, read once: who is let into which roles, as numbered bits.

A statement without conditions that ask who somebody is says the same of everybody it names, so it is judged once; the
rest (`odd`) is left to `decide`, principal by principal.
Source: IAM User Guide, "Roles terms and concepts", "AWS JSON policy elements: Principal".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from policies.permissions.aws.access.by_resource import is_personal
from policies.permissions.aws.evaluation.applies import Scope
from policies.permissions.aws.evaluation.document import PolicyDocument
from policies.permissions.aws.evaluation.evaluate import decide, names_action
from policies.permissions.aws.evaluation.principals import Named as How
from policies.permissions.aws.evaluation.principals import is_account, named
from policies.permissions.aws.evaluation.request import Principal, PrincipalKind, Request, Resource
from policies.permissions.decision import Outcome

ASSUME = "sts:assumerole"
FEDERATED = ("sts:assumerolewithsaml", "sts:assumerolewithwebidentity")
_SERVICE = re.compile(r"([a-z0-9.-]+?)(?:\.[a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?", re.ASCII)


@dataclass(slots=True)
class _Named:
    """By a value of `Principal`: the roles that let it in, for certain and at most."""

    certain: dict[str, int] = field(default_factory=dict)
    possible: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NamedByTrust:
    """How trust policies name one principal, as sets of roles."""

    directly: int
    everybody: int
    role: int
    account: int

    @property
    def somehow(self) -> int:
        """The roles that name it in any way."""
        return self.directly | self.everybody | self.role | self.account


class Trusts:
    """The trust policies of roles, in the order in which they are given."""

    def __init__(self, roles: Iterable[Resource], account: str) -> None:
        self.roles = tuple(roles)
        self._account = account
        self._named = _Named()
        self.odd = 0
        """Roles whose trust policy must be asked one by one."""
        for number, role in enumerate(self.roles):
            if role.policy is None or not self._read(role, role.policy, 1 << number):
                self.odd |= 1 << number

    def named(self, principal: Principal, *, certain: bool) -> NamedByTrust:
        """Return the roles that name a principal, by the way in which they do."""
        by_value = self._named.certain if certain else self._named.possible
        own = by_value.get(principal.arn, 0) | (by_value.get(principal.unique_id, 0) if principal.unique_id else 0)
        session = by_value.get(principal.session_arn, 0) if principal.session_arn else 0
        is_role = principal.kind is PrincipalKind.ROLE
        return NamedByTrust(
            directly=session | (0 if is_role else own),
            everybody=by_value.get("*", 0),
            role=own if is_role else 0,
            account=by_value.get("account", 0) if principal.account == self._account else 0,
        )

    def may_name(self, number: int, principal: Principal, *, delegated: bool) -> bool:
        """Whether a role could let a principal in; by naming its account only where its own policies may allow it."""
        document = self.roles[number].policy
        if document is None or document.problem or any(s.problem for s in document.statements):
            return True
        how = max((named(s, principal)[0] for s in document.statements if s.allows), default=How.NOT)
        return how > How.ACCOUNT or (how is How.ACCOUNT and delegated)

    def services(self) -> Mapping[str, tuple[int, int]]:
        """Return, by service such as `ec2`, or provider, the roles that it may assume: for certain, and at most."""
        found: dict[str, tuple[int, int]] = {}
        for number, role in enumerate(self.roles):
            for name, outcome in _services_of(role):
                certain, possible = found.get(name, (0, 0))
                bit = 1 << number
                found[name] = (certain | (bit if outcome is Outcome.ALLOWED else 0), possible | bit)
        return found

    def _read(self, role: Resource, document: PolicyDocument, bit: int) -> bool:
        """Take in one trust policy; false where it must be asked one by one."""
        if document.problem:
            return False
        about = [s for s in document.statements if names_action(s, ASSUME)]
        if any(s.problem or s.not_principal or s.resources or not s.allows or is_personal(s) for s in about):
            return False
        if any(kind not in ("AWS", "Service", "Federated") for s in about for kind, _ in s.principals or ()):
            return False
        anybody = Principal("", PrincipalKind.USER, role.account)
        scope = Scope(Request(anybody, ASSUME, role, role.organization))
        for statement in about:
            truth = scope.conditions(document, statement).value
            for kind, value in statement.principals or ():
                if truth is not False and kind == "AWS":
                    name = "account" if is_account(value, self._account) else value
                    self._named.possible[name] = self._named.possible.get(name, 0) | bit
                    if truth:
                        self._named.certain[name] = self._named.certain.get(name, 0) | bit
        return True


def service_name(principal: str) -> str | None:
    """Return `lambda` of `lambda.amazonaws.com`, also as AWS writes it by region or in China."""
    match = _SERVICE.fullmatch(principal.lower())
    return match[1] if match else None


def _services_of(role: Resource) -> Iterable[tuple[str, Outcome]]:
    document = role.policy
    if document is None:
        return
    values = {pair for s in document.statements if s.allows for pair in s.principals or ()}
    for kind, value in sorted(values):
        if kind == "Service" and (name := service_name(value)):
            service = Principal(value, PrincipalKind.SERVICE, "")
            outcome = decide(Request(service, ASSUME, role)).outcome
            if outcome in (Outcome.ALLOWED, Outcome.DEPENDS):
                yield name, outcome
        elif kind == "Federated" and _lets_in(document, value):
            yield value, Outcome.DEPENDS


def _lets_in(document: PolicyDocument, provider: str) -> bool:
    """Whether an identity provider is named for signing in by federation; what it asserts is not known."""
    return any(
        s.allows and ("Federated", provider) in (s.principals or ()) and any(names_action(s, a) for a in FEDERATED)
        for s in document.statements
    )
