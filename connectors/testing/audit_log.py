"""
The contract of whoever reads a system's own record of changes (`HasAuditLog`): a story is played, and read back.

A harness starts the real system, and makes each change with that system's own client, at a time that is noted. The
truth must lie within the interval that the connector tells; what was refused, and what changed nothing, is no change.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from connectors.audit_log import HasAuditLog, LogAnswer, LogEvent, LogKind, LogQuestion, LogUnread
from connectors.collect import collect
from connectors.connector import Connector
from connectors.facts import Account, Collection, Partial
from connectors.read_log import read_log
from connectors.testing.check import ContractBroken


class Act(StrEnum):
    """What happens to the account of the story."""

    GIVE = "give"
    TAKE = "take"
    DISABLE = "disable"
    ENABLE = "enable"
    AGAIN = "again"
    """Disable who is disabled already: nothing changes."""
    REFUSED = "refused"
    """A change of the same account that the system refuses, best an enabling by somebody without the right."""
    PASSWORD = "password"  # noqa: S105 - the name of an act
    """A new password, one of `secrets`: where the record holds it, nobody may read it."""


STORY = (Act.PASSWORD, Act.GIVE, Act.DISABLE, Act.ENABLE, Act.TAKE, Act.DISABLE, Act.AGAIN, Act.REFUSED)
"""
With an account that was enabled again, a group that was given and taken back, and an end.

The password comes first, because with OpenLDAP a new one takes the lock away.
"""
KINDS = {
    Act.GIVE: LogKind.GIVEN,
    Act.TAKE: LogKind.TAKEN,
    Act.DISABLE: LogKind.DISABLED,
    Act.ENABLE: LogKind.ENABLED,
}
"""As what a record that says everything tells an act; the others are no change of access."""
STATUS = frozenset({LogKind.ENABLED, LogKind.DISABLED, LogKind.STATUS_SET})
HOLDINGS = frozenset({LogKind.GIVEN, LogKind.TAKEN, LogKind.HOLDINGS_SET})
"""A source that keeps the last change of one of these keeps none of the others."""
WHICH = frozenset({LogKind.GIVEN, LogKind.TAKEN})


class LogSource(Protocol):
    """A running system with a record of its changes."""

    @property
    def subject(self) -> str:
        """The login of whoever the story happens to: enabled, and without the entitlement."""

    @property
    def bystander(self) -> str:
        """The login of somebody else, to whom nothing happens after the start."""

    @property
    def entitlement(self) -> str:
        """The id or name of what is given and taken."""

    @property
    def tells(self) -> Mapping[Act, LogKind]:
        """As what the acts are told, where that differs from `KINDS`: a record that does not say which, `TOUCHED`."""

    @property
    def cannot(self) -> Mapping[Act, str]:
        """The acts that this system cannot make, or its record cannot show; each with the reason."""

    @property
    def secrets(self) -> frozenset[str]:
        """What no answer may hold: passwords, the new one too."""

    @property
    def actor(self) -> str | None:
        """A part of how the record names who made the changes; `None` where it does not say."""

    def connector(self) -> Connector:
        """Return a connector that reads it, with the least rights that `setup()` names."""

    def act(self, act: Act) -> None:
        """Let it happen, by the system's own client; returns when the system has accepted or refused it."""

    def written(self) -> object:
        """Return what every writing moves, such as the length of the record: reading must leave it as it is."""


class LogHarness(Protocol):
    """Starts a system for the contract."""

    name: str

    def start(self, folder: Path) -> AbstractContextManager[LogSource]:
        """Start it; `folder` is empty, and the harness's own."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An act, and between which instants of ours it took effect."""

    act: Act
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Played:
    """A story that was played, and what is to be read of it."""

    source: LogSource
    happened: tuple[Happened, ...]
    subject: Account
    bystander: Account
    seen: Collection

    def question(self, *accounts: Account, since: datetime | None = None) -> LogQuestion:
        """Ask about accounts, or about the one of the story."""
        return LogQuestion(accounts or (self.subject,), self.seen.entitlements, since)

    def read(self, question: LogQuestion) -> LogAnswer:
        """Read the record; raises `ContractBroken` unless there is an answer."""
        connector = self.source.connector()
        if not isinstance(connector, HasAuditLog):
            raise ContractBroken("the connector has no `read_log`: see `HasAuditLog`")
        answer = read_log(connector, question)
        if isinstance(answer, LogUnread):
            raise ContractBroken(f"the record was not read: {answer.reason}")
        return answer

    def expected(self, told: Iterable[LogEvent], since: datetime | None = None) -> list[tuple[Happened, LogKind]]:
        """Return what must be told, in order; of what a source overwrites (`last_only`) the last."""
        kinds = {**KINDS, **self.source.tells}
        asked = [h for h in self.happened if h.act in kinds and (since is None or h.before >= since)]
        # That nothing changed may be told as a vague event or not at all, unless changes are told as such too.
        due = [(h, kinds[h.act]) for h in asked if kinds[h.act] in self._telling()]
        overwritten = {_sort(event.kind) for event in told if event.last_only}
        final = {_sort(kind): happened for happened, kind in due}
        kept = [(h, k) for h, k in due if _sort(k) not in overwritten or final[_sort(k)] is h]
        return sorted(kept, key=lambda one: one[1] in HOLDINGS)

    def _telling(self) -> frozenset[LogKind]:
        """Return the kinds as which changes are told."""
        return frozenset(self.source.tells.get(act, kind) for act, kind in KINDS.items())

    def told(self, answer: LogAnswer) -> list[LogEvent]:
        """
        Return the events of the story, of the account's state first, then of what it held, as the record has them.

        What was made just before the story bears its second: what else the account was given is left out. A server with
        several threads may record two changes of two entries the other way round.
        """
        told, start = self._telling(), self.happened[0].before
        found = [e for e in answer.events if e.kind in told and e.at + e.resolution >= start]
        return sorted((e for e in found if e.kind not in WHICH or _is(self, e.entitlement)), key=_place)


