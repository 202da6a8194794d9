"""Small campaigns that begin by themselves: on a headcount event, about the people whom it touched, and no others."""

from collections.abc import Callable, Iterable
from datetime import datetime

from auditor.audit.inputs import Inputs
from auditor.config import Config
from auditor.headcount.events import Event, EventKind
from auditor.ledger.keys import Signer
from auditor.review.opening import Opened, Request, open_campaign
from auditor.review.state import campaigns, open_campaigns
from auditor.review_records import ReviewScope
from auditor.store import Store
from policies.engine.evidence import listing

TOUCHING = frozenset(
    {
        *(EventKind.JOINED, EventKind.REHIRED, EventKind.LEFT, EventKind.ROLE_CHANGED, EventKind.SCOPE_CHANGED),
        *(EventKind.AGENCY_CHANGED, EventKind.ON_LEAVE, EventKind.RETURNED, EventKind.ID_REUSED),
    }
)
"""What may change what somebody needs."""
BY = "headcount event"


def open_on_events(
    config: Config,
    inputs: Inputs,
    store: Store,
    signer: Signer,
    events: Iterable[Event],
    *,
    clock: Callable[[], datetime],
) -> Opened | None:
    """
    Open a campaign about the people of headcount events; `None` where there is nothing to ask, or it is asked already.

    While a campaign about everybody is open, that one takes them along. Raises `AuditorError` where nobody may decide
    about one of them.
    """
    settings = config.review
    touching = [e for e in events if e.vma and e.kind in TOUCHING]
    if settings is None or not settings.cadence.on_events or not touching:
        return None
    audits = store.audits(config.practice.id)
    with store.reviewed() as connection:
        if any(c.scope is ReviewScope.ALL for c in open_campaigns(connection, config.practice.id)):
            return None
        known = campaigns(connection, config.practice.id)
    if any(c.scope is ReviewScope.EVENT and c.audit == audits[-1].id for c in known):
        return None
    people = frozenset(e.vma for e in touching)
    if not _anything(store, config.practice.id, people):
        return None
    because = tuple(dict.fromkeys(f"{e.vma} {e.kind.value}: {e.detail}"[:200] for e in touching))
    name = f"{audits[-1].at:%Y-%m-%d} {listing(sorted(people))}"[:100]
    request = Request(by=BY, name=name, scope=ReviewScope.EVENT, only=people, because=because)
    return open_campaign(config, inputs, store, signer, request, clock=clock)


def _anything(store: Store, practice: str, people: frozenset[str]) -> bool:
    """Whether one of them has an account that works: a start before the first account asks nothing."""
    last = store.last(practice)
    if last is None:
        return False
    facts = last.snapshot
    return any(
        account.live and key in facts.owners and people & set(facts.owners[key].people)
        for key, account in facts.accounts.items()
    )
