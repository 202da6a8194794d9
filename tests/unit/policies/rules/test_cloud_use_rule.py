"""Unused access: told where AWS tells of use, and nowhere else."""

from datetime import timedelta

import pytest

from connectors.cloud.aws.estate import AccountAssignment
from connectors.facts import NEVER
from tests.aws_accounts import FULL, allow, arn, role, trust, user
from tests.builders import Said, ago, ask, cites, identity, kinds
from tests.builders_aws import PERIOD, CloudClinic, days_ago, key, used

READS = allow("s3:GetObject", on="arn:aws:s3:::phi-files/*")
TEXTRACT = allow("textract:DetectDocumentText")
OWN = f"policy|{arn('user', 'ana')}|{arn('user', 'ana')}/policy/own"


def asks(clinic: CloudClinic) -> Said:
    return ask("unused-access", clinic)


def test_a_service_that_was_allowed_and_not_used_for_the_period_is_told_with_the_policy_that_allows_it():
    said = asks(CloudClinic().iam("ana", user("ana", READS, TEXTRACT), used("s3", 3), used("textract")))
    finding = said.finding
    assert finding.what == OWN
    assert finding.vma == "ana"
    assert "uses only part of what own allows" in finding.title
    assert "not used: textract" in finding.observed
    assert "used: s3" in finding.observed
    assert "smallest-policy" in finding.remedy
    assert finding.severity == "low"
    assert kinds(finding) == ["vma", "account", "policy", "service"]
    assert cites(finding) == ["164.308(a)(4)(ii)(C)", "164.502(b)(1)"]
    assert said.counts == (1, 0, 0)


def test_a_policy_of_which_nothing_is_used_weighs_more_and_says_since_when():
    finding = asks(CloudClinic().iam("ana", user("ana", READS), used("s3", 120))).finding
    assert finding.severity == "medium"
    assert "uses nothing of what own allows" in finding.title
    assert finding.since == ago(120 - PERIOD - 1)


def test_access_that_is_used_satisfies_until_its_use_is_too_long_ago():
    said = asks(CloudClinic().iam("ana", user("ana", READS), used("s3", 10)))
    assert said.counts == (0, 1, 0)
    assert said.satisfied[0].until == ago(10 - PERIOD - 1)


@pytest.mark.parametrize(("last", "findings"), [(PERIOD - 1, 0), (PERIOD, 0), (PERIOD + 1, 1)])
def test_a_use_on_the_first_day_of_the_period_still_counts(last, findings):
    assert len(asks(CloudClinic().iam("ana", user("ana", READS), used("s3", last))).findings) == findings


def test_an_action_is_called_unused_only_where_aws_tracks_it():
    may = user("ana", allow("s3:GetObject", "s3:CreateBucket", "s3:PutBucketPolicy"))
    finding = asks(CloudClinic().iam("ana", may, used("s3", 1, createbucket=NEVER, putbucketpolicy=2))).finding
    assert "not done: s3:CreateBucket" in finding.observed
    assert "GetObject" not in finding.observed
    assert "PutBucketPolicy" not in finding.observed


def test_what_a_boundary_or_a_denial_takes_away_is_not_told_as_unused():
    denied = {"Effect": "Deny", "Action": "textract:*", "Resource": "*"}
    said = asks(CloudClinic().iam("ana", user("ana", READS, TEXTRACT, denied), used("s3", 3), used("textract")))
    assert said.counts == (0, 1, 0)


def test_the_period_is_the_role_templates():
    clinic = CloudClinic().iam("ana", user("ana", READS), used("s3", 40))
    assert asks(clinic).counts == (0, 1, 0)
    case = clinic.case()
    assert case.template("ana").controls.unused_after_days == PERIOD


def test_a_key_that_works_and_is_not_used_is_told_by_its_id():
    may = user("ana", READS, keys=(key(last=NEVER), key("AKIATWO", last=2), key("AKIAOLD", last=NEVER, active=False)))
    finding = asks(CloudClinic().iam("ana", may, used("s3", 2))).finding
    assert finding.what == "secret|AKIAONE"
    assert "never used" in finding.observed
    assert "--access-key-id AKIAONE" in finding.remedy


def test_a_password_that_nobody_uses_beside_a_key_in_use_is_told():
    may = user("ana", READS, console=True, last_sign_in=days_ago(200), keys=(key(),))
    finding = asks(CloudClinic().iam("ana", may, used("s3", 2))).finding
    assert finding.what == "secret|console password"
    assert finding.since == ago(200 - PERIOD - 1)


