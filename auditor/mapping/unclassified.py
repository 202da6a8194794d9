"""What no catalog classifies, over all systems of a practice, read anew or as the last audit saw them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.config import Config
from auditor.mapping.catalog_draft import UnknownEntitlement, unclassified
from auditor.store import Store
from connectors.collect import collect
from connectors.errors import AuditorError
from connectors.facts import Account, Collection, Complete, Entitlement, Evidence, Grant, Partial
from policies.catalogs.catalog import Catalogs


@dataclass(frozen=True, slots=True)
class UnclassifiedHolding:
    """One entitlement that no catalog classifies, and how somebody comes to hold it."""

    system: str
    product: str
    unknown: UnknownEntitlement
    path: tuple[str, ...]
    """From the login of one account that holds it, through groups, to its name; empty when nobody holds it."""


@dataclass(frozen=True, slots=True)
class UnclassifiedReport:
    """What was looked at, and what is left to classify."""

    gaps: tuple[UnclassifiedHolding, ...]
    """Most held first."""
    collections: tuple[Collection, ...]
    """Of the systems that were read whole."""
    unread: tuple[Collection, ...]
    """Of those that were not."""


def read_systems(config: Config, only: Sequence[str], progress: Callable[[str, int], None]) -> Iterator[Collection]:
    """Read the systems anew; `only` names some of them, and nothing means all."""
    for id_ in only or tuple(config.sources):
        source = config.sources[id_]
        yield collect(
            source.connector,
            time_limit_s=source.time_limit_s,
            progress=lambda count, id_=id_: progress(id_, count),  # type: ignore[misc]
        )


def from_store(config: Config, only: Sequence[str], store: Path) -> Iterator[Collection]:
    """
    Give the systems as the last audit in a store saw them; raises `AuditorError` when it holds none of this practice.

    A system that could not be read then comes as it was read whole the last time before; one that never was is partial.
    """
    if not store.is_file():
        raise AuditorError(f"there is no store `{store}`", hint="`auditor audit` makes one; or leave out `--store`")
    with Store.look(store) as opened:
        last = opened.last(config.practice.id)
    if last is None:
        raise AuditorError(f"`{store}` holds no audit of `{config.practice.id}`", hint="leave out `--store`")
    accounts: dict[str, list[Account]] = defaultdict(list)
    entitlements: dict[str, dict[str, Entitlement]] = defaultdict(dict)
    grants: dict[str, list[Grant]] = defaultdict(list)
    for (system, _), account in last.snapshot.accounts.items():
        accounts[system].append(account)
    for (system, id_), entitlement in last.snapshot.entitlements.items():
        entitlements[system][id_] = entitlement
    for system, grant in last.snapshot.grants:
        grants[system].append(grant)
    for id_ in only or tuple(config.sources):
        connector = config.sources[id_].connector
        yield Collection(
            connector.system,
            f"the audit of {last.audit.at:%Y-%m-%d %H:%M} UTC",
            last.audit.at,
            Complete((Evidence("store", "as it was read whole last"),))
            if id_ in accounts
            else Partial("no audit in the store has read it", "leave out `--store`"),
            tuple(sorted(accounts[id_], key=lambda a: a.id)),
            dict(sorted(entitlements[id_].items())),
            tuple(sorted(grants[id_], key=lambda g: (g.account, g.entitlement, g.path))),
        )


def look(collections: Sequence[Collection], catalogs: Catalogs, *, everything: bool) -> UnclassifiedReport:
    """List what no catalog classifies; with `everything`, also what nobody holds."""
    whole = tuple(c for c in collections if c.complete)
    gaps = [
        UnclassifiedHolding(c.system.id, c.system.product, unknown, _path(c, unknown.entitlement))
        for c in whole
        for unknown in unclassified(c, catalogs)
        if unknown.holders or everything
    ]
    gaps.sort(key=lambda g: (-g.unknown.live_holders, -g.unknown.holders, g.system, g.unknown.entitlement.name))
    return UnclassifiedReport(tuple(gaps), whole, tuple(c for c in collections if not c.complete))


def _path(collection: Collection, entitlement: Entitlement) -> tuple[str, ...]:
    """Return the shortest way to it, of a live account if one holds it."""
    accounts = {account.id: account for account in collection.accounts}
    ways = [grant for grant in collection.grants if grant.entitlement == entitlement.id]
    if not ways:
        return ()
    way = min(ways, key=lambda g: (not accounts[g.account].live, len(g.path), g.account, g.path))
    names = (collection.entitlements[id_].name for id_ in (*way.path, way.entitlement))
    return (accounts[way.account].login, *names)
