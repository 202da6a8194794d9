"""
The watch: looks at the files and at the clock, audits when one of them calls for it, and tells what came of it.

What calls for an audit: the files hold something else than what the last attempt read, by content; a time of the
schedule has come, once for all that were missed; a failure that may pass by itself was some time ago.

What an attempt read is noted after its audit was stored. Killed between the two, the next watch audits once more; as
nothing changed between the two audits, it has nothing more to tell.
"""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path

from auditor.audit.result import AuditResult
from auditor.config import Config, load_config
from auditor.headcount.events import Event
from auditor.ledger.keys import public_path
from auditor.pipeline import Options, audit
from auditor.watch.delivery import KEEP, Deliveries, Emit, Sender
from auditor.watch.escalation import Escalation
from auditor.watch.failure import Failure, failure_of
from auditor.watch.files import Contents, Files, Look, changed, last_touch, sizes_of
from auditor.watch.future import LONGEST_RETRY_S, RETRY, SCHEDULE, mend
from auditor.watch.inbox import WatchedInbox
from auditor.watch.outbox import Outbox, require
from auditor.watch.reviews import Reviews, with_reviewers
from auditor.watch.schedule import last_due, next_due
from auditor.watch.state import WatchState, lock_path, state_path
from connectors.collect import utc_now
from connectors.errors import AuditorError
from policies.engine.outcomes import Severity

POLL_S = 2.0
"""How often the files are looked at."""
PATIENCE = 10
"""A file that never settles is read after so many times the settle time."""
RETRY_S = 60
"""After a failure that may pass by itself: doubled each time, up to `LONGEST_RETRY_S`."""

TRIED = "tried"


