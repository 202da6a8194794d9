"""Answering for all actions at once gives the same as asking one by one."""

import json

from hypothesis import given
from hypothesis import strategies as st

from policies.permissions.aws.access.by_resource import ResourceEvaluator
from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.aws.evaluation.request import Request
from policies.permissions.decision import Outcome
from tests.vectors.cases import request_of, stored

INDEX = ActionIndex()
SHARED = ResourceEvaluator(INDEX)
"""Shared by all examples, so that what it keeps is tried too."""


@given(st.deferred(lambda: st.integers(0, len(stored()) - 1)), st.data())
def test_all_actions_at_once_are_the_single_answers(number, data):
    request = request_of(json.loads(json.dumps(stored()[number])))
    open_request = Request(request.principal, request.action, request.resource, request.organization)
    name = request.action.partition(":")[0]
    service = INDEX.service(name)
    assert service is not None
    access = SHARED.access(request.principal, request.resource, name, request.organization)
    some = data.draw(st.lists(st.integers(0, len(service.actions) - 1), max_size=5))
    asked = [service.actions.index(request.action.partition(":")[2].lower()), *some]
    for position in asked:
        action = f"{name}:{service.actions[position]}"
        answer = decide(Request(open_request.principal, action, open_request.resource, open_request.organization))
        bit = 1 << (service.base + position)
        assert bool(access.allowed & bit) == (answer.outcome is Outcome.ALLOWED), (action, answer)
        assert bool(access.possible & bit) == (answer.outcome in (Outcome.ALLOWED, Outcome.DEPENDS)), (action, answer)


def test_of_every_case_the_action_that_is_asked_for_is_answered_the_same_way():
    """All of them: one in thousands is easily missed by chance."""
    for case in stored():
        request = request_of(case)
        name, _, action = request.action.partition(":")
        service = INDEX.service(name)
        assert service is not None
        access = SHARED.access(request.principal, request.resource, name, request.organization)
        answer = decide(Request(request.principal, request.action, request.resource, request.organization))
        bit = 1 << (service.base + service.actions.index(action.lower()))
        assert bool(access.allowed & bit) == (answer.outcome is Outcome.ALLOWED), (case, answer)
        assert bool(access.possible & bit) == (answer.outcome in (Outcome.ALLOWED, Outcome.DEPENDS)), (case, answer)
