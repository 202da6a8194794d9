"""A small OpenEMR: its user and access-control tables, as `openemr-export` reads them."""

import csv
from pathlib import Path
from typing import Any

from connectors.testing import Population

USERS = [  # id, login, first name, last name, active, ACL group
    (1, "admin", "Ada", "Admin", 1, "admin"),
    (5, "vfront", "Maria", "Santos", 1, "front"),
    (6, "vback", "Maria", "Santos", 1, "back"),
    (7, "vleft", "Lea", "Left", 0, "back"),
    (12, "drkim", "Dae", "Kim", 1, "front"),
]
GROUPS = {"users": 10, "admin": 11, "front": 12, "back": 13}
OPENEMR = Population(
    logins=frozenset(login for _, login, *_ in USERS),
    disabled=frozenset({"vleft"}),
    namesakes=("vfront", "vback"),
    canary="drkim",
)


def tables() -> dict[str, list[dict[str, Any]]]:
    """Return the tables, each with its rows."""
    return {
        "users": [
            {"id": i, "username": u, "fname": f, "mname": "", "lname": n, "email": "", "active": a}
            for i, u, f, n, a, _ in USERS
        ],
        "users_secure": [{"id": i, "username": u, "login_fail_counter": 0} for i, u, *_ in USERS],
        "groups": [{"id": i, "name": "Default", "user": u} for i, u, *_ in USERS],
        "gacl_aro": [{"id": 100 + i, "section_value": "users", "value": u} for i, u, *_ in USERS],
        "gacl_aro_groups": [
            {"id": n, "parent_id": 0 if name == "users" else 10, "name": name.title(), "value": name}
            for name, n in GROUPS.items()
        ],
        "gacl_groups_aro_map": [{"group_id": GROUPS[g], "aro_id": 100 + i} for i, *_, g in USERS],
        "gacl_acl": [{"id": i, "allow": 1, "enabled": 1, "return_value": "write"} for i in (1, 2, 3)],
        "gacl_aco_map": [
            {"acl_id": 1, "section_value": "admin", "value": "users"},
            {"acl_id": 2, "section_value": "patients", "value": "appt"},
            {"acl_id": 3, "section_value": "acct", "value": "bill"},
        ],
        "gacl_aro_groups_map": [
            {"acl_id": 1, "group_id": 11},
            {"acl_id": 2, "group_id": 12},
            {"acl_id": 3, "group_id": 13},
        ],
        "gacl_aro_map": [{"acl_id": 2, "section_value": "users", "value": "admin"}],
        "login_mfa_registrations": [{"user_id": 5, "name": "phone", "method": "TOTP"}],
        "last_login": [{"username": "vfront", "last_login": "2026-01-31 17:30:00"}],
    }


def write_openemr(folder: Path) -> Path:
    """Write one CSV file a table."""
    folder.mkdir(parents=True)
    for name, rows in tables().items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder
