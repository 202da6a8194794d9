# ruff: noqa: E501 - tables are read across
"""
The EHR: OpenEMR as its database exports it, one CSV for each table. Times are UTC.

`groups` are ACL groups, `-` meaning that the login does not exist yet; `last` is the last successful sign-in.
"""

from collections.abc import Iterator

from story.files import Files, Row, csv_text, table
from story.openemr_groups import GROUPS, ROOT
from story.people import Period

# `oe-system` is OpenEMR's own. `auditor-ro` cannot sign in: it is there so that an export that lost rows is noticed.
_LOGINS = table("""
id | username     | first     | last          | email                                    | flags    | mfa  | made
1  | admin        | Cedar     | Hosting       | -                                        | -        | TOTP | -
2  | oe-system    | System    | Operation     | -                                        | inactive | -    | -
3  | hbrandt      | Helen     | Brandt        | hbrandt@lakeside.example.test            | provider | U2F  | -
4  | mosei        | Miriam    | Osei          | mosei@lakeside.example.test              | provider | TOTP | -
5  | tmorgan      | Tessa     | Morgan        | tmorgan@lakeside.example.test            | -        | TOTP | -
6  | lpettersen   | Laura     | Pettersen     | lpettersen@lakeside.example.test         | -        | TOTP | -
7  | ghale        | Gordon    | Hale          | ghale@lakeside.example.test              | -        | TOTP | -
8  | dkowalski    | Dana      | Kowalski      | dkowalski@lakeside.example.test          | -        | TOTP | -
# Left in March; her login was closed the same day, as it should be.
9  | bnakamura    | Beth      | Nakamura      | -                                        | inactive | TOTP | -
12 | maquino      | Maricel   | Aquino        | maricel.aquino@harborassist.example.com  | -        | TOTP | -
# Made in January 2025, when logins were still numbered by desk.
13 | frontdesk2   | Front     | Desk 2        | -                                        | -        | U2F  | -
# A copy of the first VMA's login of that time, made "to be ready". Nobody has ever said for whom.
14 | vma3         | VMA       | Three         | -                                        | -        | -    | -
15 | cmejia       | Carlos    | Mejía Ospina  | carlos.mejia@harborassist.example.com    | -        | TOTP | 2025-06-02 13:24:00
17 | adeshpande   | Anjali    | Deshpande     | anjali.deshpande@blueheron.example.com   | -        | TOTP | 2025-09-08 13:41:00
# Registered a second factor in October, because the audit of the quarter asked for it.
18 | tquiroga     | Tomás     | Quiroga Salas | tomas.quiroga@harborassist.example.com   | -        | late | 2026-02-16 14:22:00
19 | dcalloway    | Denise    | Calloway      | denise.calloway@blueheron.example.com    | -        | TOTP | 2025-11-03 14:30:00
20 | praghunathan | Priya     | Raghunathan   | priya.raghunathan@blueheron.example.com  | -        | TOTP | 2026-08-03 13:52:00
21 | auditor-ro   | Access    | Auditor       | -                                        | inactive | -    | 2026-01-05 15:00:00
22 | nvarma       | Nikhil    | Varma         | nvarma@lakeside.example.test             | provider | TOTP | 2026-09-14 15:10:00
23 | atran        | Amy       | Tran          | atran@lakeside.example.test              | -        | TOTP | 2026-09-14 15:14:00
25 | gsalonga     | Grace Ann | Salonga       | grace.salonga@blueheron.example.com      | -        | TOTP | 2026-11-12 16:45:00
""")
_STATE = table("""
username     | groups 2026-q3 | groups 2026-11        | last 2026-q3        | last 2026-11
admin        | admin          | admin                 | 2026-09-12 04:10:44 | 2026-11-07 05:02:19
oe-system    | admin          | admin                 | -                   | -
hbrandt      | doc            | doc                   | 2026-09-30 13:02:51 | 2026-11-20 14:01:07
mosei        | doc            | doc                   | 2026-09-29 20:44:09 | 2026-11-19 21:15:40
tmorgan      | clin           | clin                  | 2026-09-30 12:48:33 | 2026-11-20 13:50:02
lpettersen   | admin front    | admin front           | 2026-09-30 15:20:18 | 2026-11-20 15:31:55
ghale        | back           | back                  | 2026-09-29 21:02:12 | 2026-11-19 22:04:37
dkowalski    | front          | front                 | 2026-09-30 12:55:40 | 2026-11-20 13:56:21
bnakamura    | clin           | clin                  | 2026-03-13 21:58:03 | 2026-03-13 21:58:03
maquino      | vma_billing    | vma_billing           | 2026-09-30 13:01:22 | 2026-11-20 14:00:48
frontdesk2   | vma_front      | vma_front             | 2026-09-30 12:58:10 | 2026-11-20 13:58:54
vma3         | back vma_sched | back vma_sched        | 2026-09-22 02:13:30 | 2026-11-14 03:41:09
# A scheduler became a biller, and kept what he had.
cmejia       | vma_sched      | vma_billing vma_sched | 2026-09-30 13:00:05 | 2026-11-20 14:02:31
adeshpande   | vma_scribe     | vma_scribe            | 2026-09-30 13:05:47 | 2026-11-20 14:03:12
# For Hillcrest his rights were set up anew, as a copy of `vma3`, itself a copy of the first VMA's.
tquiroga     | vma_sched      | back vma_sched        | 2026-09-29 19:30:25 | 2026-11-19 20:33:14
# Left on 16 October: the directory's administrators were told, and nobody told the EHR's.
dcalloway    | vma_comm       | vma_comm              | 2026-09-29 21:11:57 | 2026-10-29 01:22:46
praghunathan | vma_priorauth  | vma_priorauth         | 2026-09-30 13:04:28 | 2026-11-20 14:04:50
auditor-ro   | front          | front                 | -                   | -
nvarma       | doc            | doc                   | 2026-09-30 13:06:12 | 2026-11-20 14:06:39
atran        | front          | front                 | 2026-09-29 20:58:03 | 2026-11-20 13:57:16
# Ready nineteen days before her first day.
gsalonga     | -              | vma_sched             | -                   | 2026-11-13 14:20:08
""")
_PASSWORD_AGE = "2026-07-14 14:05:11"
"""Everybody changed passwords that day, except those who came later and those whom nobody looks after."""
_OLD_PASSWORDS = {"vma3": "2025-01-10 16:40:00", "bnakamura": "2025-12-01 15:00:00", "oe-system": "2019-03-11 18:00:00"}


