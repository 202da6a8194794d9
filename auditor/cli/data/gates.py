"""What the gates tell a machine (`auditor onboard`, `offboard`, `transfer`): the fields are the public keys."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from auditor.cli.data.announced import AnnouncedData, announced_data
from auditor.cli.data.unsettled import UnsettledData, unsettled_data
from auditor.gates.announced import Announced
from auditor.gates.checklist import AnsweredItem, GateAnswer
from auditor.gates.offboard import AccountLag, Offboarding, OffboardOutcome
from auditor.gates.onboard import Onboarding
from auditor.gates.role_change import Changed, KeptGrant
from auditor.gates.transfer import Transfer, TransferHolding, TransferOutcome
from auditor.snapshot import OrderKind, WorkOrder
from policies.clocks import Matter
from policies.engine.case import Case
from policies.vocabulary import Vocabulary
from reports.as_json import Keys

KEYS: Keys = {KeptGrant: {"name": "entitlement"}}
"""Public keys that are no names of fields."""


@dataclass(frozen=True, slots=True)
class ItemData:
    """One item of a checklist, answered."""

    id: str
    text: str
    when: Literal["before", "after"]
    source: str
    answer: GateAnswer
    evidence: tuple[str, ...]
    to_do: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GrantData:
    """Something to grant: its native id and name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class OrderData:
    """An order that a gate calls for; `auditor orders` tells the rest."""

    id: str
    kind: OrderKind
    system: str
    account: str
    """Log-in; empty where an account is to be made."""
    entitlement: str


