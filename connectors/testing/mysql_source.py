"""A MariaDB or MySQL, with every fault that its protocol can show."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from connectors.connector import Connector
from connectors.facts import Collection
from connectors.testing.certificates import make_certificates
from connectors.testing.faults import Fault
from connectors.testing.harness import AT_ONCE, ENDS, Connect, Observation, Population, Target, Trial, same_facts
from connectors.testing.ldap_proxy import LdapDelivery
from connectors.testing.mysql_proxy import ERROR, MysqlResult, cells, mysql_proxy, row_of

_BOUND = "a snapshot is bound to its connection: a read that broke starts anew in the next run"
CANNOT = {
    **dict.fromkeys(ENDS, "the server gives one answer with its own end, and is asked for the count by itself"),
    Fault.REPEATED_TOKEN: "a result set has no pages",
    Fault.NOT_SIGNED_IN: "a session does not run out while it is used; a right that is taken away is `forbidden`",
    Fault.TOO_MANY: "the server names no time to wait; its limits (1226) stand for it in error-for-ever",
    Fault.ERROR_ONCE: _BOUND,
}
ERRORS: Mapping[Fault, tuple[int, ...]] = {
    Fault.FORBIDDEN: (1142, 1143),  # a table, a column
    Fault.ERROR_FOR_EVER: (1030, 1226, 1317),  # of the storage engine, of a limit, interrupted
}
DELIVERY = {
    Fault.HALF_ANSWER: LdapDelivery.HALF,
    Fault.SLOW_DRIP: LdapDelivery.DRIP,
    Fault.RESET: LdapDelivery.RESET,
    Fault.EMPTY_ANSWER: LdapDelivery.NOTHING,
}
TLS = (Fault.UNKNOWN_AUTHORITY, Fault.WRONG_NAME, Fault.EXPIRED_CERTIFICATE)
OFF_S = {Fault.CLOCK_AHEAD: 5 * 3600, Fault.CLOCK_BEHIND: -5 * 3600}
CLOCK = "UNIX_TIMESTAMP()"

Change = Callable[[MysqlResult], MysqlResult]


class MysqlSource:
    """
    Stands behind a proxy that shows every fault.

    `upstream` is the server on loopback, without TLS; `connect` makes a connector for another address, with TLS where
    `Target.tls` says so; `lists_accounts` tells by its text the statement that reads the accounts; `typed` gives, for
    columns of that statement that hold no free text, a word of no meaning.
    """

    def __init__(
        self,
        upstream: Target,
        connect: Connect,
        population: Population,
        lists_accounts: Callable[[str], bool],
        folder: Path,
        *,
        typed: Mapping[str, str] | None = None,
        cannot: Mapping[Fault, str] | None = None,
        same: Callable[[Collection, Collection], bool] = same_facts,
        at_once: int = AT_ONCE,
    ) -> None:
        self.at_once = at_once
        self.population, self.cannot = population, {**CANNOT, **(cannot or {})}
        self._upstream, self._connect, self._lists, self._same = upstream, connect, lists_accounts, same
        self._typed = typed or {}
        self._certificates = make_certificates(folder / "certificates")

    @property
    def pages(self) -> None:
        """Nothing: a result set is read in one piece."""
        return

    def healthy(self) -> Connector:
        """Return a connector for the source as it is."""
        return self._connect(self._upstream)

    def same(self, truth: Collection, read: Collection) -> bool:
        """Whether two reads say the same."""
        return self._same(truth, read)

    @contextmanager
    def over_tls(self) -> Iterator[Connector]:
        """Return a connector for the source behind a certificate that it is told to trust."""
        with mysql_proxy(self._upstream, _as_it_is, certificate=self._certificates[None]) as at:
            yield self._connect(at)

    @contextmanager
    def trials(self, fault: Fault) -> Iterator[list[Trial]]:
        """Set up the forms of a fault."""
        with ExitStack() as stack:
            if fault in TLS:
                seen = Observation()
                proxy = mysql_proxy(self._upstream, _as_it_is, seen=seen, certificate=self._certificates[fault])
                yield [Trial(self._connect(stack.enter_context(proxy)), seen)]
                return
            if fault is Fault.REFUSED_AT_ONCE:
                yield [self._no_sign_in(stack)]
                return
            yield [self._trial(stack, fault, label, change) for label, change in self._changes(fault)]

    def _no_sign_in(self, stack: ExitStack) -> Trial:
        seen = Observation()

        def refuse(_: bytes) -> bytes:
            seen.fired += 1
            return bytes([ERROR]) + (1045).to_bytes(2, "little") + b"#28000Access denied: hunter2"

        proxy = mysql_proxy(self._upstream, _as_it_is, sign_in=refuse)
        return Trial(self._connect(stack.enter_context(proxy)), seen)

    def _trial(self, stack: ExitStack, fault: Fault, label: str, change: Change) -> Trial:
        seen = Observation()

        def script(statement: str, result: MysqlResult) -> MysqlResult:
            about = CLOCK in statement if fault in OFF_S else self._lists(statement)
            if not about or not result.rows:
                return result
            seen.fired += 1
            return change(result)

        at = stack.enter_context(mysql_proxy(self._upstream, script))
        return Trial(self._connect(at.under(fault)), seen, label)

    def _changes(self, fault: Fault) -> list[tuple[str, Change]]:
        if fault in DELIVERY:
            return [("", lambda r: replace(r, delivery=DELIVERY[fault]))]
        if fault in ERRORS:
            return [(f"error {n}", lambda r, n=n: r.failed(n)) for n in ERRORS[fault]]  # type: ignore[misc]
        if fault in OFF_S:
            return [("", lambda r: replace(r, rows=(_moved(r.rows[0], OFF_S[fault]),)))]
        if fault is Fault.WRONG_FIELD:
            return [(f"{column}={word!r}", _wrong(column, word)) for column, word in self._typed.items()]
        canary = (self.population.canary or "").encode()
        changes: dict[Fault, Change] = {
            Fault.OTHER_ORDER: lambda r: replace(r, rows=r.rows[::-1]),
            Fault.DROPPED_PAGE: lambda r: replace(r, rows=tuple(row for row in r.rows if canary not in row)),
            Fault.DUPLICATE_ENTRY: lambda r: replace(r, rows=(*r.rows, r.rows[0])),
            Fault.CUT_DOCUMENT: lambda r: replace(r, rows=r.rows[: len(r.rows) // 2]),
            Fault.WRONG_TYPE: lambda r: replace(r, rows=tuple(b"a text where a row was" for _ in r.rows)),
            Fault.WRONG_ENTRY: lambda r: replace(r, rows=(b"\x06a text", *r.rows)),
            Fault.EMPTY_LIST: lambda r: replace(r, rows=()),
        }
        return [("", changes[fault])]


def _wrong(column: str, word: str) -> Change:
    def change(result: MysqlResult) -> MysqlResult:
        texts = cells(result.rows[0])
        texts[result.names.index(column)] = word.encode()
        return replace(result, rows=(row_of(texts), *result.rows[1:]))

    return change


def _moved(row: bytes, by_s: int) -> bytes:
    return row_of([str(int(text) + by_s).encode() if text else text for text in cells(row)])


def _as_it_is(statement: str, result: MysqlResult) -> MysqlResult:  # noqa: ARG001
    return result