def test_keys_of_an_account_that_nobody_uses_at_all_are_left_to_the_dormant_account():
    may = user("ana", READS, keys=(key(last=NEVER),))
    clinic = CloudClinic().iam("ana", may, used("s3", 2), last_login=days_ago(200))
    assert asks(clinic).counts == (0, 1, 0)
    assert ask("dormant-account", clinic).findings


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"unread": {"service-last-accessed": "access denied"}}, "was not read: access denied"),
        ({"tracking_since": days_ago(30)}, "knows of use only from"),
        ({"tracking_since": None}, "does not say from when on"),
        ({"used": {}}, "was not asked when `ana` last used"),
    ],
)
def test_what_aws_did_not_tell_is_not_evaluated_and_says_why(change, reason):
    said = asks(CloudClinic().iam("ana", user("ana", READS), used("s3")).estate(**change))
    assert said.counts == (0, 0, 1)
    assert reason in said.not_evaluated[0].reason


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"created": days_ago(30)}, "`ana` exists only since"),
        ({"keys": (key(last=NEVER, made=10),)}, "never used, and exists only since"),
        ({"keys": (key(last=None),)}, "does not say when the access key"),
        ({"console": True, "last_sign_in": NEVER, "created": days_ago(10)}, "console password"),
    ],
)
def test_what_is_younger_than_the_period_or_unknown_is_not_evaluated(more, reason):
    said = asks(CloudClinic().iam("ana", user("ana", READS, **more), used("s3", 1)))
    assert not said.findings
    assert reason in said.not_evaluated[0].reason


def test_a_vma_who_started_within_the_period_had_no_time_to_use_it():
    clinic = CloudClinic().vma("ana", start=ago(20)).iam("ana", user("ana", READS), used("s3"))
    (said,) = asks(clinic).satisfied
    assert said.until == ago(20) + timedelta(days=90)


@pytest.mark.parametrize(("since", "findings"), [(PERIOD - 1, 0), (PERIOD, 1)])
def test_a_vma_who_has_been_here_for_exactly_the_period_had_the_time(since, findings):
    clinic = CloudClinic().vma("ana", start=ago(since)).iam("ana", user("ana", READS), used("s3"))
    assert len(asks(clinic).findings) == findings


def test_a_service_of_which_aws_tells_nothing_is_neither_used_nor_unused():
    said = asks(CloudClinic().iam("ana", user("ana", READS, TEXTRACT), used("s3", 3), used("textract", None)))
    assert said.counts == (0, 0, 1)
    assert "textract" in said.not_evaluated[0].reason


def test_an_administrator_who_uses_two_services_is_told_once_a_policy():
    finding = asks(CloudClinic().iam("ana", user("ana", *FULL), used("s3", 3), used("ec2", 5), used("rds"))).finding
    assert "not used: rds" in finding.observed


def test_a_person_of_identity_center_is_judged_by_the_role_that_was_used():
    reads = role("AWSReservedSSO_Files", trust("x"), READS, TEXTRACT, created=days_ago(300))
    clinic = CloudClinic().vma("ana").account("cloud", "ana@x", "ana", id_="person-1")
    clinic.estate(reads, assignments=(AccountAssignment("person-1", reads.arn, ("Files",)),))
    clinic.estate(used={reads.arn: (used("s3", 3), used("textract"))})
    finding = asks(clinic).finding
    assert finding.what == f"policy|{reads.arn}|{reads.arn}/policy/own"
    assert "identity" in kinds(finding) or "policy" in kinds(finding)


def test_without_the_estate_an_account_that_holds_phi_is_not_evaluated_and_another_is_left_out():
    clinic = CloudClinic().iam("ana", user("ana", READS), used("s3")).without_estate()
    assert asks(clinic).counts == (0, 0, 1)
    assert "were not collected" in asks(clinic).not_evaluated[0].reason
    assert asks(clinic.system("cloud", holds_phi=False)).population == 0


def test_the_finding_keeps_its_identity_when_more_is_used():
    first = asks(CloudClinic().iam("ana", user("ana", READS, TEXTRACT), used("s3"), used("textract"))).finding
    later = asks(CloudClinic().iam("ana", user("ana", READS, TEXTRACT), used("s3", 1), used("textract"))).finding
    assert identity(first) == identity(later)


@pytest.mark.parametrize(("last", "findings"), [(PERIOD - 1, 1), (PERIOD, 1), (PERIOD + 1, 0)])
def test_an_account_is_in_use_that_was_used_on_the_first_day_of_the_period(last, findings):
    may = user("ana", READS, keys=(key(last=NEVER),))
    assert len(asks(CloudClinic().iam("ana", may, used("s3", 2), last_login=days_ago(last))).findings) == findings


@pytest.mark.parametrize(("vma", "unsure"), [({}, 1), ({"on_leave": True}, 0), ({"end": ago(1)}, 0)])
def test_whether_an_account_that_could_be_theirs_is_used_is_open_while_they_are_at_work(vma, unsure):
    clinic = CloudClinic().vma("eva", "Eva Lindqvist", **vma).account("cloud", "q7", name="Lindqvist, Eva M")
    assert len([n for n in asks(clinic).not_evaluated if n.subject.id == "eva"]) == unsure
