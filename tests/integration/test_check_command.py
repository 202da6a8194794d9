"""`auditor check` on a running directory: how each known account is now, and never that somebody is gone."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from auditor.cli import run
from tests.integration.slapd import ACCESS, DirectoryServer, slapd
from tests.servers.directory import KEPT, OUS, group, person
from tests.small_practice import answer
from tests.small_practice import row as roster_row

CONFIG = """\
practice: {{id: live, name: Live Practice, timezone: America/Chicago}}
roster: {{file: roster.csv}}
agreements: agreements.yaml
policies: {{catalogs: [catalog.yaml]}}
systems:
  directory:
    {{kind: directory, product: ldap, title: Directory, connector: ldap, holds_phi: false,
     settings: {{url: "{url}", ca_file: "{ca}", base_dn: dc=t, bind_dn: "uid=reader,dc=t",
                password_env: AUDITOR_TEST_LDAP_PASSWORD, canary: reader}}}}
  ehr:
    {{kind: ehr, product: reports-only, title: EHR, connector: table, holds_phi: true, vendor: self,
     settings: {{file: ehr.csv, canary: reader, columns: {{login: User, status: Status}},
                status_values: {{Active: active}}, entitlements: [{{column: Roles, kind: role}}]}}}}
"""
OLD = "createTimestamp: 20260101000000Z\n"
HEADER = "vma_id,name,email,agency,employment,roles,start,end,locations,hours,status,logins"
FILES = {
    "agreements.yaml": "agreements:\n"
    "  - {id: B, kind: baa, between: [practice, Harbor Assist LLC], signed_by_both: true, from: 2026-01-01}\n",
    "catalog.yaml": "product: reports-only\ntitle: EHR\nversion: 1\nsource: test\nentitlements:\n"
    "  Front: {gives: [schedule.read], why: test}\n  Nothing: {gives: [], why: test}\n",
    "ehr.csv": "User,Status,Roles\nben,Active,Front\nreader,Active,Nothing\n",
}


@pytest.fixture(scope="module")
def live(tmp_path_factory) -> "tuple[Path, DirectoryServer]":
    folder = tmp_path_factory.mktemp("check")
    entries = (
        OUS
        + "".join(person(uid, KEPT + OLD) for uid in ("ana", "ben", "cleo"))
        + group("staff", "uid=ana,ou=people,dc=t")
    )
    roster = [
        HEADER,
        roster_row("VMA-1", "2026-01-01", "2026-11-02", logins="directory:ana"),
        roster_row("VMA-2", "2026-01-01", logins="directory:ben;ehr:ben"),
        roster_row("VMA-3", "2026-01-01", "2026-11-02", logins="directory:cleo"),
    ]
    for name, text in {**FILES, "roster.csv": "\n".join(roster) + "\n"}.items():
        (folder / name).write_text(text)
    with (
        slapd(folder / "slapd", entries, access="rootpw root\n" + ACCESS) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("AUDITOR_TEST_LDAP_PASSWORD", "reader")
        (folder / "auditor.yaml").write_text(CONFIG.format(url=server.ldaps_url, ca=server.ca_file))
        assert run(["audit", str(folder / "auditor.yaml")]) in (1, 2)
        yield folder, server


def change(server: DirectoryServer, ldif: str) -> None:
    command = ["ldapmodify", "-x", "-H", server.ldaps_url, "-D", "cn=root,dc=t", "-w", "root"]
    assert shutil.which(command[0])
    trusted = {**os.environ, "LDAPTLS_CACERT": str(server.ca_file)}
    subprocess.run(command, input=ldif.encode(), check=True, capture_output=True, timeout=20, env=trusted)


def test_a_leaver_is_looked_at_until_the_account_is_stopped_and_is_never_said_to_be_gone(live, capsys):
    folder, server = live
    config = str(folder / "auditor.yaml")
    assert run(["check", "VMA-1", config]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "still works: ana in Directory, as of" in told
    assert "not asked, because no account of theirs is known there: EHR" in told
    lock = "dn: uid=ana,ou=people,dc=t\nchangetype: modify\nadd: pwdAccountLockedTime\n"
    change(server, f"{lock}pwdAccountLockedTime: 000001010000Z\n")
    data = answer(capsys, "check", "VMA-1", config)
    assert [(a["login"], a["seen"], a["status"]) for a in data["accounts"]] == [("ana", "disabled now", "disabled")]
    assert [o["stands"] for o in data["orders"]] == ["looks done: the next audit proves it"]
    assert data["proves_gone"] is False
    assert run(["check", "VMA-1", config]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "GONE" not in told
    assert "This is no proof that somebody is gone" in told
    # The order is open all the same: only an audit closes it.
    assert [o["state"] for o in answer(capsys, "orders", "VMA-1", config)["orders"]] == ["overdue"]


def test_a_renamed_account_is_found_by_its_id_and_one_that_is_not_shown_is_not_gone(live, capsys):
    folder, server = live
    config = str(folder / "auditor.yaml")
    change(server, "dn: uid=cleo,ou=people,dc=t\nchangetype: modrdn\nnewrdn: uid=xq17\ndeleteoldrdn: 1\n")
    data = answer(capsys, "check", "VMA-3", config)
    assert [(a["login"], a["seen"]) for a in data["accounts"]] == [("xq17", "still works")]
    change(server, "dn: uid=xq17,ou=people,dc=t\nchangetype: delete\n")
    assert run(["check", "VMA-3", config]) == 2
    told = " ".join(capsys.readouterr().out.split())
    assert "not shown: cleo in Directory" in told
    assert "only an audit tells which" in told


def test_a_system_that_cannot_be_asked_for_one_account_needs_a_whole_read(live, capsys):
    folder, _ = live
    assert run(["check", "VMA-2", str(folder / "auditor.yaml")]) == 2
    told = " ".join(capsys.readouterr().out.split())
    assert "· still works: ben in Directory" in told  # works here by the roster: no reproach
    assert "not looked at: ben in EHR" in told
    assert "it needs a whole read: `auditor audit`" in told


def test_a_stranger_is_refused_and_a_system_that_does_not_answer_is_told(live, capsys, monkeypatch):
    folder, _ = live
    assert run(["check", "nobody", str(folder / "auditor.yaml")]) == 64
    monkeypatch.setenv("AUDITOR_TEST_LDAP_PASSWORD", "wrong")
    assert run(["check", "VMA-1", str(folder / "auditor.yaml")]) == 2
    assert "not looked at: ana in Directory" in capsys.readouterr().out
