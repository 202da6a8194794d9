"""What may be done somewhere holds every single answer, and what is certain there is allowed for certain."""

from collections.abc import Callable
from typing import Any

from connectors.cloud.aws.estate import AwsEstate
from policies.permissions.aws.access.any_resource import AnyResourceEvaluator
from policies.permissions.aws.access.statement_effects import ResourceScope, anywhere, inside
from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.actions.self_service import of_oneself
from policies.permissions.aws.evaluation.account import AwsAccount
from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.aws.evaluation.request import Organization, Request, Resource
from policies.permissions.decision import Outcome
from tests.vectors.cases import request_of, stored

INDEX = ActionIndex()
OWN = of_oneself(INDEX)


def about_oneself(case) -> bool:
    """Whether it is about the own user and what people do with their own credentials, which is left out on purpose."""
    return case["resource"]["arn"] == case["principal"]["arn"] and bool((INDEX.expand(case["action"]) or 0) & OWN)


def of_every_case(check: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
    """Check all of the cases: they are few enough, and one in thousands is easily missed by chance."""

    def checked() -> None:
        for case in stored():
            if not about_oneself(case):
                check(case)

    checked.__name__ = check.__name__
    return checked


class Limited(AwsAccount):
    """An account of which only the limits from above matter."""

    def __init__(self, account: str, organization: Organization) -> None:
        super().__init__(AwsEstate(account))
        self.__dict__["organization"] = organization


def asked(request: Request, place: ResourceScope, *, certain: bool) -> int:
    somewhere = AnyResourceEvaluator(Limited(request.principal.account, request.organization), INDEX)
    found = 0
    for actions in somewhere.given(request.principal, place, certain=certain).values():
        found |= actions
    return found


def bit(action: str) -> int:
    return INDEX.expand(action) or 0


@of_every_case
def test_what_may_be_done_to_one_resource_may_be_done_in_it(case):
    request = request_of(case)
    answer = decide(Request(request.principal, request.action, request.resource, request.organization)).outcome
    place = inside(request.resource)
    if request.resource.arn == "*" or place.service != request.action.partition(":")[0].lower():
        return
    possible = bool(asked(request, place, certain=False) & bit(request.action))
    assert possible or answer not in (Outcome.ALLOWED, Outcome.DEPENDS), case


@of_every_case
def test_what_may_be_done_to_one_resource_without_a_policy_may_be_done_somewhere(case):
    request = request_of(case)
    resource = Resource(request.resource.arn, request.principal.account, organization=request.resource.organization)
    answer = decide(Request(request.principal, request.action, resource, request.organization)).outcome
    somewhere = anywhere(request.principal.account)
    place = ResourceScope(
        somewhere.name, somewhere.patterns, Resource("*", resource.account, organization=resource.organization)
    )
    possible = bool(asked(request, place, certain=False) & bit(request.action))
    needs_policy = request.action.lower().startswith(("kms:", "sts:"))
    assert possible or needs_policy or answer not in (Outcome.ALLOWED, Outcome.DEPENDS), case


@of_every_case
def test_what_is_certain_of_exactly_one_resource_is_allowed(case):
    request = request_of(case)
    if request.resource.arn == "*":
        return
    place = ResourceScope(request.resource.arn, (request.resource.arn,), request.resource)
    if asked(request, place, certain=True) & bit(request.action):
        answer = decide(Request(request.principal, request.action, request.resource, request.organization))
        assert answer.outcome is Outcome.ALLOWED, (case, answer)
