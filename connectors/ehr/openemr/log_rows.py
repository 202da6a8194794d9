"""
Reads what OpenEMR's log says of some accounts, through the views that show no patient, from one snapshot.

A comment leaves the server only if it begins as it should: the server itself looks, once more than the view does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.ehr.openemr.grants import Rights
from connectors.ehr.openemr.live import REPEATABLE, SNAPSHOT
from connectors.ehr.openemr.log_views import INSTANTS, LOG_READ, SETTINGS, SHOWN, WITHOUT_RIGHTS
from connectors.ehr.openemr.sql_text import literal
from connectors.ehr.openemr.wire import Cells, MysqlConnection
from connectors.errors import SourceDenied, SourceMalformed
from connectors.facts import Account

MAX_TEXT = 8_000
"""Characters of a comment; a save of the user form has a few hundred."""
MAX_ROWS = 50_000
MAX_VIEW = 10_000_000
MAX_NAMED = 200
"""So many accounts are named to the server; of more, all rows of the view are asked for."""
MAX_SIGN_INS = 5_000


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row of the view, or of the log's sign-ins."""

    id: int
    date: str | None
    actor: str
    success: bool
    text: str
    long: bool = False
    """The comment is longer than is read."""

    @property
    def raw(self) -> bytes:
        """What is hashed as evidence."""
        return "\t".join((str(self.id), self.date or "", self.actor, str(int(self.success)), self.text)).encode()


@dataclass(slots=True)
class LogRows:
    """What was read."""

    view: bool = False
    """Whether the view is there, and may be read."""
    rows: list[LogRow] = field(default_factory=list)
    start: int = 0
    """The id from which on rows were read; 0: all. What was before it is known from earlier reads."""
    sign_ins: list[LogRow] = field(default_factory=list)
    sign_ins_cut: bool = False
    settings: dict[str, str] | None = None
    """`None`: they may not be read."""
    first: tuple[int, str | None] | None = None
    """Id and time of the oldest row of the log."""
    after_hole: tuple[int, str | None, int] | None = None
    """Of the newest row before which ids are missing: id, time, and how many are missing in all."""
    after_encrypted: tuple[int, str | None, int] | None = None
    """The same of the newest row about users or groups whose comment is encrypted."""
    encryption_told: bool = True
    touched: dict[str, str | None] = field(default_factory=dict)
    """By account that is not active: `users.last_updated`. Of one that is active it bounds nothing."""
    aros: dict[str, str] = field(default_factory=dict)
    """By number of phpGACL's object: the login."""
    groups: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By number of the group: its value and its title."""
    server_hours: float = 0.0
    """By how much the database server's own zone is ahead of UTC now."""


def read_rows(
    wire: MysqlConnection, system: str, found: Rights, accounts: Sequence[Account], since: datetime | None
) -> LogRows:
    """Read it; `since` narrows only what is many. Raises `SourceDenied` when the view shows more than it should."""
    got = LogRows(view=_may(found, INSTANTS))
    wire.run(REPEATABLE)
    wire.run(SNAPSHOT)
    got.aros = {
        n or "": v or "" for n, v in wire.all("SELECT `id`, `value` FROM `gacl_aro` WHERE `section_value` = 'users'", 2)
    }
    got.groups = {
        n or "": (v or "", t or "") for n, v, t in wire.all("SELECT `id`, `value`, `name` FROM `gacl_aro_groups`", 3)
    }
    got.server_hours = _hours(wire.value("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW())"))
    if _may(found, SETTINGS):
        settings = wire.all("SELECT `name`, `value` FROM `auditor_settings`", 2)
        got.settings = {name or "": value or "" for name, value in settings}
    numbers = ", ".join(a.id for a in accounts if a.id.isdecimal())
    if _may(found, "users") and numbers:
        where = f"`active` = 0 AND `id` IN ({numbers})"
        sql = f"SELECT `id`, `last_updated` FROM `users` WHERE {where}"  # noqa: S608 - digits only
        got.touched = {id_ or "": at for id_, at in wire.all(sql, 2)}
    if ("log", "id") in found.columns:
        _read_log(wire, got, found, accounts, since)
    if got.view:
        got.rows = _view_rows(wire, system, accounts, got)
    wire.run("COMMIT")
    return got


