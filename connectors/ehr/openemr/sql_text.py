"""Names, values and accounts as a statement for MariaDB or MySQL wants them."""

from collections.abc import Iterable


def grant(database: str, table: str, columns: Iterable[str], account: str) -> str:
    """Return the statement that lets an account read columns of a table."""
    return f"GRANT SELECT ({', '.join(map(quoted, columns))}) ON {quoted(database)}.{quoted(table)} TO {account};"


def quoted(name: str) -> str:
    """Return a name as a statement wants it."""
    return "`" + name.replace("`", "``") + "`"


def account_text(user: str, host: str) -> str:
    """Return `'user'@'host'` as a statement wants it."""
    return "@".join("'" + part.replace("\\", "\\\\").replace("'", "''") + "'" for part in (user, host))


def literal(value: str) -> str:
    """Return a text as a statement wants it; the connection's `sql_mode` leaves the backslash its meaning."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''").replace("\0", "") + "'"
