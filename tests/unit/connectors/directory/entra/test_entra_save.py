"""The commands that `auditor connect` prints for Entra ID: they save every page, or stop."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from connectors.audit_log import LogAnswer, LogKind, LogQuestion
from connectors.collect import collect
from connectors.directory.entra import connector as entra_export
from connectors.directory.entra.setup import loop
from connectors.read_log import read_log
from tests.completeness import evidence
from tests.servers import entra
from tests.servers.activity import saved_audits, status
from tests.servers.entra import GROUPS
from tests.unit.connectors.directory.entra.entra_reads import SYSTEM

# ---- saving the files -----------------------------------------------------------------------------------------------

AZ = """\
#!{python}
# Stands for `az rest`: answers Graph's addresses from a folder, two entries a page, as the real one prints them.
import json, pathlib, sys, urllib.parse
args = dict(zip(sys.argv[2::2], sys.argv[3::2]))
assert sys.argv[1] == "rest" and args["--method"] == "get", sys.argv
assert args["--headers"] == "ConsistencyLevel=eventual", sys.argv
url = urllib.parse.urlsplit(args["--url"])
query = dict(urllib.parse.parse_qsl(url.query))
with open({log!r}, "a") as log:
    log.write(args["--url"] + "\\n")
answer = json.loads(pathlib.Path({folder!r}, json.loads({names!r})[url.path.removeprefix("/v1.0/")]).read_text())
at = int(query.pop("$skiptoken", 0))
values = answer["value"]
page = {{"@odata.context": "x"}}
if "$count" in query and at == 0:
    page["@odata.count"] = len(values)
if at + 2 < len(values):
    rest = urllib.parse.urlencode({{**query, "$skiptoken": at + 2}}, safe="$,")
    page["@odata.nextLink"] = f"https://graph.microsoft.com{{url.path}}?{{rest}}"
print(json.dumps({{**page, "value": values[at : at + 2]}}, indent=2))
"""


def fake_az(folder: Path, source: Path, log: Path) -> None:
    names = {
        "users": "users.json",
        "groups": "groups.json",
        "servicePrincipals": "service-principals.json",
        "roleManagement/directory/roleAssignments": "role-assignments.json",
        "roleManagement/directory/roleEligibilityScheduleInstances": "role-eligibility.json",
        "reports/authenticationMethods/userRegistrationDetails": "registration-details.json",
        "auditLogs/directoryAudits": "directory-audits.json",
        **{f"groups/{id_}/members": f"group-members/{id_}.json" for id_ in GROUPS.values()},
    }
    text = AZ.format(python=sys.executable, folder=str(source), names=json.dumps(names), log=str(log))
    (folder / "az").write_text(text)
    (folder / "az").chmod(0o755)


def run_loop(tmp_path: Path) -> subprocess.CompletedProcess[str]:
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    env = {"PATH": f"{tmp_path}:{Path(sys.executable).parent}:/usr/bin:/bin"}
    return subprocess.run(["bash", "-c", loop()], cwd=out, env=env, capture_output=True, text=True, check=False)


def test_the_commands_that_connect_prints_save_every_page(tmp_path, read, files):
    ended = status(datetime(2026, 11, 20, 17, 42, tzinfo=UTC), "left", False)
    source = entra.write(tmp_path / "source", files | {"directory-audits.json": saved_audits([*ended, *ended])})
    fake_az(tmp_path, source, tmp_path / "log")
    done = run_loop(tmp_path)
    assert done.returncode == 0, done.stderr
    chosen = entra_export.Settings(folder=Path("out"), canary="zoe@clinic.example")
    saved = collect(entra_export.connect(SYSTEM, chosen, tmp_path))
    assert (saved.accounts, saved.entitlements, saved.grants) == (
        read(files).accounts,
        read(files).entitlements,
        read(files).grants,
    )
    assert evidence(saved)["total"] == "6 users stated by Graph, 6 read"
    left = next(account for account in saved.accounts if account.login == entra.upn("left"))
    answer = read_log(entra_export.connect(SYSTEM, chosen, tmp_path), LogQuestion((left,)))
    assert isinstance(answer, LogAnswer)
    assert [event.kind for event in answer.events] == [LogKind.DISABLED]
    asked = (tmp_path / "log").read_text()
    assert all(f"$select=id,displayName,userPrincipalName,{field}" in asked for field in ("mail",))
    assert not re.search(r"passw|secret", asked)


def test_the_commands_stop_at_the_first_refusal_and_leave_no_file_that_looks_whole(tmp_path):
    (tmp_path / "az").write_text("#!/bin/sh\necho 'Forbidden' >&2\nexit 1\n")
    (tmp_path / "az").chmod(0o755)
    assert run_loop(tmp_path).returncode != 0
    assert not list((tmp_path / "out").glob("*.json"))


def test_the_set_up_names_every_permission_and_no_right_to_write():
    text = entra_export.setup(SYSTEM, entra_export.Settings(folder=Path("entra")))
    for permission in ("User.Read.All", "AuditLog.Read.All", "GroupMember.Read.All", "RoleManagement.Read.Directory"):
        assert permission in text
    assert "ReadWrite" not in text
    assert "`entra`" in text
