"""Ways to more rights in AWS, told as a path."""

import pytest

from connectors.cloud.aws.estate import PolicyText
from tests.aws_accounts import FULL, allow, arn, assigned, group, role, trust, user
from tests.builders import Said, ask, cites, kinds
from tests.builders_aws import CloudClinic

BOSS = user("boss", *FULL, keys=())
READS = allow("s3:GetObject")


def asks(clinic: CloudClinic) -> Said:
    return ask("privilege-escalation", clinic)


def test_a_way_to_an_administrator_is_a_critical_finding_told_step_by_step():
    clinic = CloudClinic().estate(BOSS).iam("ana", user("ana", READS, allow("iam:CreateAccessKey")))
    said = asks(clinic)
    finding = said.finding
    assert (finding.severity, finding.what, finding.vma) == ("critical", "administrator", "ana")
    assert "can become an administrator of the account" in finding.title
    assert kinds(finding) == ["vma", "account", "escalation", "identity"]
    assert "iam:CreateAccessKey" in finding.path[2].text
    assert "own" in finding.remedy
    assert cites(finding) == ["164.312(a)(1)", "164.308(a)(4)(i)"]
    assert said.counts == (1, 0, 0)


def test_a_way_whose_halves_stand_in_two_policies_is_found():
    clinic = CloudClinic().estate(
        role("worker", trust(service="lambda"), *FULL),
        group("makers", allow("lambda:CreateFunction", "lambda:InvokeFunction")),
    )
    clinic.iam("ana", user("ana", allow("iam:PassRole", on=arn("role", "worker")), groups=("makers",)))
    assert asks(clinic).finding.what == "administrator"


def test_another_identity_that_holds_more_is_a_finding_too():
    more = role("files", trust(arn("user", "ana")), allow("s3:*"))
    clinic = CloudClinic().estate(more).iam("ana", user("ana", READS))
    finding = asks(clinic).finding
    assert finding.what == more.arn
    assert finding.severity == "critical"


def test_a_part_of_an_identity_is_a_high_finding_that_says_so():
    part = allow("iam:CreateServiceSpecificCredential", on=BOSS.arn)
    finding = asks(CloudClinic().estate(BOSS).iam("ana", user("ana", part))).finding
    assert (finding.severity, finding.what) == ("high", BOSS.arn)
    assert finding.title == "Ana can become user/boss, in part in AWS"
    assert finding.path[-1].text == "user/boss, in part"


def test_who_can_gain_nothing_satisfies():
    assert asks(CloudClinic().estate(BOSS).iam("ana", user("ana", READS))).counts == (0, 1, 0)


def test_an_administrator_from_the_start_is_left_to_the_never_list():
    clinic = CloudClinic().iam("ana", user("ana", *FULL))
    assert asks(clinic).counts == (0, 1, 0)
    assert any("own" in f.title for f in ask("forbidden", clinic).findings)


def test_a_way_that_depends_on_what_nobody_knows_is_not_evaluated_and_names_it():
    when = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    said = asks(CloudClinic().estate(BOSS).iam("ana", user("ana", allow("iam:CreateAccessKey", when=when))))
    assert said.counts == (0, 0, 1)
    assert "aws:SourceIp" in said.not_evaluated[0].reason


def test_a_person_of_identity_center_is_judged_by_the_roles_assigned():
    sets = role("AWSReservedSSO_Keys_0123456789abcdef", trust("x"), allow("iam:CreateAccessKey"))
    clinic = CloudClinic().account("cloud", "ana@x", "ana", id_="person-1")
    clinic.estate(BOSS, sets, assignments=assigned("person-1", "AWSReservedSSO_Keys_0123456789abcdef"))
    assert asks(clinic).finding.what == "administrator"


def test_a_person_whose_roles_were_not_all_read_is_not_evaluated():
    plain = role("Files", trust("x"), READS)
    clinic = CloudClinic().account("cloud", "ana@x", "ana", id_="person-1")
    clinic.estate(plain, assignments=assigned("person-1", "Files"), unread={"account-access": "access denied"})
    said = asks(clinic)
    assert said.counts == (0, 0, 1)
    assert "account-access was not read" in said.not_evaluated[0].reason


def test_a_policy_that_cannot_be_read_is_not_taken_for_harmless():
    ana = user("ana", READS)
    broken = type(ana)(ana.arn, ana.id, ana.name, inline=(PolicyText(f"{ana.arn}/policy/own", "[]"),))
    said = asks(CloudClinic().iam("ana", broken))
    assert said.counts == (0, 0, 1)
    assert "cannot be read" in said.not_evaluated[0].reason


def test_an_account_that_is_nobody_in_aws_is_not_evaluated():
    assert asks(CloudClinic().account("cloud", "ana@x", "ana", id_="person-1")).counts == (0, 0, 1)


@pytest.mark.parametrize("leave", [False, True])
def test_leave_takes_no_way_away(leave):
    clinic = CloudClinic().estate(BOSS).vma("ana", on_leave=leave)
    assert len(asks(clinic.iam("ana", user("ana", allow("iam:CreateAccessKey")))).findings) == 1


def test_without_the_estate_an_account_that_holds_phi_is_not_evaluated():
    clinic = CloudClinic().iam("ana", user("ana", READS)).without_estate()
    assert asks(clinic).counts == (0, 0, 1)
    assert asks(clinic.system("cloud", holds_phi=False)).population == 0


def test_the_root_account_can_gain_nothing_and_is_left_to_the_never_list():
    clinic = CloudClinic().account("cloud", "root", "ana", id_="<root_account>")
    assert asks(clinic).counts == (0, 1, 0)
