"""The AWS connectors against a real moto server, and against a small IAM with one defect at a time."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import fake_iam
import moto_iam
import pytest

from connectors.cloud.aws import connector as aws
from connectors.cloud.aws import iam as _aws_iam
from connectors.cloud.aws import saved_connector as aws_json
from connectors.collect import collect
from connectors.connector import find
from connectors.facts import NEVER, Complete, Grant, Partial, Status, System, SystemKind

CLOUD = System("cloud", SystemKind.CLOUD, "aws", "Cloud", holds_phi=True)


@pytest.fixture(autouse=True)
def own_credentials(monkeypatch, tmp_path):
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))


@pytest.fixture(scope="module")
def moto():
    with moto_iam.moto_server() as address:
        moto_iam.hire_staff(moto_iam.client(address))
        yield address


def read(address, folder, **settings):
    settings = aws.Settings(endpoint_url=address, **{"timeout_s": 5, "call_limit_s": 20, "max_attempts": 2} | settings)
    return collect(aws.connect(CLOUD, settings, folder))


def by_login(collection):
    return {account.login: account for account in collection.accounts}


def test_users_of_the_account_are_read_with_tags_credentials_and_second_factor(moto, tmp_path):
    collection = read(moto, tmp_path)
    assert isinstance(collection.completeness, Complete), collection.completeness
    people = by_login(collection)
    assert people.keys() == {"ana", "ben", "cleo", "backup-robot"}
    ana, ben = people["ana"], people["ben"]
    assert (ana.name, ana.email, ana.employee_id) == ("Ana Ruiz", "ana@example.com", "V-17")
    assert (ana.status, ana.mfa, ana.last_login, ana.service) == (Status.ACTIVE, True, NEVER, False)
    assert (ben.status, ben.mfa) == (Status.ACTIVE, False)
    assert people["cleo"].status is Status.DISABLED
    assert people["backup-robot"].service
    assert "account 123456789012" in collection.source


def test_what_comes_through_a_group_is_granted_with_the_path_of_the_group(moto, tmp_path):
    collection = read(moto, tmp_path)
    people = by_login(collection)
    group = "arn:aws:iam::123456789012:group/vma/front-desk"
    policy = "arn:aws:iam::123456789012:policy/read-files"
    assert set(collection.grants) == {
        Grant(people["ana"].id, group),
        Grant(people["ana"].id, policy, (group,)),
        Grant(people["ana"].id, f"{group}#assume", (group,)),
        Grant(people["ben"].id, policy),
        Grant(people["ben"].id, "arn:aws:iam::123456789012:user/ben#own"),
    }
    assert collection.entitlements[group].container
    assert json.loads(collection.entitlements[policy].document) == moto_iam.READ_FILES


def test_the_files_that_the_command_line_saves_say_the_same_as_the_live_account(moto, tmp_path):
    live = read(moto, tmp_path)
    iam = moto_iam.client(moto)

    def save(name, answer):
        answer.pop("ResponseMetadata")
        answer.pop("IsTruncated", None)
        (tmp_path / name).write_text(json.dumps(answer, default=encoded))

    def encoded(value):
        return base64.b64encode(value).decode() if isinstance(value, bytes) else value.isoformat()

    save("details.json", iam.get_account_authorization_details())
    save("report.json", iam.get_credential_report())
    save("summary.json", iam.get_account_summary())
    save("devices.json", iam.list_virtual_mfa_devices())
    settings = aws_json.Settings(
        authorization_details="details.json",
        credential_report="report.json",
        account_summary="summary.json",
        virtual_mfa_devices="devices.json",
        canary="ana",
    )
    saved = collect(find(SystemKind.CLOUD, "aws-json").connect(CLOUD, settings, tmp_path))
    assert isinstance(saved.completeness, Complete), saved.completeness
    assert saved.accounts == live.accounts
    assert saved.entitlements == live.entitlements
    assert saved.grants == live.grants
    assert {"total", "canary", "summary", "end"} <= {e.name for e in saved.completeness.evidence}


def test_a_role_in_the_account_of_the_practice_can_be_taken_first(moto, tmp_path):
    collection = read(moto, tmp_path, role_arn="arn:aws:iam::123456789012:role/auditor")
    assert isinstance(collection.completeness, Complete), collection.completeness


def test_the_account_of_another_practice_is_refused(moto, tmp_path):
    collection = read(moto, tmp_path, account_id="999999999999")
    assert isinstance(collection.completeness, Partial)
    assert "`999999999999`" in collection.completeness.reason


def test_all_pages_are_read_and_the_root_user_is_an_account_too(tmp_path):
    fake = fake_iam.FakeIam(users=5, per_page=2)
    with fake_iam.serve(fake) as address:
        collection = read(address, tmp_path)
    assert isinstance(collection.completeness, Complete), collection.completeness
    people = by_login(collection)
    assert people.keys() == {*fake.names, "<root_account>"}
    root = people["<root_account>"]
    assert root.last_login == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert (root.status, root.mfa) == (Status.UNKNOWN, True)
    assert fake.calls.count("GetAccountAuthorizationDetails") == 3
    evidence = {e.name: e.detail for e in collection.completeness.evidence}
    assert evidence["total"].startswith("6 stated")
    assert evidence["canary"] == "user-0 seen"


def test_a_user_newer_than_the_credential_report_has_an_unknown_status_and_is_asked_for_mfa(tmp_path):
    fake = fake_iam.FakeIam(users=3)
    fake.in_report = fake.names[:2]
    with fake_iam.serve(fake) as address:
        people = by_login(read(address, tmp_path))
    assert people["user-1"].status is Status.ACTIVE
    assert (people["user-2"].status, people["user-2"].mfa, people["user-2"].last_login) == (Status.UNKNOWN, True, None)
    assert fake.calls.count("ListMFADevices") == 1


def more_without_marker(fields):
    return 200, fake_iam._envelope(
        "GetAccountAuthorizationDetails", "<IsTruncated>true</IsTruncated><UserDetailList/><GroupDetailList/>"
    )


def same_marker_again(fields):
    return 200, fake_iam._envelope(
        "GetAccountAuthorizationDetails",
        "<IsTruncated>true</IsTruncated><Marker>2</Marker><UserDetailList/><GroupDetailList/>",
    )


def says_nothing_of_its_end(fields):
    return 200, fake_iam._envelope("GetAccountAuthorizationDetails", "<UserDetailList/>")


DETAILS = "GetAccountAuthorizationDetails"
DEFECTS = [
    (DETAILS, more_without_marker, "but not where"),
    (DETAILS, same_marker_again, "same page token twice"),
    (DETAILS, says_nothing_of_its_end, "did not say whether there is more"),
    (DETAILS, lambda f: fake_iam.error(403, "AccessDenied"), "call `iam:GetAccountAuthorizationDetails`"),
    ("GetCallerIdentity", lambda f: fake_iam.error(403, "InvalidClientTokenId"), "refuses the credentials"),
    ("GetCallerIdentity", lambda f: fake_iam.error(403, "ExpiredToken"), "`ExpiredToken`"),
    (DETAILS, lambda f: fake_iam.error(500, "InternalFailure"), "did not answer"),
    (DETAILS, lambda f: fake_iam.error(400, "Throttling"), "`Throttling`"),
    (DETAILS, lambda f: (500, "<html>down</html"), "`iam:GetAccountAuthorizationDetails`"),
    (DETAILS, lambda f: (200, "<html>please sign in to the Wi-Fi</htm"), "not what AWS documents"),
    ("GetCredentialReport", lambda f: (200, fake_iam._envelope("GetCredentialReport", "")), "credential report"),
    ("GetAccountSummary", lambda f: (200, fake_iam._envelope("GetAccountSummary", "")), "SummaryMap"),
]


@pytest.mark.parametrize(("action", "defect", "reason"), DEFECTS)
def test_an_account_that_is_not_read_whole_is_not_evaluated(action, defect, reason, tmp_path):
    fake = fake_iam.FakeIam()
    fake.overrides[action] = defect
    with fake_iam.serve(fake) as address:
        collection = read(address, tmp_path)
    assert isinstance(collection.completeness, Partial)
    assert reason in collection.completeness.reason
    assert not collection.accounts
    assert "AKIA" not in collection.completeness.reason + collection.completeness.hint
    assert collection.completeness.hint or "token twice" in reason


def test_without_the_summary_the_end_marker_alone_proves_the_lists_and_that_is_said(tmp_path):
    fake = fake_iam.FakeIam()
    fake.overrides["GetAccountSummary"] = lambda f: fake_iam.error(403, "AccessDenied")
    with fake_iam.serve(fake) as address:
        collection = read(address, tmp_path)
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert collection.accounts
    said = {(evidence.name, evidence.detail) for evidence in collection.completeness.evidence}
    assert not {"total", "summary"} & {name for name, _ in said}
    assert ("not read", "account-summary: `iam:GetAccountSummary` was refused: `AccessDenied`") in said


def test_a_refusal_on_the_second_page_is_not_a_small_account(tmp_path):
    fake = fake_iam.FakeIam()
    fake.overrides[DETAILS] = lambda f: fake_iam.error(403, "AccessDenied") if "Marker" in f else None
    with fake_iam.serve(fake) as address:
        collection = read(address, tmp_path)
    assert isinstance(collection.completeness, Partial)
    assert "allow `iam:GetAccountAuthorizationDetails`" in collection.completeness.hint


def test_fewer_users_than_iam_says_it_has_is_not_evaluated(tmp_path):
    fake = fake_iam.FakeIam()
    fake.stated_users = 7
    with fake_iam.serve(fake) as address:
        collection = read(address, tmp_path)
    assert isinstance(collection.completeness, Partial)
    assert "said it has 8 accounts but returned 6" in collection.completeness.reason


@pytest.mark.timeout(60)
def test_a_server_that_sends_one_byte_at_a_time_does_not_hold_the_audit(tmp_path):
    fake = fake_iam.FakeIam()
    fake.drip_s[DETAILS] = 0.2
    with fake_iam.serve(fake) as address:
        collection = read(address, tmp_path, timeout_s=1, call_limit_s=1)
    assert isinstance(collection.completeness, Partial)
    assert "within 1 s" in collection.completeness.reason


def test_a_report_that_is_never_finished_does_not_hold_the_audit(tmp_path, monkeypatch):
    monkeypatch.setattr(_aws_iam, "REPORT_TRIES", 3)
    fake = fake_iam.FakeIam()
    fake.overrides["GenerateCredentialReport"] = lambda f: (
        200,
        fake_iam._envelope("GenerateCredentialReport", "<State>INPROGRESS</State>"),
    )
    with fake_iam.serve(fake) as address:
        collection = read(address, tmp_path)
    assert isinstance(collection.completeness, Partial)
    assert "did not finish its credential report" in collection.completeness.reason


def test_without_the_credential_report_status_and_sign_ins_are_unknown_and_nobody_is_missing(tmp_path):
    fake = fake_iam.FakeIam()
    fake.overrides["GenerateCredentialReport"] = lambda f: fake_iam.error(403, "AccessDenied")
    with fake_iam.serve(fake) as address:
        collection = read(address, tmp_path)
    assert isinstance(collection.completeness, Complete), collection.completeness
    people = by_login(collection)
    assert people.keys() == {*fake.names, "<root_account>"}
    assert {p.status for p in people.values()} == {Status.UNKNOWN}
    assert {p.last_login for p in people.values()} == {None}
    assert people["user-0"].mfa is True, "asked user by user"
    assert collection.estate.unread["credential-report"] == "`iam:GenerateCredentialReport` was refused: `AccessDenied`"
    assert collection.estate.users[0].console is None
    assert ("not read", "credential-report: " + collection.estate.unread["credential-report"]) in {
        (e.name, e.detail) for e in collection.completeness.evidence
    }


def test_users_created_while_the_account_is_read_are_found_by_reading_once_more(tmp_path):
    fake = fake_iam.FakeIam(users=4)

    def one_more(fields):
        if fake.stated_users == 4:
            fake.names.append("late")
            fake.stated_users = 5

    fake.overrides["GetAccountSummary"] = one_more
    with fake_iam.serve(fake) as address:
        collection = read(address, tmp_path)
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert "late" in by_login(collection)
    assert {user.name for user in collection.estate.users} == set(fake.names)


def test_users_deleted_while_the_account_is_read_leave_it_unevaluated(tmp_path):
    fake = fake_iam.FakeIam(users=4)

    def one_less(fields):
        if fake.stated_users == 4:
            fake.names.pop()
            fake.stated_users = 3

    fake.overrides["GetAccountSummary"] = one_less
    with fake_iam.serve(fake) as address:
        collection = read(address, tmp_path)
    assert isinstance(collection.completeness, Partial)
    assert "lost users while it was read" in collection.completeness.reason


def test_a_report_that_expires_between_two_calls_is_made_again(tmp_path):
    fake = fake_iam.FakeIam()
    fake.overrides["GetCredentialReport"] = lambda f: (
        fake_iam.error(410, "ReportExpired") if fake.calls.count("GetCredentialReport") == 1 else None
    )
    with fake_iam.serve(fake) as address:
        collection = read(address, tmp_path)
    assert isinstance(collection.completeness, Complete), collection.completeness


def test_no_credentials_at_all_are_told_apart_from_a_refusal(tmp_path, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    collection = read("http://127.0.0.1:9", tmp_path)
    assert isinstance(collection.completeness, Partial)
    assert "no usable credentials" in collection.completeness.reason
    collection = read("http://127.0.0.1:9", tmp_path, profile="nobody")
    assert isinstance(collection.completeness, Partial)
    assert "`ProfileNotFound`" in collection.completeness.reason


def test_the_same_account_read_twice_gives_the_same_facts(tmp_path):
    with fake_iam.serve(fake_iam.FakeIam()) as address:
        one, two = read(address, tmp_path), read(address, tmp_path)
    assert replace(one, as_of=two.as_of) == two


def test_the_policy_in_the_guide_allows_exactly_what_the_connector_calls(tmp_path):
    guide = (Path(__file__).parents[2] / "docs" / "connect-aws.md").read_text()
    document = json.loads(guide.split("```json")[1].split("```")[0])
    fake = fake_iam.FakeIam(users=3)
    fake.in_report = []
    with fake_iam.serve(fake) as address:
        assert read(address, tmp_path).complete
    assert {f"iam:{call}" for call in fake.calls} - {"iam:GetCallerIdentity"} == set(document["Statement"][0]["Action"])
