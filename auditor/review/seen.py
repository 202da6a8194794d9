"""What the last audit shows of the items of a question: the state at the decision, and whether anything is left."""

from collections.abc import Sequence

from sqlalchemy import Connection, select
from sqlmodel import col

from auditor.review_records import Campaign, HeldThen, ReviewItem
from auditor.store.forms import to_json
from auditor.store.reading import last_audit
from auditor.store.tables import AccountRow, CollectionRow, GrantRow
from connectors.facts import Status

_LIVE = frozenset(s.value for s in Status if s not in (Status.DISABLED, Status.EXPIRED))


def held_now(connection: Connection, practice: str, audit: int, items: Sequence[ReviewItem]) -> dict[int, HeldThen]:
    """
    Return by number of each item whether the last audit shows it held.

    A system that this audit did not read whole shows nothing; a way in from outside is not stored, and not known.
    """
    c = CollectionRow
    whole = set(connection.scalars(select(col(c.system)).where(col(c.audit) == audit, col(c.complete))))
    live = _live(connection, practice, items)
    grants = _grants(connection, practice, items)
    found: dict[int, HeldThen] = {}
    for item in items:
        key = (item.system, item.account)
        if item.system not in whole or (not item.entitlement and item.name != item.login):
            held = HeldThen.NOT_KNOWN
        elif key not in live or (item.entitlement and (*key, item.entitlement, to_json(item.path)) not in grants):
            held = HeldThen.NOT_HELD
        else:
            held = HeldThen.HELD
        found[item.id or 0] = held
    return found


def seen_now(connection: Connection, campaign: Campaign, items: Sequence[ReviewItem]) -> tuple[str, ...]:
    """Return the number of the last audit, then each item that it does not show held, as a decision keeps it."""
    audit = last_audit(connection, campaign.practice) or campaign.audit
    held = held_now(connection, campaign.practice, audit, items)
    return (str(audit), *(f"{number} {what.value}" for number, what in held.items() if what is not HeldThen.HELD))


def _live(connection: Connection, practice: str, items: Sequence[ReviewItem]) -> set[tuple[str, str]]:
    a = AccountRow
    query = select(col(a.system), col(a.account)).where(col(a.practice) == practice, col(a.to_audit).is_(None))
    query = query.where(col(a.account).in_({item.account for item in items}), col(a.status).in_(_LIVE))
    return {(system, account) for system, account in connection.execute(query)}


def _grants(connection: Connection, practice: str, items: Sequence[ReviewItem]) -> set[tuple[str, str, str, str]]:
    g = GrantRow
    found: set[tuple[str, str, str, str]] = set()
    for system, account in dict.fromkeys((i.system, i.account) for i in items if i.entitlement):
        query = select(col(g.entitlement), col(g.path)).where(
            col(g.practice) == practice,
            col(g.to_audit).is_(None),
            col(g.system) == system,
            col(g.account) == account,
        )
        found |= {(system, account, entitlement, path) for entitlement, path in connection.execute(query)}
    return found
