"""The core turns the pages: reads a connector to its end and decides whether the result is whole."""

from collections.abc import Callable
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from itertools import chain
from operator import attrgetter
from time import monotonic

from connectors.connector import Closes, Connector, HasAsOf, HasCanary, HasEstate, Page
from connectors.errors import AuditorError, SourceMalformed, SourceTruncated, SourceUnreachable
from connectors.facts import Account, Collection, Complete, Door, DoorKind, Entitlement, Evidence, Grant, Partial

MAX_PAGES = 100_000
"""More pages than any real system has: a source that never ends is an error, not a long wait."""

Progress = Callable[[int], None]
"""Called after every page with the number of accounts read so far."""


def utc_now() -> datetime:
    """Return the current instant; the only clock, passed in wherever time matters."""
    return datetime.now(UTC)


def collect(
    connector: Connector,
    *,
    clock: Callable[[], datetime] = utc_now,
    time_limit_s: float = 3600,
    progress: Progress | None = None,
) -> Collection:
    """
    Read one system to its end.

    Never raises for a source that fails: the result is then `Partial` with the cause, and holds no facts, so that
    nobody can conclude anything from half an answer.
    """
    started = clock()
    reading = _Reading(connector.system.id)
    try:
        with closing(connector) if isinstance(connector, Closes) else nullcontext():
            pages = _turn_pages(connector, reading, time_limit_s, progress)
            as_of = connector.as_of() if isinstance(connector, HasAsOf) else started
            canary = connector.canary if isinstance(connector, HasCanary) else None
            estate = connector.estate if isinstance(connector, HasEstate) else None
        evidence = (Evidence("pages", str(pages)), *reading.evidence, *reading.check(canary))
    except AuditorError as error:
        return _partial(connector, started, error.message, error.hint)
    except Exception as error:  # noqa: BLE001 - a connector's bug must leave its system unevaluated, not the audit dead
        # The text of a foreign exception may hold a secret or patient data: only its type is told.
        reason = f"the connector failed with {type(error).__name__}"
        return _partial(connector, started, reason, "run again; if it stays, report it with the type of the error")
    return Collection(
        system=connector.system,
        source=connector.source,
        as_of=as_of,
        completeness=Complete(evidence),
        accounts=tuple(sorted(reading.accounts.values(), key=attrgetter("id"))),
        entitlements=dict(sorted(reading.entitlements.items())),
        grants=tuple(sorted(reading.grants, key=attrgetter("account", "entitlement", "path"))),
        estate=estate,
        doors=tuple(sorted(reading.doors.values(), key=attrgetter("id"))),
        doors_unread=dict(sorted(reading.doors_unread.items())),
    )


def _partial(connector: Connector, started: datetime, reason: str, hint: str) -> Collection:
    return Collection(connector.system, connector.source, started, Partial(reason, hint))


def _turn_pages(connector: Connector, reading: "_Reading", time_limit_s: float, progress: Progress | None) -> int:
    deadline = monotonic() + time_limit_s
    token: str | None = None
    seen: set[str] = set()
    for number in range(1, MAX_PAGES + 1):
        page = connector.read_page(token)
        reading.add(page)
        if progress:
            progress(len(reading.accounts))
        token = page.next_token
        if token is None:
            if not page.evidence:
                raise SourceMalformed(
                    f"`{reading.system}` ended on page {number} without saying that it was the end",
                    hint="the connector must give the source's own end marker as evidence",
                )
            return number
        if token in seen:
            raise SourceMalformed(f"`{reading.system}` gave the same page token twice, on page {number}")
        seen.add(token)
        if monotonic() > deadline:
            raise SourceUnreachable(
                f"`{reading.system}` was not read whole within {time_limit_s:.0f} s",
                hint="raise `time_limit_s` for this system, or ask why it is slow",
            )
    raise SourceMalformed(f"`{reading.system}` still had more after {MAX_PAGES} pages")


