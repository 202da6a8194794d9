"""The contract itself: what every connector must do with a healthy source, and under every fault."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from connectors.collect import collect
from connectors.connector import Connector
from connectors.facts import Account, Collection, Complete, Partial
from connectors.one_account import AccountsUnread, ReadsOneAccount
from connectors.read_accounts import read_accounts
from connectors.testing.faults import END, Expected, ExpectedEnd, Fault
from connectors.testing.harness import Observation, Population, Source, Trial

Wrap = Callable[[Connector], Connector]
"""Puts something around the connector under test: a recorder, or a planted bug."""

FEWEST_PAGES = 3
"""With fewer, "the first page only" and "no token passed on" could not be told from the truth."""
LONGEST_FIRST = sorted(Fault, key=lambda f: f not in (Fault.SLOW_DRIP, Fault.ERROR_FOR_EVER, Fault.TOO_MANY))
"""So that the others are tried while these wait."""
SINGLE = 60
"""So many accounts are asked for by themselves: more would say no more."""
LONGEST_S = 60
"""A connector that heeds its limits ends far earlier, on a busy machine too; one that does not, waits for ever."""


class ContractBroken(AssertionError):
    """The connector (or the harness) does not keep the contract; says what was done, found and expected."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken part of the contract."""

    check: str
    text: str


def as_it_is(connector: Connector) -> Connector:
    """Put nothing around it."""
    return connector


def read_truth(source: Source, wrap: Wrap = as_it_is) -> Collection:
    """Read the source without fault; raises `ContractBroken` unless that is complete."""
    truth = collect(wrap(source.healthy()))
    if isinstance(truth.completeness, Partial):
        raise ContractBroken(f"a healthy source was not read whole: {truth.completeness.reason}")
    return truth


def check_population(source: Source, truth: Collection) -> None:
    """
    Compare what was read with what the harness put there.

    Finds: pages left out, a display name taken for the key, a disabled account that counts as live, groups that are
    not followed to the last, a canary that nobody looked for, a secret that got into the facts.
    """
    known, accounts = source.population, {a.login: a for a in truth.accounts}
    _equal("logins", frozenset(accounts), known.logins)
    _equal("the number of accounts", len(truth.accounts), len(known.logins))
    _equal("accounts that cannot sign in", frozenset(a.login for a in truth.accounts if not a.live), known.disabled)
    _check_namesakes(known, accounts)
    _check_held(known, truth, accounts)
    systems = {a.system for a in truth.accounts} | {e.system for e in truth.entitlements.values()}
    if systems != {truth.system.id}:
        raise ContractBroken(f"facts of another system than `{truth.system.id}`")
    evidence = {e.name for e in truth.completeness.evidence} if isinstance(truth.completeness, Complete) else set()
    if known.canary and "canary" not in evidence:
        raise ContractBroken("the harness knows an account that must be seen, and the connector has no `canary`")
    for secret in known.secrets:
        if secret in repr(truth):
            raise ContractBroken("a secret of the harness stands in the collection")


def check_pages(source: Source) -> None:
    """Make sure that the harness's source needs several pages."""
    if source.pages is not None and source.pages < FEWEST_PAGES:
        raise ContractBroken(f"the harness's source was read in {source.pages} pages; expected {FEWEST_PAGES} or more")


def check_repeatable(source: Source, truth: Collection, wrap: Wrap = as_it_is) -> None:
    """Read again: the same source says the same."""
    if not source.same(truth, read_truth(source, wrap)):
        raise ContractBroken("two reads of one source differ")


def check_fault(source: Source, fault: Fault, truth: Collection, wrap: Wrap = as_it_is) -> int:
    """
    Read under every form of a fault; return how many there were, 0 where the harness says why it cannot show it.

    Raises `ContractBroken` unless each was seen to fire, and ended as the truth or as `Partial` that names the cause.
    """
    if fault in source.cannot:
        if not source.cannot[fault].strip():
            raise ContractBroken(f"the harness cannot show `{fault}`, and does not say why")
        return 0
    with source.trials(fault) as trials:
        if not trials:
            raise ContractBroken(f"the harness has no form of `{fault}`, and does not say why")
        problems = [f"{t.label}: {p}" if t.label else p for t in trials for p in _tried(source, fault, truth, t, wrap)]
    if problems:
        raise ContractBroken(f"`{fault}`: " + "; ".join(problems))
    return len(trials)


def breaches(source: Source, wrap: Wrap = as_it_is) -> list[Breach]:
    """Check everything, and return what is broken instead of raising at the first."""
    found: list[Breach] = []

    @contextmanager
    def noted(check: str) -> Iterator[None]:
        try:
            yield
        except ContractBroken as broken:
            found.append(Breach(check, str(broken)))

    truth = None
    with noted("healthy"):
        truth = read_truth(source, wrap)
    if truth is None:
        return found
    with noted("population"):
        check_population(source, truth)
    with noted("pages"):
        check_pages(source)
    with ThreadPoolExecutor(source.at_once) as pool:
        outcomes = {fault: pool.submit(check_fault, source, fault, truth, wrap) for fault in LONGEST_FIRST}
    for fault in Fault:
        with noted(fault):
            outcomes[fault].result()
    return found