@dataclass(frozen=True, slots=True)
class OnboardingData:
    """Whether a new VMA is ready; capabilities by id."""

    vma: str
    name: str
    roles: tuple[str, ...]
    start: date
    day: date
    ready: bool
    missing: tuple[str, ...]
    """Ids of items."""
    items: tuple[ItemData, ...]
    grant: Mapping[str, tuple[GrantData, ...]]
    """By system."""
    gives: tuple[str, ...]
    spare: tuple[str, ...]
    """What comes along, and the role allows."""
    excess: tuple[str, ...]
    only_with_forbidden: tuple[str, ...]
    no_system_gives: tuple[str, ...]
    finer: Mapping[str, tuple[str, ...]]
    """By system: the rights of a new group that would do better."""
    could_not_be_weighed: Mapping[str, int]
    notices: tuple[AnnouncedData, ...]
    orders: tuple[OrderData, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockData:
    """A clock on which a leaver's accounts are to be disabled."""

    matter: Matter
    hours: int
    source: str
    proposed: bool
    due_at: datetime | None
    """`None`: the roster gives no end."""
    sentence: str


@dataclass(frozen=True, slots=True)
class OffboardingData:
    """Whether a leaver is gone."""

    vma: str
    name: str
    end: date | None
    outcome: OffboardOutcome
    items: tuple[ItemData, ...]
    due_hours: int
    hours_to_disabled: tuple[AccountLag, ...]
    clocks: tuple[ClockData, ...]
    notices: tuple[AnnouncedData, ...]
    orders: tuple[OrderData, ...]


@dataclass(frozen=True, slots=True)
class HoldingData:
    """Something held: what of it is beyond the new role, and what the new role needs."""

    system: str
    login: str
    entitlement: str
    beyond: tuple[str, ...]
    needed: tuple[str, ...]
    remedy: str
    """How to take it away; empty where it need not go."""


@dataclass(frozen=True, slots=True)
class IdleAccountData:
    """An account by its system and login."""

    system: str
    login: str


@dataclass(frozen=True, slots=True)
class TransferData:
    """What a change of role takes away, brings and leaves; capabilities by id."""

    vma: str
    name: str
    from_roles: tuple[str, ...]
    to_roles: tuple[str, ...]
    on: date | None
    outcome: TransferOutcome
    must_go: tuple[HoldingData, ...]
    must_come: Mapping[str, tuple[str, ...]]
    gives: tuple[str, ...]
    excess: tuple[str, ...]
    no_system_gives: tuple[str, ...]
    may_stay: tuple[HoldingData, ...]
    for_a_person_to_say: tuple[HoldingData, ...]
    no_longer_needed: tuple[IdleAccountData, ...]
    accumulated: tuple[str, ...]
    """Ids of findings."""
    not_read: Mapping[str, str]
    not_settled: tuple[UnsettledData, ...]
    changed: Changed | None
    hours_to_removed: tuple[KeptGrant, ...]
    notices: tuple[AnnouncedData, ...]
    orders: tuple[OrderData, ...] = ()


def orders_data(orders: Sequence[WorkOrder]) -> tuple[OrderData, ...]:
    """Return them for a machine."""
    return tuple(OrderData(o.id, o.kind, o.system, o.login, o.name) for o in orders)


def item_data(answered: AnsweredItem) -> ItemData:
    """Return one item for a machine."""
    item = answered.item
    return ItemData(item.id, item.text, item.when, item.source, answered.answer, answered.evidence, answered.todo)


def onboarding_data(result: Onboarding, words: Vocabulary, claimed: Iterable[Announced]) -> OnboardingData:
    """Return the gate of a new VMA for a machine."""
    grants, advice = result.grants, result.grants.advice
    return OnboardingData(
        vma=result.vma,
        name=result.name,
        roles=result.roles,
        start=result.start,
        day=result.day,
        ready=result.ready,
        missing=tuple(a.item.id for a in result.missing),
        items=tuple(item_data(a) for a in result.items),
        grant={
            system: tuple(GrantData(c.id.partition("/")[2], c.name) for c in chosen)
            for system, chosen in grants.by_system.items()
        },
        gives=words.names(advice.covers),
        spare=words.names(advice.spare),
        excess=words.names(advice.excess),
        only_with_forbidden=words.names(advice.impossible),
        no_system_gives=words.names(grants.nowhere),
        finer={system: tuple(c.name for c in chosen) for system, chosen in grants.finer.items()},
        could_not_be_weighed=grants.unclassified,
        notices=announced_data(claimed),
    )


def offboarding_data(
    result: Offboarding, clocks: Iterable[ClockData], claimed: Iterable[Announced], orders: tuple[OrderData, ...]
) -> OffboardingData:
    """Return the gate of a leaver for a machine."""
    return OffboardingData(
        vma=result.vma,
        name=result.name,
        end=result.end,
        outcome=result.outcome,
        items=tuple(item_data(a) for a in result.items),
        due_hours=result.due_hours,
        hours_to_disabled=result.lags,
        clocks=tuple(clocks),
        notices=announced_data(claimed),
        orders=orders,
    )


def transfer_data(result: Transfer, case: Case, claimed: Iterable[Announced]) -> TransferData:
    """Return a change of role for a machine."""
    words, grants = case.policy.vocabulary, result.grants
    return TransferData(
        vma=result.vma,
        name=result.name,
        from_roles=result.old,
        to_roles=result.new,
        on=result.on,
        outcome=result.outcome,
        must_go=_held(result.go, words),
        must_come={system: tuple(c.name for c in chosen) for system, chosen in grants.by_system.items()},
        gives=words.names(grants.advice.covers),
        excess=words.names(grants.advice.excess),
        no_system_gives=words.names(grants.nowhere),
        may_stay=_held(result.stay, words),
        for_a_person_to_say=_held(result.unknown, words),
        no_longer_needed=tuple(IdleAccountData(system, login) for system, login in result.idle),
        accumulated=tuple(f.identity(case.practice.id) for f in result.accumulated),
        not_read=result.unread,
        not_settled=tuple(unsettled_data(question) for question in result.unsettled),
        changed=result.changed,
        hours_to_removed=result.kept,
        notices=announced_data(claimed),
    )


def _held(items: Iterable[TransferHolding], words: Vocabulary) -> tuple[HoldingData, ...]:
    return tuple(
        HoldingData(
            system=h.system,
            login=h.login,
            entitlement=h.name,
            beyond=words.names(h.beyond),
            needed=words.names(h.needed),
            remedy=h.remedy if h.beyond else "",
        )
        for h in items
    )
