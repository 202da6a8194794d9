"""
GNU Health, live, by the JSON-RPC of its Tryton server: users, groups, and who may do what with which model.

Only users, groups and access rules are asked for, never a record with patient data; an account that could read one is
refused. `docs/connect-gnuhealth.md` says how to set up the account that reads.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.collect import utc_now
from connectors.connector import Endpoint, Page, ProbeStep
from connectors.ehr.gnuhealth.access import RIGHTS
from connectors.ehr.gnuhealth.grants import CONTROL, GroupHoldings, group_id
from connectors.ehr.gnuhealth.log import LogView, read_tryton_log, read_view, view_of
from connectors.ehr.gnuhealth.read import Server, read_server
from connectors.ehr.gnuhealth.rpc import EVERY, Session, TrytonRecord
from connectors.ehr.gnuhealth.setup import least_privilege
from connectors.errors import SourceDenied, SourceMalformed, SourceTruncated
from connectors.facts import Account, Evidence, Grant, Status, System
from connectors.http.client import Web, WebSettings
from connectors.http.credentials import Variable, secret
from connectors.one_account import AccountNow

USER_FIELDS = ("login", "name", "email", "active", "groups", "create_date")
FRESH = timedelta(minutes=10)
"""For so long what a collection read of the rules is believed when the log is read after it."""
ROOT = 0
"""The id of Tryton's own user, with which nobody can sign in."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250)]
Database = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$")]


class Settings(WebSettings):
    """How to reach GNU Health; `url` is the address of its Tryton server, such as `https://ehr.example.org:8000`."""

    database: Database
    """The name of the database, as the client asks for it at sign-in."""
    user: Text
    """The auditor's own user in GNU Health."""
    password_env: Variable
    """The name of the environment variable that holds its password; the password itself is refused."""
    canary: Text | None = None
    """The login of a user that must be seen; left out: the auditor's own."""
    page_size: Annotated[int, Field(ge=1, le=5000)] = 500
    """Users in one answer."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One read, from the first page to the last."""

    session: Session
    server: Server
    holdings: GroupHoldings
    total: int


