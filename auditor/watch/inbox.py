"""The inbox as the watch sees it: what came of each new file, by ids alone, for the journal."""

from collections.abc import Iterator
from datetime import datetime

from auditor.config import Config
from auditor.notices.bodies import NoticeBody
from auditor.notices.inbox import Inbox
from auditor.notices.party import party_of
from auditor.notices.receive import Received


class WatchedInbox:
    """Receives what is new in a practice's inbox, answers it, and says what the journal is to hold."""

    def __init__(self) -> None:
        self._inbox = Inbox()
        self._problems: dict[str, str] = {}
        self.again = False
        """Whether something kept a file from being recorded that may pass by itself."""

    def look(self, config: Config, now: datetime) -> Iterator[dict[str, object]]:
        """Yield what came of each new file; a problem that stays is told once."""
        self.again = False
        for one in self._inbox.receive(party_of(config), now):
            name = one.path.name
            if one.received is None:
                self.again = self.again or one.again
                if self._problems.get(name) != one.problem:
                    yield {"file": name, "outcome": "not-received", "problem": one.problem}
                self._problems[name] = one.problem
                continue
            self._problems.pop(name, None)
            yield _told(name, one.received)


def _told(name: str, received: Received) -> dict[str, object]:
    examined, kept = received.examined, received.kept
    event: dict[str, object] = {"file": name, "outcome": examined.outcome.value}
    if kept is not None:
        event["notice"] = kept.id
    if isinstance(examined.body, NoticeBody) and not examined.refused:
        event |= {"kind": examined.body.kind.value, "vma": examined.body.vma or "", "sender": examined.body.sender}
    if examined.refused:
        event["problem"] = "; ".join(examined.why)
    return event
