"""
Reviews in the watch: small ones begin on headcount events, reviewers are reminded, and what is overdue goes on.

Reviewers are told by e-mail, by the server that the watch has; whoever has no address, or where there is no server, is
named to the officer instead. What is told are counts and days: no name of a VMA, no access.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from auditor.audit.inputs import read_inputs
from auditor.config import Config
from auditor.headcount.events import Event
from auditor.ledger.keys import Signer
from auditor.review.cadence import DueReview, due_reviews
from auditor.review.events import open_on_events
from auditor.review.reminding import Reminder, escalate, note_reminded, reminders
from auditor.review_settings import ReviewSettings
from auditor.store import Store
from auditor.watch.delivery import Emit
from auditor.watch.message_data import ReviewMessageData, ToldReviewData, as_body
from auditor.watch.messages import message_id
from auditor.watch.state import Message, WatchState
from auditor.watch_settings import Recipient, WatchSettings
from connectors.errors import AuditorError
from connectors.inputs.dates import day_of

PREFIX = "reviewer-"
"""Stands before the id of a reviewer among the recipients, so that it is nobody else's."""
BY = "auditor watch"
DUE = "review-due"


def with_reviewers(settings: WatchSettings, review: ReviewSettings | None) -> WatchSettings:
    """Return the settings with every reviewer who can be told by e-mail among the recipients."""
    if review is None or settings.mail_server is None:
        return settings
    more = {f"{PREFIX}{id_}": Recipient(email=r.email) for id_, r in review.reviewers.items() if r.email is not None}
    return settings.model_copy(update={"recipients": {**settings.recipients, **more}})


def of_reminder(reminder: Reminder, practice: str, at: datetime, site: str | None) -> Message:
    """
    Word a reminder, with the address of the pages where that is known.

    Never with a link that signs in: a message waits in a file, and is sent again.
    """
    id_ = message_id(practice, "review", reminder.key or at.isoformat(), reminder.reviewer)
    subject = f"{practice}: access review {reminder.campaign.name}, {reminder.open} open"
    where = f"Decide here: {site}\nBy a link in a letter? Open it again: it gives you a new one.\n\n" if site else ""
    body = f"{reminder.says}\n\n{where}Nothing is decided by silence.\n\n{id_}\n"
    told = ToldReviewData(reminder.campaign.id, reminder.campaign.name, reminder.open, reminder.due)
    data = as_body(ReviewMessageData(id_, practice, subject, told))
    return Message(id_, f"{PREFIX}{reminder.reviewer}", subject, body, data, at)


class Reviews:
    """The reviews of one practice in the watch."""

    def __init__(self, state: WatchState, emit: Emit, clock: Callable[[], datetime]) -> None:
        self._state, self._emit, self._clock = state, emit, clock
        self._looked: object = None

    def on_events(self, config: Config, events: Iterable[Event]) -> None:
        """Open a small review on headcount events; what keeps it from being opened is told, and the watch goes on."""
        if config.review is None:
            return
        try:
            with Store.open(config.store) as store:
                signer = Signer.load_or_create(config.store.with_suffix(".key"), ledger_is_empty=False)
                opened = open_on_events(config, read_inputs(config), store, signer, events, clock=self._clock)
        except AuditorError as error:
            self._emit("no-review", problem=error.message, todo=error.hint)
            return
        if opened is not None:
            self._emit("review-opened", review=opened.campaign.id, questions=len(opened.asked.questions))

    def tell(self, config: Config, settings: WatchSettings, seen: object) -> None:
        """Remind and escalate, once for each state of the store (`seen`) and each day."""
        review, now = config.review, self._clock()
        looked = (seen, day_of(now, config.practice.timezone), review)
        if review is None or looked == self._looked or not config.store.exists():
            return
        self._looked = looked
        practice = config.practice
        with Store.open(config.store) as store:
            for one in escalate(store, practice.id, review, practice.timezone, now):
                self._emit("review-escalated", question=one.question, reviewer=one.after)
            with store.reviewed() as connection:
                today = day_of(now, practice.timezone)
                due = due_reviews(connection, practice.id, review, practice.timezone, today)
            self._tell_due(practice.id, due, today)
            found = reminders(store, practice.id, review, practice.timezone, now, due=True)
            self.remind(config, settings, store, found)

    def _tell_due(self, practice: str, due: Iterable[DueReview], today: date) -> None:
        """Say what is to be opened, once a day."""
        if self._state.mark(practice, DUE) == today.isoformat():
            return
        for one in due:
            self._emit("review-due", todo=one.says)
        with self._state.writing():
            self._state.put(practice, DUE, today.isoformat())

    def remind(
        self, config: Config, settings: WatchSettings, store: Store, found: Iterable[Reminder]
    ) -> tuple[Reminder, ...]:
        """Put reminders into the outbox, and note each; return those of whom nobody could be told."""
        known = with_reviewers(settings, config.review).recipients
        site = config.review.sign_in.site if config.review else None
        untold = []
        for reminder in found:
            message = of_reminder(reminder, config.practice.id, self._clock(), site)
            if message.recipient not in known:
                untold.append(reminder)
                self._emit("not-reminded", reviewer=reminder.reviewer, problem="no e-mail address, or no mail server")
                continue
            with self._state.writing():
                self._state.queue(config.practice.id, message)
            with store.reviewing() as connection:
                note_reminded(connection, reminder, self._clock(), BY)
            self._emit("queued", message=message.id, recipients=[message.recipient])
        return tuple(untold)
