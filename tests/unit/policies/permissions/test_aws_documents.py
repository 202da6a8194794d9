"""What IAM policy documents let one account do: never less than they say, and never "nothing" by mistake."""

import json

import pytest

from connectors.facts import Entitlement, EntitlementKind, System, SystemKind
from connectors.inputs.yaml import load_yaml
from policies.catalogs.catalog import SHIPPED as CATALOGS
from policies.catalogs.catalog import Catalogs
from policies.permissions.aws.actions.index import LEVELS, ActionIndex
from policies.permissions.aws.documents import AwsDocuments
from policies.permissions.documents import Classified, Unreadable
from policies.vocabulary import Vocabulary
from tests.counting import counted

CATALOG = load_yaml(CATALOGS / "aws.yaml").data
WORDS = Vocabulary.load()
SHIPPED = {key: WORDS.mask(entry["gives"]) for key, entry in CATALOG["access"].items()}
READ, DELETE, WRITE, LIST, BECOME, ADMIN, ALL = (1 << n for n in range(7))
SMALL = {
    "s3:Read": READ,
    "s3:List": LIST,
    "s3:Write": WRITE,
    "s3:DeleteObject": DELETE,
    "sts:AssumeRole": BECOME,
    "sts:Read": 0,
    "sts:Write": 0,
    "sts:Tagging": 0,
    "*:List": LIST,
    "*:Read": READ,
    "*:Write": WRITE,
    "*:Tagging": 0,
    "*:Permissions management": ADMIN,
    "*": ALL,
}


@pytest.fixture(scope="module")
def small():
    return AwsDocuments(SMALL)


@pytest.fixture(scope="module")
def shipped():
    return AwsDocuments(SHIPPED)


def policy(*statements, id="p", kind=EntitlementKind.POLICY, version="2012-10-17"):  # noqa: A002
    document = statements[0] if isinstance(statements[0], str) else None
    text = document or json.dumps({"Version": version, "Statement": list(statements)})
    return Entitlement("cloud", id, id, kind, document=text)


def allow(*actions, **more):
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*"} | more


def deny(*actions, **more):
    return {"Effect": "Deny", "Action": list(actions), "Resource": "*"} | more


def mask(reader, *held):
    verdict = reader.read(held)["p"]
    assert isinstance(verdict, Classified), verdict
    return verdict.mask


def given(reader, *held):
    return set(WORDS.names(mask(reader, *held)))


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("s3:GetObject", READ),
        ("S3:getOBJECT", READ),
        ("s3:GetObj?ct", READ),
        ("s3:*Obje*t", READ | DELETE | WRITE),
        ("s3:DeleteObject", DELETE),
        ("s3:Delete*Object", DELETE),
        ("s3:List*", LIST),
        ("sts:AssumeRole", BECOME),
        ("sts:GetCallerIdentity", 0),
        ("*", READ | DELETE | WRITE | LIST | BECOME | ADMIN | ALL),
        ("*:*", READ | DELETE | WRITE | LIST | BECOME | ADMIN | ALL),
    ],
)
def test_wildcards_mean_every_action_that_they_match_whatever_the_case(small, action, expected):
    assert mask(small, policy(allow(action))) == expected


def test_the_answer_names_the_key_of_the_catalog_that_gave_each_capability(small):
    verdict = small.read([policy(allow("s3:GetObject", "s3:DeleteObject", "glacier:ListVaults"))])["p"]
    assert verdict.keys == (("*:List", LIST), ("s3:DeleteObject", DELETE), ("s3:Read", READ))


def test_a_permission_listed_under_two_levels_counts_under_both(small):
    assert mask(small, policy(allow("s3:PutBucketPolicy"))) == ADMIN | WRITE


def test_everything_except_a_few_actions_is_still_nearly_everything(small):
    statement = {"Effect": "Allow", "NotAction": ["iam:*", "nosuch:Thing"], "Resource": "*"}
    assert mask(small, policy(statement)) == READ | DELETE | WRITE | LIST | BECOME | ADMIN


def test_a_condition_or_a_resource_never_makes_what_is_allowed_smaller(small):
    guarded = allow("s3:GetObject", Resource="arn:aws:s3:::one/*", Condition={"Bool": {"aws:SecureTransport": "true"}})
    assert mask(small, policy(guarded)) == READ


def test_a_statement_may_stand_alone_without_a_list(small):
    assert (
        mask(small, policy(json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}})))
        == READ
    )


def test_an_unconditional_denial_counts_whichever_policy_holds_it(small):
    held = policy(allow("s3:GetObject", "s3:ListBucket")), policy(deny("s3:Get*"), id="other")
    assert mask(small, *held) == LIST


