"""Ways in for somebody outside the roster: whoever stands behind one is known, answered for and under an agreement."""

import pytest

from connectors.cloud.aws.estate import AwsEstate, Role
from connectors.facts import DoorKind, PersonKind, Status, SystemKind
from policies.questions.accountability import gone
from tests.aws_accounts import THEM, allow, arn, role, text, trust
from tests.builders import TODAY, Clinic, Said, ago, ahead, ask, cites, in_step, kinds
from tests.builders_aws import CloudClinic

BILLER = "Bright Billing Inc"
ADDRESS = "pat@brightbilling.example"


def clinic() -> Clinic:
    return Clinic(systems=("ehr",)).vma("ana").agreement("BAA-1").person("dana", "Dana Ortiz")


def asks(found: Clinic) -> Said:
    return ask("outside-door", found)


def vendor(found: Clinic, login: str = ADDRESS, owner: str | None = "dana") -> Clinic:
    return found.person("billing", BILLER, PersonKind.VENDOR, logins=(("ehr", login),), owner=owner)


def test_a_system_whose_connector_knows_of_no_doors_is_not_asked_about_them():
    assert asks(clinic()).counts == (0, 0, 0)


@pytest.mark.parametrize("kind", DoorKind)
def test_a_door_behind_which_nobody_is_known_to_stand_is_a_finding_whatever_its_kind(kind):
    said = asks(clinic().door("ehr", ADDRESS, kind))
    finding = said.finding
    assert finding.severity == "high"
    assert (finding.subject.kind, finding.subject.id) == ("door", f"ehr:the tenant|{ADDRESS}")
    assert ADDRESS in finding.title
    assert "nobody has said who stands behind it" in finding.title
    assert f"`ehr:{ADDRESS}`" in finding.remedy
    assert cites(finding) == ["164.312(a)(1)", "164.308(a)(4)(i)"]
    assert said.counts == (1, 1, 0)


def test_a_vendor_with_an_owner_and_an_agreement_may_stand_behind_a_door_as_long_as_that_runs():
    said = asks(vendor(clinic().door("ehr", ADDRESS)).agreement("BAA-2", BILLER, end=ahead(40)))
    assert said.counts == (0, 2, 0)
    assert [one.until for one in said.satisfied if one.subject.kind == "door"] == [ahead(41)]


def test_the_case_of_a_name_does_not_matter():
    said = asks(vendor(clinic().door("ehr", ADDRESS.upper()), ADDRESS.title()).agreement("BAA-2", BILLER))
    assert said.counts == (0, 2, 0)


def test_the_most_exact_name_says_who_it_is():
    found = clinic().door("ehr", ADDRESS, names=(ADDRESS, "brightbilling.example"))
    found.person("other", "Other Inc", PersonKind.VENDOR, logins=(("ehr", "brightbilling.example"),), owner="dana")
    assert "Other Inc has no agreement" in asks(found).finding.title
    assert asks(vendor(found).agreement("BAA-2", BILLER)).counts == (0, 2, 0)


def test_a_vendor_without_an_agreement_is_a_finding_and_so_is_one_whose_agreement_ended_or_is_of_another_system():
    finding = asks(vendor(clinic().door("ehr", ADDRESS))).finding
    assert finding.what == "agreement|billing"
    assert "the register has none" in finding.observed
    assert cites(finding) == ["164.308(b)(1)", "164.308(b)(3)", "164.502(e)(2)", "164.504(e)"]
    ended = asks(vendor(clinic().door("ehr", ADDRESS)).agreement("BAA-2", BILLER, end=ago(1))).finding
    assert f"BAA-2 ended on {ago(1)}" in ended.observed
    assert kinds(ended) == ["system", "door", "person", "agreement"]
    elsewhere = vendor(clinic().door("ehr", ADDRESS)).agreement("BAA-2", BILLER, systems=frozenset(["cloud"]))
    assert asks(elsewhere).finding.what == "agreement|billing"


def test_a_door_that_leads_to_no_phi_needs_no_agreement_but_somebody_who_answers_for_it():
    assert asks(vendor(clinic().door("ehr", ADDRESS, phi=False))).counts == (0, 2, 0)
    finding = asks(vendor(clinic().door("ehr", ADDRESS, phi=False), owner=None)).finding
    assert (finding.what, finding.severity) == ("owner|billing", "medium")


