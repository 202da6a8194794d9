"""Users of Google Workspace as accounts, found again by id, address or alias."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from connectors.directory.google.rows import MemberRow, UserRow
from connectors.errors import InputError
from connectors.facts import Account, Entitlement, EntitlementKind, Evidence, Status

MAILBOX = "mailbox"
LAG_DAYS = 1
"""The Admin console does not say in which time zone it shows a sign-in."""


class GoogleUsers:
    """The users of one organization, and whoever from elsewhere is in its groups."""

    def __init__(self, system: str) -> None:
        self.rows: dict[str, UserRow] = {}
        self.outsiders: dict[str, Account] = {}
        self._system = system
        self._by_name: dict[str, str] = {}
        self._domains: set[str] = set()
        self._noticed: Counter[str] = Counter()

    def read(self, path: Path, rows: Iterable[tuple[UserRow | None, int]]) -> None:
        """Take in all rows; raises `InputError` when a user or an address stands there twice."""
        for row, place in rows:
            if row is None:
                self._noticed["deleted"] += 1
                continue
            names = {row.email.lower(), *(alias.lower() for alias in row.aliases)}
            if row.id in self.rows or names & self._by_name.keys():
                raise InputError(
                    path, f"the user of entry {place} stands twice", expected="each user once", hint="export again"
                )
            self.rows[row.id] = row
            self._by_name |= dict.fromkeys(names, row.id)
            self._domains |= {name.rpartition("@")[2] for name in names}
            self._noticed["enforced"] += bool(row.enforced)

    def find(self, id_: str, email: str = "") -> str | None:
        """Return the id of a user who is known by an id or an address."""
        if id_ in self.rows:
            return id_
        return self._by_name.get(email.lower() or id_.lower())

    def at_home(self, email: str) -> bool:
        """Whether an address is of a domain in which somebody was read."""
        return email.lower().rpartition("@")[2] in self._domains

    def outsider(self, member: MemberRow) -> str:
        """Return an account for somebody from elsewhere who is in a group here; its state is not known."""
        id_ = member.id or member.email.lower()
        name = member.email or id_
        if member.type == "GROUP":
            name = f"the group {name}"
        self.outsiders.setdefault(id_, Account(self._system, id_, member.email or id_, name, Status.UNKNOWN))
        return id_

    def holder(self, id_: str, email: str, *, service: bool) -> str:
        """Return an account for whoever holds an admin role and is no user here."""
        login = email or id_
        self.outsiders.setdefault(id_, Account(self._system, id_, login, login, Status.UNKNOWN, service=service))
        return id_

    def accounts(self, *, console: bool) -> list[Account]:
        """Return all accounts."""
        users = [
            Account(
                system=self._system,
                id=row.id,
                login=row.email,
                name=row.name,
                status=row.status,
                email=row.email,
                employee_id=row.employee_id,
                created=row.created,
                last_login=row.last_login,
                last_login_lag_days=LAG_DAYS if console else 0,
                mfa=row.mfa,
            )
            for row in self.rows.values()
        ]
        return users + list(self.outsiders.values())

    def mailbox(self) -> tuple[Entitlement, ...]:
        """Describe the mailbox, where somebody has one."""
        if not any(row.mailbox for row in self.rows.values()):
            return ()
        return (Entitlement(self._system, MAILBOX, "a mailbox in Gmail", EntitlementKind.PRIVILEGE),)

    def evidence(self) -> tuple[Evidence, ...]:
        """Tell what was noticed."""
        told = [
            Evidence("2-step-verification", f"has to be used by {self._noticed['enforced']} of {len(self.rows)} users")
        ]
        if self._noticed["deleted"]:
            told.append(Evidence("deleted", f"{self._noticed['deleted']} deleted users are left out"))
        if self.outsiders:
            text = f"{len(self.outsiders)} members of groups or holders of roles are no users here"
            told.append(Evidence("outsiders", text))
        return tuple(told)