@pytest.mark.parametrize(
    "weak",
    [
        deny("s3:Get*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
        deny("s3:Get*", Resource="arn:aws:s3:::one/*"),
        {"Effect": "Deny", "Action": "s3:Get*", "NotResource": "arn:aws:s3:::one/*"},
        {"Effect": "Deny", "NotAction": ["iam:*", "nosuch:Thing"], "Resource": "*"},
    ],
)
def test_a_denial_that_may_not_apply_takes_nothing_away(small, weak):
    assert mask(small, policy(allow("s3:GetObject")), policy(weak, id="other")) == READ


def test_a_denial_of_everything_else_leaves_only_the_rest(small):
    rest = {"Effect": "Deny", "NotAction": "s3:List*", "Resource": "*"}
    assert mask(small, policy(allow("s3:*")), policy(rest, id="other")) == LIST


def test_a_boundary_gives_nothing_and_limits_what_the_policies_give(small):
    boundary = policy(allow("s3:Get*", "sts:*"), id="b", kind=EntitlementKind.BOUNDARY)
    verdicts = small.read([policy(allow("s3:*")), boundary])
    assert verdicts == {"p": Classified(READ, (("s3:Read", READ),)), "b": Classified(0)}


@pytest.mark.parametrize("document", [None, "[]", '{"Statement":[{"Effect":"Allow","Action":"nosuch:*"}]}'])
def test_an_unreadable_boundary_removes_nothing(small, document):
    boundary = Entitlement("cloud", "b", "b", EntitlementKind.BOUNDARY, document=document)
    verdicts = small.read([policy(allow("s3:GetObject")), boundary])
    assert verdicts["p"].mask == READ
    assert isinstance(verdicts["b"], Unreadable)


def test_groups_and_privileges_are_not_documents(small):
    assert small.read([Entitlement("cloud", "g", "g", EntitlementKind.GROUP, container=True)]) == {}


HOSTILE = [
    None,
    "",
    " ",
    "null",
    "7",
    "[]",
    '"s3:*"',
    "{}",
    '{"Statement": null}',
    '{"Statement": 5}',
    '{"Statement": [7]}',
    '{"Statement": [{}]}',
    '{"Statement": [{"Effect": "Allow", "Action": "s3:Get',
    "%7B%22Statement%22%3A%5B%5D%7D",
    '{"Version": "2030-01-01", "Statement": []}',
    '{"Statement": [{"Effect": "allow", "Action": "s3:*", "Resource": "*"}]}',
    '{"statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}',
    '{"Statement": [{"Effect": "Allow", "action": "s3:*", "Resource": "*"}]}',
    '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Action": "s3:ListBucket", "Resource": "*"}]}',
    '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "NotAction": "s3:*", "Resource": "*"}]}',
    '{"Statement": [{"Effect": "Allow", "Action": [], "Resource": "*"}]}',
    '{"Statement": [{"Effect": "Allow", "Action": {"a": 1}, "Resource": "*"}]}',
    '{"Statement": [{"Effect": "Allow", "Action": ["s3:*", 7], "Resource": "*"}]}',
    '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Principal": "*"}]}',
    '{"Statement": [{"Effect": "Allow", "Action": "nosuch:*", "Resource": "*"}]}',
    '{"Statement": [{"Effect": "Allow", "Action": "s3*:Get*", "Resource": "*"}]}',
    '{"Statement": [{"Effect": "Allow", "Action": "s3", "Resource": "*"}]}',
    '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject"}]}',
    '{"Statement": [{"Effect": "Allow", "Action": "../../data:metadata", "Resource": "*"}]}',
    '{"Statement": [{"Effect": "Allow", "Action": "s3:\\u212aey*", "Resource": "*"}]}',
    '{"Statement": [{"Effect": "Allow", "Action": "s3:Get*\\n", "Resource": "*"}]}',
    '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Cost": NaN}]}',
    "[" * 100_000,
    '{"a":' * 100_000,
    '{"Statement": ' + "9" * 10_000 + "}",
    '{"Statement": [], "Id": "' + "x" * 2**20 + '"}',
]


@pytest.mark.parametrize("document", HOSTILE, ids=range(len(HOSTILE)))
def test_a_document_that_is_not_understood_is_never_taken_for_one_that_allows_nothing(small, document):
    verdict = small.read([Entitlement("cloud", "p", "p", EntitlementKind.POLICY, document=document)])["p"]
    assert isinstance(verdict, Unreadable)
    assert verdict.reason
    assert len(verdict.reason) < 200
    assert verdict.reason.isprintable()


def test_what_is_understood_of_an_unreadable_document_is_told_as_a_minimum(small):
    verdict = small.read([policy(allow("s3:GetObject", "nosuch:Action"), deny("s3:*"))])["p"]
    assert verdict == Unreadable(
        "statement 1: no action of AWS is known as `nosuch:action`", READ, (("s3:Read", READ),)
    )


@pytest.mark.parametrize("name", ["s3:NoSuchAction", "s3:HeadObject", "s3:Gett*"])
def test_an_action_that_aws_does_not_know_gives_nothing_and_the_rest_is_judged(small, name):
    verdict = small.read([policy(allow("s3:GetObject", name))])["p"]
    assert verdict == Classified(
        READ, (("s3:Read", READ),), unknown=f"statement 1: no action of AWS is known as `{name.lower()}`"
    )


def test_of_many_unknown_actions_some_are_told(small):
    verdict = small.read([policy(allow(*(f"s3:No{n}" for n in range(40))))])["p"]
    assert verdict.unknown.endswith("; and 37 more")


def test_stars_in_a_row_mean_every_action_as_one_does(shipped):
    assert shipped.read([policy(allow("**"))])["p"].mask == shipped.read([policy(allow("*"))])["p"].mask


def test_an_access_level_that_no_catalog_explains_is_unreadable_not_harmless():
    verdict = AwsDocuments({"s3:Read": READ}).read([policy(allow("s3:GetObject", "s3:PutObject"))])["p"]
    assert verdict == Unreadable("no catalog entry for `s3:Write`", READ, (("s3:Read", READ),))


def test_ten_thousand_statements_and_slow_patterns_are_read_in_bounded_time(small):
    many = policy(*[allow("s3:GetObject") for _ in range(10_000)])
    slow = policy(*[allow("ec2:" + "*?" * 20 + f"*zz{n}") for n in range(500)], id="slow")
    endless = policy(*[allow(f"ec2:*{n}?*") for n in range(25_000)], id="endless")
    verdicts = small.read([many, slow, endless])
    assert verdicts["p"] == Classified(READ, (("s3:Read", READ),))
    assert verdicts["slow"].unknown.endswith("and 497 more")
    assert isinstance(verdicts["endless"], Unreadable)
    fewer = policy(*[allow("s3:GetObject") for _ in range(2_000)], *[allow(f"ec2:*{n}?*") for n in range(500)])
    _, lines = counted(lambda: small.read([fewer]))
    # About 140 lines of Python for a statement; pairs of them would be millions.
    assert lines < 800_000


def test_a_policy_that_many_users_share_is_judged_once(shipped):
    policies = [policy(allow(f"s3:Get{'?' * (n % 7)}*", "ec2:Describe*"), id=str(n)) for n in range(300)]

    def read_all(users: range) -> None:
        for user in users:
            held = [policies[(user + n) % 300] for n in range(100)]
            own = policy(allow("sts:AssumeRole", Resource=f"arn:aws:iam::{user:012}:role/x"), id="own")
            assert len(shipped.read([*held, own])) == 101

    read_all(range(300))
    _, lines = counted(lambda: read_all(range(300, 500)))
    # About forty lines of Python for each policy that a user holds; to judge one again takes hundreds.
    assert lines < 200 * 101 * 80


def test_a_typical_policy_needs_only_the_services_that_it_names():
    reader = AwsDocuments(SHIPPED)
    reader.read([policy(allow("s3:Get*", "logs:*", "sts:AssumeRole"))])
    assert set(reader._index.services) == {"s3", "logs", "sts"}


@pytest.mark.parametrize(
    "pattern",
    ["s3:*", "s3:Get*", "s3:*Object*", "s3:?et*", "s3:*t", "s3:G*t*A*l", "s3:*a*a*", "s3:*?*", "s3:GetObject"],
)
def test_patterns_match_exactly_as_the_definition_of_wildcards_says(pattern):
    def matches(glob, name):
        if not glob:
            return not name
        if glob[0] == "*":
            return matches(glob[1:], name) or (bool(name) and matches(glob, name[1:]))
        return bool(name) and glob[0] in ("?", name[0]) and matches(glob[1:], name[1:])

    index = ActionIndex()
    service = index.service("s3")
    expected = {n for n in service.actions if matches(pattern.lower().partition(":")[2], n)}
    found = index.expand(pattern) or 0
    assert {n for i, n in enumerate(service.actions) if found >> (service.base + i) & 1} == expected
    assert expected


# ---- The shipped catalog ---------------------------------------------------------------------------------------------


def test_every_key_of_the_catalog_names_something_that_aws_has(shipped):
    assert AwsDocuments(SHIPPED).unknown_keys() == []
    index = ActionIndex()
    for key in SHIPPED:
        service, _, level = key.partition(":")
        if level in LEVELS and service != "*":
            assert any(level in levels for levels in index.service(service).levels), key


@pytest.mark.parametrize("key", ["s3", "s3:", ":Read", "*:GetObject", "s3:Get Object", "s3:read it", ""])
def test_a_key_of_another_shape_is_refused(key):
    with pytest.raises(ValueError, match="is neither"):
        AwsDocuments({key: 1})


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (["s3:GetObject"], {"document.read"}),
        (["s3:DeleteObject"], {"document.delete"}),
        (["s3:PutBucketPolicy"], {"sharing.public"}),
        (["cloudtrail:StopLogging"], {"audit.disable"}),
        (["cloudtrail:DeleteTrail"], {"audit.disable"}),
        (["iam:PutUserPolicy"], {"identity.admin", "user.admin"}),
        (["iam:CreateAccessKey"], {"user.admin", "role.assume"}),
        (["sts:AssumeRole"], {"role.assume"}),
        (["secretsmanager:GetSecretValue"], {"secret.read"}),
        (["ec2:DescribeInstances"], {"cloud.read"}),
        (["healthlake:StartFHIRExportJob"], {"record.export"}),
        (["workspaces:Stream"], {"desktop.use"}),
        (["iam:ChangePassword", "iam:GetUser", "iam:EnableMFADevice", "sts:GetCallerIdentity"], set()),
        (["sts:GetSessionToken", "kms:Decrypt"], set()),
    ],
)
def test_the_catalog_says_what_well_known_actions_let_a_person_do(shipped, actions, expected):
    assert given(shipped, policy(allow(*actions))) == expected