def _may(found: Rights, table: str) -> bool:
    return all((table, column) in found.columns for column in LOG_READ[table])


def _read_log(
    wire: MysqlConnection, got: LogRows, found: Rights, accounts: Sequence[Account], since: datetime | None
) -> None:
    """Read what columns of the log tell without a comment: its beginning, holes, encrypted rows, sign-ins."""
    first = wire.all("SELECT `id`, `date` FROM `log` ORDER BY `id` LIMIT 1", 2)
    if not first:
        return
    got.first = (int(first[0][0] or 0), first[0][1])
    # No zone is further than 14 hours from UTC, so this is early enough whatever zone the log has.
    early = (since - timedelta(hours=14)).strftime("%Y-%m-%d %H:%M:%S") if since else None
    got.start = _first_since(wire, early, got.first[0]) if early else 0
    got.after_hole = _hole(wire, got.start)
    if ("log_comment_encrypt", "encrypt") in found.columns:
        got.after_encrypted = _newest(
            wire.all(
                f"SELECT l.`id`, l.`date`, (SELECT COUNT(*) {_HIDDEN}) {_HIDDEN} ORDER BY l.`id` DESC LIMIT 1",
                3,
            )
        )
    else:
        got.encryption_told = not wire.refused("SELECT 1 FROM `log_comment_encrypt` LIMIT 0")
    logins = ", ".join(sorted({literal(a.login) for a in accounts}))
    if logins:
        sql = (
            "SELECT `id`, `date`, `user` FROM `log` WHERE `event` = 'login' AND `success` = 1"  # noqa: S608
            f" AND `user` IN ({logins}) AND `id` >= {got.start} ORDER BY `id` DESC LIMIT {MAX_SIGN_INS + 1}"
        )
        rows = [LogRow(int(id_ or 0), at, user or "", True, "login") for id_, at, user in wire.all(sql, 3)]
        got.sign_ins_cut = len(rows) > MAX_SIGN_INS
        got.sign_ins = rows[:MAX_SIGN_INS][::-1]


_HIDDEN = (
    "FROM `log_comment_encrypt` e JOIN `log` l ON l.`id` = e.`log_id`"
    " WHERE e.`encrypt` = 'Yes' AND l.`event` LIKE 'security-administration-%'"
)


