"""Whom the trust policies of an AWS account let in from outside, by account or by identity provider."""

import pytest

from connectors.cloud.aws.estate import MemberAccount, OrganizationPath
from connectors.facts import DoorKind
from policies.permissions.aws.access.federation import shared_providers
from policies.permissions.aws.access.outside import doors, through_identity_center
from policies.permissions.aws.actions.index import shared_index
from policies.permissions.aws.evaluation.account import AwsAccount
from tests.aws_accounts import FULL, THEM, US, account, arn, organization, role, text, trust, user

GITHUB = "token.actions.githubusercontent.com"
ANYBODY = "anybody"


def oidc(host: str = GITHUB) -> str:
    return arn("oidc-provider", host)


def lets(
    provider: str, when: dict | None = None, action: str = "sts:AssumeRoleWithWebIdentity", effect: str = "Allow"
) -> dict:
    found = {"Effect": effect, "Principal": {"Federated": provider}, "Action": action}
    return found | ({"Condition": when} if when else {})


def like(*values: str, host: str = GITHUB, claim: str = "sub", how: str = "StringLike") -> dict:
    return {how: {f"{host}:{claim}": list(values)}, "StringEquals": {f"{host}:aud": "sts.amazonaws.com"}}


def told(found: AwsAccount, own: frozenset[str] = frozenset([US])) -> list[tuple[str, str, tuple[str, ...]]]:
    """By door: the role, whom, and under which names somebody may be said to stand behind it."""
    return [
        (door.to.rpartition("/")[2], ANYBODY if door.anybody else door.who, door.names)
        for door in doors(found, shared_index(), own)
    ]


def behind(*statements: dict) -> list[tuple[str, tuple[str, ...]]]:
    return [(who, names) for _, who, names in told(account(role("gate", text(statements))))]


# ---- other accounts --------------------------------------------------------------------------------------------------


def test_another_account_is_a_door_and_services_and_the_own_account_are_none():
    found = account(
        user("ana"),
        role("partner", trust(f"arn:aws:iam::{THEM}:root")),
        role("desk", trust(US, arn("user", "ana"))),
        role("machine", trust(service="ec2")),
    )
    assert told(found) == [("partner", f"the AWS account {THEM}", (THEM,))]
    assert told(found, frozenset([US, THEM])) == []


def test_a_role_of_another_account_can_be_named_itself():
    there = f"arn:aws:iam::{THEM}:role/integration"
    found = account(role("partner", trust(there)))
    assert told(found) == [("partner", f"the AWS account {THEM}", (there, THEM))]


def test_an_external_id_is_told_and_closes_no_door():
    (door,) = doors(
        account(role("p", trust(THEM, when={"StringEquals": {"sts:ExternalId": "7"}}))), shared_index(), frozenset([US])
    )
    assert (door.kind, door.depends) == (DoorKind.FOREIGN_ACCOUNT, ())
    assert "sts:ExternalId" in door.detail
    (bare,) = doors(account(role("p", trust(THEM))), shared_index(), frozenset([US]))
    assert "no external id" in bare.detail


def test_everybody_is_let_in_by_a_star_and_by_an_external_id_that_is_no_secret():
    assert told(account(role("open", trust("*")))) == [("open", ANYBODY, ())]
    assert told(account(role("open", trust("*", when={"StringEquals": {"sts:ExternalId": "7"}})))) == [
        ("open", ANYBODY, ())
    ]


def test_a_star_within_the_own_organization_is_no_door():
    ours = OrganizationPath("o-aaaaaaaaaa", US, organization().levels, accounts=(MemberAccount(US, "x", "ACTIVE"),))
    inside = trust("*", when={"StringEquals": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}})
    assert told(account(role("open", inside), organization=ours)) == []
    own = trust("*", when={"StringEquals": {"aws:PrincipalAccount": US}})
    assert told(account(role("open", own), organization=ours)) == []
    theirs = trust("*", when={"StringEquals": {"aws:PrincipalOrgID": "o-bbbbbbbbbb"}})
    assert told(account(role("open", theirs), organization=ours)) == [
        ("open", "every account of the organization o-bbbbbbbbbb", ("o-bbbbbbbbbb",))
    ]


def test_a_star_from_a_network_depends_on_whose_it_is():
    (door,) = doors(
        account(role("open", trust("*", when={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}))),
        shared_index(),
        frozenset([US]),
    )
    assert not door.anybody
    assert door.depends == ("aws:SourceIp",)


