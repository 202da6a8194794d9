"""
Which orders are overdue, from the store, and who was told of which step; the store is read again only when it changed.

What is overdue when an audit is told stands in its message; what comes to a step between two audits has its own.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from auditor.clocks import clocks_of
from auditor.config import Config
from auditor.ledger.keys import Signer
from auditor.store import Store
from auditor.watch import messages
from auditor.watch.delivery import Emit
from auditor.watch.digest import shown
from auditor.watch.overdue import DatedOrder, OverdueOrder, dated
from auditor.watch.state import WatchState
from auditor.watch_settings import WatchSettings


class Escalation:
    """The orders of one practice that are overdue, and what was told of them."""

    def __init__(self, state: WatchState, emit: Emit, clock: Callable[[], datetime]) -> None:
        self._state, self._emit, self._clock = state, emit, clock
        self._orders: tuple[DatedOrder, ...] = ()
        self._key = b""
        self._next: datetime | None = None
        """When the next step of any order comes; nothing is to be told before."""

    def refresh(self, config: Config) -> None:
        """Read the open orders anew, because the store or the configuration changed."""
        self._orders, self._next = (), None
        if not config.store.exists():
            return
        with Store.look(config.store) as store:
            open_ = store.open_orders(config.practice.id)
        if open_:
            self._key = Signer.load_or_create(config.store.with_suffix(".key"), ledger_is_empty=False).pseudonyms
            self._orders = tuple(dated(open_, clocks_of(config)))
            self._next = min((one.due for one in self._orders), default=None)

    def take_as_known(self, config: Config, settings: WatchSettings) -> None:
        """Take what was overdue before anybody watched as known; inside a transaction."""
        self.refresh(config)
        for name in settings.recipients:
            self.news(config.practice.id, name, settings)

    def news(self, practice: str, recipient: str, settings: WatchSettings) -> tuple[OverdueOrder, ...]:
        """
        Return what has come to a step of which a recipient was not told, and note that it is told; in a transaction.

        Steps that were missed meanwhile are told with the last one.
        """
        now, steps = self._clock(), settings.tell_of(recipient).orders_overdue_hours
        found = []
        for one in self._orders:
            keys = one.keys(steps, now)
            if keys and not self._state.is_told(practice, recipient, keys[-1]):
                found.append(one.at_step(steps, now, shown(one.order.vma, self._key)))
                for key in keys:
                    self._state.put_told(practice, recipient, key)
        return tuple(found)

    def tell(self, practice: str, settings: WatchSettings) -> None:
        """Put into the outbox what has come to a step since the last audit was told."""
        now = self._clock()
        if self._next is None or now <= self._next:
            return
        told: dict[str, list[str]] = {}
        with self._state.writing():
            for name in settings.recipients:
                if found := self.news(practice, name, settings):
                    message = messages.of_orders(found, practice, name, now)
                    self._state.queue(practice, message)
                    told.setdefault(message.id, []).append(name)
        every = {step for name in settings.recipients for step in settings.tell_of(name).orders_overdue_hours}
        moments = (one.due + timedelta(hours=step) for one in self._orders for step in every)
        self._next = min((moment for moment in moments if moment >= now), default=None)
        for id_, names in told.items():
            self._emit("queued", message=id_, recipients=names)