def test_an_owner_whom_no_file_knows_answers_for_nothing():
    found = vendor(clinic().door("ehr", ADDRESS), owner="Kim Nguyen").agreement("BAA-2", BILLER)
    assert "Kim Nguyen is neither on the roster nor in the staff file" in asks(found).finding.title


def test_a_workload_of_the_practice_itself_needs_an_owner_and_no_agreement():
    found = clinic().door(
        "ehr", "github.com/lakeside/site", DoorKind.FEDERATED, "arn:aws:iam::111122223333:role/deploy"
    )
    found.person(
        "deploy", "Deployment", PersonKind.SERVICE, logins=(("ehr", "github.com/lakeside/site"),), owner="dana"
    )
    assert asks(found).counts == (0, 2, 0)


def test_a_door_that_asks_nobody_who_they_are_is_a_finding_whoever_is_said_to_stand_behind_it():
    found = vendor(clinic().door("ehr", ADDRESS, anybody=True)).agreement("BAA-2", BILLER)
    finding = asks(found).finding
    assert finding.severity == "critical"
    assert "nothing asks who it is" in finding.observed


def test_a_door_that_asks_for_something_that_tells_nobody_apart_is_told_so():
    finding = asks(clinic().door("ehr", ADDRESS, anybody=True, asks=True, detail="asks for sts:ExternalId")).finding
    assert "what it asks for does not tell who comes" in finding.observed
    assert "nothing asks" not in finding.observed


@pytest.mark.parametrize("kind", ["saml-provider/okta", "oidc-provider/lakeside.okta.com"])
def test_an_identity_provider_that_may_be_the_practices_own_is_asked_about_and_never_taken_out(kind):
    provider = f"arn:aws:iam::111122223333:{kind}"
    to = "arn:aws:iam::111122223333:role/staff"
    found = clinic().door("ehr", "the provider", DoorKind.FEDERATED, to, names=(kind.partition("/")[2], provider))
    remedy = asks(found).finding.remedy
    assert "leave it in place until that is known" in remedy
    assert "close" not in remedy
    assert "take it out" not in remedy
    other = clinic().door("ehr", "GitHub: x/y", DoorKind.FEDERATED, to, names=("github.com/x/y",))
    assert "the way in is closed today" in asks(other).finding.remedy


def test_a_vma_may_come_as_a_guest_while_the_engagement_runs():
    found = clinic().vma("ben", end=ahead(10)).account("ehr", "ben_agency.example#EXT#", "ben", id_="g1")
    found.door("ehr", "ben@agency.example", account="g1")
    said = asks(found)
    assert said.counts == (0, 2, 0)
    assert [one.until for one in said.satisfied if one.subject.kind == "door"] == [ahead(11)]


def test_a_door_of_two_may_be_used_until_the_first_of_them_ends():
    found = clinic().vma("ben", end=ahead(10)).vma("bea", end=ahead(5))
    found.account("ehr", "team#EXT#", "ben", "bea", id_="g1").door("ehr", "team@agency.example", account="g1")
    assert [one.until for one in asks(found).satisfied if one.subject.kind == "door"] == [ahead(6)]


def test_a_vendor_for_whom_nobody_answers_is_told_so():
    found = vendor(clinic().door("ehr", ADDRESS), owner=None).agreement("BAA-2", BILLER)
    assert asks(found).finding.title.endswith("whoever answers for it at the practice is missing")


def test_the_door_of_a_vma_who_left_is_a_finding_of_that_vma():
    found = (
        clinic().vma("ben", end=ago(3)).door("ehr", "ben@home.example", DoorKind.FORWARDING, "desk@lakeside.example")
    )
    found.people["ben"] = (
        clinic().person("ben", "Ben", PersonKind.VMA, logins=(("ehr", "ben@home.example"),)).people["ben"]
    )
    finding = asks(found).finding
    assert finding.vma == "ben"
    assert "the mail of desk@lakeside.example goes on to ben@home.example" in finding.title
    assert f"left on {ago(3)}" in finding.title


def test_a_disabled_guest_has_no_way_in():
    found = (
        clinic().account("ehr", "old#EXT#", id_="g1", status=Status.DISABLED).door("ehr", "old@x.example", account="g1")
    )
    assert [one.subject.kind for one in asks(found).satisfied] == ["system"]


def test_a_guest_who_can_let_others_in_is_critical():
    found = clinic().account("ehr", "x#EXT#", id_="g1").grant("ehr", "g1", "admin/users")
    assert asks(found.door("ehr", "x@x.example", account="g1")).finding.severity == "critical"


