"""Entitlements of which nobody knows what they give: no catalog knows them, or their provider not what they name."""

from connectors.unread import is_unread
from policies.engine.answers import Broken
from policies.engine.case import Case
from policies.engine.evidence import account_steps, grant_steps, listing
from policies.engine.rule import Item


def unclassified(case: Case, item: Item) -> Broken | None:
    """Say who holds an entitlement that no catalog knows, or that was not read; `None` for any other."""
    if not (holders := case.unclassified.get(item.subject.key)):
        return None
    key, (_, id_) = holders[0][1], item.subject.key
    reason, grant = case.holdings[key].unclassified[id_]
    return Broken(
        "unread" if is_unread(id_) else "unclassified",
        holders=listing(dict.fromkeys(case.people[vma].name for vma, _ in holders)),
        reason=reason,
        name=item.subject.name,
        path=(*account_steps(case, key), *grant_steps(case, key, grant)),
    )


def unknown_action(case: Case, item: Item) -> Broken | None:
    """Say which action of an entitlement its provider does not know: it gives nothing, and somebody meant something."""
    entitlement = case.holdings.entitlement(*item.subject.key)
    unknown = case.policy.catalogs.unknown_in(case.systems[item.system], entitlement)
    return Broken("unknown-action", what="unknown-action", unknown=unknown) if unknown else None
