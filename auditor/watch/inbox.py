"""The inbox as the watch sees it: what came of each new file, by ids alone, for the journal."""

from collections.abc import Iterator
from datetime import datetime

from auditor.config import Config
from auditor.notices.bodies import NoticeBody
from auditor.notices.inbox import receive_all
from auditor.notices.party import party_of


def received_by(config: Config, now: datetime) -> Iterator[dict[str, object]]:
    """Receive what is new in a practice's inbox, answer it, and yield what the journal says of each file."""
    for one in receive_all(party_of(config), now):
        if one.received is None:
            yield {"file": one.path.name, "outcome": "unreadable", "problem": one.problem}
            continue
        examined, kept = one.received.examined, one.received.kept
        event: dict[str, object] = {"file": one.path.name, "outcome": examined.outcome.value}
        if kept is not None:
            event["notice"] = kept.id
        if isinstance(examined.body, NoticeBody) and not examined.refused:
            event |= {"kind": examined.body.kind.value, "vma": examined.body.vma or "", "sender": examined.body.sender}
        if examined.refused:
            event["problem"] = "; ".join(examined.why)
        yield event
