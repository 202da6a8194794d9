"""Whether a statement is about a request, leaving out its actions: principal, resource and conditions."""

from policies.permissions.aws.evaluation.conditions import condition_truth
from policies.permissions.aws.evaluation.context import Context, MissingValue
from policies.permissions.aws.evaluation.document import PolicyDocument, PolicyStatement
from policies.permissions.aws.evaluation.operators import matches_protected
from policies.permissions.aws.evaluation.patterns import variable_too_early, wildcard_in_type
from policies.permissions.aws.evaluation.principals import Named, named
from policies.permissions.aws.evaluation.request import Request
from policies.permissions.decision import FALSE, TRUE, Truth, all_of, any_of, depends

RESOURCE = "resource"
"""The layer of resource policies and trust policies, the only one whose statements say who they are for."""


class Scope:
    """One request, against which statements are held."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._context = Context(request)

    def applies(self, layer: str, document: PolicyDocument, statement: PolicyStatement) -> tuple[Truth, Named]:
        """Whether principal, resource and conditions of a statement fit, and how it names the principal."""
        if statement.problem:
            return depends(f"{document.name}, {statement.name} cannot be read: {statement.problem}"), Named.DIRECTLY
        how, who = Named.DIRECTLY, TRUE
        if layer == RESOURCE:
            how, who = named(statement, self._request.principal)
            if how is Named.NOT:
                return FALSE, how
        elif statement.principals is not None and not layer.startswith("resource control"):
            return depends(f"{document.name}, {statement.name} names a principal, which it may not"), how
        resource = self._resource(layer, document, statement)
        if resource.value is False:
            return FALSE, how
        return all_of((who, resource, self.conditions(document, statement))), how

    def conditions(self, document: PolicyDocument, statement: PolicyStatement) -> Truth:
        """Whether the conditions alone hold."""
        return condition_truth(statement, self._context, variables=document.variables)

    def _resource(self, layer: str, document: PolicyDocument, statement: PolicyStatement) -> Truth:
        if statement.resources is None:
            # Trust policies have none: the role itself is meant.
            return TRUE if layer == RESOURCE else depends(f"{document.name}, {statement.name} names no resource")
        found = any_of(self._one(document, pattern) for pattern in statement.resources)
        return ~found if statement.not_resource else found

    def _one(self, document: PolicyDocument, pattern: str) -> Truth:
        filled = self._context.fill(pattern) if document.variables else pattern
        if filled is None:
            return FALSE
        if isinstance(filled, MissingValue):
            return Truth(None, self._context.unknown_in(pattern))
        if not matches_protected(filled, self._request.resource.arn):
            return FALSE
        if wildcard_in_type(filled, self._request.resource.arn):
            return depends(f"what AWS makes of a wildcard in the resource type: {pattern}")
        if document.variables and variable_too_early(pattern):
            return depends(f"what AWS makes of a variable before the fifth colon: {pattern}")
        return TRUE
