"""
Tries a system step by step, and stops at the first step that fails.

In this order: name, port, TLS; the environment variables; the connector's own steps, such as the sign-in; the first
page; all pages; the canary. The last three read what an audit reads, and keep none of it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from auditor.connecting.checks import Check, CheckState, failure
from auditor.connecting.clock import CLOCK, compare_clocks
from auditor.connecting.network import STEPS, try_network
from auditor.connecting.record import RECORD, check_record
from auditor.connecting.settings import how_to_set, is_set, variables
from auditor.connecting.system import Ready
from connectors.collect import collect
from connectors.connector import Closes, Connector, HasCanary, HasEndpoint, Page, Probes, Transport
from connectors.errors import SourceDenied, shorten
from connectors.facts import Collection, Complete
from connectors.http.credentials import is_loopback
from connectors.unread import ALL_UNEXPLAINED

VARIABLES, FIRST_PAGE, ALL_PAGES, CANARY = "variables", "first page", "all pages", "canary"
READING = (FIRST_PAGE, ALL_PAGES, CANARY)
QUESTION = "question"
ANSWER = "answer it in the mapping; until then an audit says `not evaluated` of what hangs on it"


class TrialProgress:
    """Is told which step begins, and how far it is; this one does nothing."""

    def begin(self, step: str) -> None:
        """A step begins."""

    def read(self, accounts: int) -> None:
        """So many accounts were read so far."""


def try_out(
    ready: Ready, watcher: TrialProgress | None = None, *, time_limit_s: float = 3600, record: bool = False
) -> Iterator[Check]:
    """
    Yield what each step said, as soon as it is known; after a failed one, the rest as not tried.

    `record`: also what can be read of the system's own record of changes.

    Never raises: whatever goes wrong is what a check says.
    """
    watcher = watcher or TrialProgress()
    step = ""

    def begin(name: str) -> None:
        nonlocal step
        step = name
        watcher.begin(name)

    try:
        begin("settings")
        connector = ready.connector()
        yield from _way(ready, connector, begin)
        yield from _secrets(ready, begin)
        yield from _own_steps(connector, begin)
        yield from _pages(ready, begin, watcher, time_limit_s, record=record)
    except Exception as error:  # noqa: BLE001 - a connector's bug is the answer to the question, not an end of it
        yield failure(step, error)
        yield from _not_tried(step)


def _not_tried(failed: str) -> Iterator[Check]:
    rest = READING[READING.index(failed) + 1 :] if failed in READING else READING
    for step in rest:
        yield Check(step, CheckState.SKIPPED, f"not tried, because `{failed}` failed")


def _way(ready: Ready, connector: Connector, begin: Callable[[str], None]) -> Iterator[Check]:
    if not isinstance(connector, HasEndpoint):
        return
    endpoint = connector.endpoint
    proxy = _proxy(ready) if endpoint.transport is Transport.TLS else None
    if proxy:
        yield Check(STEPS[0], CheckState.SKIPPED, f"HTTPS goes through the proxy {proxy}, which finds the server")
        return
    yield from try_network(endpoint, begin, can_name="server_name" in type(ready.settings).model_fields)
    if urlsplit(str(getattr(ready.settings, "url", ""))).scheme in ("http", "https"):
        begin(CLOCK)
        clock = compare_clocks(endpoint)
        if clock:
            yield clock


def _proxy(ready: Ready) -> str | None:
    """Return the host of the proxy that the environment asks to use for this system; only HTTPS goes through one."""
    url = urlsplit(str(getattr(ready.settings, "url", "")))
    host = url.hostname or ""
    if url.scheme != "https" or is_loopback(host) or proxy_bypass(host):
        return None
    proxy = getproxies().get("https") or getproxies().get("all")
    return (urlsplit(proxy).hostname or "of the environment") if proxy else None


def _secrets(ready: Ready, begin: Callable[[str], None]) -> Iterator[Check]:
    named = variables(ready.settings)
    if not named:
        return
    begin(VARIABLES)
    missing = {variable: key for key, variable in named.items() if not is_set(variable)}
    if missing:
        told = ", ".join(f"`{variable}` ({key})" for variable, key in missing.items())
        raise SourceDenied(
            f"not set in the environment: {told}",
            hint="\n".join(how_to_set(variable) for variable in missing),
        )
    yield Check(VARIABLES, CheckState.OK, f"set: {', '.join(dict.fromkeys(named.values()))}")


def _own_steps(connector: Connector, begin: Callable[[str], None]) -> Iterator[Check]:
    if not isinstance(connector, Probes):
        return
    begin("steps")
    with _closing(connector):
        for step in connector.steps():
            begin(step.name)
            yield Check(step.name, CheckState.OK, step.run())


def _pages(
    ready: Ready, begin: Callable[[str], None], watcher: TrialProgress, time_limit_s: float, *, record: bool
) -> Iterator[Check]:
    begin(FIRST_PAGE)
    connector = ready.connector()
    with _closing(connector):
        page = connector.read_page(None)
    yield Check(FIRST_PAGE, CheckState.OK, _told(page))
    begin(ALL_PAGES)
    connector = ready.connector()
    collection = collect(_AllPages(connector), time_limit_s=time_limit_s, progress=watcher.read)
    if not isinstance(collection.completeness, Complete):
        yield Check(ALL_PAGES, CheckState.FAILED, collection.completeness.reason, collection.completeness.hint)
        yield from _not_tried(ALL_PAGES)
        return
    yield Check(ALL_PAGES, CheckState.OK, _whole(collection, collection.completeness))
    for evidence in collection.completeness.evidence:
        if evidence.name in ALL_UNEXPLAINED:
            yield Check(QUESTION, CheckState.WARNING, evidence.detail, ANSWER)
    begin(CANARY)
    canary = connector.canary if isinstance(connector, HasCanary) else None
    yield _canary(collection, collection.completeness, canary)
    if record:
        begin(RECORD)
        yield check_record(connector, collection)


class _AllPages:
    """A connector without its canary, which is a step of its own."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self.system, self.source = connector.system, connector.source

    def read_page(self, token: str | None) -> Page:
        return self._connector.read_page(token)

    def close(self) -> None:
        if isinstance(self._connector, Closes):
            self._connector.close()