class Watcher:
    """Watches the inputs of one practice; one process at a time (`auditor.watch.state.only_one`)."""

    def __init__(
        self,
        path: Path,
        state: WatchState,
        emit: Emit,
        *,
        store: Path | None = None,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
        sending: Callable[[], AbstractContextManager[None]] = nullcontext,
        fail_on: Severity = Severity.LOW,
    ) -> None:
        """
        `store` goes before that of the configuration.

        `sending` is entered around each message, which should not be interrupted without need.
        """
        self._path, self._state, self._emit, self._clock, self._sleep = path, state, emit, clock, sleep
        self._fail_on = fail_on
        self._store = store
        self._config = load_watched(path, store)
        self._settings = require(self._config)
        self._escalation = Escalation(state, emit, clock)
        self._reviews = Reviews(state, emit, clock)
        self._teller = Outbox(state, emit, clock, self._escalation)
        self._postman = Deliveries(state, self._config.practice.id, clock, emit, sending)
        self._files = Files(outputs(self._config))
        self._look: Look | None = None
        self._tried: Contents | None = None
        self._last: AuditResult | None = None
        """Our own audit before, from which the next one judges only what moved."""
        self._changed_at = 0.0
        self._restless_since: float | None = None
        self._store_seen: object = None
        self._inbox, self._inbox_seen = WatchedInbox(), object()

    def run(self) -> None:
        """Watch until `Stop`: a disk that is full, or a file that is locked, may be otherwise in a minute."""
        self.start()
        hindered = ""
        while True:
            try:
                self.turn()
                hindered = ""
            except (AuditorError, OSError) as error:
                what = error.message if isinstance(error, AuditorError) else f"{error.strerror}"
                if what != hindered:
                    self._emit("hindered", problem=what, todo=f"nothing is lost; it is tried again every {RETRY_S} s")
                hindered = what
                self._sleep(RETRY_S - POLL_S)
            self._sleep(POLL_S)

    def once(self) -> int:
        """Do what is due now; return the exit code of the audit, or of the last one when none was due."""
        self.start()
        while not self._settled() and self._why() is not None:
            self._sleep(min(POLL_S, max(self._settings.settle_s, 0.05)))
        self._receive()
        code = self._audit_if_due()
        self._tell_all()
        return self._teller.last_code(self._config) if code is None else code

    def start(self) -> None:
        """Take the present as the beginning, when nobody watched before."""
        practice, now = self._config.practice, self._clock()
        self._mend()
        with self._state.writing():
            if self._state.mark(practice.id, SCHEDULE) is None:
                self._state.put(practice.id, SCHEDULE, now.isoformat())
            self._teller.begin(self._config)
        due = next_due(self._settings.schedule, practice.timezone, now)
        self._emit("watching", files=len(self._files.look(self._config.inputs)), next_scheduled=due)

    def turn(self) -> None:
        """Do whatever is due at this moment."""
        self._mend()
        if self._settled():
            self._receive()
            self._audit_if_due()
        self._tell_all()

    def _mend(self) -> None:
        """Bring back what was noted while the clock was ahead; otherwise nothing would be due for as long."""
        for what in mend(self._state, self._config.practice.id, self._clock()):
            self._emit("clock-was-ahead", mended=what)

    def _audit_if_due(self) -> int | None:
        why = self._why()
        return None if why is None else self.attempt(why)

    def _tell_all(self) -> None:
        self._tell_audits()
        self._escalation.tell(self._config.practice.id, self._settings)
        self._reviews.tell(self._config, self._settings, sizes_of(self._config.store))
        settings = with_reviewers(self._settings, self._config.review)
        self._postman.deliver(Sender(settings, self._path.resolve().parent))

    def _receive(self) -> None:
        """Receive what is new in the inbox; it is an input, so that the next audit weighs it."""
        if self._config.inbox is None:
            return
        seen = (self._files.look([self._config.inbox]), sizes_of(self._config.store))
        if seen == self._inbox_seen:
            return
        for event in self._inbox.look(self._config, self._clock()):
            self._emit("received", **event)
        if not self._inbox.again:
            self._inbox_seen = seen[0], sizes_of(self._config.store)  # what came meanwhile is seen at the next turn

    # ---- when -------------------------------------------------------------------------------------------------------

    def _settled(self) -> bool:
        """Look at the files; return whether they have been left alone for long enough, or never are."""
        before = self._look
        look, now, settle = self._see(), time.monotonic(), self._settings.settle_s
        if before is None:
            # Nobody looked before: how long ago the last touch was is all that there is to go by.
            self._changed_at = now - max(0.0, time.time() - last_touch(look))
        elif look != before:
            self._changed_at = now
            self._restless_since = now if self._restless_since is None else self._restless_since
        restless = self._restless_since is not None and now - self._restless_since >= PATIENCE * settle
        if now - self._changed_at >= settle or restless:
            self._restless_since = None
            return True
        return False

    def _see(self) -> Look:
        self._look = self._files.look(self._config.inputs)
        return self._look

    def _why(self) -> dict[str, object] | None:
        """Return what calls for an audit, in words for the journal; `None` for nothing."""
        practice, now = self._config.practice, self._clock()
        contents = self._files.contents(self._look if self._look is not None else self._see())
        if self._tried is None:
            self._tried = json.loads(self._state.mark(practice.id, TRIED) or "{}")
        tried = self._tried or {}
        if tried != contents:
            return {"because": "changed", "files": changed(tried, contents)} if tried else {"because": "not read yet"}
        due = last_due(self._settings.schedule, practice.timezone, now)
        noted = self._state.mark(practice.id, SCHEDULE)
        if due is not None and (noted is None or due > datetime.fromisoformat(noted)):
            return {"because": "scheduled", "due": due}
        again, failures = self._retry()
        if again is not None and now >= again:
            return {"because": "trying again", "failures": failures}
        return None

    # ---- one attempt ------------------------------------------------------------------------------------------------

    def attempt(self, why: dict[str, object]) -> int:
        """Make one audit, and note what was read for it, or why it could not be made; return its exit code."""
        started = self._clock()
        self._emit("auditing", **why)
        first = self._files.look([self._path])  # before it is loaded: an edit meanwhile is then seen
        trouble: Failure | None = None
        events: tuple[Event, ...] = ()
        try:
            self._reload()
            look = {**self._files.look(self._config.inputs), **first}
            contents = self._files.contents(look)
            done = audit(self._config, Options(fail_on=self._fail_on), clock=self._clock, last=self._last)
            code, self._last = done.exit_code, done.judged
            self._emit("audited", audit=done.saved.audit, exit_code=code, head=str(done.saved.head))
            events = done.judged.drift.events if done.judged.drift else ()
        except Exception as error:  # noqa: BLE001 - nothing that an input holds may end the watch
            trouble = failure_of(error)
            code, self._last = trouble.code, None
            look = {**self._files.look(self._config.inputs), **first}
            contents = self._files.contents(look)
            self._emit("no-audit", problem=trouble.what, todo=trouble.hint)
        if self._files.look(self._config.inputs) != look:
            contents = {}  # nobody knows which content was read, so it is read again
        self._tried = contents
        with self._state.writing():
            failures = self._plan_retry(trouble)
            self._state.put(self._config.practice.id, TRIED, json.dumps(contents))
            self._state.put(self._config.practice.id, SCHEDULE, started.isoformat())
            # What may pass by itself, such as an audit that somebody makes by hand just now, gets a second chance.
            if trouble is not None and (failures > 1 or not trouble.passes):
                self._teller.trouble(self._config, trouble, started)
            self._state.forget(self._clock() - KEEP)
        self._reviews.on_events(self._config, events)
        return code

    def _reload(self) -> None:
        config = load_config(self._path, store=self._store)
        settings = require(config)
        if (config.store, config.practice.id) != (self._config.store, self._config.practice.id):
            raise AuditorError("`store` or `practice.id` changed while it was watched", hint="start the watch again")
        if outputs(config) != outputs(self._config):
            self._files = Files(outputs(config))
        self._config, self._settings = config, settings

    def _retry(self) -> tuple[datetime | None, int]:
        """Return when to try again, if at all, and how often in a row it failed in a way that may pass."""
        again, failures = json.loads(self._state.mark(self._config.practice.id, RETRY) or "[null, 0]")
        return datetime.fromisoformat(again) if again else None, failures

    def _plan_retry(self, trouble: Failure | None) -> int:
        """Note when to try again; return how often in a row it failed in a way that may pass."""
        again, failures = None, 0
        if trouble is not None and trouble.passes:
            failures = self._retry()[1] + 1
            pause = min(RETRY_S * 2 ** min(failures - 1, 10), LONGEST_RETRY_S)
            again = (self._clock() + timedelta(seconds=pause)).isoformat()
        self._state.put(self._config.practice.id, RETRY, json.dumps([again, failures]))
        return failures

    def _tell_audits(self) -> None:
        """Tell what audits have to say: our own, those made by hand, and those of a watch that was killed before."""
        seen = sizes_of(self._config.store)
        if seen == self._store_seen:
            return
        self._store_seen = seen
        try:
            self._escalation.refresh(self._config)
            self._teller.tell(self._config)
        except Exception as error:  # noqa: BLE001 - what keeps it from being told keeps the next audit from being made
            self._emit("not-told", problem=failure_of(error).what)
            self._plan_retry(failure_of(error))


def load_watched(path: Path, store: Path | None = None) -> Config:
    """Load a configuration that says whom to tell, though a file that it names may be missing just now."""
    config = load_config(path, store=store, check_files=False)
    require(config)
    return config


def outputs(config: Config) -> frozenset[Path]:
    """Return what the auditor itself writes, which may lie in a folder that is watched."""
    key = config.store.with_suffix(".key")
    bases = (config.store, state_path(config.store))
    sides = (base.with_name(base.name + end) for base in bases for end in ("", "-wal", "-shm", "-journal"))
    rest = (key, public_path(key), lock_path(config.store), config.report)
    return frozenset((*sides, *rest))
