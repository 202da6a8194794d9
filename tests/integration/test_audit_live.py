"""One command on live systems: a real OpenLDAP over TLS, a real moto server, and an EHR that only has a report."""

import json

import pytest

from auditor.cli import run
from tests.integration import moto_iam
from tests.integration.slapd import slapd
from tests.servers.directory import OUS, group, person

CONFIG = """\
practice: {{id: live, name: Live Practice, timezone: America/New_York}}
roster: {{file: roster.csv}}
staff: {{file: staff.csv}}
agreements: agreements.yaml
policies: {{catalogs: [groups.yaml, ehr.yaml]}}
systems:
  ehr:
    kind: ehr
    product: reports-only
    title: EHR
    connector: table
    holds_phi: true
    vendor: self
    sign_in: directory
    settings:
      file: ehr.csv
      canary: aruiz
      columns: {{login: User, name: Name, status: Status, last_login: Last}}
      status_values: {{Active: active, Inactive: disabled}}
      entitlements: [{{column: Roles, kind: role, separator: ";"}}]
  directory:
    kind: directory
    product: ldap
    title: Directory
    connector: ldap
    holds_phi: false
    settings:
      url: {url}
      ca_file: {ca}
      base_dn: dc=t
      bind_dn: uid=reader,dc=t
      password_env: AUDITOR_TEST_LDAP_PASSWORD
      canary: reader
      mfa_group: mfa
  cloud:
    kind: cloud
    product: aws
    title: AWS
    connector: aws
    holds_phi: true
    vendor: AWS
    settings: {{endpoint_url: "{aws}", max_attempts: 1}}  # moto knows no CloudTrail, and AWS would be asked again
"""

FILES = {
    "roster.csv": "vma_id,name,email,agency,employment,roles,start,logins\n"
    "V-17,Ana Ruiz,ana@example.com,Harbor LLC,employee,front_desk,2026-01-05,directory:va01;ehr:aruiz\n",
    "staff.csv": "id,name,kind,logins\n"
    "S-1,Auditor,service,directory:reader\nS-2,Small,service,directory:small\nS-3,Blind,service,directory:blind\n"
    "S-4,Ben,staff,cloud:ben\nS-5,Robot,service,cloud:backup-robot\nS-6,Cleo,staff,cloud:cleo\n",
    "agreements.yaml": "agreements:\n"
    "  - {id: BAA, kind: baa, between: [practice, Harbor LLC], signed_by_both: true, from: 2026-01-01}\n"
    "  - {id: AWS, kind: baa, between: [practice, AWS], signed_by_both: true, from: 2026-01-01}\n",
    "groups.yaml": "product: ldap\ntitle: Groups\nversion: 1\nsource: test\nentitlements:\n"
    "  inner: {gives: [desktop.use], why: test}\n  outer: {gives: [server.logon], why: test}\n"
    "  mfa: {gives: [], why: test}\n",
    "ehr.yaml": "product: reports-only\ntitle: EHR\nversion: 1\nsource: test\nentitlements:\n"
    "  Front Desk: {gives: [schedule.read, schedule.write, demographics.read, demographics.write], why: test}\n",
    "ehr.csv": "User,Name,Status,Last,Roles,Patient seen last\n"
    "aruiz,Ana Ruiz,Active,2026-11-19,Front Desk,John Q. Patient\n",
}


@pytest.fixture
def practice(tmp_path, monkeypatch):
    """A practice whose directory and cloud are running servers."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AUDITOR_TEST_LDAP_PASSWORD", "reader")
    entries = (
        OUS
        + person("va01")
        # A group in a group, and a cycle: what the outer one gives is held without being seen on the person.
        + group("inner", "uid=va01,ou=people,dc=t", "cn=outer,ou=groups,dc=t")
        + group("outer", "cn=inner,ou=groups,dc=t")
        + group("mfa", "uid=va01,ou=people,dc=t")
    )
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    with slapd(tmp_path / "slapd", entries) as server, moto_iam.moto_server() as aws:
        moto_iam.hire_staff(moto_iam.client(aws))
        (tmp_path / "auditor.yaml").write_text(CONFIG.format(url=server.ldaps_url, ca=server.ca_file, aws=aws))
        yield tmp_path, server


def audit(folder, capsys, at: str) -> tuple[int, dict, str]:
    code = run(["audit", str(folder / "auditor.yaml"), "--at", at, "--format", "json"])
    told = capsys.readouterr()
    return code, json.loads(told.out), told.err


def test_live_systems_give_the_true_answer_and_a_server_that_stops_is_never_clean(practice, capsys):
    folder, server = practice
    code, first, _ = audit(folder, capsys, "2026-11-20T12:00:00Z")
    assert all(system["complete"] for system in first["systems"]), first["systems"]
    assert first["headline"]["sentence"].startswith("1 active VMA, 1 under a BAA, 1 live EHR account;")
    forbidden = {(f["vma"], f["system"]) for f in first["findings"] if f["rule"] == "forbidden"}
    assert ("V-17", "directory") in forbidden  # server.logon, by a group in a group
    assert ("V-17", "cloud") in forbidden  # sts:AssumeRole on everything, by a group
    assert not [f for f in first["findings"] if f["rule"] in ("no-mfa", "missing", "account-of-nobody")]
    # The directory knows of no sign-in, and the cloud account is newer than the day that is judged: neither is guessed.
    assert {(n["rule"], n["system"]) for n in first["not_evaluated"]} == {
        ("dormant-account", "directory"),
        ("dormant-account", "cloud"),
        # By default only IAM is read: neither resources nor who used what.
        ("unused-access", "cloud"),
        ("exposed-phi", "cloud"),
        ("ineligible-service", "cloud"),
    }
    assert code == 2

    server.process.terminate()
    server.process.wait(10)
    code, second, _ = audit(folder, capsys, "2026-11-21T12:00:00Z")
    assert code == 2
    directory = next(s for s in second["systems"] if s["id"] == "directory")
    assert not directory["complete"]
    assert directory["reason"]
    assert not second["drift"]["closed"]
    assert not second["drift"]["explained"] + second["drift"]["unexplained"]
    kept = [s for n in second["not_evaluated"] if "stays open" in n["reason"] for s in n["subjects"]]
    lost_sight_of = [f["id"] for f in first["findings"] if f["system"] == "directory"]
    assert lost_sight_of
    assert all(any(identity in line for line in kept) for identity in lost_sight_of)


def test_no_secret_and_no_patient_reaches_any_output_or_the_store(practice, capsys):
    folder, _ = practice
    _, result, err = audit(folder, capsys, "2026-11-20T12:00:00Z")
    places = [json.dumps(result), err, (folder / "report.html").read_text()]
    places.append((folder / "auditor.db").read_bytes().decode("latin-1"))
    for text in places:
        assert "wJalrXUtnFEMI" not in text
        assert "AKIAIOSFODNN7" not in text
        assert "John Q. Patient" not in text
        assert "userPassword" not in text