def files(period: Period, folder: str) -> Files:
    """Return the tables as they were exported at one moment."""
    state = {row["username"]: row for row in _STATE if row[f"groups {period.folder}"]}
    logins = [row | _now(row, state[row["username"]], period) for row in _LOGINS if row["username"] in state]
    return {f"{folder}/{name}.csv": text for name, text in (_users(logins) | _acl(logins)).items()}


def _now(login: Row, state: Row, period: Period) -> Row:
    mfa = _second_factor(login, period)
    return {"groups": state[f"groups {period.folder}"], "signed in": state[f"last {period.folder}"], "mfa": mfa}


def _second_factor(login: Row, period: Period) -> str:
    if login["mfa"] == "late":
        return "TOTP" if period is Period.NOV else ""
    return login["mfa"]


def _users(logins: list[Row]) -> Files:
    users = [
        [
            *(x["id"], x["username"], x["first"], x["last"], x["email"]),
            *(int(x["flags"] != "inactive"), int(x["flags"] == "provider")),
            *(4 if x["username"] in ("nvarma", "atran", "gsalonga") else 3, x["made"]),
        ]
        for x in logins
    ]
    # An address-book entry: a row of `users` without a username is nobody's login.
    users.insert(9, ["10", "", "Lakeview", "Imaging", "intake@lakeview-imaging.example.com", 1, 0, 0, ""])
    passwords = [_OLD_PASSWORDS.get(x["username"], max(_PASSWORD_AGE, x["made"])) for x in logins]
    return {
        "users": csv_text("id,username,fname,lname,email,active,authorized,facility_id,date_created", users),
        "users_secure": csv_text(
            "id,username,last_update_password,login_fail_counter",
            [[x["id"], x["username"], changed, 0] for x, changed in zip(logins, passwords, strict=True)],
        ),
        "groups": csv_text("id,name,user", [[n, "Default", x["username"]] for n, x in enumerate(logins, start=1)]),
        "login_mfa_registrations": csv_text(
            "user_id,name,method",
            [[x["id"], "Key" if x["mfa"] == "U2F" else "Phone", x["mfa"]] for x in logins if x["mfa"]],
        ),
        "last_login": csv_text(
            "username,last_login", [[x["username"], x["signed in"]] for x in logins if x["signed in"]]
        ),
    }


def _acl(logins: list[Row]) -> Files:
    group_ids = {value: id_ for id_, _, value, _ in GROUPS}
    members = sorted((group_ids[group], int(x["id"])) for x in logins for group in x["groups"].split())
    lists = [(id_, level, objects) for id_, _, _, rights in GROUPS for level, objects in rights.items()]
    acls = list(enumerate(lists, start=1))
    groups = [ROOT, *((id_, ROOT[0], value, name) for id_, name, value, _ in GROUPS)]
    acos = [[number, *aco] for number, (_, _, objects) in acls for aco in _objects(objects)]
    return {
        "gacl_aro": csv_text("id,section_value,value", [[x["id"], "users", x["username"]] for x in logins]),
        "gacl_aro_groups": csv_text("id,parent_id,value,name", groups),
        "gacl_groups_aro_map": csv_text("group_id,aro_id", members),
        "gacl_aro_groups_map": csv_text("acl_id,group_id", [[number, group] for number, (group, _, _) in acls]),
        "gacl_aro_map": csv_text("acl_id,section_value,value", []),
        "gacl_acl": csv_text(
            "id,allow,enabled,return_value", [[number, 1, 1, level] for number, (_, level, _) in acls]
        ),
        "gacl_aco_map": csv_text("acl_id,section_value,value", acos),
    }


def _objects(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split("; "):
        section, _, values = part.partition(": ")
        for value in values.split():
            yield section, value
