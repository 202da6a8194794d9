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

    `frozen` is by system of when the facts were that the campaign froze: only newer ones prove anything. Not for a way
    in from outside, which is no account.
    """
    system, key = item.system, (item.system, item.account)
    if not newer_whole(case, system, frozen):
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


def newer_whole(case: Case, system: str, frozen: Mapping[str, datetime]) -> bool:
    """Whether a system was read whole, and its facts are newer than those that the campaign froze."""
    if system not in case.systems or system in case.incomplete:
        return False
    return system not in frozen or case.collections[system].as_of > frozen[system]