def _tried(source: Source, fault: Fault, truth: Collection, trial: Trial, wrap: Wrap) -> Iterator[str]:
    started = time.monotonic()
    read = collect(wrap(trial.connector))
    took = time.monotonic() - started
    if took > LONGEST_S:
        yield f"it took {took:.0f} s; expected at most {LONGEST_S:.0f} s"
    yield from _noticed(trial.seen)
    if isinstance(read.completeness, Partial):
        yield from _judged_partial(END[fault], read, read.completeness.reason)
    elif END[fault].may is Expected.CAUSE:
        yield f"it counts as complete, with {len(read.accounts)} accounts"
    elif not source.same(truth, read):
        yield f"it counts as complete and is not the truth: {_difference(truth, read)}"


def _noticed(seen: Observation) -> Iterator[str]:
    """Tell what the fault itself noticed."""
    deadline = time.monotonic() + 10
    while not seen.fired and time.monotonic() < deadline:
        time.sleep(0.01)  # the other end of the line notices a little later
    if not seen.fired:
        yield "the fault never fired, so that this proves nothing"
    if seen.leaked:
        yield f"{seen.leaked} bytes were sent over a connection that must not be trusted"
    waited = seen.waited_s or 0
    if seen.fired and seen.told_to_wait_s is not None and waited < seen.told_to_wait_s:
        yield f"it was told to wait {seen.told_to_wait_s:.0f} s and tried again after {waited:.1f} s"


def _judged_partial(end: ExpectedEnd, read: Collection, reason: str) -> Iterator[str]:
    if read.accounts:
        yield "it is partial, and holds accounts"
    if end.may is Expected.TRUTH:
        yield f"it is partial, and should have been read to its end: {reason}"
    elif reason.startswith("the connector failed with"):
        yield f"a foreign error came through: {reason}"
    elif not end.names_cause(reason):
        yield f"the reason does not name the cause: {reason}"


def _check_namesakes(known: Population, accounts: dict[str, Account]) -> None:
    if known.namesakes:
        one, two = (accounts[login] for login in known.namesakes)
        if one.name != two.name:
            raise ContractBroken(f"`{one.login}` and `{two.login}` are to have one name, and do not")
        if one.id in (two.id, one.name):
            raise ContractBroken("the name is used as the key")


def _check_held(known: Population, truth: Collection, accounts: dict[str, Account]) -> None:
    names = {e.id: e.name for e in truth.entitlements.values()}
    for login, expected in known.held.items():
        held = {
            x for g in truth.grants if g.account == accounts[login].id for x in (g.entitlement, names[g.entitlement])
        }
        if not expected <= held:
            raise ContractBroken(f"`{login}` should hold `{'`, `'.join(sorted(expected - held))}`")
    if known.nested:
        login, outermost = known.nested
        paths = [
            g.path
            for g in truth.grants
            if g.account == accounts[login].id and outermost in (g.entitlement, names[g.entitlement])
        ]
        if not any(len(path) >= 2 for path in paths):
            raise ContractBroken(f"`{login}` should hold `{outermost}` through two others; found paths {paths}")


def _equal(what: str, found: object, expected: object) -> None:
    if found == expected:
        return
    if isinstance(found, frozenset) and isinstance(expected, frozenset):
        raise ContractBroken(f"{what}: missing {sorted(expected - found)}, too many {sorted(found - expected)}")
    raise ContractBroken(f"{what}: found {found}, expected {expected}")


def _difference(truth: Collection, read: Collection) -> str:
    for what in ("accounts", "entitlements", "grants"):
        old, new = getattr(truth, what), getattr(read, what)
        if old != new:
            if len(old) != len(new):
                return f"{len(new)} {what} instead of {len(old)}"
            pair = next((o, n) for o, n in zip(old, new, strict=True) if o != n)
            return f"{what}: {pair[1]} instead of {pair[0]}"
    return "something else than facts"


def check_single_accounts(source: Source, truth: Collection) -> None:
    """
    Compare what the connector says of accounts that it is asked for with what a whole read says.

    An account that there is not must not be answered for, and nobody may be said to hold what the whole read does not
    know of. Raises `ContractBroken`.
    """
    connector = source.healthy()
    if not isinstance(connector, ReadsOneAccount):
        return
    known = [account for account in truth.accounts if not account.service][:SINGLE]
    stranger = replace(known[0], id=_another_id(truth), login="nobody-of-this-name")
    answer = read_accounts(connector, [*known, stranger])
    if isinstance(answer, AccountsUnread):
        raise ContractBroken(f"single accounts could not be read: {answer.reason}")
    given: dict[str, set[str]] = {}
    for grant in truth.grants:
        given.setdefault(grant.account, set()).add(grant.assignment)
    shown = 0
    for account in known:
        if (now := answer.found.get(account.id)) is None:
            continue  # some entries of a list are not to be had by themselves, such as members of other domains
        shown += 1
        if (now.account.status, now.account.login) != (account.status, account.login):
            raise ContractBroken(f"`{account.login}` is {account.status}, and by itself {now.account.status}")
        if now.given is not None and not now.given <= given.get(account.id, set()):
            raise ContractBroken(f"`{account.login}` holds by itself what the whole read does not know of")
    if stranger.id in answer.found or shown < len(known) / 2:
        raise ContractBroken(f"{shown} of {len(known)} accounts are shown by themselves, and of a stranger something")


def _another_id(known: Collection) -> str:
    """Return an id of the form that is usual here and that nobody has."""
    ids, id_ = {account.id for account in known.accounts}, known.accounts[0].id
    others = (f"{id_[:-1]}{last}" for last in "0123456789abcdef")
    return next((other for other in others if other not in ids), f"{id_}9")