def play(source: LogSource, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Played:
    """Let the story happen, but for the acts that the source cannot make."""
    first = _seen(source)
    _account(first, source.subject), _account(first, source.bystander)
    for act, why in source.cannot.items():
        if not why.strip():
            raise ContractBroken(f"the harness cannot make `{act}`, and does not say why")
    happened = []
    for act in STORY:
        if act not in source.cannot:
            before = now()
            source.act(act)
            happened.append(Happened(act, before, now()))
    seen = _seen(source)
    subject = _account(seen, source.subject)
    if subject.live:
        raise ContractBroken("the account of the story is live after its end: the harness does nothing")
    return Played(source, tuple(happened), subject, _account(seen, source.bystander), seen)


def check_truth(played: Played, *, since: datetime | None = None) -> LogAnswer:
    """
    Make sure that each act is told once, in order of its entry, and that the truth lies within its interval.

    What a source overwrites (`last_only`) is told once, for its last act. Raises `ContractBroken`.
    """
    answer = played.read(played.question(since=since))
    told = played.told(answer)
    expected = played.expected(told, since)
    if [k for _, k in expected] != [e.kind for e in told]:
        raise ContractBroken(f"told {[str(e.kind) for e in told]}; expected {[str(k) for _, k in expected]}")
    problems = [p for (h, _), e in zip(expected, told, strict=True) for p in _wrong(played, h, e)]
    if problems:
        raise ContractBroken("; ".join(problems))
    return answer


def check_nobody_else(played: Played) -> None:
    """Ask about somebody to whom nothing happened, and about one who is not there: no word of the story."""
    stranger = replace(played.bystander, id="00000000-0000-4000-8000-000000000000", login="nobody-here", name="Nobody")
    for one in (played.bystander, stranger):
        told = [e for e in played.told(played.read(played.question(one))) if not e.upper_bound]
        if told:
            raise ContractBroken(f"`{one.login}`, to whom nothing happened, is told {told[0].kind}")


def check_since(played: Played) -> None:
    """Ask from the middle of the story: what was after is told, and what was before is not."""
    middle = next(h for h in played.happened if h.act is Act.DISABLE).after
    told = played.told(played.read(played.question(since=middle)))
    for event in told:
        if event.at + event.resolution < middle and not event.last_only:
            raise ContractBroken(f"{event.kind} is told, which was over before the time asked for")
    if missing := {kind for _, kind in played.expected(told, middle)} - {event.kind for event in told}:
        raise ContractBroken(f"asked from the middle, {', '.join(sorted(missing))} is not told")


def check_reads_only(played: Played) -> None:
    """Make sure that reading writes nothing, and tells no secret."""
    before = played.source.written()
    answer = played.read(played.question())
    if played.source.written() != before:
        raise ContractBroken("reading the record wrote something into the system")
    held = [secret for secret in played.source.secrets if secret in repr(answer)]
    if held:
        raise ContractBroken("a secret of the harness stands in the answer")


def check_evidence(played: Played) -> None:
    """Make sure that each event names its record, that two have two, and that it says who did it where it can."""
    answer = played.read(played.question())
    records = [(e.record.source, e.record.id, e.kind, e.entitlement) for e in played.told(answer)]
    if len(records) != len(set(records)) or not all(id_ and source for source, id_, *_ in records):
        raise ContractBroken("two changes name one record, or one names none")
    actor = played.source.actor
    for event in played.told(answer) if actor else ():
        if actor and actor.casefold() not in (event.actor or "").casefold():
            raise ContractBroken(f"{event.kind} was done by `{actor}`, and is told as done by `{event.actor}`")


def _wrong(played: Played, happened: Happened, event: LogEvent) -> Iterator[str]:
    end = event.at + event.resolution
    if end < happened.before:
        early = (happened.before - end).total_seconds()
        yield f"{happened.act}: not later than {end}, which is {early:.3f} s before it was done"
    if event.at > happened.after and not event.upper_bound:
        yield f"{happened.act}: not before {event.at}, when it had been done at {happened.after}"
    if event.account != played.subject.id:
        yield f"{happened.act}: told of `{event.account}`"
    if event.kind in WHICH and not _is(played, event.entitlement):
        yield f"{happened.act}: told of the entitlement `{event.entitlement}`"


def _place(event: LogEvent) -> bool:
    return event.kind in HOLDINGS


def _sort(kind: LogKind) -> object:
    return next((sort for sort in (STATUS, HOLDINGS) if kind in sort), kind)


def _is(played: Played, id_: str | None) -> bool:
    known = played.seen.entitlements.get(id_ or "")
    return played.source.entitlement in {id_, known.name if known else None}


def _seen(source: LogSource) -> Collection:
    seen = collect(source.connector())
    if isinstance(seen.completeness, Partial):
        raise ContractBroken(f"the harness's source was not read whole: {seen.completeness.reason}")
    return seen


def _account(seen: Collection, login: str) -> Account:
    found = [a for a in seen.accounts if a.login == login]
    if len(found) != 1:
        raise ContractBroken(f"the harness's source has {len(found)} accounts `{login}`")
    return found[0]
