"""What the last audit shows of the items of a question: the state at the decision, and whether anything is left."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlmodel import col

from auditor.review_records import Campaign, HeldThen, ReviewItem
from auditor.store.forms import to_json
from auditor.store.reading import last_audit
from auditor.store.reviews import batches
from auditor.store.tables import AccountRow, CollectionRow, GrantRow
from connectors.facts import Status

_LIVE = frozenset(s.value for s in Status if s not in (Status.DISABLED, Status.EXPIRED))


def held_now(connection: Connection, practice: str, audit: int, items: Sequence[ReviewItem]) -> dict[int, HeldThen]:
    """
    Return by number of each item whether the last audit shows it held.

    A system that this audit did not read whole shows nothing. An account that is not shown any more may have another
    name, and a way in from outside is not stored: of neither it is known.
    """
    c = CollectionRow
    whole = set(connection.scalars(select(col(c.system)).where(col(c.audit) == audit, col(c.complete))))
    live = _live(connection, practice, items)
    grants = _grants(connection, practice, items)
    found: dict[int, HeldThen] = {}
    for item in items:
        key = (item.system, item.account)
        if item.system not in whole or key not in live:
            held = HeldThen.NOT_KNOWN
        elif not live[key] or (item.entitlement and (*key, item.entitlement, to_json(item.path)) not in grants):
            held = HeldThen.NOT_HELD
        else:
            held = HeldThen.HELD
        found[item.id or 0] = held
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last audit shows of some items."""

    audit: int
    held: Mapping[int, HeldThen]
    """By number of the item."""

    def of(self, items: Iterable[ReviewItem]) -> tuple[str, ...]:
        """Return the number of the audit, then each item that it does not show held, as a decision keeps it."""
        shown = ((item.id or 0, self.held[item.id or 0]) for item in items)
        return (str(self.audit), *(f"{number} {what.value}" for number, what in shown if what is not HeldThen.HELD))


def seen_now(connection: Connection, campaign: Campaign, items: Sequence[ReviewItem]) -> Seen:
    """Ask the last audit about items of a campaign."""
    audit = last_audit(connection, campaign.practice) or campaign.audit
    return Seen(audit, held_now(connection, campaign.practice, audit, items))


def _live(connection: Connection, practice: str, items: Sequence[ReviewItem]) -> dict[tuple[str, str], bool]:
    """Return of each account that is shown whether it works."""
    a = AccountRow
    query = select(col(a.system), col(a.account), col(a.status))
    query = query.where(col(a.practice) == practice, col(a.to_audit).is_(None))
    found: dict[tuple[str, str], bool] = {}
    for system, ids in _accounts(items):
        here = query.where(col(a.system) == system, col(a.account).in_(ids))
        found |= {(row.system, row.account): row.status in _LIVE for row in connection.execute(here)}
    return found


def _grants(connection: Connection, practice: str, items: Sequence[ReviewItem]) -> set[tuple[str, str, str, str]]:
    g = GrantRow
    query = select(col(g.system), col(g.account), col(g.entitlement), col(g.path))
    query = query.where(col(g.practice) == practice, col(g.to_audit).is_(None))
    found: set[tuple[str, str, str, str]] = set()
    for system, ids in _accounts([item for item in items if item.entitlement]):
        here = query.where(col(g.system) == system, col(g.account).in_(ids))
        found |= {(row.system, row.account, row.entitlement, row.path) for row in connection.execute(here)}
    return found


def _accounts(items: Sequence[ReviewItem]) -> Iterator[tuple[str, Sequence[str]]]:
    """Give system by system the accounts of some items, as many at a time as one statement takes."""
    for system in dict.fromkeys(item.system for item in items):
        for ids in batches(item.account for item in items if item.system == system):
            yield system, ids
