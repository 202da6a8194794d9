"""
A small OpenEMR: its default groups and the users that try them, as tables that a test can change.

Source of the default rights: `install_gacl()` in library/classes/Installer.class.php, ACL version 13.
"""

import csv
from pathlib import Path

Tables = dict[str, list[dict[str, object]]]

ADMIN = (
    "acct: bill disc eob rep rep_a; admin: calendar database forms practice superbill users batchcom language super "
    "drugs acl menu manage_modules; encounters: auth_a auth coding_a coding notes_a notes date_a relaxed; "
    "inventory: lots sales purchases transfers adjustments consumption destruction reporting; "
    "lists: default state country language ethrace; patients: appt demo med trans docs notes sign reminder alert "
    "disclosure rx amendment lab docs_rm pat_rep; sensitivities: normal high; nationnotes: nn_configure; "
    "patientportal: portal; menus: modle; groups: gadd gcalendar glog gdlog gm"
)
GROUPS = {
    "admin": ("Administrators", {"write": ADMIN}),
    "clin": (
        "Clinicians",
        {
            "view": "patients: pat_rep",
            "addonly": "encounters: notes relaxed; patients: demo docs notes trans reminder alert disclosure rx "
            "amendment lab; sensitivities: normal",
            "wsome": "placeholder: filler",
            "write": "patients: med appt; admin: drugs; encounters: auth coding notes; groups: gcalendar glog",
        },
    ),
    "doc": (
        "Physicians",
        {
            "view": "patients: pat_rep",
            "write": "acct: disc rep; admin: drugs; encounters: auth_a auth coding_a coding notes_a notes date_a "
            "relaxed; patients: appt demo med trans docs notes sign reminder alert disclosure rx amendment lab; "
            "sensitivities: normal high; groups: gcalendar glog",
        },
    ),
    "front": (
        "Front Office",
        {
            "view": "patients: alert",
            "wsome": "placeholder: filler",
            "write": "patients: appt demo; groups: gcalendar",
        },
    ),
    "back": (
        "Accounting",
        {
            "view": "patients: alert",
            "write": "acct: bill disc eob rep rep_a; admin: practice superbill; encounters: auth_a coding_a date_a; "
            "patients: appt demo",
        },
    ),
    "breakglass": ("Emergency Login", {"write": ADMIN}),
}
# login: (id, active, ACL groups)
USERS: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "admin": (1, 1, ("admin",)),
    "phimail-service": (2, 0, ()),
    "portal-user": (3, 0, ()),
    "oe-system": (4, 0, ("admin",)),
    "vfront": (5, 1, ("front",)),
    "vcover": (6, 1, ("front", "back", "breakglass")),
    "vleft": (7, 0, ("back",)),
    "vnoaro": (9, 1, ()),
    "vdenied": (10, 1, ("front",)),
    "nurse": (11, 1, ("clin",)),
    "drkim": (12, 1, ("doc",)),
}


def acos(text: str) -> list[tuple[str, str]]:
    """Read `section: value value; section: value`."""
    parts = (part.partition(":") for part in text.split(";"))
    return [(section.strip(), value) for section, _, values in parts for value in values.split()]


def harness() -> Tables:
    """Return the tables of the harness; a contact, a direct denial and MFA of one user are in it."""
    t: Tables = {name: [] for name in ("gacl_aro_groups_map", "gacl_acl", "gacl_aco_map", "gacl_groups_aro_map")}
    t["gacl_aro_groups"] = [{"id": 10, "parent_id": 0, "name": "OpenEMR Users", "value": "users"}]
    ids = {"users": 10}
    for number, (value, (title, levels)) in enumerate(GROUPS.items(), 11):
        ids[value] = number
        t["gacl_aro_groups"].append({"id": number, "parent_id": 10, "name": title, "value": value})
        for level, text in levels.items():
            give(t, acos(text), level=level, group=number)
    t["users"] = [
        {"id": i, "username": login, "fname": "V", "lname": login.title(), "email": "", "active": active}
        for login, (i, active, _) in USERS.items()
    ]
    t["users"].append({"id": 8, "username": "", "fname": "Lab", "lname": "Contact", "email": "", "active": 1})
    t["users_secure"] = [{"id": i, "username": u, "login_fail_counter": 0} for u, (i, _, _) in USERS.items()]
    t["groups"] = [{"id": i, "name": "Default", "user": login} for login, (i, _, _) in USERS.items()]
    t["gacl_aro"] = [
        {"id": 100 + i, "section_value": "users", "value": login}
        for login, (i, _, _) in USERS.items()
        if login != "vnoaro"
    ]
    for i, _, groups in USERS.values():
        t["gacl_groups_aro_map"] += [{"group_id": ids[group], "aro_id": 100 + i} for group in groups]
    t["gacl_aro_map"] = []
    give(t, [("patients", "demo")], level="write", user="vdenied", allow=0)
    t["login_mfa_registrations"] = [{"user_id": 5, "name": "phone", "method": "TOTP"}]
    t["last_login"] = [{"username": "vfront", "last_login": "2026-01-31 17:30:00"}]
    return t


def give(
    t: Tables,
    objects: list[tuple[str, str]],
    *,
    level: str,
    group: int | None = None,
    user: str | None = None,
    allow: int = 1,
    enabled: int = 1,
) -> None:
    """Add one access control list for a group or a user."""
    acl = len(t["gacl_acl"]) + 1
    t["gacl_acl"].append({"id": acl, "allow": allow, "enabled": enabled, "return_value": level})
    t["gacl_aco_map"] += [{"acl_id": acl, "section_value": s, "value": v} for s, v in objects]
    if group is not None:
        t["gacl_aro_groups_map"].append({"acl_id": acl, "group_id": group})
    if user is not None:
        t["gacl_aro_map"].append({"acl_id": acl, "section_value": "users", "value": user})


def write(tables: Tables, folder: Path) -> Path:
    """Write one CSV file a table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]) if rows else ["acl_id", "section_value", "value"])
            writer.writeheader()
            writer.writerows(rows)
    return folder