def _first_since(wire: MysqlConnection, early: str, low: int) -> int:
    """Return the id from which on rows are no older than a time: the numbers and the times run on together."""
    high = int(wire.value("SELECT MAX(`id`) FROM `log`") or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = wire.all(f"SELECT `id`, `date` FROM `log` WHERE `id` >= {middle} ORDER BY `id` LIMIT 1", 2)  # noqa: S608
        if row and (row[0][1] or "") < early:
            low = int(row[0][0] or 0) + 1
        else:
            high = middle
    return low


def _hole(wire: MysqlConnection, start: int) -> tuple[int, str | None, int] | None:
    """Return the newest row from `start` on before which ids are missing: rows were deleted, or never came to be."""
    step = wire.value("SELECT @@auto_increment_increment")
    if step != "1":  # several servers take turns, so that every second or third id is free
        return None
    counted = wire.all(f"SELECT COUNT(*), MIN(`id`), MAX(`id`) FROM `log` WHERE `id` >= {start}", 3)  # noqa: S608
    count, low, high = (int(cell or 0) for cell in counted[0])
    missing = high - low + 1 - count
    if not count or missing <= 0:
        return None
    rows = wire.all(
        "SELECT a.`id`, a.`date` FROM `log` a LEFT JOIN `log` b ON b.`id` = a.`id` - 1"  # noqa: S608 - numbers
        f" WHERE a.`id` > {low} AND b.`id` IS NULL ORDER BY a.`id` DESC LIMIT 1",
        2,
    )
    return _newest([(*row, str(missing)) for row in rows])


def _newest(rows: Sequence[Cells]) -> tuple[int, str | None, int] | None:
    return (int(rows[0][0] or 0), rows[0][1], int(rows[0][2] or 0)) if rows else None


def _view_rows(wire: MysqlConnection, system: str, accounts: Sequence[Account], got: LogRows) -> list[LogRow]:
    """
    Read the rows that name one of the accounts, and those that name nobody: lists, and the log's own switch.

    The limit keeps the server from asking the whole log, instead of the view's rows, whom they are about.
    """
    fits = f"`what` REGEXP {literal(SHOWN)}"
    cells = wire.stream(
        f"SELECT `id`, `date`, `actor`, `success`, CHAR_LENGTH(`what`), IF({fits}, LEFT(`what`, {MAX_TEXT}), NULL)"  # noqa: S608
        f" FROM (SELECT * FROM `auditor_instants` WHERE `id` >= {got.start} LIMIT {MAX_VIEW}) AS `shown`"
        f" WHERE {_about(accounts, got.aros)} OR NOT {fits} ORDER BY `id`",
        6,
    )
    rows: list[LogRow] = []
    for id_, at, actor, success, length, text in cells:
        if text is None:
            raise SourceDenied(
                f"`{system}`: the view `{INSTANTS}` shows comments that are about nobody's access, and "
                "may be about patients; they were not read",
                hint=WITHOUT_RIGHTS,
            )
        if len(rows) == MAX_ROWS:
            raise SourceMalformed(
                f"`{system}`: the view `{INSTANTS}` has more than {MAX_ROWS} rows on these accounts and lists",
                hint="ask for fewer accounts, or archive the oldest rows of `log`",
            )
        long = int(length or 0) > MAX_TEXT
        rows.append(LogRow(int(id_ or 0), at, actor or "", success == "1", text, long))
    return rows


def _about(accounts: Sequence[Account], aros: dict[str, str]) -> str:
    """Return the condition; a number is looked for as such, a name wherever it stands."""
    if len(accounts) > MAX_NAMED:
        return "1 = 1"
    logins = {a.login.casefold() for a in accounts}
    numbers = {a.id for a in accounts if a.id.isdecimal()}
    numbers |= {n for n, login in aros.items() if login.casefold() in logins and n.isdecimal()}
    parts = [f"LOCATE({literal(a.login)}, `what`)" for a in accounts if a.login]
    if numbers:
        parts.append(f"`what` REGEXP '[^0-9]({'|'.join(sorted(numbers, key=int))})([^0-9]|$)'")
    # Of memberships, and of the objects that stand for users, only those of the accounts, which their numbers find.
    parts.append("(`what` REGEXP '^[a-z ]+`?gacl_' AND `what` NOT REGEXP 'gacl_(groups_aro_map.*aro_id|aro[`( ])')")
    parts.append("`what` REGEXP '(Enabled|Disabled)'")
    return f"({' OR '.join(parts)})"


def _hours(text: str) -> float:
    try:
        return round(int(text) / 900) / 4  # zones lie a multiple of a quarter of an hour apart
    except ValueError:
        return 0.0


def offsets(got: LogRows, zone: str | None) -> tuple[float, ...]:
    """Return the offsets that a DATETIME of the database may have beside OpenEMR's own zone, summer time included."""
    ours = datetime.now(UTC).astimezone(ZoneInfo(zone)).utcoffset() if zone else None
    if ours is not None and ours == timedelta(hours=got.server_hours):
        return ()
    return tuple(got.server_hours + dst for dst in (-1.0, 0.0, 1.0))


def named(rows: Iterable[LogRow]) -> str:
    """Name rows by their ids, the first few."""
    ids = [str(row.id) for row in rows]
    return ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
