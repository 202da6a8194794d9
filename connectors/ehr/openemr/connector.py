"""
OpenEMR, live from its MariaDB or MySQL, by an account that can read who has access and nothing else.

Before anything is read, the account itself is judged: one that could read patient data or password hashes, or change
anything, is refused with the statement that mends it. `docs/connect-openemr.md` says how to set it up.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from connectors.audit_log import LogAnswer, LogKind, LogQuestion
from connectors.clock_offset import measure_clock
from connectors.collect import utc_now
from connectors.connector import Endpoint, Page, ProbeStep, Transport
from connectors.ehr.openemr.accounts import OpenemrSignIn, google_unknown, population
from connectors.ehr.openemr.grants import (
    ADDED_LATER,
    READ,
    Rights,
    refuse_excess,
    refuse_missing,
    rights,
)
from connectors.ehr.openemr.live import DatabaseSnapshot, refuse_odd_tables
from connectors.ehr.openemr.log_answer import STAMPED_BY, answer, zone_of
from connectors.ehr.openemr.log_rows import read_rows
from connectors.ehr.openemr.log_views import view_statements
from connectors.ehr.openemr.sql_text import account_text, grant
from connectors.ehr.openemr.target import DatabaseTarget
from connectors.ehr.openemr.wire import MysqlConnection
from connectors.errors import InputError, SourceMalformed
from connectors.facts import Account, Evidence, System
from connectors.http.credentials import Variable, is_loopback, secret
from connectors.inputs.dates import DateStyle
from connectors.one_account import AccountNow

Name = Annotated[str, StringConstraints(pattern=r"^[^'\"`\\\x00-\x20@]{1,80}$")]
Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:_%-]{1,255}$")]
MAX_SKEW_S = 300
"""A clock that is off by more makes "last sign-in" and "dormant" wrong, and is told."""


class Settings(OpenemrSignIn):
    """Settings of the connector `openemr`."""

    host: Host | None = None
    """Name or address of the database server; left out where `socket` is used."""
    port: Annotated[int, Field(ge=1, le=65535)] = 3306
    """Its port."""
    socket: Path | None = None
    """Instead of `host`: the server's socket file on this machine, such as `/run/mysqld/mysqld.sock`."""
    database: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_$-]{1,64}$")] = "openemr"
    """The database of OpenEMR."""
    user: Name = "access_audit"
    """The auditor's own account in the database."""
    password_env: Variable | None = None
    """Name of the environment variable that holds its password; only with `socket` it may be left out."""
    client_host: Host | None = None
    """The machine of the auditor as the database server sees it; it stands in the printed set-up only."""
    ca_file: Path | None = None
    """PEM certificate of the authority that signed the server's; left out: those that the machine trusts."""
    server_name: Host | None = None
    """The name on the server's certificate, when it is not `host`."""
    plain: bool = False
    """No encryption; only for a loopback address."""
    timeout_s: Annotated[float, Field(gt=0, le=3600)] = 60
    """For connecting and for each statement, in seconds; the scan of a large `log` takes the longest."""
    call_limit_s: Annotated[float, Field(gt=0, le=7200)] = 600
    """For the whole read, in seconds."""
    last_login: bool = True
    """Whether the table `log` is read for the last sign-ins; without it they are `not evaluated`."""
    whole_log: bool = False
    """Whether `log` was never purged, so that a user without a sign-in in it never signed in; left out: this is said
    only of users who were made after it begins."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.host is None) == (self.socket is None):
            raise ValueError("either `host` or `socket`")
        if self.socket is None and self.password_env is None:
            raise ValueError("`password_env`, the name of the environment variable with the password")
        if self.plain and not (self.host and is_loopback(self.host)):
            raise ValueError("`plain: true` only with a loopback `host`: elsewhere it shows names and rights to others")
        return self


class OpenEmr:
    """Reads OpenEMR's own tables as one page, from one snapshot."""

    def __init__(
        self, system: System, settings: Settings, target: DatabaseTarget, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.system, self.settings = system, settings
        self._target, self._clock = target, clock

    @property
    def source(self) -> str:
        """The server and the database."""
        return f"database {self.settings.database} at {self._target.where}"

    @property
    def canary(self) -> str | None:
        """The login that must be in the answer."""
        return self.settings.canary

    def read_page(self, token: str | None) -> Page:
        """Judge the auditor's account, then read everything; raises `SourceError` with the cause."""
        if token is not None:
            raise SourceMalformed(f"`{self.system.id}` is read as one page")
        found = self._rights()
        read_at = self._clock()
        dates = DateStyle(timezone=self.settings.timezone) if self.settings.last_login else None
        with self._wire() as wire:
            refuse_odd_tables(wire, self.system.id)
            skew = wire.skew_s()
            server = f"{wire.product} {wire.version}, {wire.tls or 'not encrypted'}"
            tables = DatabaseSnapshot(wire, self.system.id, found, read_at=read_at, sign_ins=dates)
        log_from = tables.log_from
        if self.settings.whole_log:
            tables.log_from = None
        who = population(self.system.id, tables, self.settings)
        whole = f"{tables.rows} rows of {len(tables.counts)} tables in one snapshot, as many as the server counts"
        evidence = [Evidence("end", whole), Evidence("rights", _told(found)), Evidence("server", server)]
        if log_from is not None:
            evidence.append(Evidence("log", f"begins on {log_from:%Y-%m-%d}"))
        if google_unknown(tables, self.settings):
            told = "`users`.`google_signin_email` may not be read, so a password that ran out may not keep anybody out"
            evidence.append(Evidence("not read", told))
        for table, number in sorted(tables.strays.items()):
            evidence.append(
                Evidence("strays", f"{number} of `{table}` name or lack what is not there, and open nothing")
            )
        if abs(skew) > MAX_SKEW_S:
            evidence.append(Evidence("clock", f"the server's is {skew:+.0f} s off ours"))
        return Page(
            accounts=who.accounts,
            entitlements=who.entitlements,
            grants=who.grants,
            total=tables.counts["users"],
            evidence=tuple(evidence),
        )

    def read_log(self, question: LogQuestion) -> LogAnswer:
        """Read what OpenEMR's log says of the accounts, through the views that show no patient."""
        found = self._rights()
        read_at = self._clock()
        with self._wire() as wire:
            clock = measure_clock(lambda: _utc(wire), STAMPED_BY, resolution_s=0.000001, clock=self._clock)
            got = read_rows(wire, self.system.id, found, question.accounts, question.ask_from)
        configured = self.settings.timezone if "timezone" in self.settings.model_fields_set else None
        zone = zone_of(got, configured)
        return answer(self.system.id, got, question, zone=zone, clock=clock, read_at=read_at)

    def read_accounts(self, accounts: Sequence[Account]) -> Mapping[str, AccountNow]:
        """Return the users that are asked for, with their groups and rights; raises `SourceError`."""
        ids = [int(account.id) for account in accounts if account.id.isdecimal()]
        found, read_at = self._rights(), self._clock()
        with self._wire() as wire:
            refuse_odd_tables(wire, self.system.id)
            tables = DatabaseSnapshot(wire, self.system.id, found, read_at=read_at, sign_ins=None, only=ids)
        who = population(self.system.id, tables, self.settings)
        given: dict[str, set[str]] = {}
        for held in who.grants:
            given.setdefault(held.account, set()).add(held.assignment)
        return {a.id: AccountNow(a, frozenset(given.get(a.id, ()))) for a in who.accounts}

    def steps(self) -> Sequence[ProbeStep]:
        """Return the checks of `auditor connect`: signing in, rights, tables, and when access ended."""
        return (
            ProbeStep("sign-in", self._try_sign_in),
            ProbeStep("rights", self._try_rights),
            ProbeStep("tables", self._try_tables),
            ProbeStep("log", self._try_log),
        )

    def _try_sign_in(self) -> str:
        with self._wire() as wire:
            account = wire.value("SELECT CURRENT_USER()")
            return f"{account} on {wire.product} {wire.version}, {wire.tls or 'not encrypted'}"

    def _try_rights(self) -> str:
        return _told(self._rights())

    def _try_tables(self) -> str:
        with self._wire() as wire:
            refuse_odd_tables(wire, self.system.id)
        return "all of InnoDB, so that they can be read in one snapshot"

    def _try_log(self) -> str:
        found = self.read_log(LogQuestion(()))
        if LogKind.DISABLED in found.covers:
            return f"tells when access ended, from {found.covers_from:%Y-%m-%d} on"
        return f"does not tell when access ended: {'; '.join(found.gaps)}"

    def _rights(self) -> Rights:
        """Judge the account, over a connection of its own: what is tried there must not touch the snapshot."""
        with self._wire() as wire:
            found = rights(wire, self.system.id, self.settings.database)
        refuse_excess(self.system.id, found)
        refuse_missing(self.system.id, self.settings.database, found, _tables(self.settings))
        return found

    def _wire(self) -> MysqlConnection:
        variable = self.settings.password_env
        return MysqlConnection(self._target, secret(self.system.id, variable) if variable else "")


class OpenEmrOverNetwork(OpenEmr):
    """The same, where name, port and TLS can be tried one by one."""

    def __init__(
        self,
        system: System,
        settings: Settings,
        target: DatabaseTarget,
        endpoint: Endpoint,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(system, settings, target, clock)
        self.endpoint = endpoint


def connect(system: System, settings: Settings, folder: Path, clock: Callable[[], datetime] = utc_now) -> OpenEmr:
    """Return the connector; raises `InputError` when `ca_file` is missing. Nothing is read yet."""
    ca_file = folder / settings.ca_file if settings.ca_file else None
    if ca_file and not ca_file.is_file():
        raise InputError(ca_file, "there is no such file", field="ca_file", expected="a PEM certificate")
    endpoint = None
    if settings.host is not None:
        transport = Transport.PLAIN if settings.plain else Transport.UPGRADE
        endpoint = Endpoint(settings.host, settings.port, transport, ca_file, settings.server_name)
    target = DatabaseTarget(
        system=system.id,
        user=settings.user,
        database=settings.database,
        endpoint=endpoint,
        socket=folder / settings.socket if settings.socket else None,
        timeout_s=settings.timeout_s,
        limit_s=settings.call_limit_s,
    )
    if endpoint is None:
        return OpenEmr(system, settings, target, clock)
    return OpenEmrOverNetwork(system, settings, target, endpoint, clock)


def setup(system: System, settings: Settings) -> str:
    """Return the statements that make the auditor's account, with the right to read these columns and nothing else."""
    local = settings.host is None or is_loopback(settings.host)
    host = settings.client_host or ("localhost" if local else "%")
    account = account_text(settings.user, host)
    lines = [f"-- {system.title}: an account that can read who has access, and nothing else."]
    if settings.password_env:
        lines.append(f"-- Choose a password, and put it into the environment variable {settings.password_env} too.")
        tls = "" if settings.socket or settings.plain else " REQUIRE SSL"
        lines.append(f"CREATE USER {account} IDENTIFIED BY '…'{tls};")
    else:
        lines.append("-- The account of this name on the machine signs in without a password, by the socket only.")
        lines.append("-- (MySQL: IDENTIFIED WITH auth_socket)")
        lines.append(f"CREATE USER {account} IDENTIFIED VIA unix_socket;")
    if host == "%":
        lines.insert(1, "-- Write the address of the auditor's machine instead of `%`, or set `client_host`.")
    for table in _tables(settings):
        always = [column for column in READ[table] if (table, column) not in ADDED_LATER]
        lines.append(grant(settings.database, table, always, account))
    for (table, column), version in ADDED_LATER.items():
        lines.append(f"-- OpenEMR before {version} has no `{table}`.`{column}`; leave this out there:")
        lines.append(grant(settings.database, table, [column], account))
    lines += view_statements(settings.database, account)
    return "\n".join(lines) + "\n"


def _utc(wire: MysqlConnection) -> datetime:
    text = wire.value("SELECT UTC_TIMESTAMP(6)")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise SourceMalformed("the database server does not tell its time", hint="check `host` and `port`") from None


def _tables(settings: Settings) -> tuple[str, ...]:
    return tuple(table for table in READ if settings.last_login or table != "log")


def _told(found: Rights) -> str:
    tables = {table for table, _ in found.columns}
    return f"{found.account} can read {len(found.columns)} columns of {len(tables)} tables, and do nothing else"
