"""A hostile policy document gets an answer, or "depends on what cannot be read", in bounded time; never "nothing"."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from policies.permissions.aws.access.any_resource import AnyResourceEvaluator
from policies.permissions.aws.access.by_resource import ResourceEvaluator
from policies.permissions.aws.access.statement_effects import anywhere, inside, problem_of
from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.evaluation.document import PolicyDocument, parse_document
from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.aws.evaluation.overlap import covers, overlap
from policies.permissions.aws.evaluation.patterns import matches
from policies.permissions.aws.evaluation.request import NO_ORGANIZATION, Principal, PrincipalKind, Request, Resource
from policies.permissions.decision import Outcome
from tests.aws_accounts import US, account
from tests.counting import counted

INDEX = ActionIndex()
FILE = Resource("arn:aws:s3:::charts/a", US)
ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
LINES = 2_000_000
"""
Lines of Python for one document: some hundred for each of ten thousand statements; pairs of them would be 50 million.

What a regular expression does inside is not counted: one that explodes does not come back before the limit of a test.
"""


def who(*documents: PolicyDocument, **more) -> Principal:
    return Principal("arn:aws:iam::111122223333:user/ana", PrincipalKind.USER, US, "ana", identity=documents, **more)


def parsed(text: str) -> PolicyDocument:
    return parse_document(text, "hostile")


def policy(*statements, **more) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)} | more)


def answer(text: str, resource: Resource = FILE, action: str = "s3:GetObject"):
    return decide(Request(who(parsed(text)), action, resource))


def in_few_lines(work: Callable[[], Any]) -> Any:
    found, lines = counted(work)
    assert lines < LINES
    return found


UNREADABLE = {
    "nothing at all": "",
    "a list": "[]",
    "a list of statements": json.dumps([ALLOW]),
    "a number": "5",
    "a text": '"Allow"',
    "null": "null",
    "not JSON": "{'Version': 1",
    "NaN": '{"Version": NaN, "Statement": []}',
    "without statements": '{"Version": "2012-10-17"}',
    "statements that are a number": '{"Statement": 7}',
    "a version that does not exist": policy(ALLOW, Version="2012-10-18"),
    "a version that is a number": policy(ALLOW, Version=20121017),
    "an unknown element": policy(ALLOW, Statements=[]),
    "an element twice": '{"Statement": [], "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
    "an effect twice": '{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}}',
    "nested lists": "[" * 100_000 + "]" * 100_000,
    "nested objects": '{"Statement":' * 50_000 + "1" + "}" * 50_000,
    "nested inside a condition": policy(ALLOW)[:-2] + ',"Condition":' + '{"a":' * 9_000 + "1" + "}" * 9_000 + "}]}",
    "more than AWS accepts": policy({**ALLOW, "Sid": "x" * 2**20}),
    "more statements than AWS accepts": '{"Statement": [' + ",".join(["{}"] * 20_001) + "]}",
    "a number with a million digits": '{"Version": ' + "9" * 900_000 + ', "Statement": []}',
    "an allowance whose effect is misspelt": policy({**ALLOW, "Effect": "allow"}),
    "a statement that is a list": policy([ALLOW]),
    "a statement that is null": policy(None),
    "action and not-action at once": policy({**ALLOW, "NotAction": "iam:*"}),
    "resource and not-resource at once": policy({**ALLOW, "NotResource": "*"}),
    "no action": policy({"Effect": "Allow", "Resource": "*"}),
    "no resource": policy({"Effect": "Allow", "Action": "s3:GetObject"}),
    "actions that are numbers": policy({**ALLOW, "Action": [1, 2]}),
    "an action that is an object": policy({**ALLOW, "Action": {"s3": "GetObject"}}),
    "an empty list of actions": policy({**ALLOW, "Action": []}),
    "more actions than AWS accepts": policy({**ALLOW, "Action": [f"s3:Get{n}" for n in range(20_001)]}),
    "an unknown element in a statement": policy({**ALLOW, "Actions": "s3:*"}),
    "an action in look-alike letters": policy({**ALLOW, "Action": "ѕ3:GetObject"}),
    "an action in full width": policy({**ALLOW, "Action": "s3:ＧetObject"}),
    "a principal in a policy of an identity": policy({**ALLOW, "Principal": "*"}),
    "a condition that is a list": policy({**ALLOW, "Condition": ["StringEquals"]}),
    "a condition with an object for a value": policy({**ALLOW, "Condition": {"StringEquals": {"aws:x": {"a": 1}}}}),
    "an operator that does not exist": policy({**ALLOW, "Condition": {"StringResembles": {"aws:SourceIp": "1"}}}),
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_evaluated_depends_on_it_and_is_never_nothing(text):
    found = in_few_lines(lambda: answer(text))
    assert found.outcome is Outcome.DEPENDS
    assert found.keys


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_it_takes_no_allowance_of_another_policy_away_for_certain(text):
    found = decide(Request(who(parsed(text), parsed(policy(ALLOW))), "s3:GetObject", FILE))
    assert found.outcome in (Outcome.ALLOWED, Outcome.DEPENDS)


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_as_a_boundary_it_neither_closes_nor_opens_for_certain(text):
    found = decide(Request(who(parsed(policy(ALLOW)), boundary=parsed(text)), "s3:GetObject", FILE))
    assert found.outcome is Outcome.DEPENDS


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_asked_about_all_actions_at_once_it_is_possible_and_not_certain(text):
    access = ResourceEvaluator(INDEX).access(who(parsed(text)), FILE, "s3", NO_ORGANIZATION)
    assert access.possible & (INDEX.expand("s3:GetObject") or 0)
    assert access.allowed == 0


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_asked_about_any_resource_it_says_that_there_is_a_problem(text):
    document = parsed(text)
    unknown_operator = "StringResembles" in text
    assert problem_of(document) or unknown_operator
    evaluator = AnyResourceEvaluator(account(), INDEX)
    given = evaluator.given(who(document), anywhere(US), certain=True)
    assert not any(given.values())
    # As a limit it takes nothing away.
    fenced = who(parsed(policy(ALLOW)), boundary=document)
    assert evaluator.given(fenced, inside(FILE))


READABLE = {
    "a statement without a list": json.dumps({"Statement": ALLOW}),
    "odd case": policy({**ALLOW, "Action": "S3:gETobJECT"}),
    "a wildcard for one letter": policy({**ALLOW, "Action": "s3:GetObj?ct"}),
    "a sid that is no text": policy({**ALLOW, "Sid": 7}),
    "a huge sid": policy({**ALLOW, "Sid": "x" * 100_000}),
    "an id": policy(ALLOW, Id="anything"),
    "a condition that is empty": policy({**ALLOW, "Condition": {}}),
    "ten thousand statements": policy(*[{**ALLOW, "Resource": f"arn:aws:s3:::{n}"} for n in range(9_999)], ALLOW),
    "ten thousand actions": policy({**ALLOW, "Action": [*(f"s3:Get{n}" for n in range(9_999)), "s3:GetObject"]}),
}


@pytest.mark.parametrize("text", READABLE.values(), ids=READABLE.keys())
def test_what_is_only_odd_is_read_as_it_is_meant(text):
    assert in_few_lines(lambda: answer(text)).outcome is Outcome.ALLOWED
    assert in_few_lines(lambda: AnyResourceEvaluator(account(), INDEX).given(who(parsed(text)), inside(FILE)))


def test_names_of_elements_mind_case_and_a_look_alike_is_not_the_element():
    for element in ("statement", "Ѕtatement"):
        assert answer(json.dumps({"Version": "2012-10-17", element: [ALLOW]})).outcome is Outcome.DEPENDS
    assert answer(policy({"effect": "Allow", "Action": "*", "Resource": "*"})).outcome is Outcome.DEPENDS


def test_a_hostile_name_is_told_short_and_without_control_characters():
    found = answer(policy({**ALLOW, "Action": "ѕ3\u202e\x1b[2J" + "x" * 10_000}))
    assert all(len(key) < 300 and key.isascii() and key.isprintable() for key in found.keys)
    found = answer(policy({**ALLOW, "\x1b[2J\n" + "y" * 10_000: 1}))
    assert all(len(key) < 300 and key.isprintable() for key in found.keys)


SLOW = [
    "*a" * 500 + "b",
    "*" * 5_000 + "b",
    "?*" * 1_000 + "b",
    "a*" * 2_000 + "?" * 500,
    "(a+)+$" * 100,
    "[a-z]*" * 300,
]


@pytest.mark.parametrize("pattern", SLOW, ids=[p[:6] for p in SLOW])
def test_a_pattern_made_to_be_slow_is_answered_in_time(pattern):
    name = "a" * 2_000
    on = {**ALLOW, "Resource": f"arn:aws:s3:::{pattern}"}
    assert answer(policy(on), Resource(f"arn:aws:s3:::{name}", US)).outcome is Outcome.NOT_ALLOWED
    if_like = {**ALLOW, "Condition": {"StringLike": {"aws:UserAgent": pattern}}}
    request = Request(who(parsed(policy(if_like))), "s3:GetObject", FILE, context={"aws:UserAgent": (name,)})
    assert decide(request).outcome is Outcome.NOT_ALLOWED
    in_action = policy({**ALLOW, "Action": f"s3:{pattern}"})
    assert answer(in_action).outcome is Outcome.NOT_ALLOWED
    AnyResourceEvaluator(account(), INDEX).given(who(parsed(in_action), parsed(policy(on))), inside(FILE))
    for other in SLOW:
        overlap(pattern, other)
        covers(pattern, other)


def test_many_slow_patterns_at_once_are_answered_in_time():
    statements = [{**ALLOW, "Resource": [f"arn:aws:s3:::{'*a' * 20}{n}b" for n in range(100)]} for _ in range(50)]
    long = Resource("arn:aws:s3:::" + "a" * 1_000, US)
    assert in_few_lines(lambda: answer(policy(*statements), long)).outcome is Outcome.NOT_ALLOWED
    in_few_lines(lambda: AnyResourceEvaluator(account(), INDEX).given(who(parsed(policy(*statements))), inside(FILE)))


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a*", "abc", True),
        ("*c", "abc", True),
        ("a*c", "ac", True),
        ("ab*bc", "abc", False),
        ("a*b*c", "a-b-c", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a.c", "abc", False),
        ("a*", "a\nb", True),
    ],
)
def test_wildcards_mean_what_they_mean(pattern, text, expected):
    assert matches(pattern, text) is expected


@pytest.mark.parametrize(
    "condition",
    [
        {"NumericEquals": {"s3:max-keys": "9" * 100_000}},
        {"DateLessThan": {"aws:CurrentTime": "9" * 100_000}},
        {"IpAddress": {"aws:SourceIp": "1" * 100_000}},
        {"StringEquals": {"aws:UserAgent": ["x" * 100] * 9_000}},
        {"StringLike": {"aws:UserAgent": "${aws:username}" * 5_000}},
        {"ArnLike": {"aws:SourceArn": ":" * 100_000}},
        {"Bool": {"aws:SecureTransport": 10**4_000}},
    ],
    ids=lambda condition: next(iter(condition)),
)
def test_huge_values_in_conditions_are_answered_in_time(condition):
    context = {
        "s3:max-keys": ("1",),
        "aws:CurrentTime": ("2026-11-24T00:00:00Z",),
        "aws:SourceIp": ("203.0.113.7",),
        "aws:UserAgent": ("x",),
        "aws:SourceArn": ("arn:aws:s3:::x",),
        "aws:SecureTransport": ("true",),
    }
    request = Request(who(parsed(policy({**ALLOW, "Condition": condition}))), "s3:GetObject", FILE, context=context)
    assert in_few_lines(lambda: decide(request)).outcome in (Outcome.NOT_ALLOWED, Outcome.DEPENDS)


def test_variables_inside_variables_are_not_filled_for_ever():
    name = "${aws:username}${aws:username}"
    ana = Principal("arn:aws:iam::111122223333:user/x", PrincipalKind.USER, US, name, identity=(
        parsed(policy({**ALLOW, "Resource": "arn:aws:s3:::${aws:username}"})),
    ))  # fmt: skip
    assert decide(Request(ana, "s3:GetObject", Resource(f"arn:aws:s3:::{name}", US))).outcome is Outcome.ALLOWED
    assert decide(Request(ana, "s3:GetObject", Resource("arn:aws:s3:::x", US))).outcome is Outcome.NOT_ALLOWED