def test_what_was_not_read_and_what_depends_on_it_is_not_evaluated():
    found = clinic().door("ehr", "somebody", names=(), depends=("aws:SourceIp",))
    found.doors_unread["ehr"] = {DoorKind.FORWARDING: "the mail rules were not exported"}
    said = asks(found)
    assert said.counts == (0, 0, 2)
    assert {one.reason for one in said.not_evaluated} == {
        "whether somebody is a guest in the tenant depends on aws:SourceIp",
        "ways in from outside were not read: forwarding: the mail rules were not exported",
    }


def test_a_system_that_was_not_read_whole_is_not_evaluated():
    assert asks(clinic().door("ehr", ADDRESS).unread("ehr")).counts == (0, 0, 1)


# ---- AWS -------------------------------------------------------------------------------------------------------------


def cloud(*roles: Role) -> CloudClinic:
    return CloudClinic().person("dana", "Dana Ortiz").estate(*roles)


def test_an_administrator_whom_another_account_may_become_is_critical_and_the_way_is_told():
    finding = asks(cloud(role("partner", trust(f"arn:aws:iam::{THEM}:root"), allow("*")))).finding
    assert finding.severity == "critical"
    assert THEM in finding.title
    assert kinds(finding) == ["system", "door", "identity"]


def test_a_way_to_an_administrator_starts_from_outside_too():
    way = asks(cloud(role("ci", trust(THEM), allow("iam:PutRolePolicy")))).finding
    assert way.severity == "critical"
    assert kinds(way)[:3] == ["system", "door", "escalation"]
    assert "administrator" in way.observed


def test_where_a_role_reaches_no_phi_and_no_more_a_vendor_needs_no_agreement():
    found = cloud(role("look", trust(THEM), allow("cloudwatch:GetMetricData")))
    assert asks(found).finding.severity == "medium"
    found.person("watch", "Skyline Monitoring", PersonKind.VENDOR, logins=(("cloud", THEM),), owner="dana")
    assert asks(found).counts == (0, 2, 0)


def test_a_vendor_behind_a_role_that_reads_phi_needs_one():
    found = cloud(role("backup", trust(THEM), allow("s3:GetObject")))
    found.person("copy", "Copyline Inc", PersonKind.VENDOR, logins=(("cloud", THEM),), owner="dana")
    assert asks(found).finding.what == "agreement|copy"
    found.agreement("BAA-9", "Copyline Inc")
    assert asks(found).counts == (0, 2, 0)


def test_other_accounts_of_the_practice_are_no_door():
    found = cloud(role("partner", trust(THEM), allow("*")))
    found.system("other", kind=SystemKind.CLOUD, product="aws", holds_phi=False)
    found.estates["other"] = lambda: AwsEstate(THEM)
    assert not asks(found).findings


def test_an_account_whose_roles_were_not_collected_is_not_evaluated():
    assert asks(CloudClinic().without_estate()).counts == (0, 0, 1)


def test_people_of_identity_center_who_were_not_read_are_not_evaluated():
    trusts = text(
        [{"Effect": "Allow", "Principal": {"Federated": arn("saml-provider", "AWSSSO_1")}, "Action": "sts:*"}]
    )
    found = cloud(role("AWSReservedSSO_Reader_0123456789abcdef", trusts))
    assert asks(found).counts == (0, 1, 0)
    assert asks(found.estate(unread={"identity-center": "access denied"})).counts == (0, 0, 1)


def test_who_leaves_later_can_still_answer_and_who_has_left_cannot():
    assert gone(in_step(end=ahead(5)).case(), "ana") == ""
    assert gone(in_step(end=TODAY).case(), "ana") == ""
    assert gone(in_step(end=ago(1)).case(), "ana") == f"left on {ago(1)}"
    assert gone(in_step().case(), "nobody") == "is neither on the roster nor in the staff file"


def test_a_vendor_may_come_in_until_the_agreement_that_is_in_force_ends():
    found = cloud(role("backup", trust(THEM), allow("s3:GetObject")))
    found.person("copy", "Copyline Inc", PersonKind.VENDOR, logins=(("cloud", THEM),), owner="dana")
    found.agreement("OLD", "Copyline Inc", end=ago(1)).agreement("BAA-9", "Copyline Inc", end=ahead(20))
    assert ahead(21) in {one.until for one in asks(found).satisfied}
    later = found.agreement("NEXT", "Copyline Inc", start=ahead(10), end=ahead(90))
    assert ahead(21) in {one.until for one in asks(later).satisfied}
