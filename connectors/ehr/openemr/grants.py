"""
What the auditor's own account may do in OpenEMR's database, and what of that is too much.

The account is judged by what the server says that it can do: `SHOW GRANTS` with and without each role that it could
take on, the privileges on every column that it can see (which also know of rights given to everybody), and by asking
for patient data and for password hashes, which must be refused. What cannot be understood counts as too much.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from connectors.ehr.openemr.log_views import LOG_READ, VIEWS
from connectors.ehr.openemr.sql_text import account_text, grant, quoted
from connectors.ehr.openemr.wire import MysqlConnection
from connectors.errors import SourceDenied, SourceMalformed

READ: Mapping[str, tuple[str, ...]] = {
    "users": (
        *("id", "username", "fname", "mname", "lname", "email", "active", "facility_id"),
        *("date_created", "google_signin_email"),
    ),
    "users_secure": ("id", "username", "login_fail_counter", "last_update_password"),
    "groups": ("user",),
    "login_mfa_registrations": ("user_id", "method"),
    "facility": ("id", "name"),
    "users_facility": ("tablename", "table_id", "facility_id"),
    "log": ("id", "date", "event", "user", "success"),
    "gacl_aro": ("id", "section_value", "value"),
    "gacl_aro_groups": ("id", "parent_id", "lft", "rgt", "name", "value"),
    "gacl_groups_aro_map": ("group_id", "aro_id"),
    "gacl_aro_groups_map": ("acl_id", "group_id"),
    "gacl_aro_map": ("acl_id", "section_value", "value"),
    "gacl_acl": ("id", "allow", "enabled", "return_value"),
    "gacl_aco_map": ("acl_id", "section_value", "value"),
    "gacl_axo_map": ("acl_id",),
    "gacl_axo_groups_map": ("acl_id",),
}
"""Table and columns: all that is read, and all that may be readable."""
ADDED_LATER: Mapping[tuple[str, str], str] = {
    ("users", "date_created"): "7.0.3",
    ("users", "google_signin_email"): "6.1",
    ("users_secure", "login_fail_counter"): "6.0",
    ("users_secure", "last_update_password"): "6.0",
}
"""Columns that can be done without, and before which version OpenEMR does not have them."""

WORST = ("reach patient data", "read patient data", "reach password", "read password")
MAX_LINE = 20_000
MAX_SHOWN = 4

_SECRETS = {
    "users": re.compile("password"),
    "users_secure": re.compile("password$|password_history|salt|login_work_area"),
    "login_mfa_registrations": re.compile("var"),
}
_NAME = r"`(?:[^`]|``)*`"
_WHO = rf"{_NAME}(?:@{_NAME})?"
_WORDS = r"[A-Za-z_]+(?: (?!ON )[A-Za-z_]+)*"
_COLUMN = rf"(?:{_NAME}|[^`(), ]+)"
_ITEM = rf"{_WORDS}(?: \({_COLUMN}(?:, ?{_COLUMN})*\))?"
_GRANT = re.compile(
    rf"GRANT (?P<items>{_ITEM}(?:, ?{_ITEM})*) ON (?P<kind>(?:TABLE|PROCEDURE|FUNCTION|PACKAGE|PACKAGE BODY) )?"
    rf"(?P<schema>\*|{_NAME})\.(?P<table>\*|{_NAME}) TO (?P<to>PUBLIC|{_WHO})(?P<rest>(?: .*)?)"
)
_PART = re.compile(rf"(?P<what>{_WORDS})(?: \((?P<columns>{_COLUMN}(?:, ?{_COLUMN})*)\))?")
_ROLES = re.compile(rf"GRANT (?P<roles>{_WHO}(?:, ?{_WHO})*) TO (?P<to>{_WHO})(?P<rest>.*)")

Visible = tuple[str, str, str, str]
"""Schema, table, column, and what can be done with it."""


@dataclass(frozen=True, slots=True)
class ExcessRight:
    """One right that the auditor's account must not have."""

    what: str
    """What it can do with it, in words."""
    remedy: str
    """The statement that takes it away, or what to do."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What the account can read, and what it should not be able to do."""

    account: str
    """As the server knows it: `user@host`."""
    columns: frozenset[tuple[str, str]]
    """(table, column) of OpenEMR's database that it can read."""
    excess: tuple[ExcessRight, ...]


