"""
When access to GNU Health ended, by Tryton's own log `ir.model.log` (from 7.0 on).

A row says which record was written, which of its fields, by whom and when, but not what was written: of `active` it is
known that it was set, of `groups` that they were. The log holds rows about all models, patients too, so it is never
asked without naming users or groups, and a row rule of the auditor's own group shows no others. Rows about a user who
is switched off are hidden unless the context says otherwise: without it exactly the end of access would be missing.

A row's time is that of its transaction, which on PostgreSQL is its start (PostgreSQL manual, 9.9.5 `now()`). A change
holds from the commit on, which comes later by as long as the transaction lasts. Saving a user took 36 to 260 ms here;
`TRANSACTION` is almost five times the longest. A row cannot tell how long its own took: it is a bound by measurement.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.audit_log import LogAnswer, LogEvent, LogKind, LogQuestion, LogRecord
from connectors.clock_offset import SecondsClock, narrow
from connectors.ehr.gnuhealth.models import LOG, LOG_DOMAIN
from connectors.ehr.gnuhealth.read import SET_UP, Server, own_groups, read_groups, read_rules
from connectors.ehr.gnuhealth.rpc import EVERY, Session, TrytonRecord
from connectors.ehr.gnuhealth.rules import RowRules
from connectors.errors import SourceDenied
from connectors.facts import Account

TRANSACTION = timedelta(milliseconds=1250)
"""How much later than its row's time a change may have come to hold."""
FIELDS = ("resource", "event", "target", "user", "create_date")
USER_FIELDS = {"active": LogKind.STATUS_SET, "groups": LogKind.HOLDINGS_SET, "login": LogKind.RENAMED}
GROUP_NAMES = frozenset({"name"})
"""Fields of a group that change nothing of what its members may do."""
INACTIVE_TOO = {"active_test": False}
COVERED = frozenset({LogKind.STATUS_SET, LogKind.HOLDINGS_SET, LogKind.RENAMED})
LIVES_ON = ("an open session of GNU Health ends with its next call, which is refused (HTTP 401)",)
CLOCK = "HTTP Date of the Tryton server; its database stamps the log"


@dataclass(frozen=True, slots=True)
class LogView:
    """The row rules of the log, and the groups that the auditor's account is in."""

    rules: RowRules
    own: frozenset[int]


def read_tryton_log(
    system: str, session: Session, view: LogView | None, question: LogQuestion, read_at: datetime
) -> LogAnswer:
    """
    Read what the log says; raises `SourceDenied` where it is hidden, or shows more than users and groups.

    `view`: what row rules leave of the log for the auditor's account; `None`: there is no such log.
    """
    _refuse_wrong_view(system, session, view)
    clock = SecondsClock(CLOCK)
    clock.look(session.server_time)
    rows = session.table(LOG, FIELDS, _wanted(question), INACTIVE_TOO)
    told = _RowReader(system, question, _logins(session, rows))
    events = [event for row in rows for event in told.events(row)]
    beside = list(_beside(rows, _touched(system, session, question.accounts), question))
    narrow(clock, session.server_time, closely=question.closely, stamp_s=TRANSACTION.total_seconds())
    return LogAnswer(
        system=system,
        source=f"`{LOG}` of Tryton; a change by a program on the server itself leaves no row",
        read_at=read_at,
        events=(*events, *beside),
        covers_from=max((*(e.at + e.resolution for e in beside), *_asked_from(question)), default=None),
        covers=COVERED,
        clock=clock.offset(),
        gaps=tuple(
            f"a program on the server wrote user {e.account} at {e.at:%Y-%m-%d %H:%M:%S} UTC: the log has no row of it"
            for e in beside
        ),
        lives_on=LIVES_ON,
    )


def _asked_from(question: LogQuestion) -> Iterator[datetime]:
    """Give from when on the log was asked; what was before is known from earlier reads."""
    if question.ask_from is not None:
        yield question.ask_from


def view_of(server: Server) -> LogView | None:
    """Return the view by what was just read of all models; `None` where there is no log."""
    return LogView(server.rules, server.own_groups) if LOG in server.models else None


def read_view(system: str, session: Session, uid: int) -> LogView | None:
    """Read it alone; `None` where there is no log."""
    models = {
        row.number("id"): row.text("model") for row in session.table("ir.model", ["model"], [["model", "=", LOG]])
    }
    if not models:
        return None
    groups = read_groups(session)
    own = groups.effective(own_groups(session, uid, groups, system))
    return LogView(RowRules(read_rules(session, models, [["model", "in", list(models)]]), {}), own)


