"""
OpenEMR's own screens, as far as they change users and groups: each statement, then its row in the log.

What is written, in which order and in which words is that of OpenEMR 7 (interface/usergroup/usergroup_admin.php and
adminacl.php, `AclExtended::setUserAro`, `EventAuditLogger::auditSQLEvent`): every save of the user form writes
`active`, and takes the user out of all groups and puts the user back. PHP stamps the row when the statement was done.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pymysql

from tests.servers.mariadb_openemr import OpenEmrDatabase


@dataclass
class OpenEmrForms:
    """Somebody who is signed in at OpenEMR's web server, and may administer users."""

    db: OpenEmrDatabase
    actor: str = "admin"
    zone: str = "UTC"
    comma: str = ","
    """What older versions leave behind the last value."""
    log: bool = True
    """Whether OpenEMR's log is on."""
    encrypted: bool = False
    ago: timedelta = timedelta()
    """How long ago everything happens."""
    ended: tuple[datetime, datetime] = field(init=False)
    """Between which instants of ours the last statement was done that can end access."""
    connection: Any = field(init=False)

    def __post_init__(self) -> None:
        self.connection = pymysql.connect(
            unix_socket=str(self.db.socket), user="root", database=self.db.database, charset="utf8mb4", autocommit=True
        )
        with self.connection.cursor() as cursor:  # OpenEMR sets the zone of each session, as an offset
            cursor.execute("SET time_zone = %s", [datetime.now(ZoneInfo(self.zone)).isoformat()[-6:]])

    def save(self, login: str, *, active: bool, groups: Sequence[str], facility: int = 3) -> None:
        """Save the form of a user, with all that it writes; `groups` are values of ACL groups."""
        id_ = self.one("SELECT id FROM users WHERE username = %s", login)
        self.run("update users set username=? where id= ? ", [login, id_])
        self.run("update users set lname=? where id= ? ", ["O'Santos", id_])
        self.run("update users set facility_id = ? where id = ? ", [facility, id_])
        self.run(
            "UPDATE users, facility SET users.facility = facility.name WHERE facility.id = ? AND users.id = ?",
            [facility, id_],
        )
        self.run(
            "UPDATE users SET authorized = ?, active = ?, portal_user = ?, see_auth = ? WHERE id = ? ",
            [0, int(active), 0, 1, id_],
        )
        self.run("update users set info = ? where id = ? ", ["note; with 'quotes' (1,2)", id_])
        self.set_groups(login, groups)

    def set_groups(self, login: str, groups: Sequence[str]) -> None:
        """Write the memberships as `setUserAro` does: out of all, and into each."""
        aro = self.one("SELECT id FROM gacl_aro WHERE section_value = 'users' AND value = %s", login)
        self.run(
            f"UPDATE gacl_aro SET section_value='users',value='{login}',order_value='10',name='Name',hidden=0"
            f" WHERE id={aro}"
        )
        for group in self.column("SELECT group_id FROM gacl_groups_aro_map WHERE aro_id = %s", aro):
            self.run(f"DELETE FROM gacl_groups_aro_map WHERE group_id={group} AND aro_id={aro}")
        for value in groups:
            number = self.one("SELECT id FROM gacl_aro_groups WHERE value = %s", value)
            self.run(f"INSERT INTO gacl_groups_aro_map (group_id,aro_id) VALUES ({number},{aro})")

    def remove(self, login: str, group: str) -> None:
        """Take a user out of a group in the dialog of groups, which adds a row in words."""
        self.set_groups(login, [value for value in self.held(login) if value != group])
        title = self.one("SELECT name FROM gacl_aro_groups WHERE value = %s", group)
        self.write("security-administration-update", f"Removed {login} from following access group(s): {title}")

    def held(self, login: str) -> list[str]:
        """Return the values of the groups that a user is in."""
        return self.column(
            "SELECT g.value FROM gacl_groups_aro_map m JOIN gacl_aro_groups g ON g.id = m.group_id"
            " JOIN gacl_aro a ON a.id = m.aro_id WHERE a.value = %s",
            login,
        )

    def sign_in(self, login: str, *, success: bool = True) -> None:
        """Note a sign-in."""
        self.write("login", f"{'success' if success else 'failure'}: 10.0.0.1", user=login, success=success)

    def run(self, statement: str, binds: Sequence[object] = (), *, success: bool = True) -> None:
        """Do a statement, then write what was done."""
        if success:
            before = datetime.now(UTC)
            with self.connection.cursor() as cursor:
                cursor.execute(statement.replace("%", "%%").replace("?", "%s"), tuple(binds))
            if statement.startswith(("UPDATE users SET authorized", "DELETE FROM gacl_groups_aro_map")):
                self.ended = before, datetime.now(UTC)
        told = "".join(f"'{pymysql.converters.escape_string(str(b))}'," for b in binds)
        told = told if self.comma else told.rstrip(",")
        verb = statement.split(maxsplit=1)[0].lower()
        text = f"{statement.strip()} ({told})" if binds else statement.strip()
        self.write(f"security-administration-{verb}", text, success=success, category="Security")

    def write(
        self, event: str, text: str, *, user: str | None = None, success: bool = True, category: str | None = None
    ) -> None:
        """Write one row of the log, unless it is off."""
        if not self.log:
            return
        at = (datetime.now(ZoneInfo(self.zone)) - self.ago).strftime("%Y-%m-%d %H:%M:%S")
        self.row(at, event, text, user=user, success=success, category=category)

    def row(
        self,
        at: str,
        event: str,
        text: str,
        *,
        user: str | None = None,
        success: bool = True,
        category: str | None = None,
    ) -> int:
        """Write one row of the log as of any time; returns its id."""
        comments = base64.b64encode(text.encode()).decode()
        if self.encrypted:
            comments = "006" + base64.b64encode(bytes(b ^ 0x5A for b in text.encode())).decode()
        with self.connection.cursor() as cursor:
            cursor.execute(
                "insert into log (date, event, category, user, groupname, comments, user_notes, patient_id, success)"
                " values (%s, %s, %s, %s, 'Default', %s, '', NULL, %s)",
                [at, event, category or event, user or self.actor, comments, int(success)],
            )
            id_ = int(cursor.lastrowid)
            cursor.execute(
                "INSERT INTO log_comment_encrypt (log_id, encrypt, version) VALUES (%s, %s, 4)",
                [id_, "Yes" if self.encrypted else "No"],
            )
        return id_

    def one(self, sql: str, *values: object) -> Any:
        """Return the one value of an answer."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone()[0]

    def column(self, sql: str, *values: object) -> list[Any]:
        """Return the values of a column."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            return [row[0] for row in cursor.fetchall()]

    def close(self) -> None:
        """Sign out."""
        self.connection.close()