def _told(page: Page) -> str:
    things = {"account": page.accounts, "entitlement": page.entitlements, "grant": page.grants}
    if page.next_token is not None and not any(things.values()):
        return "answered; accounts come on later pages"
    # Many sources give groups first, so a page without accounts is nothing to worry about.
    told = [counted(len(found), what) for what, found in things.items() if found or page.next_token is None]
    of = f", of {counted(page.total, 'account')} that the source says it has" if page.total is not None else ""
    more = "; more pages follow" if page.next_token is not None else "; it is the only one"
    return ", ".join(told) + of + more


def _whole(collection: Collection, complete: Complete) -> str:
    live = sum(account.live for account in collection.accounts)
    why = "; ".join(e.detail for e in complete.evidence if e.name in ("end", "total"))
    return (
        f"{counted(len(collection.accounts), 'account')} ({live} live), "
        f"{counted(len(collection.entitlements), 'entitlement')}, whole: {why or 'the source said so'}"
    )


def _canary(collection: Collection, complete: Complete, canary: str | None) -> Check:
    if canary is None and any(e.name == "total" for e in complete.evidence):
        return Check(CANARY, CheckState.SKIPPED, "none is set; the total vouches for the read")
    if canary is None:
        return Check(
            CANARY,
            CheckState.WARNING,
            "none is set, so nothing proves that no filter hides accounts",
            "set `canary` to the login of an account that is known to exist, best the auditor's own",
        )
    if canary.casefold() in {account.login.casefold() for account in collection.accounts}:
        return Check(CANARY, CheckState.OK, f"{shorten(canary)} was seen")
    return Check(
        CANARY,
        CheckState.FAILED,
        f"{shorten(canary)}, which is known to exist, was not in the answer",
        "the read is filtered or cut, or `canary` is not the login: check base, filter and rights",
    )


def counted(number: int, what: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _closing(connector: Connector) -> AbstractContextManager[object]:
    return closing(connector) if isinstance(connector, Closes) else nullcontext()
