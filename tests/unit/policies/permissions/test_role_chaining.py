"""Who can become whom: by what the trust policy and the identity's own policies say together, to any depth."""

from dataclasses import replace

from policies.permissions.aws.access.role_chaining import RoleChaining
from policies.permissions.aws.access.trust import service_name
from policies.permissions.aws.evaluation.account import AwsAccount
from tests.aws_accounts import THEM, US, account, allow, arn, deny, organization, role, text, trust, user

MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def chains(found: AwsAccount, name: str = "ana") -> dict[str, tuple[list[str], bool]]:
    """By name of the role at the end: the roles on the way, and whether the way is certain."""
    principal = found.users[arn("user", name)]
    return {
        role.rpartition("/")[2]: ([step.role.rpartition("/")[2] for step in chain.steps], chain.certain)
        for role, chain in RoleChaining(found).chains(principal).items()
    }


def test_a_trust_policy_that_names_the_user_is_enough_one_that_names_the_account_is_not():
    found = account(
        user("ana"),
        user("ben", allow("sts:AssumeRole", on=arn("role", "desk"))),
        role("desk", trust(US)),
        role("mine", trust(arn("user", "ana"))),
    )
    assert chains(found) == {"mine": (["mine"], True)}
    assert chains(found, "ben") == {"desk": (["desk"], True)}


def test_a_denial_anywhere_closes_the_role():
    mine = role("mine", trust(arn("user", "ana")))
    assert chains(account(user("ana", deny("sts:*")), mine)) == {}
    assert chains(account(user("ana"), mine, organization=organization([deny("sts:AssumeRole")]))) == {}
    assert chains(account(user("ana"), mine, organization=organization())) == {"mine": (["mine"], True)}


def test_a_chain_of_fifty_roles_is_followed_to_its_end():
    roles = [role(f"r{n:02}", trust(arn("role", f"r{n - 1:02}") if n else arn("user", "ana"))) for n in range(50)]
    found = chains(account(user("ana"), *roles))
    assert len(found) == 50
    assert len(found["r49"][0]) == 50
    assert found["r49"][1]


def test_roles_that_assume_each_other_in_a_circle_end_the_walk():
    found = account(
        user("ana"),
        role("a", trust(arn("user", "ana"), arn("role", "c"))),
        role("b", trust(arn("role", "a"))),
        role("c", trust(arn("role", "b"))),
    )
    assert {name: len(way) for name, (way, _) in chains(found).items()} == {"a": 1, "b": 2, "c": 3}
    of_a = RoleChaining(found).chains(found.roles[arn("role", "a")])
    assert sorted(of_a) == [arn("role", "b"), arn("role", "c")]


def test_a_certain_way_is_preferred_to_a_shorter_one_that_depends_on_something():
    found = account(
        user("ana"),
        role("long", trust(arn("user", "ana"))),
        role("end", text([
            {"Effect": "Allow", "Principal": {"AWS": arn("user", "ana")}, "Action": "sts:AssumeRole", "Condition": MFA},
            {"Effect": "Allow", "Principal": {"AWS": arn("role", "long")}, "Action": "sts:AssumeRole"},
        ])),
        role("maybe", trust(arn("role", "end"), when=MFA)),
    )  # fmt: skip
    assert chains(found) == {
        "long": (["long"], True),
        "end": (["long", "end"], True),
        "maybe": (["long", "end", "maybe"], False),
    }


def test_a_step_says_what_it_depends_on_and_which_statements_decided():
    found = account(user("ana"), role("desk", trust(arn("user", "ana"), when=MFA)))
    (step,) = RoleChaining(found).steps(found.users[arn("user", "ana")])
    assert not step.certain
    assert step.keys == {"aws:MultiFactorAuthPresent"}
    assert [one.document for one in step.because] == [f"{arn('role', 'desk')} (trust policy)"]


def test_a_trust_policy_that_cannot_be_read_is_not_taken_for_closed():
    found = account(user("ana"), role("odd", "nonsense"))
    assert chains(found) == {"odd": (["odd"], False)}


def test_a_session_loses_what_it_was_before():
    found = account(
        user("ana", allow("sts:AssumeRole")), role("first", trust(arn("user", "ana"))), role("second", trust(US))
    )
    by_role = RoleChaining(found).chains(found.roles[arn("role", "first")])
    assert by_role == {}
    assert chains(found)["second"] == (["second"], True)


def test_other_accounts_and_providers_that_are_let_in_are_not_followed():
    saml = {
        "Effect": "Allow",
        "Principal": {"Federated": arn("saml-provider", "Agency")},
        "Action": "sts:AssumeRoleWithSAML",
    }
    found = account(
        user("ana"),
        role("partner", trust(f"arn:aws:iam::{THEM}:root", when={"StringEquals": {"sts:ExternalId": "7"}})),
        role("people", text([saml])),
        role("open", trust("*")),
    )
    assert list(chains(found)) == ["open"]


def test_roles_of_other_accounts_that_may_be_assumed_from_here_are_told_and_not_followed():
    there = arn("role", "partner", THEM)
    found = account(
        user("ana", allow("sts:AssumeRole", on=there)),
        user("ben", allow("sts:AssumeRole", on=there), deny("sts:*")),
        user("cleo", allow("sts:AssumeRole", on=arn("role", "desk"))),
        role("desk", trust(service="ec2")),
    )
    chaining = RoleChaining(found)
    assert chaining.departures(found.users[arn("user", "ana")]) == (there,)
    assert chaining.departures(found.users[arn("user", "ben")]) == ()
    assert chaining.departures(found.users[arn("user", "cleo")]) == ()


def test_the_same_identity_in_another_guise_is_asked_anew():
    found = account(user("ana"), role("desk", trust(US)))
    chaining = RoleChaining(found)
    plain = found.users[arn("user", "ana")]
    raised = replace(
        plain, identity=(*plain.identity, *account(user("x", allow("*"))).users[arn("user", "x")].identity)
    )
    assert not chaining.reached(plain).possible
    assert chaining.reached(raised).allowed


def test_services_are_known_by_name_in_every_partition_and_region():
    assert service_name("lambda.amazonaws.com") == "lambda"
    assert service_name("states.us-east-1.amazonaws.com") == "states"
    assert service_name("ec2.amazonaws.com.cn") == "ec2"
    assert service_name("tasks.apprunner.amazonaws.com") == "tasks.apprunner"
    assert service_name("lambda.amazonaws.com.evil.example") is None