def test_a_denial_or_a_resource_control_policy_closes_the_door():
    closed = text([
        {"Effect": "Allow", "Principal": {"AWS": THEM}, "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "Principal": "*", "Action": "sts:*"},
    ])  # fmt: skip
    assert told(account(role("partner", closed))) == []


def test_what_is_left_of_a_deleted_principal_lets_nobody_in():
    assert told(account(role("old", trust("AROAEXAMPLEDELETED01", "AIDAEXAMPLEDELETED01")))) == []


@pytest.mark.parametrize("principal", [{"CanonicalUser": "79a5"}, {"Robot": "r2"}])
def test_a_principal_that_nobody_can_place_depends(principal):
    found = account(role("odd", text([{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}])))
    (door,) = doors(found, shared_index(), frozenset([US]))
    assert door.depends


def test_a_trust_policy_that_cannot_be_read_is_told_once():
    for document in ("nonsense", text([{"Effect": "Allow", "Principal": 7, "Action": "sts:AssumeRole"}])):
        (door,) = doors(account(role("odd", document)), shared_index(), frozenset([US]))
        assert "cannot be read" in door.depends[0]


# ---- identity providers ----------------------------------------------------------------------------------------------


def test_github_without_a_condition_on_whose_workload_it_is_lets_in_anybody():
    audience = {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}
    assert behind(lets(oidc())) == [(ANYBODY, ())]
    assert behind(lets(oidc(), audience)) == [(ANYBODY, ())]


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "repo:*",
        "repo:*/app:*",
        "repo:acme*",
        "repo:acm?/app:*",
        "repo:acme-*/app",
        "*:acme/app",
        "repo:${aws:userid}/x",
    ],
)
def test_a_wildcard_where_the_organisation_stands_lets_in_anybody(value):
    assert behind(lets(oidc(), like(value))) == [(ANYBODY, ())]


def test_one_open_value_among_several_lets_in_anybody():
    assert behind(lets(oidc(), like("repo:acme/app:*", "repo:*"))) == [(ANYBODY, ())]


@pytest.mark.parametrize(
    ("value", "who", "names"),
    [
        ("repo:acme/app:ref:refs/heads/main", "acme/app", ("github.com/acme/app", "github.com/acme")),
        ("repo:acme/app:*", "acme/app", ("github.com/acme/app", "github.com/acme")),
        ("repo:acme/*", "acme/*", ("github.com/acme",)),
        ("repo:acme@1234/app@5678:ref:refs/heads/main", "acme/app", ("github.com/acme/app", "github.com/acme")),
        ("repository_owner:acme", "acme", ("github.com/acme",)),
    ],
)
def test_the_claim_says_which_organisation_stands_behind(value, who, names):
    assert behind(lets(oidc(), like(value))) == [(f"GitHub Actions: {who}", names)]


def test_other_claims_than_sub_may_say_it_and_the_key_may_be_written_in_any_case():
    owner = {"StringEquals": {f"{GITHUB.upper()}:Repository_Owner_Id": "1234"}}
    assert behind(lets(oidc(), owner)) == [
        (
            "GitHub Actions: repository_owner_id 1234",
            ("github.com/repository_owner_id/1234",),
        )
    ]


@pytest.mark.parametrize("how", ["ForAllValues:StringEquals", "StringEqualsIfExists"])
def test_a_condition_that_holds_without_the_claim_holds_nobody_back(how):
    assert behind(lets(oidc(), {how: {f"{GITHUB}:repository": "acme/app"}})) == [(ANYBODY, ())]
    # `sub` is in every token.
    assert behind(lets(oidc(), {how: {f"{GITHUB}:sub": "repo:acme/app:x"}}))[0][0] == "GitHub Actions: acme/app"


def test_a_negated_condition_holds_nobody_back_and_a_denial_of_all_others_does():
    assert behind(lets(oidc(), {"StringNotLike": {f"{GITHUB}:sub": "repo:evil/*"}})) == [(ANYBODY, ())]
    others = lets(oidc(), {"StringNotLike": {f"{GITHUB}:sub": "repo:acme/*"}}, effect="Deny")
    assert behind(lets(oidc()), others) == [("GitHub Actions: acme/*", ("github.com/acme",))]
    assert behind(lets(oidc()), lets(oidc(), effect="Deny")) == []


def test_each_of_several_repositories_is_a_door_of_its_own():
    assert behind(lets(oidc(), like("repo:acme/a:*", "repo:other/b:*"))) == [
        ("GitHub Actions: acme/a", ("github.com/acme/a", "github.com/acme")),
        ("GitHub Actions: other/b", ("github.com/other/b", "github.com/other")),
    ]


@pytest.mark.parametrize("host", sorted(shared_providers()))
def test_every_provider_that_serves_everybody_lets_in_anybody_without_a_claim(host):
    provider = host if host.count(".") and host.startswith(("accounts", "www", "graph", "cognito")) else oidc(host)
    assert behind(lets(provider)) == [(ANYBODY, ())]


