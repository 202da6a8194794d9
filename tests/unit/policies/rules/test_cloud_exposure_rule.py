"""PHI that strangers can reach: by the policy of the resource, whatever way it names them."""

from dataclasses import replace

import pytest

from connectors.cloud.aws.estate import AclGrant, Gap, MemberAccount, OrganizationPath, PolicyText
from tests.aws_accounts import THEM, US, organization, text
from tests.builders import Said, ask, cites, kinds
from tests.builders_aws import FILES, KEY, CloudClinic, opens, phi

ANYBODY = {"AWS": "*"}
THEIRS = {"AWS": f"arn:aws:iam::{THEM}:root"}


def asks(clinic: CloudClinic) -> Said:
    return ask("exposed-phi", clinic)


def bucket(*statements, **fields) -> CloudClinic:
    return CloudClinic().estate(phi(FILES, *statements, **{"public_access_blocked": False, **fields}))


def test_a_bucket_that_everybody_may_read_is_a_critical_finding_of_the_system():
    said = asks(bucket(opens("*", "s3:GetObject")))
    finding = said.finding
    assert finding.severity == "critical"
    assert (finding.subject.kind, finding.subject.id, finding.vma) == ("system", "cloud", None)
    assert finding.what == f"{FILES}|everybody"
    assert "everybody on the internet may do s3:GetObject" in finding.observed
    assert "Block Public Access" in finding.remedy
    assert kinds(finding) == ["system", "resource", "statement", "stranger"]
    assert cites(finding) == ["164.312(a)(1)", "164.308(a)(4)(i)"]
    assert said.counts == (1, 0, 0)


def test_a_bucket_without_policy_is_open_to_no_stranger():
    assert asks(bucket()).counts == (0, 1, 0)


def test_block_public_access_stops_a_public_policy():
    assert asks(bucket(opens("*", "s3:GetObject"), public_access_blocked=True)).counts == (0, 1, 0)


def test_a_public_policy_is_not_evaluated_where_nobody_knows_whether_it_is_blocked():
    said = asks(bucket(opens("*", "s3:GetObject"), public_access_blocked=None))
    assert said.counts == (0, 0, 1)
    assert "Block Public Access" in said.not_evaluated[0].reason


def test_block_public_access_does_not_stop_an_account_that_the_policy_names():
    finding = asks(bucket(opens(THEIRS, "s3:GetObject"), public_access_blocked=True)).finding
    assert finding.what == f"{FILES}|{THEM}"
    assert finding.severity == "high"
    assert f"the account {THEM}" in finding.title


@pytest.mark.parametrize(
    "to",
    [
        THEM,
        f"arn:aws:iam::{THEM}:root",
        f"arn:aws:iam::{THEM}:user/them",
        f"arn:aws:iam::{THEM}:role/path/them",
        f"arn:aws:sts::{THEM}:assumed-role/them/session",
    ],
)
def test_a_stranger_is_found_however_the_policy_names_them(to):
    assert asks(bucket(opens({"AWS": to}, "s3:PutObject"))).finding.what == f"{FILES}|{THEM}"


def test_a_stranger_who_is_let_in_by_a_condition_is_found():
    when = {"StringEquals": {"aws:PrincipalAccount": THEM}}
    assert asks(bucket(opens("*", "s3:GetObject", when=when))).finding.what == f"{FILES}|{THEM}"


def test_whoever_is_not_named_is_let_in_by_not_principal():
    statement = opens("*", "s3:GetObject")
    statement["NotPrincipal"] = {"AWS": f"arn:aws:iam::{US}:root"}
    del statement["Principal"]
    assert asks(bucket(statement)).finding.severity == "critical"


@pytest.mark.parametrize("to", [US, f"arn:aws:iam::{US}:root", f"arn:aws:iam::{US}:role/files"])
def test_the_own_account_is_no_stranger(to):
    assert asks(bucket(opens({"AWS": to}, "s3:*"))).counts == (0, 1, 0)