def rights(wire: MysqlConnection, system: str, database: str) -> Rights:
    """Ask the server what the account may do; leaves the connection with another role than it had."""
    account = wire.value("SELECT CURRENT_USER()")
    own = "@".join(map(quoted, account.rpartition("@")[::2]))
    lines = _show_grants(wire, system)
    visible = _columns(wire)
    roles = [m["roles"] for line in lines if (m := _ROLES.fullmatch(line)) and m["to"] == own]
    for role in roles:
        wire.run(f"SET ROLE {role}")
        lines += _show_grants(wire, system)
        visible += _columns(wire)
    excess = [e for line in dict.fromkeys(lines) for e in _judge_line(line, database)]
    if not excess:  # otherwise this would say the same again, once a table
        excess = [e for column in visible for e in _judge_column(*column, database=database)]
    excess = excess or list(_try(wire, database))
    excess.sort(key=lambda e: not e.what.startswith(WORST))
    columns = frozenset((table, column) for schema, table, column, _ in visible if schema == database)
    return Rights(account, columns, tuple(dict.fromkeys(excess)))


def refuse_excess(system: str, found: Rights) -> None:
    """
    Raise `SourceDenied` when the account may do more than it needs.

    An auditor that could read patient data would be one more door to it, and the practice could not swear otherwise.
    """
    if found.excess:
        raise SourceDenied(
            f"`{system}` was not read, because its account `{found.account}` can do more than the auditor may: "
            + _few((e.what for e in found.excess), "; "),
            hint=_few((e.remedy for e in found.excess), " ")
            + " Then give it exactly the GRANT statements that `auditor connect` prints",
        )


def refuse_missing(system: str, database: str, found: Rights, wanted: Iterable[str]) -> None:
    """Raise `SourceDenied` for the first table whose columns cannot be read, with the statement that lets them be."""
    for table in wanted:
        missing = [c for c in READ[table] if (table, c) not in found.columns and (table, c) not in ADDED_LATER]
        if missing:
            account = account_text(*found.account.rpartition("@")[::2])
            raise SourceDenied(
                f"`{system}`: its account `{found.account}` cannot read {', '.join(f'`{table}.{c}`' for c in missing)}",
                hint=f"{grant(database, table, missing, account)} If the server then says that there is no such table "
                "or column, this version of OpenEMR is another one: use `openemr-export`",
            )


def _few(texts: Iterable[str], between: str) -> str:
    different = list(dict.fromkeys(texts))
    more = len(different) - MAX_SHOWN
    return between.join(different[:MAX_SHOWN]) + (f"{between}(and {more} more)" if more > 0 else "")


def _show_grants(wire: MysqlConnection, system: str) -> list[str]:
    lines = [row[0] or "" for row in wire.all("SHOW GRANTS", 1)]
    if not lines or any(len(line) > MAX_LINE for line in lines):
        raise SourceMalformed(
            f"`{system}` does not say what its account may do", hint="`SHOW GRANTS` must work for the account"
        )
    return lines


def _columns(wire: MysqlConnection) -> list[Visible]:
    rows = wire.all(
        "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, PRIVILEGES FROM information_schema.COLUMNS"
        " WHERE TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema') AND PRIVILEGES <> ''",
        4,
    )
    return [(str(schema), str(table), str(column), str(can).lower()) for schema, table, column, can in rows]


def _try(wire: MysqlConnection, database: str) -> Iterator[ExcessRight]:
    """Ask for what must be refused, without reading a row of it."""
    for table, column, what in (
        ("patient_data", "1", "read patient data"),
        ("users_secure", "`password`", "read password hashes"),
    ):
        place = f"{quoted(database)}.{quoted(table)}"
        if not wire.refused(f"SELECT {column} FROM {place} LIMIT 0"):  # noqa: S608 - the name is quoted
            yield ExcessRight(what, f"Take away whatever lets it read {place}.")


