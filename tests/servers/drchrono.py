"""
A small DrChrono: its API v4 as its published description says. It never ran against DrChrono itself.

Honest in what a connector can trip over: pages by a cursor whose link is the whole address, no total anywhere, `data`
or `results` as the key of a list, times without a zone, an audit log that must be asked from a day on and names
patients, a scope of its own for that log, and 429 without any word on how long to wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.servers._rest import Call, Fake, Reply, serve

TOKEN = "drchrono-access-token"
PATIENT = "Wilhelmina Planted-Patient"
PERMISSIONS = (
    *("access_all_messages_for_practice_group", "access_balance/ledger", "access_billing", "access_clinical_notes"),
    *("access_institutional_billing", "access_patient_analytics", "access_patient_payments"),
    *("access_patient_statements", "access_reports", "access_scheduling", "access_to_erx", "access_to_message_center"),
    *("add_new_referring_sources", "appointment_provider_selection", "billing_administrator"),
    *("create_and_update_contacts", "create_and_update_patients", "drug_interactions_check", "emergency_access"),
    *("export_patients", "manage_accounts", "manage_permissions", "manage_templates", "provider_dropdown", "settings"),
    *("share_patients", "show_billing_summary", "show_billing_tab", "show_patient_balance"),
    *("sign/lock_clinical_notes", "use_ipad_ehr", "view_practice_group"),
)
FRONT = ("access_scheduling", "create_and_update_patients", "access_to_message_center")

# login: (id, doctor, permissions)
USERS: dict[str, tuple[int, bool, tuple[str, ...]]] = {
    "drkim": (101, True, tuple(p for p in PERMISSIONS if p != "emergency_access")),
    "access-audit": (102, False, ()),
    "mreyes": (103, False, FRONT),
    "jvillanueva": (104, False, (*FRONT, "sign/lock_clinical_notes", "access_to_erx")),
    "tquiroga": (105, False, ("access_billing", "billing_administrator", "export_patients")),
    "ncruz": (106, False, (*FRONT, "emergency_access")),
    "ghost": (107, False, ("manage_permissions",)),
}
LOGINS = frozenset(USERS)
GROUPS: tuple[dict[str, Any], ...] = (
    {"id": 7, "name": "Front desk", "archived": False, "members": [103, 104]},
    {"id": 8, "name": "Use iPad EHR", "archived": False, "members": [105]},
    {"id": 9, "name": "Old team", "archived": True, "members": [106, 999]},
)
# (user id, when): the newest of each user is what a connector must find.
SIGN_INS = (
    (103, "2026-11-01T08:00:00"),
    (104, "2026-11-03T17:30:00"),
    (103, "2026-11-04T09:15:00"),
    (101, "2026-11-02T07:05:09.125"),
    (103, "2026-10-20T08:00:00"),
    (555, "2026-11-04T10:00:00"),
)
PAGE_SIZE = 3


class FakeDrChrono(Fake):
    """Seven users, three groups, six sign-ins among rows that name patients."""

    def __init__(self, *, scopes: tuple[str, ...] = ("user:read", "billing:read"), key: str = "data") -> None:
        super().__init__()
        self.scopes, self.key = scopes, key
        self.filters = True
        self.users = [_user(login) for login in USERS]
        self.groups = [dict(group, practice_group=1) for group in GROUPS]
        self.log = [_row(user, at, "Login", None) for user, at in SIGN_INS]
        self.log.insert(2, _row(106, "2026-11-03T11:00:00", "Break The Glass", PATIENT))
        self.log.insert(4, _row(103, "2026-11-04T09:20:00", "Chart", PATIENT))

    def answer(self, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(401, {"detail": "Authentication credentials were not provided."})
        if call.path == "/api/users":
            return self._list(call, self.users)
        if call.path == "/api/user_groups":
            return self._list(call, self.groups)
        if call.path == "/api/audit_log":
            if "billing:read" not in self.scopes:
                return Reply(403, {"detail": "You do not have permission to perform this action."})
            if not {"since", "date", "date_range"} & set(call.query):
                return Reply(400, {"since": ["Either `since`, `date` or `date_range` must be specified."]})
            rows = [row for row in self.log if row["created_at"] >= call.query["since"]]
            if self.filters:
                rows = [row for row in rows if row["type"] == call.query.get("type", row["type"])]
            return self._list(call, rows)
        return Reply(404, {"detail": "Not found."})

    def _list(self, call: Call, rows: list[dict[str, Any]]) -> Reply:
        size, start = min(int(call.query.get("page_size", 250)), 250), int(call.query.get("cursor", "c0")[1:])
        kept = "&".join(f"{k}={v}" for k, v in call.query.items() if k != "cursor")
        following = f"{self.url}{call.path}?cursor=c{start + size}&{kept}" if start + size < len(rows) else None
        previous = f"{self.url}{call.path}?cursor=c{max(0, start - size)}&{kept}" if start else None
        return Reply(200, {"previous": previous, self.key: rows[start : start + size], "next": following})


@contextmanager
def drchrono(fake: FakeDrChrono | None = None) -> Iterator[FakeDrChrono]:
    """Serve it at `fake.url`."""
    fake = fake or FakeDrChrono()
    with serve(fake):
        yield fake


def _user(login: str) -> dict[str, Any]:
    id_, doctor, held = USERS[login]
    return {
        "id": id_,
        "username": login,
        "is_doctor": doctor,
        "is_staff": not doctor,
        "doctor": 101,
        "staff": None if doctor else id_,
        "practice_group": 1,
        "permissions": {permission: permission in held for permission in PERMISSIONS},
    }


def _row(user: int, at: str, kind: str, patient: str | None) -> dict[str, Any]:
    return {
        "user_id": user,
        "name_of_user": "somebody",
        "type": kind,
        "action": "Not specified",
        "patient": patient,
        "description": f"{kind} {patient or ''}",
        "ip_address": "192.0.2.7",
        "created_at": at,
        "updated_at": at,
        "doctor_id": 101,
        "appointment_id": None,
        "field": None,
        "page": None,
    }