def test_an_account_of_the_own_organization_is_no_stranger():
    ours = OrganizationPath("o-aaaaaaaaaa", US, organization().levels, accounts=(MemberAccount(THEM, "x", "ACTIVE"),))
    assert asks(bucket(opens(THEIRS, "s3:GetObject")).estate(organization=ours)).counts == (0, 1, 0)


def test_everybody_of_the_own_organization_is_nobody_from_outside():
    ours = OrganizationPath("o-aaaaaaaaaa", US, organization().levels)
    inside = {"StringEquals": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}}
    outside = {"StringEquals": {"aws:PrincipalOrgID": "o-bbbbbbbbbb"}}
    assert asks(bucket(opens("*", "s3:GetObject", when=inside)).estate(organization=ours)).counts == (0, 1, 0)
    found = asks(bucket(opens("*", "s3:GetObject", when=outside)).estate(organization=ours)).finding
    assert found.what == f"{FILES}|o-bbbbbbbbbb"


def test_an_organization_that_may_be_the_own_is_not_evaluated_where_the_own_was_not_read():
    when = {"StringEquals": {"aws:PrincipalOrgID": "o-bbbbbbbbbb"}}
    clinic = bucket(opens("*", "s3:GetObject", when=when)).estate(unread={"organization": "access denied"})
    assert asks(clinic).counts == (0, 0, 1)


def test_a_policy_that_asks_for_a_network_depends_on_whose_it_is():
    said = asks(bucket(opens("*", "s3:GetObject", when={"StringEquals": {"aws:SourceVpce": "vpce-1"}})))
    assert said.counts == (0, 0, 1)
    assert "depends on aws:SourceVpce" in said.not_evaluated[0].reason


@pytest.mark.parametrize(
    "when",
    [
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringLike": {"aws:Referer": "https://practice.example/*"}},
        {"StringEquals": {"s3:prefix": "public/"}},
    ],
)
def test_what_a_stranger_can_say_at_will_holds_nobody_back(when):
    assert asks(bucket(opens("*", "s3:GetObject", when=when))).finding.severity == "critical"


def test_a_denial_of_everybody_else_closes_an_open_bucket():
    closed = opens("*", "s3:*", on=[FILES, f"{FILES}/*"]) | {"Effect": "Deny"}
    assert asks(bucket(opens("*", "s3:GetObject"), closed)).counts == (0, 1, 0)


def test_a_resource_control_policy_that_keeps_strangers_out_counts():
    denies = opens("*", "s3:*", on="*", when={"StringNotEquals": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}})
    level = organization().levels[0]

    guarded = type(level)(
        level.id, level.name, level.scps, (*level.rcps, PolicyText("p", text([denies | {"Effect": "Deny"}])))
    )
    ours = OrganizationPath("o-aaaaaaaaaa", THEM, (guarded, organization().levels[1]))
    assert asks(bucket(opens("*", "s3:GetObject")).estate(organization=ours)).counts == (0, 1, 0)


def test_a_prefix_that_is_public_is_found_although_the_rest_is_closed():
    finding = asks(bucket(opens("*", "s3:GetObject", on=f"{FILES}/public/*"))).finding
    assert "s3:GetObject" in finding.observed


def test_a_key_that_another_account_may_use_is_found_and_the_usual_policy_of_a_key_is_not():
    usual = opens({"AWS": f"arn:aws:iam::{US}:root"}, "kms:*", on="*")
    assert asks(CloudClinic().estate(phi(KEY, usual))).counts == (0, 1, 0)
    finding = asks(CloudClinic().estate(phi(KEY, usual, opens(THEIRS, "kms:Decrypt", on="*")))).finding
    assert finding.what == f"{KEY}|{THEM}"


def test_a_service_of_aws_is_no_stranger():
    assert asks(bucket(opens({"Service": "cloudtrail.amazonaws.com"}, "s3:PutObject"))).counts == (0, 1, 0)


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}, "canonical user"),
        ({"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}, "CloudFront"),
        ({"Service": "cloudfront.amazonaws.com"}, "CloudFront"),
    ],
)
def test_somebody_who_cannot_be_known_is_not_evaluated(to, reason):
    said = asks(bucket(opens(to, "s3:GetObject")))
    assert said.counts == (0, 0, 1)
    assert reason in said.not_evaluated[0].reason


