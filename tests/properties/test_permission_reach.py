"""Asking one action of all targets at once, and following roles at once, gives the same as asking one by one."""

import json
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.cloud.aws.estate import AwsEstate, Level, OrganizationPath, PolicyText, Role, User
from policies.permissions.aws.access.by_action import ActionEvaluator, Targets
from policies.permissions.aws.access.role_chaining import RoleChaining
from policies.permissions.aws.evaluation.account import AwsAccount
from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.aws.evaluation.request import Organization, Request, Resource
from policies.permissions.decision import Outcome
from tests.vectors.cases import request_of, stored

US, THEM = "111122223333", "999988887777"
POSSIBLE = (Outcome.ALLOWED, Outcome.DEPENDS)
FEATURES = ("identity", "boundary", "organization", "variables", "session", "conditions")


@cache
def without_resource_policy() -> list[dict[str, Any]]:
    return [
        case
        for case in stored()
        if case["feature"] in FEATURES
        and not case["resource"]["policy"]
        and case["resource"]["account"] == case["principal"]["account"]
        and not case["action"].startswith(("sts:", "kms:"))
    ]


@cache
def arns() -> list[str]:
    return sorted({case["resource"]["arn"] for case in without_resource_policy()} - {"*"})


@given(st.deferred(lambda: st.integers(0, len(without_resource_policy()) - 1)))
def test_all_targets_at_once_are_the_single_answers_on_the_stored_cases(number):
    request = request_of(without_resource_policy()[number])
    account = request.principal.account
    resources = [Resource(arn, account, organization=request.resource.organization) for arn in arns()]
    limits = Organization(scps=request.organization.scps, rcps=request.resource.organization.rcps)
    reached = ActionEvaluator(Targets(resources), account, limits).over(request.principal, request.action.lower())
    for i, resource in enumerate(resources):
        outcome = decide(Request(request.principal, request.action, resource, request.organization)).outcome
        assert bool(reached.allowed >> i & 1) == (outcome is Outcome.ALLOWED), (resource.arn, outcome)
        assert bool(reached.possible >> i & 1) == (outcome in POSSIBLE), (resource.arn, outcome)


# ---- accounts made for it -------------------------------------------------------------------------------------------

NAMES = ["ana", "ben", "cleo"]
ROLES = ["front", "billing", "admin", "ops"]
ROLE_ARNS = [f"arn:aws:iam::{US}:role/{name}" for name in ROLES]
USER_ARNS = [f"arn:aws:iam::{US}:user/{name}" for name in NAMES]
PATTERNS = [
    "*",
    *ROLE_ARNS,
    *USER_ARNS,
    f"arn:aws:iam::{US}:role/*",
    f"arn:aws:iam::{US}:user/b*",
    "arn:aws:iam::*:ro*e/admin",
    f"arn:aws:iam::{US}:user/${{aws:username}}",
    f"arn:aws:iam::{US}:user/${{aws:ResourceTag/owner}}",
    f"arn:aws:iam::{THEM}:role/partner",
]
ACTIONS = ["*", "iam:*", "sts:*", "sts:AssumeRole", "iam:PassRole", "iam:CreateAccessKey", "s3:GetObject"]
CONDITIONS: list[dict[str, Any]] = [
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:ResourceTag/team": "desk"}},
    {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
    {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
    {"StringNotEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{US}:policy/fence"}},
    {"StringEquals": {"aws:username": "ana"}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{US}:role/b*"}},
    {"StringEquals": {"aws:ResourceAccount": US}},
]
some = st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3, unique=True)
action = st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2, unique=True)
condition = st.one_of(st.none(), st.none(), st.sampled_from(CONDITIONS))


