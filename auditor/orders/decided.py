"""
What reviews decided to take away, and still stands: an order each, until a read proves it done.

Counted is the newest decision about each thing, once its reviewer has signed it or the review is closed: until then it
may be undone. An approval that is younger than the decision ends it (`auditor approve`): somebody gave it anew on
purpose.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from auditor.ledger.statements import Statement, StatementKind
from auditor.orders.identity import order_id
from auditor.review_records import (
    Campaign,
    Decision,
    DecisionKind,
    Question,
    QuestionKind,
    ReviewItem,
    Seal,
    SealKind,
    Signature,
)
from auditor.snapshot import OrderEnding, OrderKind
from auditor.store import Store
from auditor.store.reviews import CAMPAIGN, DECISION, ITEM, QUESTION, SEAL, SIGNATURE, read

TAKES = (DecisionKind.REMOVE, DecisionKind.CHANGE)
Thing = tuple[str, str, str]
"""System, account, and what was given; empty for the account itself."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The newest decision about one thing."""

    thing: Thing
    person: str
    """Whose access it was, by the question."""
    login: str
    name: str
    """Of what was given; empty for the account."""
    decision: Decision
    campaign: str
    """The review's name."""
    ended: str = ""
    """Why it no longer asks for anything; empty where it does."""
    proved: bool = False
    """An order for it was proved done since: a missing account is then no news."""

    @property
    def takes(self) -> bool:
        """Whether it asks that the thing goes."""
        return self.decision.kind in TAKES and not self.ended

    @property
    def says(self) -> str:
        """Who decided what, when, and in which review."""
        d = self.decision
        instead = f"; instead: {d.change_to}" if d.change_to else ""
        because = f"; because: {d.reason}" if d.reason else ""
        verb = "to change it" if d.kind is DecisionKind.CHANGE else f"to {d.kind.value} it"
        return f"{d.reviewer_name} decided {verb} in the review {self.campaign} on {d.at:%Y-%m-%d}{instead}{because}"


def decided_in(store: Store, practice: str) -> Mapping[Thing, Decided]:
    """Return the newest decision that counts of each thing about which a review has decided."""
    with store.reviewed() as connection:
        campaigns = read(connection, CAMPAIGN, CAMPAIGN.table.c.practice == practice)
        if not campaigns:
            return {}
        found = [one for campaign in campaigns for one in _of(connection, campaign)]
    newest: dict[Thing, Decided] = {}
    for one in sorted(found, key=lambda one: (one.decision.at, one.decision.id or 0)):
        newest[one.thing] = one
    done = {e.order: e.latest for _, e in store.order_ends(practice) if e.ending is OrderEnding.DONE}
    proved = {
        thing: replace(one, proved=(at := done.get(order_of(practice, one))) is not None and at >= one.decision.at)
        for thing, one in newest.items()
    }
    return _approved_since(proved, store.statements(practice))


def order_of(practice: str, one: Decided) -> str:
    """Return the id of the order that asks for it."""
    system, account, given = one.thing
    kind = OrderKind.REMOVE if given else OrderKind.DISABLE
    return order_id(practice, kind, one.person, (system, account), given)


def _of(connection: Connection, campaign: Campaign) -> Iterator[Decided]:
    id_ = campaign.id
    decisions: dict[str, Decision] = {}
    for d in read(connection, DECISION, DECISION.table.c.campaign == id_):
        decisions[d.question] = d
    signatures = read(connection, SIGNATURE, SIGNATURE.table.c.campaign == id_)
    seals = read(connection, SEAL, SEAL.table.c.campaign == id_)
    counting = {q: d for q, d in decisions.items() if _counts(d, signatures, seals)}
    if not counting:
        return
    questions = {q.question: q for q in read(connection, QUESTION, QUESTION.table.c.campaign == id_)}
    items: dict[str, list[ReviewItem]] = {}
    for item in read(connection, ITEM, ITEM.table.c.campaign == id_):
        items.setdefault(item.question, []).append(item)
    for question, decision in counting.items():
        yield from _things(campaign, questions[question], decision, items.get(question, ()))


def _counts(decision: Decision, signatures: Iterable[Signature], seals: Iterable[Seal]) -> bool:
    if decision.kind is DecisionKind.UNDONE:
        return False
    signed = any(s.reviewer == decision.reviewer and s.at >= decision.at for s in signatures)
    return decision.amends or signed or any(seal.kind is SealKind.CLOSED for seal in seals)


def _things(
    campaign: Campaign, question: Question, decision: Decision, items: Iterable[ReviewItem]
) -> Iterator[Decided]:
    """Yield each thing of a question once; what a decision was not about is kept by it."""
    chosen = set(decision.items)
    seen: set[Thing] = set()
    for item in items:
        thing = (item.system, item.account, item.given)
        about = not chosen or str(item.id) in chosen
        # A way in from outside is no account: no order could be proved done, and the next audit's finding tells.
        if thing in seen or question.seeded or question.kind is QuestionKind.DOOR or not about:
            continue
        seen.add(thing)
        yield Decided(thing, question.person, item.login, item.given_name, decision, campaign.name)


def _approved_since(found: Mapping[Thing, Decided], statements: Iterable[Statement]) -> Mapping[Thing, Decided]:
    requests = [s for s in statements if s.kind is StatementKind.REQUEST and s.recorded_at is not None]
    return {thing: _ended(one, requests) for thing, one in found.items()}


def _ended(one: Decided, requests: Iterable[Statement]) -> Decided:
    system, _, given = one.thing
    for s in requests:
        asked, _, wanted = (part.strip() for part in s.topic.partition(":"))
        names = {name.strip().casefold() for name in wanted.split(",")}
        later = s.recorded_at is not None and s.recorded_at > one.decision.at
        if later and s.about == one.person and asked == system and {given.casefold(), one.name.casefold()} & names:
            why = f"{s.by} approved it since, on {s.on} ({s.id})"
            return replace(one, ended=why)
    return one