def test_the_address_of_a_provider_may_be_written_in_any_case():
    mixed = "Token.Actions.GitHubUserContent.com"
    assert behind(lets(oidc(mixed), like("repo:acme/app:*", host=mixed)))[0][0] == "GitHub Actions: acme/app"
    assert behind(lets(oidc(mixed))) == [(ANYBODY, ())]


def test_machines_with_a_certificate_come_from_outside_and_other_services_do_not():
    found = account(role("anchor", trust(service="rolesanywhere")), role("code", trust(service="lambda")))
    assert told(found) == [
        ("anchor", "whoever has a certificate that IAM Roles Anywhere trusts", ("rolesanywhere",)),
    ]


def test_cognito_lets_in_anybody_unless_it_asks_for_a_sign_in():
    host = "cognito-identity.amazonaws.com"
    pool = {"StringEquals": {f"{host}:aud": "us-east-1:pool"}}
    assert behind(lets(host, pool)) == [(ANYBODY, ())]
    signed = {**pool, "ForAnyValue:StringLike": {f"{host}:amr": "authenticated"}}
    assert behind(lets(host, signed))[0][0] == "Amazon Cognito: aud us-east-1:pool"


def test_a_provider_with_an_address_of_its_own_is_known_by_it():
    host = "oidc.circleci.com/org/0123"
    assert behind(lets(oidc(host))) == [(f"the identity provider {host}", (host, oidc(host)))]
    saml = arn("saml-provider", "Agency")
    assert behind(lets(saml, action="sts:AssumeRoleWithSAML")) == [("the SAML provider Agency", ("Agency", saml))]


def test_people_of_identity_center_are_accounts_and_no_door():
    reserved = role(
        "AWSReservedSSO_Reader_0123456789abcdef",
        text([lets(arn("saml-provider", "AWSSSO_1_DO_NOT_DELETE"), action="sts:AssumeRoleWithSAML")]),
    )
    found = account(reserved)
    assert told(found) == []
    assert through_identity_center(found)


def test_a_statement_about_another_action_opens_no_door():
    assert behind(lets(oidc(), action="sts:TagSession")) == []
    assert told(account(role("r", text([{**FULL[0], "Principal": {"AWS": THEM}, "Action": "sts:TagSession"}])))) == []


def test_a_role_with_several_ways_in_has_a_door_for_each():
    both = text(
        [
            lets(oidc(), like("repo:acme/app:*")),
            {"Effect": "Allow", "Principal": {"AWS": THEM}, "Action": "sts:AssumeRole"},
        ]
    )
    assert [who for _, who, _ in told(account(role("r", both)))] == [
        f"the AWS account {THEM}",
        "GitHub Actions: acme/app",
    ]


# ---- applications and people -----------------------------------------------------------------------------------------


def google(**claims: str) -> dict:
    return lets("accounts.google.com", {"StringEquals": {f"accounts.google.com:{c}": v for c, v in claims.items()}})


def test_one_person_of_an_application_has_a_name_of_their_own_and_everybody_of_it_another():
    app = "1234-abcdefghijklmnopqrstuvwxyz.apps.googleusercontent.com"
    (everybody,) = behind(google(aud=app))
    (one,) = behind(google(aud=app, sub="104728592734"))
    (other,) = behind(google(aud=app, sub="999"))
    assert everybody == (f"Google: aud {app}", (f"accounts.google.com/aud/{app}",))
    assert one == (f"Google: sub 104728592734 (aud {app})", (f"accounts.google.com/aud/{app}/sub/104728592734",))
    assert not {*everybody[1]} & {*one[1]}
    assert not {*one[1]} & {*other[1]}
    assert len(behind(google(aud=app, sub="1"), google(aud=app, sub="2"))) == 2
    (face,) = behind(lets("graph.facebook.com", {"StringEquals": {"graph.facebook.com:app_id": "77"}}))
    assert face[1] == ("graph.facebook.com/app_id/77",)


def test_who_comes_without_being_told_apart_is_told_with_what_is_asked():
    asked = {"StringEquals": {"sts:ExternalId": "lab-77"}}
    (door,) = doors(account(role("gate", trust("*", when=asked))), shared_index(), frozenset([US]))
    assert (door.anybody, door.asks) == (True, True)
    assert door.detail == "asks for sts:ExternalId"
    (door,) = doors(account(role("gate", trust("*"))), shared_index(), frozenset([US]))
    assert (door.anybody, door.asks) == (True, False)
    named = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Deploy"}}
    (door,) = doors(account(role("gate", trust("*", when=named))), shared_index(), frozenset([US]))
    assert (door.anybody, door.asks, door.detail) == (True, True, "asks for aws:PrincipalArn")
