"""
Two hundred random histories of notices between an agency and a practice, against an oracle that knows only the rules.

Notices are made, taken back, lost, delivered late, twice, in any order, changed, forged, sent to the wrong practice;
keys are rotated and revoked; receipts come back or do not; clocks run as they like. The oracle keeps numbers and
instants in plain dictionaries, reads no file, and checks no signature: it knows who did what.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from auditor.ledger.keys import Signer
from auditor.ledger.notices import NoticeRecord
from auditor.notice_settings import NoticeSettings
from auditor.notices.book import Book, read_book
from auditor.notices.keys import revoke, rotate
from auditor.notices.party import Party
from policies.clocks import ClockSettings
from policies.notices import contradictions
from tests.two_parties import CHICAGO, MANILA, NOW, Side, changed, resigned
from tests.two_parties import side as a_side

SIDES = {"agency": "harbor", "practice": "small", "thief": "thief"}
VMAS = ("VMA-1", "VMA-2")
KINDS = ("start", "role-change", "leave")
ROLES = ("billing", "scheduler")


class InMemory(Party):
    """Keeps its records in a list, in place of the store; everything else is the real thing."""

    records: list[NoticeRecord]

    def open(self) -> AbstractContextManager[Any]:
        return nullcontext(self)

    def read(self, store: object) -> Book:
        return read_book(self.id, self.records)

    def book(self) -> Book:
        return self.read(None)

    def note(self, store: object, book: Book, records: Iterable[NoticeRecord]) -> Book:
        assert book.last == len(self.records)
        for record in records:
            fields = {name: getattr(record, name) for name in record.__dataclass_fields__}
            self.records.append(NoticeRecord(**{**fields, "id": len(self.records) + 1}))
        return self.read(store)


def in_memory(folder: Path, id_: str, role: str, zone: str) -> Side:
    party = InMemory(id_, id_, role, zone, folder / "auditor.db", folder, NoticeSettings(), ClockSettings())  # type: ignore[arg-type]
    object.__setattr__(party, "records", [])
    return Side(party)


@dataclass
class Made:
    """A notice as the oracle knows it."""

    number: int
    kind: str
    key: int
    """The how-manieth key of the agency signed it."""
    vma: str = ""
    hour: int = 0
    roles: frozenset[str] = frozenset()
    of: int | None = None
    """For a take-back: the number of what it takes back; for a new key: none."""


@dataclass
class Oracle:
    """What must come of everything, from the rules alone."""

    made: dict[int, Made] = field(default_factory=dict)
    accepted: dict[int, datetime] = field(default_factory=dict)
    known: set[int] = field(default_factory=lambda: {0})
    last: dict[int, int] = field(default_factory=dict)
    """By key: the number with which another took its place."""
    revoked: set[int] = field(default_factory=set)
    proved: dict[int, datetime] = field(default_factory=dict)

    def plain(self, number: int, now: datetime) -> str:
        notice = self.made[number]
        if notice.key not in self.known:
            return "unknown-key"
        if number in self.accepted:
            return "repeated"
        if notice.key in self.revoked:
            return "revoked-key"
        if number > self.last.get(notice.key, number):
            return "retired-key"
        self.accepted[number] = now
        if notice.kind == "new-key":
            self.last[notice.key] = number
            self.known.add(notice.key + 1)
        return "received"

    def standing(self) -> dict[int, Made]:
        back = {self.made[n].of for n in self.accepted if self.made[n].kind == "take-back"}
        return {n: self.made[n] for n in self.accepted if self.made[n].kind in KINDS and n not in back}

    def missing(self) -> set[int]:
        return set(range(1, max(self.accepted, default=0) + 1)) - set(self.accepted)

    def against(self) -> set[frozenset[int]]:
        """Two claims that follow each other cannot hold when no state of the world lets one happen after the other."""
        found = set()
        standing = self.standing()
        for vma in VMAS:
            mine = [m for m in standing.values() if m.vma == vma]
            hours = sorted({m.hour for m in mine})
            for at, hour in enumerate(hours):
                now = [m for m in mine if m.hour == hour]
                anew = {"leave", "start"} <= {m.kind for m in now}
                for a in now:
                    found |= {frozenset((a.number, b.number)) for b in now if a.number < b.number and not same(a, b)}
                if at:
                    before = [m for m in mine if m.hour == hours[at - 1]]
                    was_anew = {"leave", "start"} <= {m.kind for m in before}
                    for a in before:
                        for b in now:
                            skipped = (was_anew and a.kind == "leave") or (anew and b.kind == "start")
                            if not skipped and not any(possible(s, a.kind, b.kind) for s in ("in", "out")):
                                found.add(frozenset((a.number, b.number)))
        return found


NEXT = {("out", "start"): "in", ("in", "role-change"): "in", ("in", "leave"): "out"}


def possible(state: str, *kinds: str) -> bool:
    for kind in kinds:
        if (state, kind) not in NEXT:
            return False
        state = NEXT[state, kind]
    return True


def same(a: Made, b: Made) -> bool:
    return (a.kind, a.roles) == (b.kind, b.roles) or {a.kind, b.kind} == {"leave", "start"}


class World:
    """Both sides, and the files that the agency made, by number."""

    def __init__(self, folder: Path, made: Callable[[Path, str, str, str], Side]) -> None:
        self.agency = made(folder / "agency", "harbor", "agency", MANILA)
        self.practice = made(folder / "practice", "small", "practice", CHICAGO)
        self.agency.knows(self.practice)
        self.practice.knows(self.agency)
        self.thief = Signer.load_or_create(folder / "thief" / "auditor.thief.notices-1.key", ledger_is_empty=False)
        self.oracle = Oracle()
        self.files: dict[int, Any] = {}
        self.key = 0

    def add(self, file: Any, made: Made) -> None:
        self.oracle.made[made.number] = made
        self.files[made.number] = file

    def number(self) -> int:
        return len(self.files) + 1

    def gives(self, kind: str, vma: str, hour: int, role: str) -> None:
        roles = () if kind == "leave" else (role,)
        effective = (NOW + timedelta(hours=hour)).isoformat()
        kept = self.agency.gives(kind, vma=vma, effective=effective, roles=roles)
        self.add(kept.file, Made(self.number(), kind, self.key, vma, hour, frozenset(roles)))

    def takes_back(self, pick: int) -> None:
        taken = {m.of for m in self.oracle.made.values()}
        able = [n for n, m in self.oracle.made.items() if m.kind in KINDS and n not in taken]
        if able:
            of = able[pick % len(able)]
            kept = self.agency.takes_back(next(k for k in self.agency.book.made.values() if k.body.number == of))
            self.add(kept.file, Made(self.number(), "take-back", self.key, of=of))

    def rotates(self) -> None:
        _, (file,) = rotate(self.agency.party, by="Rosa Lim", now=self.agency.now)
        self.add(file, Made(self.number(), "new-key", self.key))
        self.key += 1

    def revokes(self) -> None:
        usable = [key for key in self.practice.book.keys.values() if key.revoked_at is None]
        if usable:
            place = list(self.practice.book.keys).index(usable[-1].key)
            revoke(self.practice.party, usable[-1].fingerprint, by="Dana Ortiz", reason="", now=self.practice.now)
            self.oracle.revoked.add(place)

    def delivers(self, pick: int, how: str) -> None:
        if not self.files:
            return
        number = sorted(self.files)[pick % len(self.files)]
        file = self.files[number]
        match how:
            case "changed":
                sent, expected = changed(file, lambda f: f["body"].update(by="Somebody Else")), "tampered"
            case "forged":
                sent, expected = resigned(file, self.thief), "unknown-key"
            case "elsewhere":
                sent, expected = changed(file, lambda f: f["body"].update(recipient="tide")), "another-recipient"
            case "old key":
                # A thief has the first key, and signs what nobody ever said, with a number to come.
                if 0 not in self.oracle.last or 0 in self.oracle.revoked:
                    return
                first = Signer.load_or_create(self.agency.party.key_file(1), ledger_is_empty=False)
                sent, expected = resigned(file, first, number=10**6, previous="a" * 64), "retired-key"
            case _:
                sent, expected = file, self.oracle.plain(number, self.practice.now)
        assert self.practice.outcome(sent) == expected

    def answers(self, pick: int) -> None:
        had = sorted(self.oracle.accepted)
        if had:
            number = had[pick % len(had)]
            receipt = self.practice.book.received[self.files[number].hash].receipt
            assert receipt is not None
            assert self.agency.outcome(receipt) == ("repeated" if number in self.oracle.proved else "delivered")
            self.oracle.proved[number] = self.oracle.accepted[number]

    def check(self) -> None:
        oracle, book = self.oracle, self.practice.book
        announced = book.announced
        standing = {c.number: c for claims in announced.standing.values() for c in claims}
        assert standing.keys() == oracle.standing().keys()
        for number, claim in standing.items():
            made = oracle.made[number]
            effective = NOW + timedelta(hours=made.hour)
            assert (claim.kind.value, claim.vma, claim.effective) == (made.kind, made.vma, effective)
            assert claim.received_at == oracle.accepted[number]
            assert claim.starts == max(effective, oracle.accepted[number])  # nobody's clock is shortened
        missing = {n for sender in announced.senders for n in sender.missing}
        assert missing == oracle.missing()
        assert not any(sender.twice or sender.torn for sender in announced.senders)
        told = {frozenset((a.number, b.number)) for vma in VMAS for a, b in contradictions(announced.of(vma))}
        assert told == oracle.against()
        sent = {kept.body.number: kept for kept in self.agency.book.made.values()}
        proved = {n: k.receipt_body.received_at for n, k in sent.items() if k.receipt_body is not None}
        assert proved == oracle.proved
        assert len(book.received) == len(oracle.accepted)


kinds, vmas, roles, picks = map(st.sampled_from, (KINDS, ("VMA-1", *VMAS), ROLES, range(30)))
hours = st.sampled_from([0, 1, -1, 2, 30, -30, 500])
gives = st.tuples(st.just("gives"), kinds, vmas, hours, roles)
comes = st.tuples(st.just("delivers"), picks, st.just("plain"))
steps = st.one_of(
    gives,
    comes,
    comes,
    comes,
    st.tuples(st.just("delivers"), picks, st.sampled_from(["changed", "forged", "elsewhere", *["old key"] * 5])),
    st.tuples(st.sampled_from(["takes_back", "answers"]), picks),
    st.tuples(st.just("waits"), st.integers(-50, 400), st.integers(0, 400)),
    st.sampled_from([("rotates",), ("rotates",), ("revokes",)]),
)
begin, rest = st.lists(gives, min_size=3, max_size=7), st.lists(steps, min_size=6, max_size=22)
histories = st.builds(lambda first, then: [*first, *then], begin, rest)


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> Path:
    """A folder with a key of each side, and one of a thief: they cost more than all the rest."""
    folder = tmp_path_factory.mktemp("keys")
    for one, id_ in SIDES.items():
        (folder / one).mkdir()
        Signer.load_or_create(folder / one / f"auditor.{id_}.notices-1.key", ledger_is_empty=True)
    return folder


def check(keys: Path, history: list[tuple[Any, ...]]) -> None:
    with TemporaryDirectory() as folder:
        world = World(Path(shutil.copytree(keys, Path(folder) / "world")), in_memory)
        for step, *arguments in history:
            if step == "waits":
                world.agency.now += timedelta(hours=arguments[0])  # the agency's clock may be set back
                world.practice.now += timedelta(hours=arguments[1])
            else:
                getattr(world, step)(*arguments)
        world.check()
        if world.oracle.missing():
            event("gap")
        for number in sorted(world.files, key=lambda n: (n * 7) % 5):  # what was lost comes in the end, in some order
            world.delivers(number - 1, "plain")
            world.delivers(number - 1, "old key")
        world.check()
        if world.oracle.against():
            event("contradiction")


@settings(max_examples=80)
@given(histories)
def test_whatever_happens_to_notices_the_practice_knows_what_the_rules_say_and_no_more(keys, history):
    check(keys, history)


@pytest.mark.slow
@settings(max_examples=800)
@given(histories)
def test_whatever_happens_in_many_histories_of_notices_the_practice_knows_no_more(keys, history):
    check(keys, history)


def everything() -> Iterator[tuple[Any, ...]]:
    for number in range(3):
        yield "gives", "leave", "VMA-1", number, "billing"
    yield from (("delivers", 2, "plain"), ("rotates",), ("takes_back", 0), ("delivers", 0, "changed"))
    yield from (("delivers", 4, "plain"), ("delivers", 3, "plain"), ("answers", 0), ("delivers", 4, "plain"))


def test_the_same_through_the_real_store(keys, tmp_path):
    folder = Path(shutil.copytree(keys, tmp_path / "world"))
    world = World(folder, lambda place, id_, role, zone: a_side(place, id_, id_, role, zone))
    for step, *arguments in everything():
        getattr(world, step)(*arguments)
    world.check()
    assert {n for s in world.practice.book.senders() for n in s.missing} == {1, 2}
