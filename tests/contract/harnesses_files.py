"""The harnesses of connectors that read exports: `ldif`, `table`, `openemr-export`, and saved answers of AWS."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.cloud.amazon_connect import saved_connector as amazon_connect_json
from connectors.cloud.aws import saved_connector as aws_json
from connectors.cloud.workspaces import saved_connector as workspaces_json
from connectors.directory.ldif import connector as ldif
from connectors.ehr.openemr import export as openemr_export
from connectors.facts import System, SystemKind
from connectors.generic.table import connector as table
from connectors.testing import CsvBody, FileSource, JsonBody, LdifBody, Population
from tests.contract.openemr_tables import OPENEMR, write_openemr
from tests.integration import fake_iam
from tests.servers.aws_services import INSTANCE_ARN, save_connect, save_workspaces

TABLE = """\
Username,Full name,Mail,State,Last seen,2FA,Roles
areyes,Ana Reyes,ana@example.org,Active,2026-01-31 17:30,Yes,Scheduling;Front Desk
maria1,Maria Santos,,Active,Never,No,Billing
left,Lea Left,left@example.org,Blocked,2025-01-31 17:30,No,Billing
maria2,Maria Santos,,Active,2026-01-30 08:00,Yes,Scheduling
auditor,The Auditor,,Active,2026-01-30 08:00,Yes,Reports
"""
TABLE_SETTINGS = {
    "file": "users.csv",
    "columns": {
        "login": "Username",
        "name": "Full name",
        "email": "Mail",
        "status": "State",
        "last_login": "Last seen",
        "mfa": "2FA",
    },
    "status_values": {"Active": "active", "Blocked": "disabled"},
    "entitlements": [{"column": "Roles", "kind": "role", "separator": ";"}],
    "expect_accounts": 5,
    "canary": "auditor",
}
PEOPLE = [("va1", "Ana Reyes"), ("maria1", "Maria Santos"), ("maria2", "Maria Santos"), ("left", "Lea"), ("zoe", "Zoe")]


class TableHarness:
    """A harness for `table`."""

    name, kind = "table", "ehr"

    @contextmanager
    def start(self, folder: Path) -> Iterator[FileSource]:
        export = folder / "export"
        export.mkdir()
        (export / "users.csv").write_text(TABLE)
        system = System("ehr", SystemKind.EHR, "athena-one", "athenaOne", holds_phi=True)
        settings = table.Settings.model_validate(TABLE_SETTINGS)
        population = Population(
            logins=frozenset({"areyes", "maria1", "left", "maria2", "auditor"}),
            disabled=frozenset({"left"}),
            # A report without an id column knows people by their login.
            namesakes=("maria1", "maria2"),
            held={"areyes": frozenset({"Scheduling", "Front Desk"})},
            canary="auditor",
        )
        # A state or second factor in an unknown word is no fault of the file: it is unknown, and told.
        body = CsvBody({"Last seen": "yesterday", "Username": ""})
        yield FileSource(export, lambda at: table.connect(system, settings, at), population, "users.csv", body)


class LdifHarness:
    """A harness for `ldif`: as `ldapsearch` writes it, with its count at the end."""

    name, kind = "ldif", "directory"

    @contextmanager
    def start(self, folder: Path) -> Iterator[FileSource]:
        export = folder / "export"
        export.mkdir()
        people = [
            f"dn: uid={uid},dc=t\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {name}\nentryUUID: u-{uid}\n"
            f"createTimestamp: 20250105080000Z\n" + ("pwdAccountLockedTime: 000001010000Z\n" if uid == "left" else "")
            for uid, name in PEOPLE
        ]
        groups = [
            f"dn: cn={cn},dc=t\nobjectClass: groupOfNames\ncn: {cn}\nentryUUID: u-{cn}\nmember: {member},dc=t\n"
            for cn, member in (("inner", "uid=va1"), ("middle", "cn=inner"), ("outer", "cn=middle"))
        ]
        records = [*people[:3], *groups, *people[3:]]
        head = (
            "# extended LDIF\n#\n# base <dc=t> with scope subtree\n# filter: (objectclass=*)\n# requesting: * + \n#\n\n"
        )
        tail = f"# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: {len(records) + 1}\n"
        text = head + "".join(f"{record}\n" for record in records) + tail + f"# numEntries: {len(records)}\n"
        (export / "export.ldif").write_text(text)
        system = System("directory", SystemKind.DIRECTORY, "ldap", "Directory", holds_phi=False)
        settings = ldif.Settings(file=Path("export.ldif"), canary="zoe")
        population = Population(
            logins=frozenset(uid for uid, _ in PEOPLE),
            disabled=frozenset({"left"}),
            namesakes=("maria1", "maria2"),
            held={"va1": frozenset({"inner", "middle", "outer"})},
            nested=("va1", "outer"),
            canary="zoe",
        )
        body = LdifBody({"createTimestamp": "yesterday", "pwdAccountLockedTime": "perhaps"})
        yield FileSource(export, lambda at: ldif.connect(system, settings, at), population, "export.ldif", body)


class OpenEmrExportHarness:
    """A harness for `openemr-export`."""

    name, kind = "openemr-export", "ehr"

    @contextmanager
    def start(self, folder: Path) -> Iterator[FileSource]:
        export = write_openemr(folder / "export")
        system = System("ehr", SystemKind.EHR, "openemr", "OpenEMR", holds_phi=True)
        settings = openemr_export.Settings(folder=Path(), canary="drkim")
        body = CsvBody({"id": "seven", "active": "perhaps"})
        yield FileSource(export, lambda at: openemr_export.connect(system, settings, at), OPENEMR, "users.csv", body)


class AwsJsonHarness:
    """A harness for `aws-json`: what the command line saves of the account of `fake_iam`."""

    name, kind = "aws-json", "cloud"

    @contextmanager
    def start(self, folder: Path) -> Iterator[FileSource]:
        export = folder / "export"
        export.mkdir()
        names = ["ana", "ben", "left", "zoe"]
        users = [
            {
                "UserName": n,
                "UserId": f"AIDA{n}",
                "Arn": fake_iam.arn(n),
                "Path": "/",
                "CreateDate": fake_iam.CREATED,
                "GroupList": ["all"],
                "Tags": [{"Key": "name", "Value": "Ana"}],
            }
            for n in names
        ]
        arn = f"arn:aws:iam::{fake_iam.ACCOUNT}:group/all"
        group = {"GroupName": "all", "GroupId": "AGPA", "Arn": arn, "Path": "/", "CreateDate": fake_iam.CREATED}
        details = {"UserDetailList": users, "GroupDetailList": [group], "RoleDetailList": [], "Policies": []}
        rows = [fake_iam.REPORT_HEADER] + [
            f"{n},{fake_iam.arn(n)},{fake_iam.CREATED},{str(n != 'left').lower()},no_information,N/A,N/A,false,"
            "false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
            for n in names
        ]
        report = {"Content": base64.b64encode("\n".join(rows).encode()).decode(), "ReportFormat": "text/csv"}
        summary = {"SummaryMap": {"Users": len(names), "Groups": 1, "Policies": 0}}
        for name, answer in (("details", details), ("report", report), ("summary", summary)):
            (export / f"{name}.json").write_text(json.dumps(answer, indent=1))
        system = System("cloud", SystemKind.CLOUD, "aws", "Cloud", holds_phi=True)
        settings = aws_json.Settings(
            authorization_details=Path("details.json"),
            credential_report=Path("report.json"),
            account_summary=Path("summary.json"),
            canary="zoe",
        )
        population = Population(
            logins=frozenset(names),
            disabled=frozenset({"left"}),
            namesakes=("ana", "ben"),
            held={"ana": frozenset({arn})},
            canary="zoe",
        )
        yield FileSource(
            export,
            lambda at: aws_json.connect(system, settings, at),
            population,
            "details.json",
            JsonBody("UserDetailList"),
        )


class AmazonConnectJsonHarness:
    """A harness for `amazon-connect-json`: what the command line saves of the instance of `aws_services`."""

    name, kind = "amazon-connect-json", "cloud"

    @contextmanager
    def start(self, folder: Path) -> Iterator[FileSource]:
        export = save_connect(folder / "export")
        system = System("calls", SystemKind.CLOUD, "amazon-connect", "Calls", holds_phi=True)
        settings = amazon_connect_json.Settings(folder=Path(), instance_arn=INSTANCE_ARN, canary="agent6")
        population = Population(
            logins=frozenset(f"agent{n}" for n in range(7)),
            namesakes=("agent2", "agent3"),
            held={"agent0": frozenset({"Agent", "BasicAgentAccess"}), "agent6": frozenset({"Admin", "Users.Create"})},
            canary="agent6",
        )
        main, body = "connect.ListUsers.json", JsonBody("UserSummaryList")
        yield FileSource(export, lambda at: amazon_connect_json.connect(system, settings, at), population, main, body)


class WorkspacesJsonHarness:
    """A harness for `workspaces-json`: what the command line saves of the desktops of `aws_services`."""

    name, kind = "workspaces-json", "cloud"

    @contextmanager
    def start(self, folder: Path) -> Iterator[FileSource]:
        export = save_workspaces(folder / "export")
        system = System("desktops", SystemKind.CLOUD, "workspaces", "Desktops", holds_phi=True)
        settings = workspaces_json.Settings(folder=Path(), canary="vma5")
        population = Population(
            logins=frozenset(f"vma{n}" for n in range(6)),
            disabled=frozenset({"vma3"}),
            held={"vma0": frozenset({"desktop"})},
            canary="vma5",
        )
        main, body = "workspaces.DescribeWorkspaces.json", JsonBody("Workspaces")
        yield FileSource(export, lambda at: workspaces_json.connect(system, settings, at), population, main, body)
