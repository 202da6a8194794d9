# ruff: noqa: E501 - tables are read across
"""
What the domain controller, a Samba, logged of changes: `dsdb_json_audit` and `dsdb_group_json_audit`, a JSON object a line.

The log was switched on before the audit of the quarter, so it tells of everything between the two audits.
"""

import hashlib
import json
from uuid import UUID

from story.directory import dn_of_group, dn_of_login, guid_of_login, sid_of_login
from story.files import Files, Row, table

# By whom: `northgate` administers the directory. `refused` says that the server let it not happen.
_CHANGES = table("""
at (UTC)                   | by         | what     | who          | value          | refused
2026-09-28 13:05:41.208113 | northgate  | password | svc-scan     | -              | -
# "To help with Hillcrest's printers."
2026-10-08 15:22:10.551902 | northgate  | add      | jvillanueva  | IT-Helpers     | -
# Laura tried to close the leaver's account herself, and may not.
2026-10-16 22:31:56.114207 | lpettersen | control  | dcalloway    | 514            | refused
# 17:42 in Chicago, on her last day.
2026-10-16 22:42:09.318842 | northgate  | control  | dcalloway    | 514            | -
2026-10-16 22:43:31.007215 | northgate  | remove   | dcalloway    | VMA-PatientComm | -
2026-10-16 22:43:48.660934 | northgate  | remove   | dcalloway    | MFA-Enforced   | -
2026-10-19 13:02:27.449120 | northgate  | remove   | cmejia       | VMA-Scheduling | -
2026-10-19 13:02:58.102377 | northgate  | add      | cmejia       | VMA-Billing    | -
# For an afternoon, and no audit saw it.
2026-10-21 18:05:14.730551 | northgate  | add      | tquiroga     | VMA-Billing    | -
2026-10-21 21:47:50.018446 | northgate  | remove   | tquiroga     | VMA-Billing    | -
2026-10-26 13:10:02.305118 | northgate  | new      | mwhitfield   | 512            | -
2026-10-28 17:05:33.271604 | northgate  | new group | -           | Hillcrest-Share | -
2026-10-28 17:06:12.880915 | northgate  | add      | tquiroga     | Hillcrest-Share | -
2026-11-09 14:00:19.552083 | northgate  | new      | rcamacho     | 512            | -
2026-11-09 14:01:07.209340 | northgate  | add      | rcamacho     | VMA-FrontDesk  | -
2026-11-09 14:01:31.977612 | northgate  | add      | rcamacho     | MFA-Enforced   | -
2026-11-12 16:30:44.120958 | northgate  | new      | gsalonga     | 514            | -
2026-11-12 16:31:20.346077 | northgate  | add      | gsalonga     | MFA-Enforced   | -
""")  # fmt: skip
_ACTIONS = {"add": ("Added", 4728), "remove": ("Removed", 4729)}


def files(folder: str) -> Files:
    """Return the two logs as files."""
    groups = [_line("groupChange", row, _group(row)) for row in _CHANGES if row["what"] in _ACTIONS]
    others = [_line("dsdbChange", row, _other(row)) for row in _CHANGES]
    return {f"{folder}/dsdb.json": "".join(others), f"{folder}/group.json": "".join(groups)}


def _line(kind: str, row: Row, said: dict[str, object]) -> str:
    stamp = row["at (UTC)"].replace(" ", "T") + "+0000"
    status = (
        {"statusCode": 50, "status": "insufficient access rights"}
        if row["refused"]
        else {"statusCode": 0, "status": "Success"}
    )
    head = {"version": {"major": 1, "minor": 0}, **status, "remoteAddress": "ipv4:10.20.0.15:49822"}
    ids = {
        "userSid": sid_of_login(row["by"]),
        "transactionId": _uuid(stamp),
        "sessionId": _uuid(f"{stamp[:13]} {row['by']}"),
    }
    return (
        "  " + json.dumps({"timestamp": stamp, "type": kind, kind: {**head, **ids, **said}}, ensure_ascii=False) + "\n"
    )


def _group(row: Row) -> dict[str, object]:
    action, event = _ACTIONS[row["what"]]
    return {"eventId": event, "action": action, "user": dn_of_login(row["who"]), "group": dn_of_group(row["value"])}


def _other(row: Row) -> dict[str, object]:
    new = row["what"].startswith("new")
    dn = dn_of_group(row["value"]) if row["what"] in {"new group", *_ACTIONS} else dn_of_login(row["who"])
    if row["what"] in _ACTIONS:
        member = f"<GUID={guid_of_login(row['who'])}>;<SID={sid_of_login(row['who'])}>;{dn_of_login(row['who'])}"
        written: dict[str, object] = {"member": _values("add" if row["what"] == "add" else "delete", member)}
    elif row["what"] == "password":
        written = {"unicodePwd": {"actions": [{"action": "replace", "redacted": True}]}}
    elif row["what"] == "new group":
        written = {"objectClass": _values("add", "group"), "sAMAccountName": _values("add", row["value"])}
    else:
        written = {"userAccountControl": _values("add" if new else "replace", row["value"])}
        if new:
            written = {"objectClass": _values("add", "user"), "sAMAccountName": _values("add", row["who"]), **written}
    return {"operation": "Add" if new else "Modify", "performedAsSystem": False, "dn": dn, "attributes": written}


def _values(action: str, value: str) -> dict[str, object]:
    return {"actions": [{"action": action, "values": [{"value": value}]}]}


def _uuid(text: str) -> str:
    """Derive an id from the moment, so that it is the same in every run."""
    return str(UUID(bytes=hashlib.sha256(text.encode()).digest()[:16]))
