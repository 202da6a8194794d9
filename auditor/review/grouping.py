"""
From what somebody holds to the questions about it: each thing is in exactly one, and one decision counts everywhere.

What is beyond the role is grouped by what it lets the person do, over all accounts and systems: two things that give
the same capability are one question, so that nobody removes in one system what stays in the next. What the role
explains is one question for all of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from auditor.review.findings import ASKED, TOLD, FindingIndex, Placed, kind_of
from auditor.review.population import ACCOUNT, DOOR, Holder, Thing
from auditor.review_records import QuestionKind
from connectors.facts import PersonKind
from policies.engine.case import AccountKey, Case

_RANKS = {kind: rank for rank, kind in enumerate(QuestionKind)}


def graver(one: QuestionKind, other: QuestionKind) -> QuestionKind:
    """Return the graver of two kinds."""
    return one if _RANKS[one] <= _RANKS[other] else other


@dataclass
class Draft:
    """A question before it has words."""

    holder: Holder
    kind: QuestionKind
    things: list[Thing] = field(default_factory=list)
    mask: int = 0
    """The capabilities that it is about."""
    findings: dict[str, Placed] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    """What tells it from the other questions of its kind about the same holder; stable."""

    def add(self, placed: Iterable[Placed]) -> None:
        """Note findings; the kind becomes the gravest of theirs."""
        for one in placed:
            if one.finding.rule in TOLD:
                continue
            self.findings[one.id] = one
            self.kind = graver(self.kind, kind_of(one.finding.rule))


def drafts_of(case: Case, holders: Iterable[Holder], index: FindingIndex) -> list[Draft]:
    """Return the questions about everybody; what one person holds over several accounts is asked once."""
    found: list[Draft] = []
    for holder in sorted(holders, key=lambda h: (h.kind == ACCOUNT, h.id)):
        asked = {id_ for draft in found for id_ in draft.findings} if holder.kind == ACCOUNT else set()
        found += _about(case, holder, index, asked)
    return found


def _about(case: Case, holder: Holder, index: FindingIndex, asked: set[str]) -> list[Draft]:
    if whole := _as_a_whole(case, holder):
        draft = Draft(holder, whole, list(holder.things), holder.mask)
        for key in holder.keys:
            draft.add(index.on(key))
        draft.kind = whole
        return [draft]
    return _Grouping(case, holder, index, asked).run()


def doors(index: FindingIndex) -> Iterator[Draft]:
    """Yield a question for each way in from outside that the audit found fault with."""
    for placed in index.doors:
        system, _, id_ = placed.finding.subject.id.partition(":")
        holder = Holder(f"{DOOR}:{system}:{id_}", placed.finding.subject.name, DOOR, (), ())
        yield Draft(holder, QuestionKind.DOOR, [Thing((system, id_), "")], 0, {placed.id: placed}, (placed.id,))


def _as_a_whole(case: Case, holder: Holder) -> QuestionKind | None:
    """Return the kind of the one question that is asked about everything that a holder has; `None`: of several."""
    if holder.kind == ACCOUNT and not holder.users:
        return QuestionKind.NOBODY
    if holder.kind in (PersonKind.SERVICE.value, PersonKind.VENDOR.value):
        return QuestionKind.SERVICE
    if holder.kind == PersonKind.STAFF.value:
        return QuestionKind.PRIVILEGED
    engagements = [case.engagements[u] for u in holder.users if u in case.engagements]
    if not engagements or len(engagements) < len(holder.users):
        return None
    if all(e.end is not None and e.end < case.today for e in engagements):
        return QuestionKind.LEFT
    return QuestionKind.NOT_STARTED if all(e.start > case.today for e in engagements) else None


class _Grouping:
    """The questions about one person who works here."""

    def __init__(self, case: Case, holder: Holder, index: FindingIndex, asked: set[str]) -> None:
        self._case, self._holder, self._index, self._elsewhere = case, holder, index, asked
        self._privileged = case.policy.privileged.mask
        self._on_account: dict[AccountKey, list[Placed]] = {}
        self._on_given: dict[tuple[AccountKey, str], list[Placed]] = {}
        for key in holder.keys:
            for placed in index.on(key):
                if placed.given is None:
                    self._on_account.setdefault(key, []).append(placed)
                else:
                    self._on_given.setdefault((key, placed.given), []).append(placed)
        self._left = {(t.key, t.given): t for t in holder.things}
        self._drafts: list[Draft] = []

    def run(self) -> list[Draft]:
        self._beyond()
        self._separated()
        self._unknown()
        self._by_account()
        if self._left:
            rest = list(self._left.values())
            self._drafts.append(Draft(self._holder, QuestionKind.EXPLAINED, rest, _held(rest)))
        self._of_person()
        return self._drafts

    def _asked(self, thing: Thing) -> int:
        """Return the capabilities of a thing that the role does not explain."""
        mask = thing.beyond | (thing.mask & self._privileged)
        if not mask and any(p.finding.rule not in TOLD for p in self._on_given.get((thing.key, thing.given), ())):
            return thing.mask & ~thing.unsplit
        return mask

    def _take(self, draft: Draft, things: Iterable[Thing]) -> None:
        for thing in things:
            del self._left[thing.key, thing.given]
            draft.things.append(thing)
            draft.add(self._on_given.pop((thing.key, thing.given), ()))
            for id_ in thing.unclassified:
                draft.add(self._index.of_entitlement(thing.key[0], id_))

    def _beyond(self) -> None:
        """Make one question of all things that give the same capability beyond the role."""
        for mask, things in _components([(self._asked(t), t) for t in self._left.values()]):
            kind = QuestionKind.EXCESS
            if any(t.mask & mask & self._privileged for t in things):
                kind = QuestionKind.PRIVILEGED
            if any(t.forbidden & t.beyond for t in things):
                kind = QuestionKind.FORBIDDEN
            draft = Draft(self._holder, kind, [], mask, parts=self._case.policy.vocabulary.names(mask))
            self._take(draft, things)
            self._drafts.append(draft)

    def _separated(self) -> None:
        """Put duties that must not meet into the question about the half that may go; else ask about the smaller."""
        conflicts = {c.id: c for c in self._case.policy.conflicts}
        for placed in self._personal("separation-of-duties"):
            conflict = conflicts.get(placed.finding.what)
            sides = conflict.sides if conflict else ()
            among = [d for d in self._drafts if any(d.mask & side for side in sides)]
            for draft in among:
                draft.add([placed])
            if among or not sides:
                continue
            halves = [[t for t in self._left.values() if t.mask & side] for side in sides]
            found = min((half for half in halves if half), key=len, default=[])
            if not found:
                continue
            mask = _held(found) & reduce(or_, sides)
            draft = Draft(self._holder, QuestionKind.SEPARATION, [], mask, {placed.id: placed}, (placed.finding.what,))
            self._take(draft, found)
            self._drafts.append(draft)

    def _unknown(self) -> None:
        """Ask about each entitlement that no catalog knows, and each that the product cannot split."""
        found: dict[tuple[QuestionKind, str, str], list[Thing]] = {}
        for thing in self._left.values():
            if thing.unclassified:
                found.setdefault((QuestionKind.UNCLASSIFIED, thing.key[0], thing.unclassified[0]), []).append(thing)
            elif thing.unsplit and any(self._index.of_entitlement(thing.key[0], thing.given)):
                found.setdefault((QuestionKind.UNSPLIT, thing.key[0], thing.given), []).append(thing)
        for (kind, system, id_), things in found.items():
            draft = Draft(self._holder, kind, [], _held(things), parts=(system, id_))
            self._take(draft, things)
            draft.add(self._index.of_entitlement(system, id_))
            self._drafts.append(draft)

    def _by_account(self) -> None:
        """Ask about each account with which something is wrong; one that nobody uses with all that is left in it."""
        for key, placed in self._on_account.items():
            asked = [p for p in placed if p.finding.rule not in TOLD]
            if not asked:
                continue
            things = [t for t in self._left.values() if t.key == key and (not t.given or _whole(asked))]
            draft = Draft(self._holder, QuestionKind.FINDING, [], _held(things), parts=(*key,))
            draft.add(asked)
            self._take(draft, things)
            self._drafts.append(draft)

    def _of_person(self) -> None:
        """Put what is about the person into the question that it belongs to, or ask it by itself."""
        for rule, kind in ASKED.items():
            if rule == "separation-of-duties":
                continue
            for placed in self._personal(rule):
                systems = {placed.finding.system} if placed.finding.system else {key[0] for key in self._holder.keys}
                among = [d for d in self._drafts if d.kind is kind and any(t.key[0] in systems for t in d.things)]
                among = among or [
                    d
                    for d in self._drafts
                    if d.kind is not QuestionKind.EXPLAINED and any(t.key[0] in systems for t in d.things)
                ]
                for draft in among:
                    draft.add([placed])
        placed_ids = {id_ for draft in self._drafts for id_ in draft.findings} | self._elsewhere
        for user in self._holder.users:
            for placed in self._index.by_vma.get(user, ()):
                if placed.finding.rule not in TOLD and placed.id not in placed_ids:
                    draft = Draft(self._holder, kind_of(placed.finding.rule), parts=(placed.id,))
                    draft.add([placed])
                    self._drafts.append(draft)

    def _personal(self, rule: str) -> Iterator[Placed]:
        for user in self._holder.users:
            for placed in self._index.by_vma.get(user, ()):
                if placed.finding.rule == rule and placed.id not in self._elsewhere:
                    yield placed


def _whole(placed: Iterable[Placed]) -> bool:
    """Whether a finding about an account is about everything in it."""
    return any(
        p.finding.rule in ("dormant-account", "active-after-end", "account-before-start", "shared-account")
        for p in placed
    )


def _components(asked: list[tuple[int, Thing]]) -> Iterator[tuple[int, list[Thing]]]:
    """Yield sets of capabilities that share none, each with the things that give something of it."""
    found: list[tuple[int, list[Thing]]] = []
    for mask, thing in asked:
        if mask:
            together = [group for group in found if group[0] & mask]
            found = [group for group in found if not group[0] & mask]
            things = [t for _, group in together for t in group]
            found.append((reduce(or_, (other for other, _ in together), mask), [*things, thing]))
    yield from found


def _held(things: Iterable[Thing]) -> int:
    return reduce(or_, (thing.mask for thing in things), 0)