@st.composite
def statements(draw, *, trust: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))}
    if trust:
        named = st.sampled_from(["*", US, THEM, f"arn:aws:iam::{US}:root", *USER_ARNS, *ROLE_ARNS])
        whom = draw(st.lists(named, min_size=1, max_size=3, unique=True))
        element = draw(st.sampled_from(["Principal"] * 5 + ["NotPrincipal"]))
        found |= {
            element: {"AWS": whom},
            "Action": draw(st.sampled_from(["sts:AssumeRole", "sts:*", "sts:TagSession"])),
        }
    else:
        found[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(action)
        found[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(some)
    if (chosen := draw(condition)) is not None:
        found["Condition"] = chosen
    return found


@st.composite
def policies(draw, *, trust: bool = False) -> str:
    if draw(st.integers(0, 30)) == 0:
        return draw(st.sampled_from(["[]", '{"Statement": [7]}', "nonsense", '{"Statement": {"Effect": "Deny"}}']))
    version = draw(st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"]))
    return json.dumps(
        {"Version": version, "Statement": draw(st.lists(statements(trust=trust), min_size=1, max_size=3))}
    )


ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


@st.composite
def accounts(draw) -> AwsAccount:
    fence = f"arn:aws:iam::{US}:policy/fence"

    def held(name: str) -> dict[str, Any]:
        inline = tuple(PolicyText(f"{name}/{i}", text) for i, text in enumerate(draw(st.lists(policies(), max_size=2))))
        tags = {"team": draw(st.sampled_from(["desk", "back"]))} if draw(st.booleans()) else {}
        return {"inline": inline, "tags": tags, "boundary": fence if draw(st.integers(0, 3)) == 0 else None}

    users = tuple(
        User(arn, f"AIDA{name.upper()}", name, **held(name)) for arn, name in zip(USER_ARNS, NAMES, strict=True)
    )
    roles = tuple(
        Role(arn, f"AROA{name.upper()}", name, trust=draw(policies(trust=True)), **held(name))
        for arn, name in zip(ROLE_ARNS, ROLES, strict=True)
    )
    scps = (PolicyText("full", ALL), *(PolicyText("scp", text) for text in draw(st.lists(policies(), max_size=1))))
    rcps = (PolicyText("RCPFullAWSAccess", json.dumps({"Version": "2012-10-17", "Statement": [ANYBODY]})),)
    path = OrganizationPath("o-1", THEM, (Level("r-1", "root", scps, rcps), Level(US, "account", scps[:1], rcps)))
    organization = path if draw(st.booleans()) else None
    estate = AwsEstate(US, users=users, roles=roles, managed={fence: draw(policies())}, organization=organization)
    return AwsAccount(estate)


@given(accounts(), st.sampled_from(["iam:passrole", "iam:createaccesskey"]), st.booleans())
def test_all_targets_at_once_are_the_single_answers_on_any_account(account, asked, lambda_):
    service = "lambda.amazonaws.com" if lambda_ else "ec2.amazonaws.com"
    stated = {"iam:passedtoservice": (service,)}
    identities = [*account.estate.users, *account.estate.roles]
    resources = [Resource(one.arn, US, tags=one.tags, organization=account.organization) for one in identities]
    known = [{"iam:permissionsboundary": (one.boundary,) if one.boundary else ()} for one in identities]
    reach = ActionEvaluator(Targets(resources, known), US, account.organization)
    for principal in (*account.users.values(), *account.roles.values()):
        for says in ({}, stated):
            reached = reach.over(principal, asked, says)
            for i, resource in enumerate(resources):
                request = Request(principal, asked, resource, account.organization, {**known[i], **says})
                outcome = decide(request).outcome
                assert bool(reached.allowed >> i & 1) == (outcome is Outcome.ALLOWED), (resource.arn, outcome)
                assert bool(reached.possible >> i & 1) == (outcome in POSSIBLE), (resource.arn, outcome)


def closure(account: AwsAccount, start, *, certain: bool) -> dict[str, int]:
    """Walk role by role with single questions: the roles and how many steps they are away."""
    wanted = (Outcome.ALLOWED,) if certain else POSSIBLE
    found: dict[str, int] = {}
    wave, length = [start], 1
    while wave:
        following = []
        for who in wave:
            for arn, trust in account.trusts.items():
                asked = Request(who, "sts:AssumeRole", trust, account.organization)
                if arn != start.arn and arn not in found and decide(asked).outcome in wanted:
                    found[arn] = length
                    following.append(account.roles[arn])
        wave, length = following, length + 1
    return found


@given(accounts())
def test_chains_of_roles_are_the_closure_of_the_single_answers(account):
    becoming = RoleChaining(account)
    for principal in (*account.users.values(), *account.roles.values()):
        chains = becoming.chains(principal)
        certain, possible = closure(account, principal, certain=True), closure(account, principal, certain=False)
        assert {arn for arn, chain in chains.items() if chain.certain} == set(certain)
        assert set(chains) == set(possible)
        for arn, chain in chains.items():
            if arn in certain:
                assert len(chain.steps) == certain[arn]
            who = principal
            for step in chain.steps:
                answer = decide(Request(who, "sts:AssumeRole", account.trusts[step.role], account.organization))
                assert step.certain == (answer.outcome is Outcome.ALLOWED)
                assert step.keys == answer.keys
                who = account.roles[step.role]