class GnuHealth:
    """Reads what groups and everybody may do, then the users, page by page, each with what follows from its groups."""

    def __init__(
        self, system: System, settings: Settings, folder: Path, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.system = system
        self.source = f"{settings.url}, database {settings.database}"
        self.canary: str | None = settings.canary or settings.user
        self._settings, self._clock = settings, clock
        self._web = Web(system.id, settings, folder)
        self._session: Session | None = None
        self._reading: _Reading | None = None
        self._next = 0
        self._told: set[str] = set()
        self._view: tuple[datetime, LogView | None] | None = None
        """What a read has just learned of the log's row rules, and when."""

    @property
    def endpoint(self) -> Endpoint:
        """Where it connects to."""
        return self._web.endpoint

    def steps(self) -> Sequence[ProbeStep]:
        """Return the checks before the first page."""
        return (
            ProbeStep("sign-in", self._check_sign_in),
            ProbeStep("rights", self._check_rights),
            ProbeStep("log", self._check_log),
        )

    def read_page(self, token: str | None) -> Page:
        """Read one page of users; raises `SourceError` for anything that is not a whole page."""
        if token is None:
            self._start()
        if self._reading is None or (token or "0") != str(self._next):
            raise SourceMalformed(f"`{self.system.id}`: pages must be read in order, in one session")
        reading, start = self._reading, self._next
        rows = reading.session.page("res.user", [EVERY], USER_FIELDS, start, self._settings.page_size)
        end = self._next = start + len(rows)
        if not rows and end < reading.total:
            raise SourceTruncated(
                f"`{self.system.id}` said it has {reading.total} users but returned {end}",
                hint="run again when nobody is changing users",
            )
        more = end < reading.total
        if not more:
            self._check_total(reading)
        return self._page(rows, reading, more=more)

    def read_log(self, question: LogQuestion) -> LogAnswer:
        """Read what Tryton's log says of the accounts, over a session of its own."""
        read_at = self._clock()
        session, uid = self._sign_in()
        # What the collection read a moment ago would be asked for again: half of what reading the log costs.
        known, self._view = self._view, None
        fresh = known is not None and read_at - known[0] < FRESH
        view = known[1] if known is not None and fresh else read_view(self.system.id, session, uid)
        return read_tryton_log(self.system.id, session, view, question, read_at)

    def read_accounts(self, accounts: Sequence[Account]) -> Mapping[str, AccountNow]:
        """Return the users that are asked for, inactive ones too; raises `SourceError`."""
        ids = [int(account.id) for account in accounts if account.id.isdecimal()]
        session, _ = self._sign_in()
        found: dict[str, AccountNow] = {}
        for start in range(0, len(ids), self._settings.page_size):
            some = ids[start : start + self._settings.page_size]
            for row in session.page("res.user", [EVERY, ["id", "in", some]], USER_FIELDS, 0, len(some)):
                account = self._account(row)
                found[account.id] = AccountNow(account, frozenset(map(group_id, row.links("groups"))))
        return found

    def close(self) -> None:
        """Sign out, and close the connection."""
        session, self._session, self._reading = self._session, None, None
        if session is not None:
            session.close()
        self._web.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _sign_in(self) -> tuple[Session, int]:
        if self._session is not None:
            self._session.close()
        self._session = Session(self.system.id, self._web, self._settings.database)
        password = secret(self.system.id, self._settings.password_env)
        return self._session, self._session.sign_in(self._settings.user, password)

    def _start(self) -> None:
        session, uid = self._sign_in()
        server = read_server(self.system.id, session, uid)
        self._view = self._clock(), view_of(server)
        total = session.count("res.user", [EVERY])
        self._reading = _Reading(session, server, GroupHoldings(self.system.id, server), total)
        self._next, self._told = 0, set()

    def _check_total(self, reading: _Reading) -> None:
        total = reading.session.count("res.user", [EVERY])
        if total != reading.total:
            raise SourceTruncated(
                f"`{self.system.id}` had {reading.total} users when the read began and has {total} at its end",
                hint="run again when nobody is changing users",
            )

    def _page(self, rows: list[TrytonRecord], reading: _Reading, *, more: bool) -> Page:
        accounts, grants = [], []
        for row in rows:
            account = self._account(row)
            groups = frozenset(row.links("groups"))
            if not groups <= set(reading.server.groups):
                row.refuse("groups", "not a list of groups that it lists itself")
            for entitlement, path in reading.holdings.of(groups, active=account.live):
                grants.append(Grant(account.id, entitlement, path))
            accounts.append(account)
        known = reading.holdings.entitlements
        new = [id_ for id_ in known if id_ not in self._told]
        self._told |= set(new)
        return Page(
            accounts=tuple(accounts),
            entitlements=tuple(known[id_] for id_ in new),
            grants=tuple(grants),
            next_token=str(self._next) if more else None,
            total=reading.total,
            evidence=() if more else self._evidence(reading.server),
        )

    def _account(self, row: TrytonRecord) -> Account:
        id_, login = row.number("id"), row.text("login")
        return Account(
            system=self.system.id,
            id=str(id_),
            login=login,
            name=row.text_or_none("name") or login,
            # Tryton tells neither the last sign-in nor a lock nor a second factor by RPC: they stay unknown.
            status=Status.ACTIVE if row.flag("active") and id_ != ROOT else Status.DISABLED,
            email=row.text_or_none("email"),
            created=row.moment("create_date"),
            service=id_ == ROOT,
        )

    def _evidence(self, server: Server) -> tuple[Evidence, ...]:
        no_group: frozenset[int] = frozenset()
        bare = [m for m in server.models.values() if m.reachable and server.access.is_open(m.name, no_group)]
        patient = [m for m in bare if m.name in server.patient_data]
        control = [m for m in bare if m.name not in server.patient_data and m.module in CONTROL]
        return (
            Evidence("end", "as many users as the server counts, at the beginning and at the end"),
            Evidence(
                "open",
                f"{len(bare)} models have no access row for somebody without group: {len(patient)} of them "
                f"hold patient data, {len(control)} belong to Tryton's administration; these are told",
            ),
            Evidence("rights", "Tryton judges the auditor's own rights as its access rows were read here"),
        )

    def _check_sign_in(self) -> str:
        self._sign_in()
        return f"signed in as {self._settings.user}"

    def _check_log(self) -> str:
        try:
            self.read_log(LogQuestion(()))
        except SourceDenied as error:
            return f"does not tell when access ended: {error.message}; {error.hint}"
        return "tells when access was changed, of users and groups only"

    def _check_rights(self) -> str:
        session, uid = self._sign_in()
        server = read_server(self.system.id, session, uid)
        own = server.own_groups
        reachable = sorted(m.name for m in server.models.values() if m.reachable)
        more = [m for m in reachable if set(server.rights(m, own)) - {"r"}]
        told = f"it can read no record of the {len(server.patient_data)} models with patient data"
        if not more:
            return f"{told}, and change nothing"
        first = ", ".join(RIGHTS[r] for r in server.rights(more[0], own) if r != "r")
        return f"{told}; but it can change {len(more)} models, such as `{more[0]}` ({first}), which it does not need"


def connect(system: System, settings: Settings, folder: Path) -> GnuHealth:
    """Return a connector; nothing is read yet."""
    return GnuHealth(system, settings, folder)


def setup(system: System, settings: Settings) -> str:
    """Return the script that makes the auditor's group and account."""
    return least_privilege(system, settings.user, settings.password_env, settings.database)
