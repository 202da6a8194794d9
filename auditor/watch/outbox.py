"""
From the store to the outbox: each audit is told once, in one transaction with the mark that says how far was told.

Killed before the transaction: it is worked out again from the store, the same. Killed after it: it is in the outbox.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from auditor.audit.inputs import read_inputs
from auditor.config import Config
from auditor.exit_codes import IN_STEP
from auditor.ledger.keys import Signer
from auditor.snapshot import AuditSummary
from auditor.store import Store
from auditor.watch import messages
from auditor.watch.delivery import Emit
from auditor.watch.digest import Digest, NewsSource, digest_of, later_than
from auditor.watch.escalation import Escalation
from auditor.watch.failure import Failure
from auditor.watch.future import future_marks
from auditor.watch.state import Delivery, WatchState
from auditor.watch_settings import WatchSettings
from connectors.errors import AuditorError

TOLD, TROUBLE = "told", "trouble"
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


def require(config: Config) -> WatchSettings:
    """Return the settings of the watch; raises `AuditorError` when there are none."""
    if config.watch is None:
        raise AuditorError(
            f"`{config.path.name}` does not say whom to tell",
            hint="add `watch:` with `recipients:`; docs/watch.md has an example to copy",
        )
    return config.watch


class Outbox:
    """Puts into the outbox what there is to tell about one practice."""

    def __init__(self, state: WatchState, emit: Emit, clock: Callable[[], datetime], escalation: Escalation) -> None:
        self._state, self._emit, self._clock, self._escalation = state, emit, clock, escalation

    def begin(self, config: Config) -> None:
        """Take what was audited before anybody watched as known: it is no news."""
        if self._state.mark(config.practice.id, TOLD) is None:
            audits = audits_of(config)
            last = (audits[-1].at, audits[-1].id) if audits else (_BEFORE_ALL, 0)
            self._state.put(config.practice.id, TOLD, json.dumps([last[0].isoformat(), last[1]]))
            self._escalation.take_as_known(config, require(config))

    def tell(self, config: Config) -> None:
        """Tell every audit that was not told yet, whoever made it; raises what keeps it from being worked out."""
        settings, audits = require(config), audits_of(config)
        told = self._told(config, audits)
        if not any(later_than(one, told) for one in audits):
            return
        inputs = read_inputs(config)
        days = max(settings.tell_of(name).falls_due_days for name in settings.recipients)
        key = Signer.load_or_create(config.store.with_suffix(".key"), ledger_is_empty=False).pseudonyms
        with Store.look(config.store) as store:
            audits = store.audits(config.practice.id)
            for place, one in enumerate(audits):
                if later_than(one, told):
                    found = digest_of(NewsSource(config, inputs, store, key, days), audits, place)
                    self._queue(config, found, last=place == len(audits) - 1)

    def trouble(self, config: Config, trouble: Failure, at: datetime) -> None:
        """Tell that no audit could be made, once until one is or something else is the matter; inside a transaction."""
        practice, recipients = config.practice.id, list(require(config).recipients)
        noted = json.loads(self._state.mark(practice, TROUBLE) or "{}")
        if noted.get("same") == trouble.same:
            return
        id_ = messages.message_id(practice, "trouble", trouble.same, at.isoformat())
        for name in recipients:
            self._state.queue(practice, messages.of_trouble(id_, practice, name, trouble, at))
        self._state.put(practice, TROUBLE, json.dumps({"same": trouble.same, "code": trouble.code}))
        self._emit("queued", message=id_, recipients=recipients)

    def last_code(self, config: Config) -> int:
        """Return the exit code of the last attempt to audit."""
        trouble = json.loads(self._state.mark(config.practice.id, TROUBLE) or "{}")
        if trouble:
            return int(trouble["code"])
        audits = audits_of(config)
        return audits[-1].exit_code if audits else IN_STEP

    def _told(self, config: Config, audits: Sequence[AuditSummary]) -> tuple[datetime, int]:
        at, id_ = json.loads(self._state.mark(config.practice.id, TOLD) or f'["{_BEFORE_ALL.isoformat()}", 0]')
        # Its time may have been corrected since, because the clock had run ahead.
        now = next((one.at for one in audits if one.id == id_), None)
        told = datetime.fromisoformat(at)
        return min(told, now) if now else told, int(id_)

    def _queue(self, config: Config, found: Digest, *, last: bool) -> None:
        practice, settings = config.practice, require(config)
        id_ = ""
        told: list[str] = []
        with self._state.writing():
            if self._state.mark(practice.id, TROUBLE):
                found = replace(found, usable_again=True)
                self._state.put(practice.id, TROUBLE, "")
            for name in settings.recipients:
                mine = found.for_(settings.tell_of(name))
                mine = replace(
                    mine, due=tuple(d for d in mine.due if not self._state.is_told(practice.id, name, d.key))
                )
                if last:
                    mine = replace(mine, overdue=self._escalation.news(practice.id, name, settings))
                if not mine.worth_telling:
                    continue
                message = messages.of_news(mine, practice.id, practice.timezone, name, self._clock())
                self._state.queue(practice.id, message)
                for due in mine.due:
                    self._state.put_told(practice.id, name, due.key)
                id_, told = message.id, [*told, name]
            self._state.put(practice.id, TOLD, json.dumps([found.audit.at.isoformat(), found.audit.id]))
        if told:
            self._emit("queued", message=id_, recipients=told)


def audits_of(config: Config) -> tuple[AuditSummary, ...]:
    """Return the audits of the practice, oldest first; a store is not made where there is none."""
    if not config.store.exists():
        return ()
    with Store.look(config.store) as store:
        return store.audits(config.practice.id)


def ahead_of(config: Config, now: datetime) -> list[str]:
    """Return in words what the watch noted for a time that is still to come; nothing is written."""
    state = WatchState.look(config.store)
    if state is None:
        return []
    with state:
        return future_marks(state, config.practice.id, now)


def deliveries_of(config: Config) -> list[Delivery]:
    """Return how it stands with everybody who is to be told, and with whoever still was not; nothing is written."""
    found: list[Delivery] = []
    state = WatchState.look(config.store)
    if state is not None:
        with state:
            found = state.deliveries(config.practice.id)
    known = {delivery.recipient for delivery in found}
    return [*found, *(Delivery(name) for name in require(config).recipients if name not in known)]