def _refuse_wrong_view(system: str, session: Session, view: LogView | None) -> None:
    """Raise `SourceDenied` unless the log shows what it says of users and groups, and nothing else."""
    if view is None:
        raise SourceDenied(f"`{system}` has no `{LOG}`, which Tryton keeps from version 7.0 on")
    may = session.effective([LOG])[LOG]
    if not may.flag("read", default=False) or not view.rules.limits(LOG, "r", view.own, LOG_DOMAIN):
        raise SourceDenied(
            f"`{system}`: the auditor's group does not see what `{LOG}` says of users and groups, or sees what it says "
            "of others; it was not read",
            hint=SET_UP,
        )


def _wanted(question: LogQuestion) -> list[Any]:
    """Return the search: rows on these users and on groups, never on anything else."""
    users = [f"res.user,{a.id}" for a in question.accounts if a.id.isdecimal()]
    about = ["OR", ["resource", "in", users], ["resource", "like", "res.group,%"]]
    since = question.ask_from
    return [about, *([["create_date", ">=", _moment(since)]] if since else [])]


def _moment(moment: datetime) -> dict[str, object]:
    """Write an instant as Tryton's JSON-RPC does."""
    units = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{unit: getattr(moment, unit) for unit in units}}


def _logins(session: Session, rows: Sequence[TrytonRecord]) -> dict[int, str]:
    ids = sorted({number for row in rows if (number := row.link("user")) is not None})
    found = session.table("res.user", ["login"], [["id", "in", ids], EVERY]) if ids else []
    return {row.number("id"): row.text("login") for row in found}


@dataclass(frozen=True, slots=True)
class _RowReader:
    """Says what a row means for the accounts asked for."""

    system: str
    question: LogQuestion
    logins: dict[int, str]

    def events(self, row: TrytonRecord) -> Iterator[LogEvent]:
        """Give what a row says; of a group it says not whom it let in or out."""
        model, _, number = row.text("resource").partition(",")
        fields = frozenset(row.long_text("target").split(",")) if row.holds("target") else frozenset()
        what = row.text("event")
        if what not in ("write", "delete"):
            return
        if model == "res.user":
            kinds = [kind for name, kind in USER_FIELDS.items() if name in fields]
            for kind in kinds if what == "write" else [LogKind.DELETED]:
                yield self._event(row, number, kind)
        elif model == "res.group" and (what == "delete" or fields - GROUP_NAMES):
            group = f"group:{number}"
            for account in self.question.accounts:
                if group in self.question.held.get(account.id, {group}):
                    yield self._event(row, account.id, LogKind.HOLDINGS_SET, group)

    def _event(self, row: TrytonRecord, account: str, kind: LogKind, entitlement: str | None = None) -> LogEvent:
        at, actor = row.moment("create_date"), row.link("user")
        if at is None:
            row.refuse("create_date", "missing")
        raw = "\t".join(f"{key}={row.values.get(key)}" for key in ("id", *FIELDS))
        return LogEvent(
            system=self.system,
            account=account,
            kind=kind,
            at=at,
            resolution=TRANSACTION,
            record=LogRecord.of(LOG, str(row.number("id")), raw.encode()),
            entitlement=entitlement,
            actor=self.logins.get(actor, f"user {actor}") if actor is not None else None,
        )


def _beside(rows: Sequence[TrytonRecord], touched: Iterable[LogEvent], question: LogQuestion) -> Iterator[LogEvent]:
    """
    Give the last changes of users of which the log has no row, as it has of each that was made by its clients.

    Where it has one, the row says whether `active` was written; a change of something else bounds nothing.
    """
    last: dict[str, datetime] = {}
    for row in rows:
        resource, at = row.text("resource"), row.moment("create_date")
        if at is not None:
            last[resource] = max(at, last.get(resource, at))
    since = question.ask_from
    for event in touched:
        logged = last.get(f"res.user,{event.account}")
        if (since is None or event.at > since) and (logged is None or event.at > logged + TRANSACTION):
            yield event


def _touched(system: str, session: Session, accounts: Sequence[Account]) -> Iterator[LogEvent]:
    """
    Give when each user who is switched off was last written: `active` was false no later than that.

    A program on the server moves it too; an edit of a group does not.
    """
    ids = [int(a.id) for a in accounts if a.id.isdecimal()]
    off = [["id", "in", ids], ["active", "=", False]]
    for row in session.table("res.user", ["write_date"], off) if ids else []:
        at, number = row.moment("write_date"), row.number("id")
        if at is not None:
            yield LogEvent(
                *(system, str(number), LogKind.TOUCHED, at, TRANSACTION),
                LogRecord.of("res.user.write_date", f"{number} at {at.isoformat()}", f"{number}\t{at}".encode()),
                last_only=True,
                upper_bound=True,
            )
