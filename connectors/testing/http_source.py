"""A source that speaks HTTP, with every fault of HTTP."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

from connectors.collect import collect
from connectors.connector import Connector
from connectors.facts import Collection
from connectors.testing.certificates import make_certificates
from connectors.testing.faults import Fault
from connectors.testing.harness import AT_ONCE, Connect, Observation, Population, Target, Trial, same_facts
from connectors.testing.http_faults import Pages, Recording, scripts
from connectors.testing.http_proxy import Forward, ProxyRequest, ProxyResponse, http_proxy

TLS = (Fault.UNKNOWN_AUTHORITY, Fault.WRONG_NAME, Fault.EXPIRED_CERTIFICATE)


class HttpSource:
    """
    Stands behind a proxy that shows every fault.

    `upstream` is the address of the real server or the fake, over plain http on loopback; `connect` makes a connector
    for another address; `pages` says which answers are pages of accounts.
    """

    def __init__(
        self,
        upstream: str,
        connect: Connect,
        population: Population,
        pages: Pages,
        folder: Path,
        *,
        cannot: Mapping[Fault, str] | None = None,
        same: Callable[[Collection, Collection], bool] = same_facts,
        at_once: int = AT_ONCE,
    ) -> None:
        self.at_once = at_once
        self.population, self.cannot = population, cannot or {}
        self._upstream, self._connect, self._pages, self._same = upstream, connect, pages, same
        self._certificates = make_certificates(folder / "certificates")
        host, _, port = upstream.partition("://")[2].rstrip("/").partition(":")
        self._at = Target(host, int(port))

    @property
    def pages(self) -> int:
        """How many pages of accounts a read without fault asked for."""
        return len(self._recording.replies)

    def healthy(self) -> Connector:
        """Return a connector for the source as it is."""
        return self._connect(self._at)

    def same(self, truth: Collection, read: Collection) -> bool:
        """Whether two reads say the same."""
        return self._same(truth, read)

    @contextmanager
    def trials(self, fault: Fault) -> Iterator[list[Trial]]:
        """Set up the forms of a fault."""
        with ExitStack() as stack:
            if fault in TLS:
                yield [self._tls_trial(stack, fault)]
                return
            trials = []
            for label, script in scripts(fault, self._recording, self.population.canary):
                at = stack.enter_context(http_proxy(self._upstream, script))
                trials.append(Trial(self._connect(at.under(fault)), script.seen, label))
            yield trials

    @contextmanager
    def over_tls(self) -> Iterator[Connector]:
        """Return a connector for the source behind a certificate that it is told to trust."""
        with http_proxy(self._upstream, _passed_on, certificate=self._certificates[None]) as at:
            yield self._connect(at)

    def _tls_trial(self, stack: ExitStack, fault: Fault) -> Trial:
        seen = Observation()
        at = stack.enter_context(
            http_proxy(self._upstream, _passed_on, seen=seen, certificate=self._certificates[fault])
        )
        return Trial(self._connect(at), seen)

    @cached_property
    def _recording(self) -> Recording:
        recording = Recording(self._pages)
        with http_proxy(self._upstream, recording) as at:
            collect(self._connect(at))
        return recording


def _passed_on(request: ProxyRequest, forward: Forward) -> ProxyResponse:
    return forward(request)
