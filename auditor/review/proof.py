"""Whether the systems prove that something of a review is gone; nothing is gone by a name, a filter or a gap."""

from collections.abc import Mapping
from datetime import datetime

from auditor.orders.follow import elsewhere
from auditor.review_records import ReviewItem
from connectors.unread import is_unread
from policies.engine.case import Case


def gone(case: Case, item: ReviewItem, users: tuple[str, ...], frozen: Mapping[str, datetime]) -> str:
    """
    Say what of a whole read shows that an item is no longer held; empty where nothing does.

    `frozen` is by system of when the facts were that the campaign froze: only newer ones prove anything. A way in from
    outside is not stored, so no stored audit proves it closed.
    """
    system, key = item.system, (item.system, item.account)
    if system not in case.systems or system in case.incomplete or not _newer(case, system, frozen):
        return ""
    account, title = case.accounts.get(key), case.systems[system].title
    if account is None:
        # An account of nobody is asked about as one of a person without a name: only what the read left out counts.
        doubt = any(elsewhere(case, person, system) for person in (users or ("",)))
        return "" if doubt else f"{item.login} is no longer there in {title}"
    if not account.live:
        return f"{account.login} in {title} is {account.status.value}"
    if not item.entitlement:
        return ""
    given = case.holdings.grants_of(*key)
    held = any(g.entitlement == item.entitlement and g.path == item.path for g in given)
    if held or any(is_unread(g.entitlement) for g in given):
        return ""
    return f"{account.login} no longer holds {item.name} in {title}"


def _newer(case: Case, system: str, frozen: Mapping[str, datetime]) -> bool:
    return system not in frozen or case.collections[system].as_of > frozen[system]
