"""
One connection to MariaDB or MySQL: TLS that is checked, statements that end in time, errors in our words.

Rows are streamed, not gathered by the driver.
"""

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any, Self

from connectors.connector import Transport
from connectors.ehr.openemr import errors
from connectors.ehr.openemr.target import DatabaseTarget
from connectors.errors import SourceError, SourceMalformed, SourceUnreachable

Cells = tuple[str | None, ...]

BATCH = 2_000
OPENING = "the connection"


class MysqlConnection:
    """An open connection; every method raises `SourceError` with the cause."""

    def __init__(self, target: DatabaseTarget, password: str) -> None:
        self._target = target
        self._late = False
        self._connection: Any = None
        # A time-out of the socket begins anew with every byte, so the whole is bounded too.
        self._timer = Timer(target.limit_s, self._cut)
        self._timer.daemon = True
        self._timer.start()
        try:
            self._open(password)
            self.run("SET SESSION sql_mode = ''")
            version = self.value("SELECT VERSION()")
            self.product = "MariaDB" if "mariadb" in version.lower() else "MySQL"
            self.version = version.partition("-")[0][:20]
            mariadb = f"max_statement_time = {target.timeout_s:.3f}"
            mysql = f"max_execution_time = {int(target.timeout_s * 1000)}"
            self.run(f"SET SESSION {mariadb if self.product == 'MariaDB' else mysql}")
        except SourceError:
            self.close()
            raise

    @property
    def tls(self) -> str | None:
        """The version of TLS; `None` without."""
        version = getattr(self._connection._sock, "version", None)
        return str(version()) if version else None

    def run(self, sql: str) -> None:
        """Execute a statement without an answer."""
        with self._told(sql):
            self._connection.cursor().execute(sql)

    def value(self, sql: str) -> str:
        """Return the one value of an answer; empty when it is absent."""
        rows = self.all(sql, 1)
        if not rows:
            raise SourceMalformed(f"`{self._target.system}` answered `{_shown(sql)}` with nothing")
        return rows[0][0] or ""

    def all(self, sql: str, width: int) -> list[Cells]:
        """Return a small answer of `width` columns whole."""
        with self._told(sql):
            cursor = self._connection.cursor()
            cursor.execute(sql)
            rows = list(cursor.fetchall())
        self._refuse_odd(rows, sql, width)
        return rows

    def stream(self, sql: str, width: int) -> Iterator[Cells]:
        """Give the rows of an answer of `width` columns as they come in, none of them kept."""
        from pymysql.cursors import SSCursor  # noqa: PLC0415 - imported late: an audit of files does not pay for it

        with self._told(sql):
            cursor = self._connection.cursor(SSCursor)
        try:
            with self._told(sql):
                cursor.execute(sql)
            while True:
                with self._told(sql):
                    rows = cursor.fetchmany(BATCH)
                if not rows:
                    return
                self._refuse_odd(rows, sql, width)
                yield from rows
        finally:
            # Where it ended early the connection is of no more use; the driver would wait for the rest of the rows,
            # and complain when its parts are forgotten.
            if cursor._result is not None:
                cursor._result.unbuffered_active = False
            with suppress(Exception):
                cursor.close()

    def refused(self, sql: str) -> bool:
        """Whether the server denies a statement for want of a right, or does not know what it names."""
        import pymysql  # noqa: PLC0415

        with self._told(sql):
            try:
                cursor = self._connection.cursor()
                cursor.execute(sql)
                cursor.fetchall()
            except pymysql.MySQLError as error:
                if errors.number_of(error) in errors.NO_RIGHT | errors.NOT_THERE:
                    return True
                raise
        return False

    def skew_s(self) -> float:
        """By how many seconds the server's clock is ahead of ours."""
        text = self.value("SELECT UNIX_TIMESTAMP()")
        return int(text) - time.time() if text.isdecimal() and len(text) < 15 else 0.0

    def close(self) -> None:
        """Close the connection."""
        self._timer.cancel()
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _cut(self) -> None:
        self._late = True
        plug = getattr(self._connection, "_sock", None)
        if isinstance(plug, socket.socket):
            with suppress(OSError):
                # The plain call: that of a TLS socket would take its state away from under the reader.
                socket.socket.shutdown(plug, socket.SHUT_RDWR)

    def _open(self, password: str) -> None:
        import pymysql  # noqa: PLC0415

        target, endpoint = self._target, self._target.endpoint
        context = _trust(target) if endpoint and endpoint.transport is not Transport.PLAIN else None
        with self._told(OPENING):
            self._connection = pymysql.Connection(
                # The name on the certificate; where to connect is the plug's business.
                host=(endpoint.server_name or endpoint.host) if endpoint else "localhost",
                user=target.user,
                password=password.encode(),  # text would be sent as Latin-1, or not at all
                database=target.database,
                charset="utf8mb4",
                conv={},  # values stay text, as in an export
                ssl=context,
                ssl_disabled=context is None,
                read_timeout=target.timeout_s + 1,  # the server gives up first, and says so
                write_timeout=target.timeout_s,
                program_name="auditor",
                autocommit=None,
                defer_connect=True,
            )
            self._connection.connect(_plug(target))

    def _refuse_odd(self, rows: Sequence[Cells], sql: str, width: int) -> None:
        if any(len(row) != width for row in rows):
            raise SourceMalformed(
                f"`{self._target.system}` answered `{_shown(sql)}` with rows that do not have {width} values",
                hint="is a proxy between that changes answers?",
            )

    @contextmanager
    def _told(self, sql: str) -> Iterator[None]:
        import pymysql  # noqa: PLC0415

        shown = _shown(sql)
        try:
            yield
        except SourceError:
            raise
        except Exception as error:  # noqa: BLE001 - also whatever the driver makes of bytes that are no MySQL
            if self._late:
                raise SourceUnreachable(
                    f"`{self._target.system}` did not answer `{shown}` in time",
                    hint="raise `call_limit_s` for this system, or ask why it is slow",
                ) from None
            if isinstance(error, pymysql.MySQLError):
                errors.refuse(self._target, error, shown)
            if isinstance(error, OSError):
                errors.unreachable(self._target, error)
            if isinstance(error, UnicodeError) and shown != OPENING:
                raise SourceMalformed(
                    f"`{self._target.system}` answered `{shown}` with text that is not UTF-8",
                    hint="look for broken characters in that table",
                ) from None
            errors.foreign(self._target, shown)


def _plug(target: DatabaseTarget) -> socket.socket:
    """Connect to the host or the socket, whatever name the certificate has."""
    if target.endpoint is None:
        plug = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        plug.settimeout(target.timeout_s)
        try:
            plug.connect(str(target.socket))
        except OSError:
            plug.close()
            raise
        return plug
    plug = socket.create_connection((target.endpoint.host, target.endpoint.port), target.timeout_s)
    plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return plug


def _trust(target: DatabaseTarget) -> ssl.SSLContext:
    ca_file = target.endpoint.ca_file if target.endpoint else None
    try:
        return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError):
        raise SourceUnreachable(
            f"`{target.system}`: the file `{ca_file}` that `ca_file` names holds no certificate that can be read",
            hint="a PEM file that starts with `-----BEGIN CERTIFICATE-----`",
        ) from None


def _shown(sql: str) -> str:
    """Return the statement, short; it holds names of tables and columns only."""
    return sql if len(sql) <= 70 else f"{sql[:69]}…"