def test_a_policy_that_cannot_be_understood_is_not_taken_for_closed():
    clinic = bucket(opens("*", "s3:GetObject") | {"Odd": 1})
    assert asks(clinic).counts == (0, 0, 1)
    (facts,) = clinic.aws.resources
    broken = type(facts)(facts.arn, facts.account, policy="[]", phi=True, public_access_blocked=False)
    assert asks(CloudClinic().estate(broken)).counts == (0, 0, 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"resources": ()}, "nobody has said which resources hold PHI"),
        ({"unread": {"resource-tags": "access denied"}}, "tagged as holding PHI was not read"),
        ({"gaps": (Gap("resource-not-found", "arn:aws:s3:::gone"),)}, "arn:aws:s3:::gone"),
    ],
)
def test_resources_that_may_be_missing_are_not_evaluated(change, reason):
    said = asks(CloudClinic().estate(**change))
    assert said.counts == (0, 0, 1)
    assert reason in said.not_evaluated[0].reason


def test_a_policy_that_was_not_read_is_not_evaluated():
    said = asks(CloudClinic().estate(phi(FILES, policy_read=False)))
    assert "was not read" in said.not_evaluated[0].reason


def test_only_what_holds_phi_is_asked_about():
    public = replace(phi("arn:aws:s3:::website", opens("*", "s3:GetObject", on="*")), phi=False)
    assert asks(CloudClinic().estate(phi(), public)).counts == (0, 1, 0)


def test_two_strangers_of_one_resource_are_two_findings():
    other = "444455556666"
    said = asks(bucket(opens(THEIRS, "s3:GetObject"), opens({"AWS": other}, "s3:GetObject")))
    assert [f.what for f in said.findings] == [f"{FILES}|{other}", f"{FILES}|{THEM}"]


def test_without_the_estate_an_account_that_holds_phi_is_not_evaluated():
    assert asks(CloudClinic().without_estate()).counts == (0, 0, 1)
    assert asks(CloudClinic().without_estate().system("cloud", holds_phi=False)).population == 0


def test_an_account_of_which_several_identities_are_named_is_one_finding():
    them = [f"arn:aws:iam::{THEM}:role/{name}" for name in ("one", "two")]
    finding = asks(bucket(opens({"AWS": them[0]}, "s3:GetObject"), opens({"AWS": them[1]}, "s3:PutObject"))).finding
    assert "s3:GetObject" in finding.observed
    assert "s3:PutObject" in finding.observed


def test_one_marked_resource_is_enough_to_ask_although_the_account_is_said_to_hold_no_phi():
    other = replace(phi("arn:aws:s3:::website"), phi=False)
    marked = phi(FILES, opens("*", "s3:GetObject"), public_access_blocked=False)
    clinic = CloudClinic().system("cloud", holds_phi=False).estate(other, marked)
    assert asks(clinic).finding.what == f"{FILES}|everybody"
    assert asks(CloudClinic().system("cloud", holds_phi=False).estate(other)).population == 0


def test_a_finding_says_where_what_could_still_keep_strangers_out_was_not_read():
    open_ = bucket(opens("*", "s3:GetObject"))
    assert "resource control policies were not read" not in asks(open_).finding.observed
    blind = open_.estate(unread={"organization": "it did not answer"})
    assert "resource control policies were not read" in asks(blind).finding.observed


# ---- access lists ----------------------------------------------------------------------------------------------------

ALL, SIGNED = (f"http://acs.amazonaws.com/groups/global/{group}" for group in ("AllUsers", "AuthenticatedUsers"))
OPEN_TO_LISTS = {"owner_enforced": False, "public_lists_ignored": False, "acl": ()}


def test_access_lists_that_nobody_read_and_nothing_stops_are_not_evaluated():
    said = asks(bucket(owner_enforced=None, public_lists_ignored=None))
    assert said.counts == (0, 0, 1)
    assert "was not read" in said.not_evaluated[0].reason


def test_files_may_be_open_by_lists_of_their_own_where_nothing_stops_these():
    said = asks(bucket(**OPEN_TO_LISTS))
    assert said.counts == (0, 0, 1)
    assert "and of its files can let in anybody" in said.not_evaluated[0].reason


