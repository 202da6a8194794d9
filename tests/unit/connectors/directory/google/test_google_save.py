"""The commands that `auditor connect` prints for Google Workspace: they save every page, or stop."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.collect import collect
from connectors.directory.google import connector as google_export
from connectors.directory.google.setup import loop
from connectors.read_log import read_log
from tests.servers import google
from tests.servers.activity import did, grouped, saved_activity
from tests.servers.google import GROUPS
from tests.unit.connectors.directory.google.google_reads import (
    SYSTEM,
)

# ---- saving the files -----------------------------------------------------------------------------------------------

CURL = """\
#!{python}
# Stands for `curl`: answers the Directory API's addresses from a folder, two entries a page.
import json, pathlib, sys, urllib.parse
*options, address = sys.argv[1:]
assert options == ["--silent", "--show-error", "--fail", "--config", "-"], options
assert sys.stdin.read() == 'header = "Authorization: Bearer t0ken"'
assert "t0ken" not in " ".join(sys.argv)
url = urllib.parse.urlsplit(address)
at = int(dict(urllib.parse.parse_qsl(url.query)).get("pageToken", "at/0").removeprefix("at/"))
names = json.loads({names!r})
answer = json.loads(pathlib.Path({folder!r}, names[url.path.removeprefix("/admin/directory/v1/")]).read_text())
key = next((k for k, v in answer.items() if isinstance(v, list)), None)
if key:
    values = answer[key]
    answer[key] = values[at : at + 2]
    if at + 2 < len(values):
        answer["nextPageToken"] = f"at/{{at + 2}}"
print(json.dumps(answer))
"""


def run_loop(tmp_path: Path) -> subprocess.CompletedProcess[str]:
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    env = {"PATH": f"{tmp_path}:{Path(sys.executable).parent}:/usr/bin:/bin", "TOKEN": "t0ken"}
    return subprocess.run(["bash", "-c", loop()], cwd=out, env=env, capture_output=True, text=True, check=False)


def fake_curl(folder: Path, text: str) -> None:
    (folder / "curl").write_text(text)
    (folder / "curl").chmod(0o755)


def test_the_commands_that_connect_prints_save_every_page(tmp_path, read, files):
    names = {
        "users": "users.json",
        "groups": "groups.json",
        "customer/my_customer/roles": "roles.json",
        "customer/my_customer/roleassignments": "role-assignments.json",
        "/admin/reports/v1/activity/users/all/applications/admin": "admin-activity.json",
        "/admin/reports/v1/activity/users/all/applications/groups_enterprise": "groups-activity.json",
        **{f"groups/{id_}/members": f"group-members/{id_}.json" for id_ in GROUPS.values()},
    }
    ended = [did("SUSPEND_USER", datetime(2026, 11, 20, tzinfo=UTC), USER_EMAIL=google.email(n)) for n in google.LOGINS]
    day = datetime(2026, 11, 21, tzinfo=UTC)
    left = [grouped("remove_member", day, google.email("helpdesk"), google.email(n)) for n in google.LOGINS]
    logs = {"admin-activity.json": saved_activity(ended), "groups-activity.json": saved_activity(left)}
    source = google.write(tmp_path / "source", files | logs)
    fake_curl(tmp_path, CURL.format(python=sys.executable, names=json.dumps(names), folder=str(source)))
    done = run_loop(tmp_path)
    assert done.returncode == 0, done.stderr
    chosen = google_export.Settings(folder=Path("out"), canary="zoe@clinic.example")
    saved, direct = collect(google_export.connect(SYSTEM, chosen, tmp_path)), read(files)
    assert (saved.accounts, saved.entitlements, saved.grants) == (direct.accounts, direct.entitlements, direct.grants)
    question = LogQuestion(saved.accounts, saved.entitlements)
    answer = read_log(google_export.connect(SYSTEM, chosen, tmp_path), question)
    assert isinstance(answer, LogAnswer)
    assert len(answer.events) == 2 * len(google.LOGINS)


def test_the_commands_stop_at_the_first_refusal_and_leave_no_file_that_looks_whole(tmp_path):
    fake_curl(tmp_path, "#!/bin/sh\necho '403' >&2\nexit 22\n")
    assert run_loop(tmp_path).returncode != 0
    assert not list((tmp_path / "out").glob("*.json"))


def test_the_set_up_names_every_scope_and_no_right_to_write():
    text = google_export.setup(SYSTEM, google_export.Settings(folder=Path("google")))
    scopes = [line.split()[-1] for line in text.splitlines() if "auth/admin.directory" in line]
    assert len(scopes) == 4
    assert all(scope.endswith(".readonly") for scope in scopes)
    assert "`google`" in text
