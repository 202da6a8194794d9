"""What a FHIR service tells of when entries stopped being active, and of sign-ins after that, in one answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from connectors.audit_log import LogAnswer, LogEvent, LogKind, LogQuestion, LogRecord
from connectors.clock_offset import SecondsClock, narrow
from connectors.ehr.fhir.history import PAGE_SIZE, PRACTITIONER, EntryHistory, Version, event, instant, steps
from connectors.ehr.fhir.people import Naming
from connectors.ehr.fhir.search import EVENTS, FhirSearch
from connectors.ehr.fhir.sign_ins import search_params, who_signed_in
from connectors.ehr.fhir.writers import Writers
from connectors.errors import SourceError
from connectors.facts import Account
from connectors.http.client import Web, stated_time

COVERED = frozenset({LogKind.CREATED, LogKind.ENABLED, LogKind.DISABLED, LogKind.DELETED})
MAX_PAGES = 50
CLOCK = "HTTP Date of the FHIR service, or of the proxy before it"
LIVES_ON = (
    "FHIR tells that somebody is listed no more, not that no sign-in works: log-in, sessions and tokens may live on",
)


@dataclass(slots=True)
class FhirLog:
    """Reads the versions of each entry in question, and its sign-ins where the service has them."""

    system: str
    web: Web
    base: str
    naming: Naming
    history: bool
    """Whether the service says that it keeps the history of practitioners, or says nothing of it."""
    sign_ins: bool
    sign_ins_since: datetime
    """From when on sign-ins are read where nothing else says."""
    written: tuple[str, ...] = ()
    """The types of records that say who wrote something, as far as they may be searched."""

    def read(self, question: LogQuestion, read_at: datetime) -> LogAnswer:
        """Return what is told; raises `SourceError` for an answer that is none."""
        accounts = [a for a in question.accounts if a.id.startswith(PRACTITIONER)]
        clock = SecondsClock(CLOCK)
        clock.look(self._now)
        events: list[LogEvent] = []
        gaps: list[str] = []
        begins: list[datetime] = []
        without: list[str] = []
        for account in accounts:
            versions = EntryHistory(self.system, self.web, self.base).versions(account) if self.history else None
            if versions:
                events += self._steps(account, versions, question.ask_from)
                gaps += _gaps(account, versions)
                begins += [] if versions[0].first else [versions[0].at + versions[0].resolution]
            else:
                without.append(account.login)
                events += self._last_change(account)
        kept = len(without) < len(accounts)
        if without:
            whom = f"`{without[0]}`" + (f" and {len(without) - 1} more" if len(without) > 1 else "")
            gaps.append(f"there is no history of {whom}: of who is not active only the last change is known")
        signs, cut = self._signs(accounts, question.ask_from or self.sign_ins_since)
        narrow(clock, self._now, closely=question.closely)
        others = len(question.accounts) - len(accounts)
        gaps += [f"{others} persons were not asked for their history, as persons may be patients"] if others else []
        return LogAnswer(
            system=self.system,
            source="the versions of each Practitioner (`_history`); what somebody may do FHIR does not tell",
            read_at=read_at,
            events=(*events, *signs),
            covers_from=max(begins, default=None),
            covers=(COVERED if kept else frozenset())
            | (frozenset({LogKind.SIGNED_IN}) if self.sign_ins and not cut else frozenset()),
            clock=clock.offset(),
            gaps=(*gaps, *cut),
            lives_on=LIVES_ON,
        )

    def _steps(self, account: Account, versions: tuple[Version, ...], since: datetime | None) -> list[LogEvent]:
        """Give what changed, and who did it, of whom that is asked only where something did."""
        told = list(steps(self.system, account, versions))
        if not self.written or not any(since is None or one.at >= since for one in told):
            return told
        writers = Writers(self.system, self.web, self.base, self.naming, self.written).of(account, versions)
        return list(steps(self.system, account, versions, writers))

    def _now(self) -> datetime:
        answer = self.web.get(".well-known/smart-configuration", accept=(401, 403, 404))
        return stated_time(self.system, answer)

    def _last_change(self, account: Account) -> Iterator[LogEvent]:
        """Bound the end of an entry that is not active by its last change."""
        version = EntryHistory(self.system, self.web, self.base).last_change(account)
        if version is not None and version.active is False:
            yield event(self.system, account, LogKind.TOUCHED, version, upper_bound=True, last=True)

    def _signs(self, accounts: list[Account], since: datetime) -> tuple[list[LogEvent], list[str]]:
        found: list[LogEvent] = []
        for account in accounts if self.sign_ins else ():
            params = {"agent": account.id, "_count": PAGE_SIZE, **search_params(since.date().isoformat())}
            search, link = FhirSearch(self.system, self.web, self.base, EVENTS, params), None
            try:
                for _ in range(MAX_PAGES):
                    page = search.page(link)
                    for one in page.resources:
                        found += self._sign(account, who_signed_in(one, self.base, self.naming), one.text("id"))
                    link = page.next
                    if link is None:
                        break
                else:
                    return found, [f"of the sign-ins of `{account.login}` only the first {MAX_PAGES} pages were read"]
            except SourceError as error:
                return found, [f"sign-ins could not be read: {error.message}"]
        return found, []

    def _sign(self, account: Account, who: tuple[str, frozenset[str]] | None, id_: str) -> Iterator[LogEvent]:
        when = instant(who[0]) if who else None
        if who and when and {account.id, f"login {account.login.casefold()}"} & who[1]:
            record = LogRecord.of(EVENTS, id_, f"{id_}\t{who[0]}".encode())
            yield LogEvent(self.system, account.id, LogKind.SIGNED_IN, *when, record, actor=account.login)


def _gaps(account: Account, versions: tuple[Version, ...]) -> Iterator[str]:
    if not versions[0].first:
        yield f"the history of `{account.login}` begins with version {versions[0].number or 'without number'}"
    for before, after in pairwise(versions):
        if after.at + after.resolution + timedelta(seconds=1) < before.at:
            yield f"the versions of `{account.login}` run back in time at version {after.number or 'without number'}"
