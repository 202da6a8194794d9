"""
When an OpenMRS user was retired, by the `auditInfo` of the user: who did it, and when.

OpenMRS keeps the last retiring only; a role that was given or taken leaves no time of
its own, nor does a change of what a role carries. Its times are written by Java as milliseconds, and kept by the
database in whole seconds: MySQL rounds them (MySQL manual, 13.2.6), so a time may be half a second later than the
truth; and the change holds from the commit on, which is a little later.
Source: openmrs-core, BaseOpenmrsData and UserServiceImpl.retireUser; webservices.rest, AuditInfo of a resource.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from connectors.audit_log import SECOND, LogAnswer, LogEvent, LogKind, LogQuestion, LogRecord
from connectors.clock_offset import SecondsClock, narrow
from connectors.facts import Account
from connectors.http.client import Web, stated_time
from connectors.inputs.fields import EARLIEST, LATEST, Fields, FromServer

WHAT = "custom:(uuid,retired,auditInfo)"
HALF = timedelta(milliseconds=500)
"""By how much rounding moves a time, and how much later the change may hold."""
LIVES_ON = ("a session of OpenMRS that was open may go on until it is closed or runs out",)
CLOCK = "HTTP Date of OpenMRS's web server, or of the proxy before it"
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:?\d\d)?")


@dataclass(slots=True)
class AuditInfoLog:
    """Reads the users in question one by one."""

    system: str
    web: Web
    rest: str

    def read(self, question: LogQuestion, read_at: datetime) -> LogAnswer:
        """Return what is known of them; raises `SourceError` where a user may not be read."""
        clock = SecondsClock(CLOCK)
        clock.look(self._now)
        events: list[LogEvent] = []
        gaps: list[str] = []
        for account in question.accounts:
            answer = self.web.get(f"{self.rest}/user/{quote(account.id, safe='')}", {"v": WHAT}, accept=(404,))
            if answer.status == 404:
                gaps.append(f"`{account.login}` is no longer there, and what was known of it went with it")
                continue
            user = Fields(FromServer(self.system), "a user", answer.data)
            found, untold = self._events(account, user)
            events += found
            gaps += untold
        narrow(clock, self._now, closely=question.closely)
        return LogAnswer(
            system=self.system,
            source="`auditInfo` of each user in OpenMRS: the last retiring",
            read_at=read_at,
            events=tuple(events),
            clock=clock.offset(),
            gaps=tuple(gaps),
            lives_on=LIVES_ON,
        )

    def _now(self) -> datetime:
        return stated_time(self.system, self.web.get(f"{self.rest}/session"))

    def _events(self, account: Account, user: Fields) -> tuple[list[LogEvent], list[str]]:
        """Give what a user's `auditInfo` says; of one who is not retired, the making alone."""
        if user.text("uuid") != account.id:
            user.refuse("uuid", "that of another user")
        info = user.part("auditInfo") or user.refuse("auditInfo", "missing")
        retired = user.flag("retired")
        events, gaps = [], []
        for key, who, kind in _stamps(retired=retired):
            text = info.text_or_none(key)
            when = _moment(text) if text else None
            if text and when is None:
                gaps.append(f"`{key}` of `{account.login}` is no time with an offset from UTC, and was left out")
            elif text and when is not None:
                actor = info.part(who)
                events.append(
                    LogEvent(
                        *(self.system, account.id, kind, *when),
                        LogRecord.of(
                            "auditInfo", f"{account.id} {key} {text}", f"{account.id}\t{key}\t{text}".encode()
                        ),
                        actor=actor.text_or_none("display") if actor else None,
                        last_only=kind is not LogKind.CREATED,
                    )
                )
        return events, gaps


def _stamps(*, retired: bool) -> Iterator[tuple[str, str, LogKind]]:
    """Give the fields that say something. `dateChanged` bounds nothing: it may be of a change before the retiring."""
    yield "dateCreated", "creator", LogKind.CREATED
    if retired:
        yield "dateRetired", "retiredBy", LogKind.DISABLED


def _moment(text: str) -> tuple[datetime, timedelta] | None:
    """Return from when on, and how much later at most; `None` for what is no instant."""
    match = _TIME.fullmatch(text)
    if match is None or not match[3]:
        return None
    digits = (match[2] or "").ljust(6, "0")
    try:
        at = datetime.fromisoformat(f"{match[1]}.{digits}{match[3].replace('Z', '+00:00')}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if not EARLIEST <= at < LATEST:
        return None
    if int(digits):
        return at, timedelta(milliseconds=1) + HALF
    return at - HALF, HALF + SECOND + HALF