def _judge_line(line: str, database: str) -> Iterator[ExcessRight]:
    """Say what is too much in one line of `SHOW GRANTS`."""
    if line.startswith(("SET DEFAULT ROLE ", "REVOKE ")):
        return
    role = _ROLES.fullmatch(line)
    if role is not None:
        if "ADMIN OPTION" in role["rest"]:
            remedy = f"REVOKE ADMIN OPTION FOR {role['roles']} FROM {role['to']};"
            yield ExcessRight(f"give the role {role['roles']} to others", remedy)
        return
    match = _GRANT.fullmatch(line)
    if match is None:
        # The line may hold the hash of the password, so it is not told.
        yield ExcessRight("do something that is not understood", "Revoke what `SHOW GRANTS` lists beyond SELECT.")
        return
    scope, to = f"{match['kind'] or ''}{match['schema']}.{match['table']}", match["to"]
    for part in _PART.finditer(match["items"]):
        what = part["what"].upper()
        columns = [_plain(c) for c in re.findall(_COLUMN, part["columns"] or "")]
        if what == "USAGE" or (what == "SELECT" and _allowed(match, columns, database)):
            continue
        if what == "SELECT":  # the server lists all columns of a table together, also those that are needed
            columns = [c for c in columns if not _allowed(match, [c], database)]
        listed = f" ({', '.join(map(quoted, columns))})" if columns else ""
        reach = _reach(what, _plain(match["schema"]), _plain(match["table"]), columns, database)
        yield ExcessRight(f"{reach} ({what} on {scope})", f"REVOKE {what}{listed} ON {scope} FROM {to};")
    if "GRANT OPTION" in match["rest"]:
        yield ExcessRight(f"give its rights on {scope} to others", f"REVOKE GRANT OPTION ON {scope} FROM {to};")


def _allowed(match: re.Match[str], columns: list[str], database: str) -> bool:
    table = _plain(match["table"])
    return not match["kind"] and _plain(match["schema"]) == database and _needed(table, columns)


def _needed(table: str, columns: list[str]) -> bool:
    # Nothing but who may do what stands in phpGACL's tables, so all of one may be readable.
    known = (*READ.get(table, ()), *LOG_READ.get(table, ()))
    if table in VIEWS:
        return set(columns) <= set(known)
    return bool(known) and (table.startswith("gacl_") or (bool(columns) and set(columns) <= set(known)))


def _judge_column(schema: str, table: str, column: str, can: str, *, database: str) -> Iterator[ExcessRight]:
    """Say what is too much in what can be done with one column, whoever the right was given to."""
    scope = f"{quoted(schema)}.{quoted(table)}"
    for what in can.split(","):
        if not (what == "select" and schema == database and _needed(table, [column])):
            reach = _reach(what.upper(), schema, table, [column], database)
            remedy = f"Take away whatever gives it {what.upper()} on {scope}: nobody gave it to this account alone."
            yield ExcessRight(f"{reach} ({what.upper()} on {scope})", remedy)


def _reach(what: str, schema: str, table: str, columns: list[str], database: str) -> str:
    """Say what a right reaches that it must not."""
    if what not in ("SELECT", "ALL PRIVILEGES"):
        return "do more than read"
    everything = table == "*" and (schema in ("*", database) or re.search("[_%]", schema) is not None)
    ours = schema == database
    secret = _SECRETS.get(table) if ours else None
    if everything or (ours and table == "patient_data"):
        return "reach patient data"
    if ours and table == "log":
        return "reach patient data in the comments of the log"
    if secret and (not columns or any(secret.search(c) for c in columns)):
        return "reach password hashes or other secrets"
    return "reach more than it needs"


def _plain(name: str) -> str:
    return name[1:-1].replace("``", "`") if name.startswith("`") else name
