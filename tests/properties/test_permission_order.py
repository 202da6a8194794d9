"""What holds for every question: denials only take away, order does not matter, unknown context is never guessed."""

import json
import random
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.decision import Outcome
from tests.vectors.cases import request_of, stored


@cache
def cases() -> list[dict[str, Any]]:
    return [case for case in stored() if case["feature"] != "not-principal"]


case_of = st.deferred(lambda: st.integers(0, len(cases()) - 1)).map(lambda n: json.loads(json.dumps(cases()[n])))
ALLOWS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
POSSIBLE = (Outcome.ALLOWED, Outcome.DEPENDS)


@given(case_of, st.sampled_from(["identity", "boundary", "session", "resource", "scps", "rcps"]), st.booleans())
def test_adding_a_denial_never_allows(case, place, everything):
    before = decide(request_of(case)).outcome
    denial = {"Effect": "Deny", "Action": case["action"] if everything else "s3:*", "Resource": "*"}
    of_everybody = denial | {"Principal": "*"}
    if place == "identity":
        case["identity"].append({"Version": "2012-10-17", "Statement": [denial]})
    elif place in ("scps", "rcps"):
        for level in case[place]:
            level.append({"Version": "2012-10-17", "Statement": [denial if place == "scps" else of_everybody]})
    elif place == "resource":
        if case["resource"]["policy"]:
            case["resource"]["policy"]["Statement"].append(of_everybody)
    elif case[place]:
        case[place]["Statement"].append(denial)
    after = decide(request_of(case)).outcome
    if before in (Outcome.DENIED, Outcome.NOT_ALLOWED):
        assert after in (Outcome.DENIED, Outcome.NOT_ALLOWED)
    if before is Outcome.DEPENDS:
        assert after is not Outcome.ALLOWED


@given(case_of)
def test_adding_an_allowance_never_denies(case):
    before = decide(request_of(case)).outcome
    case["identity"].append(ALLOWS)
    after = decide(request_of(case)).outcome
    if before is Outcome.ALLOWED:
        assert after is Outcome.ALLOWED
    if before is Outcome.DEPENDS:
        assert after in POSSIBLE


@given(case_of, st.randoms(use_true_random=False))
def test_the_order_of_documents_and_statements_does_not_matter(case, chance: random.Random):
    before = decide(request_of(case))
    levels = [*case["scps"], *case["rcps"]]
    for documents in (case["identity"], *levels):
        chance.shuffle(documents)
    own = (case["boundary"], case["session"], case["resource"]["policy"])
    for document in filter(None, (*case["identity"], *own, *(d for level in levels for d in level))):
        chance.shuffle(document["Statement"])
        for statement in document["Statement"]:
            for element in statement.values():
                if isinstance(element, list):
                    chance.shuffle(element)
    after = decide(request_of(case))
    assert (after.outcome, after.keys) == (before.outcome, before.keys)


@given(case_of)
def test_what_is_certain_without_knowing_the_context_is_certain_with_it(case):
    request = request_of(case)
    known = decide(request).outcome
    unknown = decide(type(request)(request.principal, request.action, request.resource, request.organization)).outcome
    if unknown is Outcome.ALLOWED:
        assert known is Outcome.ALLOWED
    if unknown in (Outcome.DENIED, Outcome.NOT_ALLOWED):
        assert known in (Outcome.DENIED, Outcome.NOT_ALLOWED)
