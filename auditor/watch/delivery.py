"""
Sending what waits in the outbox: at least once, each time under the same identity.

The honest limit: a message whose recipient's server took it, and whose answer never came or was never noted (the
process was killed, the network broke), is sent again. The Message-ID and the Idempotency-Key are then the same.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

from auditor.watch.errors import Undelivered
from auditor.watch.log_filter import silence_libraries
from auditor.watch.state import Message, WatchState
from auditor.watch_settings import WatchSettings
from connectors.errors import AuditorError

FIRST_PAUSE_S, LONGEST_PAUSE_S = 30, 3600
LIMIT_S = 60
"""For one message to one recipient."""
GIVE_UP = timedelta(days=7)
"""After this a message is not tried again; `--status` and `auditor doctor` keep showing it."""
KEEP = timedelta(days=90)
"""How long what was sent, or given up, is kept to be shown."""

Emit = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Sender:
    """Knows how each recipient is told."""

    settings: WatchSettings
    folder: Path
    """Of the configuration: relative paths start there."""

    def send(self, message: Message) -> None:
        """Send a message; raises `AuditorError`, which holds no address and no secret."""
        from auditor.watch.chat import send_chat  # noqa: PLC0415 - see there
        from auditor.watch.mail import send_mail  # noqa: PLC0415
        from auditor.watch.webhook import send_webhook  # noqa: PLC0415

        silence_libraries()
        recipient = self.settings.recipients[message.recipient]
        if recipient.email is not None and self.settings.mail_server is not None:
            _in_time(partial(send_mail, self.settings.mail_server, self.folder, recipient.email, message))
        elif recipient.webhook is not None:
            _in_time(partial(send_webhook, message.recipient, recipient.webhook, self.folder, message))
        elif recipient.chat is not None:
            _in_time(partial(send_chat, message.recipient, recipient.chat, message))


def _in_time(send: Callable[[], None]) -> None:
    """
    Run beside us what sends a message, and leave it behind when it is late.

    Time-outs of libraries start anew with every byte, and a server that sends one a second must not keep audits from
    being made. What it raises is raised here; what is not ours may hold a secret, and only its type is told.
    """
    result: Queue[Exception | None] = Queue()

    def run() -> None:
        try:
            send()
            result.put(None)
        except Exception as error:  # noqa: BLE001 - raised again below
            result.put(error)

    Thread(target=run, daemon=True).start()
    try:
        error = result.get(timeout=LIMIT_S)
    except Empty:
        raise Undelivered(f"it was not taken within {LIMIT_S} s") from None
    if isinstance(error, AuditorError):
        raise error
    if error is not None:
        raise Undelivered(f"a fault while sending: {type(error).__name__}")


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Empties the outbox of one practice."""

    state: WatchState
    practice: str
    clock: Callable[[], datetime]
    emit: Emit
    sending: Callable[[], AbstractContextManager[None]] = nullcontext
    """Entered around each message, until it is noted what became of it."""

    def deliver(self, sender: Sender) -> None:
        """Try everything that is due, oldest first; a recipient that fails once is left alone until its next try."""
        failing: set[str] = set()
        for message in self.state.waiting(self.practice, self.clock()):
            if message.recipient not in sender.settings.recipients:
                self._give_up(message, "no longer among the recipients")
            elif message.recipient not in failing:
                with self.sending():
                    problem = _try(sender, message)
                    self._note(message, problem)
                if problem:
                    failing.add(message.recipient)

    def _note(self, message: Message, problem: str) -> None:
        now = self.clock()
        if not problem:
            self.state.sent(message, now)
            self.emit("sent", message=message.id, recipient=message.recipient)
        elif now - message.created >= GIVE_UP:
            self._give_up(message, problem)
        else:
            again = now + timedelta(seconds=pause_s(message.tries))
            self.state.failed(self.practice, message, again, problem)
            self.emit("not-sent", message=message.id, recipient=message.recipient, problem=problem, next_try=again)

    def _give_up(self, message: Message, problem: str) -> None:
        self.state.give_up(message, self.clock(), problem)
        self.emit("given-up", message=message.id, recipient=message.recipient, problem=problem)


def _try(sender: Sender, message: Message) -> str:
    """Send a message; return why it was not taken, empty when it was."""
    try:
        sender.send(message)
    except AuditorError as error:
        return error.message
    return ""


def pause_s(tries: int) -> int:
    """Return how long to wait after a try that failed, when `tries` had failed before: doubled, up to an hour."""
    return int(min(FIRST_PAUSE_S * 2 ** min(tries, 20), LONGEST_PAUSE_S))