def test_lists_that_are_switched_off_let_in_nobody():
    off = {**OPEN_TO_LISTS, "owner_enforced": True, "public_lists_ignored": None}
    assert asks(bucket(**off)).counts == (0, 1, 0)
    assert asks(bucket(**{**off, "acl": (AclGrant(ALL, "READ"),)})).counts == (0, 1, 0)


@pytest.mark.parametrize("enforced", [False, None])
def test_where_public_lists_are_ignored_a_file_may_still_be_open_to_one_other_account(enforced):
    ignored = {**OPEN_TO_LISTS, "public_lists_ignored": True, "owner_enforced": enforced}
    for acl in ((), (AclGrant(ALL, "READ"),)):
        said = asks(bucket(**{**ignored, "acl": acl}))
        assert said.counts == (0, 0, 1)
        reason = said.not_evaluated[0].reason
        assert "access lists of single files" in reason
        assert "can let in other accounts, and are not read" in reason
        assert "anybody" not in reason


@pytest.mark.parametrize(("group", "who"), [(ALL, "on the internet"), (SIGNED, "who has an AWS account")])
def test_a_public_access_list_is_a_critical_finding_beside_what_is_not_known_of_the_files(group, who):
    said = asks(bucket(**{**OPEN_TO_LISTS, "acl": (AclGrant(group, "READ"), AclGrant(group, "WRITE"))}))
    finding = said.finding
    assert finding.severity == "critical"
    assert f"lets in everybody {who}" in finding.title
    assert "list its files, write and delete files" in finding.observed
    assert kinds(finding) == ["system", "resource", "access-list", "stranger"]
    assert len(said.not_evaluated) == 1


def test_another_account_in_an_access_list_depends_on_whose_it_is_and_the_log_services_are_nobody():
    ignored = {**OPEN_TO_LISTS, "public_lists_ignored": True}

    def reason(acl) -> str:
        said = asks(bucket(**{**ignored, "acl": acl}))
        assert said.counts == (0, 0, 1)
        return said.not_evaluated[0].reason

    assert "whose user ids these are: 79a59df900b949e5" in reason((AclGrant("79a59df900b949e5", "FULL_CONTROL"),))
    logs = AclGrant("http://acs.amazonaws.com/groups/s3/LogDelivery", "WRITE")
    cloudfront = AclGrant("c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0", "FULL_CONTROL")
    assert "whose user ids" not in reason((logs, cloudfront))
    assert "the access list of arn" in reason(None)


DELIVERY = [("127311923021", "root"), ("054676820928", "root"), ("193672423079", "user/logs"), ("086441151436", "root")]


@pytest.mark.parametrize(("account", "who"), [*DELIVERY, ("386209384616", "root")])
def test_an_account_of_aws_that_delivers_logs_is_no_stranger_for_what_delivering_needs_and_no_more(account, who):
    named = {"AWS": f"arn:aws:iam::{account}:{who}"}
    assert asks(bucket(opens(named, "s3:PutObject", on=f"{FILES}/AWSLogs/*"))).counts == (0, 1, 0)
    finding = asks(bucket(opens(named, "s3:GetObject", "s3:PutObject", on=f"{FILES}/*"))).finding
    assert finding.what == f"{FILES}|{account}"
    assert "s3:GetObject" in finding.observed


def test_who_looks_like_a_delivery_account_is_a_stranger():
    finding = asks(bucket(opens({"AWS": "arn:aws:iam::127311923022:root"}, "s3:PutObject", on=f"{FILES}/*"))).finding
    assert finding.what == f"{FILES}|127311923022"


def test_what_is_known_of_access_lists_is_told_from_what_was_not_read():
    known = "neither Block Public Access nor ownership by the bucket's owner stops them"
    assert known in asks(bucket(**OPEN_TO_LISTS)).not_evaluated[0].reason
    for part in ({"owner_enforced": None}, {"public_lists_ignored": None}):
        assert known not in asks(bucket(**{**OPEN_TO_LISTS, **part})).not_evaluated[0].reason, part