class _Reading:
    """What has come in so far."""

    def __init__(self, system: str) -> None:
        self.system = system
        self.accounts: dict[str, Account] = {}
        self.entitlements: dict[str, Entitlement] = {}
        self.grants: dict[Grant, None] = {}  # a set would lose their order, which is nearly that of the answer
        self.evidence: list[Evidence] = []
        self.doors: dict[str, Door] = {}
        self.doors_unread: dict[DoorKind, str] = {}
        self.total: int | None = None

    def add(self, page: Page) -> None:
        for account in page.accounts:
            if account.id in self.accounts:
                raise SourceMalformed(
                    f"`{self.system}` listed the account `{account.id}` twice",
                    hint="read again; an account that moves between pages while they are read is read twice; "
                    "if it stays so, ask the vendor: its pages overlap",
                )
            self.accounts[account.id] = account
        for entitlement in page.entitlements:
            if self.entitlements.setdefault(entitlement.id, entitlement) != entitlement:
                raise SourceMalformed(
                    f"`{self.system}` described the entitlement `{entitlement.id}` in two ways",
                    hint="run again; if it stays, two entitlements share one id and cannot be told apart",
                )
        self.grants.update(dict.fromkeys(page.grants))
        for door in page.doors:
            if self.doors.setdefault(door.id, door) != door:
                raise SourceMalformed(
                    f"`{self.system}` described the way in `{door.id}` in two ways",
                    hint="run again; if it stays, two ways in share one id and cannot be told apart",
                )
        self.doors_unread.update(page.doors_unread)
        self.evidence.extend(page.evidence)
        if page.total is not None:
            if self.total is not None and self.total != page.total:
                raise SourceMalformed(
                    f"`{self.system}` changed its total from {self.total} to {page.total} while it was read",
                    hint="run again when nobody is changing accounts; if it stays so, ask the vendor",
                )
            self.total = page.total

    def check(self, canary: str | None) -> list[Evidence]:
        """Compare what came in with what the source claims; raise when they differ."""
        evidence = []
        if self.total is not None:
            if self.total != len(self.accounts):
                raise SourceTruncated(
                    f"`{self.system}` said it has {self.total} accounts but returned {len(self.accounts)}",
                    hint="raise the size limit of the auditor's account, or export again without a filter",
                )
            evidence.append(Evidence("total", f"{self.total} stated by the source, {self.total} read"))
        if not self.accounts:
            raise SourceTruncated(
                f"`{self.system}` returned no account at all",
                hint="check the base, the filter and the rights of the auditor's account",
            )
        if canary is not None:
            if canary.casefold() not in {a.login.casefold() for a in self.accounts.values()}:
                raise SourceTruncated(
                    f"`{self.system}` did not return the account `{canary}`, which is known to exist",
                    hint="the read was filtered or cut; check base, filter and rights",
                )
            evidence.append(Evidence("canary", f"{canary} seen"))
        self._check_references()
        return evidence

    def _check_references(self) -> None:
        # Each name once: hundreds of thousands of grants share a few.
        holders = {grant.account for grant in self.grants}
        paths = {grant.path for grant in self.grants}
        named = {grant.entitlement for grant in self.grants}.union(chain.from_iterable(paths))
        for account in sorted(holders - self.accounts.keys()):
            raise SourceMalformed(
                f"`{self.system}` lists a grant of the account `{account}`, which it did not return",
                hint="the accounts were cut short, or the files come from different days",
            )
        for account in sorted({d.account for d in self.doors.values() if d.account is not None} - self.accounts.keys()):
            raise SourceMalformed(
                f"`{self.system}` tells of a way in by the account `{account}`, which it did not return",
                hint="the accounts were cut short, or the files come from different days",
            )
        for entitlement in sorted(named - self.entitlements.keys()):
            raise SourceMalformed(
                f"`{self.system}` lists a grant of `{entitlement}`, which it did not describe",
                hint="the entitlements were cut short, or the files come from different days",
            )