def test_managing_the_own_credentials_is_not_administering_users(shipped):
    actions = "iam:CreateAccessKey", "iam:DeactivateMFADevice", "iam:UpdateLoginProfile"
    own = "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:mfa/${aws:username}"
    assert given(shipped, policy(allow(*actions, Resource=list(own)))) == set()
    assert "user.admin" in given(shipped, policy(allow(*actions, Resource=[*own, "*"])))
    # Without the version of 2012, `${aws:username}` is no variable, and no user can be called so: it gives nothing.
    assert given(shipped, policy(allow(*actions, Resource=list(own)), version="2008-10-17")) == set()
    # The own rights are more than credentials.
    assert "identity.admin" in given(shipped, policy(allow("iam:PutUserPolicy", Resource=own[0])))
    wider = own[0].replace("${aws:username}", "${aws:username}*")
    assert "user.admin" in given(shipped, policy(allow(*actions, Resource=wider)))


def test_policies_that_aws_itself_publishes_can_be_read():
    from moto.iam.aws_managed_policies import aws_managed_policies_data  # noqa: PLC0415 - every collection would pay

    published = json.loads(aws_managed_policies_data)
    reader = AwsDocuments(SHIPPED)
    held = [policy(json.dumps(p["Document"]), id=name) for name, p in published.items()]
    verdicts = {e.id: reader.read([e])[e.id] for e in held}
    unreadable = {name for name, verdict in verdicts.items() if isinstance(verdict, Unreadable)}
    assert len(unreadable) < len(held) * 0.01, unreadable
    # A policy of which only the name is in the file gives no less than its document would.
    compared = 0
    for arn, entry in CATALOG["entitlements"].items():
        name = arn.rpartition("/")[2]
        if name in verdicts:
            assert arn == f"arn:aws:iam::aws:policy{published[name]['Path']}{name}"
            assert set(entry["gives"]) >= set(WORDS.names(verdicts[name].mask)), name
            compared += 1
    assert compared > 40


def test_an_account_is_classified_through_the_catalogs_with_its_documents_and_names():
    catalogs = Catalogs.load(WORDS)
    system = System("cloud", SystemKind.CLOUD, "aws", "Cloud", holds_phi=True)
    unseen = Entitlement("cloud", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "x", EntitlementKind.POLICY)
    root = Entitlement("cloud", "<root_account>", "root user", EntitlementKind.PRIVILEGE)
    readings = catalogs.read(system, [policy(allow("s3:DeleteObject")), unseen, root])
    assert WORDS.names(readings["p"].mask) == ("document.delete",)
    assert "document.read" in WORDS.names(readings[unseen.id].mask)
    assert "system.admin" in WORDS.names(readings["<root_account>"].mask)
