"""
Two practices that differ in one known way are told apart in that way, and in no other.

Each relation says what must stay, what must move, and why. Everything goes the whole way: files in, two audits of the
real pipeline into a store, then findings, figures, gates, events and lags out (`tests/written_practice.py`).
"""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.quick_audits import quick_audits
from tests.small_practice import HARBOR
from tests.written_practice import Login, Told, Who, World, tell

NAMES = ("Ana Santos", "Bruno Keller", "Carla Ibarra", "Dilip Menon")
OTHERS = ("Zoë Núñez", "Sean O'Brien", "Anne-Marie Dupont", "Łukasz Wójcik", "Grace Oduya", "Jamal al-Hadid",
          "Ümit Çelik", "Nguyen Thi Hoa")  # fmt: skip
SECOND = date(2026, 11, 24)
ROLES = ("scheduler", "billing")
HELD = ("Scheduling", "Claims", "Claims Only;Demographics", "Nothing", "Mystery")


@pytest.fixture(autouse=True, scope="module")
def _quick():
    with quick_audits():
        yield


def before(*days: int) -> st.SearchStrategy[date]:
    return st.sampled_from(days).map(lambda n: SECOND - timedelta(n))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a practice of up to four VMAs, each with an account or two, and some accounts of others."""
    people, accounts = [], []
    for number, name in enumerate(NAMES[: draw(st.sampled_from([3, 2, 1, 4]))]):
        start = draw(before(300, 90, 20, 3, -5))
        end = draw(st.one_of(st.none(), before(10, 2, 1, 0, -9).filter(lambda d, start=start: d >= start)))
        role, status = draw(st.sampled_from(ROLES)), draw(st.sampled_from(["active", "active", "on-leave"]))
        people.append(Who(f"v{number}", name, ((start, end),), role, status=status))
        for again in range(draw(st.sampled_from([1, 1, 0, 2]))):
            accounts += [login(draw, f"u{number}{'b' * again}", f"v{number}")]
    if draw(st.booleans()):
        accounts.append(replace(login(draw, "u9", "Quentin Xavier"), shows="name"))
    return World(
        tuple(people),
        tuple(accounts),
        headcount=draw(st.sampled_from([None, None, 1, 2])),
        named=draw(st.sampled_from([None, None, NAMES[:2]])),
    )


def login(draw: st.DrawFn, id_: str, of: str) -> Login:
    return Login(
        id_,
        of,
        draw(st.sampled_from(["name", "email", "stated"])),
        draw(st.sampled_from(HELD)),
        draw(st.sampled_from(["Active", "Active", "Disabled"])),
        draw(st.sampled_from(["yes", "yes", "no", ""])),
        draw(st.one_of(st.none(), before(0, 1, 5, 120))),
        draw(st.one_of(st.none(), before(30, 200))),
        first_audit=draw(st.sampled_from([True, True, False])),
    )


def same(one: Told, other: Told, *but: str) -> None:
    for field in fields(Told):
        if field.name not in but:
            assert getattr(one, field.name) == getattr(other, field.name), field.name


# ---- the relations --------------------------------------------------------------------------------------------------


def renamed(world: World, data: st.DataObject) -> None:
    """
    Everybody gets another name, in the roster, in every account and in the agreement, with log-in and address.

    All stays: identities of findings come from native ids and VMA ids; whoever is found by a name is found by another.
    """
    new = data.draw(st.permutations(OTHERS))
    names = {who.name: new[n] for n, who in enumerate(world.people)}
    names |= {name: new[n] for n, name in enumerate(NAMES)}
    people = tuple(replace(who, name=names[who.name]) for who in world.people)
    named = tuple(names[n] for n in world.named) if world.named else None
    same(tell(world), tell(replace(world, people=people, named=named)))


def last_first(name: str) -> str:
    first, _, last = name.partition(" ")
    return f"{last}, {first}"


LIKE: tuple[Callable[[str], str], ...] = (last_first, str.upper, str.lower, lambda name: name.replace(" ", "   "))
"""The same words: read as the same name."""
MAYBE: tuple[Callable[[str], str], ...] = (
    lambda name: last_first(name) + " M",
    lambda name: name.replace(" ", " Q. "),
    lambda name: f"Dr. {name}, MD",
    lambda name: f"{name} (VA)",
    lambda name: f"zz {last_first(name)}",
    lambda name: name.replace("a", "á").replace("e", "ë"),
    lambda name: f"{name[0]}. {name.split()[-1]}",
    lambda name: name.replace(" ", "-"),
    lambda name: last_first(name).upper() + " RN",
)
"""Other spellings: perhaps the same person."""


def spelled(world: World, spellings: tuple[Callable[[str], str], ...], data: st.DataObject) -> World:
    names = {who.id: who.name for who in world.people}
    return replace(
        world,
        accounts=tuple(
            replace(a, name=data.draw(st.sampled_from(spellings))(names[a.of])) if a.of in names else a
            for a in world.accounts
        ),
    )


def same_words(world: World, data: st.DataObject) -> None:
    """
    The EHR writes `Last, First`, in capitals or with other spaces.

    All stays: these are the same words, and the rule `name` reads them so.
    """
    same(tell(world), tell(spelled(world, LIKE, data)))


def other_spellings(world: World, data: st.DataObject) -> None:
    """
    The EHR writes middle initials, titles, marks, accents, only an initial.

    An account that is found by name alone is now perhaps somebody's. What may move: towards *not evaluated*, and a
    finding of its user's to one of nobody's. What must not: nobody becomes gone, ready or in place; nobody who was
    found by something else than the name moves at all.
    """
    one, other = tell(world), tell(spelled(world, MAYBE, data))
    no_better(one, other)
    # Whoever has no account that shows a name alone keeps every answer.
    by_name = {a.of for a in world.accounts if a.shows == "name"}
    if not by_name & {who.id for who in world.people}:
        same(one, other)
    for who in world.people:
        live = any(a.of == who.id and a.shows == "name" and a.status == "Active" for a in world.accounts)
        assert not live or other.gone[who.id][""] != "GONE"


def no_better(one: Told, other: Told) -> None:
    """Nothing became good that was not: neither a gate, nor one of its items, nor a figure of anybody."""
    for gates, after in ((one.gone, other.gone), (one.ready, other.ready)):
        for vma, answers in gates.items():
            for item, answer in answers.items():
                now = after[vma][item]
                assert now not in ("passed", "GONE", "READY") or now == answer, (vma, item, answer)
    for key, standing in one.figures.items():
        assert other.figures[key] != "in place" or standing == "in place", key


def permuted(world: World, data: st.DataObject) -> None:
    """
    Rows and columns of roster and tables, log-ins and agreements come in another order.

    All stays: none of these orders means anything. (Which of several findings is told first is by severity and id.)
    """
    world = replace(world, agencies=(HARBOR, "Tide Partners Inc"))
    order = tuple(data.draw(st.integers(0, 10**7)) for _ in range(5))
    same(tell(world), tell(replace(world, order=order)))


def split(world: World, data: st.DataObject) -> None:
    """
    Half of the accounts move to a second system of the same product, with ids, rights and all.

    Stays: what is said of each account, under its new system; whose it is; who is gone; who is covered; events. Moves:
    what is said once for each system is said for both, and what a role requires may be granted in either.
    """
    moved = frozenset(data.draw(st.sets(st.sampled_from([a.id for a in world.accounts] or ["none"]))))
    accounts = tuple(replace(a, system="ehr2") if a.id in moved else a for a in world.accounts)
    one, other = tell(world), tell(replace(world, accounts=accounts, systems=("ehr", "ehr2")))
    back = one_system
    assert {f for f in one.findings if f[1] == "account"} == {f for f in back(other.findings) if f[1] == "account"}
    for name in ("satisfied", "unknown"):
        mine = {x for x in getattr(one, name) if x[1] == "account" and not x[2].endswith(":reader")}
        theirs = {x for x in back(getattr(other, name)) if x[1] == "account" and not x[2].endswith(":reader")}
        assert mine == theirs, name
    assert one.owners == {key.replace("ehr2:", "ehr:"): people for key, people in other.owners.items()}
    assert {v: a[""] for v, a in one.gone.items()} == {v: a[""] for v, a in other.gone.items()}
    covered = "BAA in force for the person, system and PHI"
    assert {k: s for k, s in one.figures.items() if k[0] == covered} == {
        k: s for k, s in other.figures.items() if k[0] == covered
    }
    same(one, other, "findings", "satisfied", "unknown", "figures", "headline", "exit_code", "owners", "gone", "ready",
         "lags", "days", "identities", "changes")  # fmt: skip


def one_system(lines: frozenset[tuple[str, ...]]) -> set[tuple[str, ...]]:
    return {tuple(part.replace("ehr2", "ehr") for part in line) for line in lines}


def unrelated(world: World, data: st.DataObject) -> None:
    """
    Somebody else joins through another agency, with an agreement and an account of their own.

    Stays: everything that was said of every other person and account. Moves: there is more, and all of it is about the
    new VMA and the account; what
    counts the people of a whole system; one event more when they come between the audits. (The account holds nothing
    that the system did not show before: what a system shows can be granted to others too.)
    """
    new = Login(
        "n1", "n", data.draw(st.sampled_from(["name", "email", "stated"])), role="Nothing", last=SECOND, created=SECOND
    )
    late = data.draw(st.booleans())
    who = Who("n", "Wilma Pryce", ((SECOND - timedelta(5 if late else 200), None),), agency="Tide Partners Inc")
    more = replace(
        world,
        people=(*world.people, who),
        accounts=(*world.accounts, replace(new, first_audit=not late)),
        agencies=(HARBOR, "Tide Partners Inc"),
    )
    one, other = tell(world), tell(more)
    for name in ("findings", "satisfied", "unknown"):
        # What is said of a system or an entitlement is said of everybody who uses it.
        old, now = ({x for x in getattr(told, name) if x[1] in ("vma", "account")} for told in (one, other))
        assert old <= now, (name, old - now)
        assert all(about(line) for line in now - old), name
    for name in ("figures", "owners", "gone", "ready"):
        old, now = getattr(one, name), getattr(other, name)
        assert old.items() <= now.items(), name
    assert {vma for _, vma in other.figures} - {vma for _, vma in one.figures} == {"n"}
    assert set(one.events) <= set(other.events)
    assert {e for e in other.events if e[1] == "n"} <= {("joined", "n")}
    assert [line for line in other.lags if line[0] != "n"] == list(one.lags)
    assert [line for line in other.changes if line[1] != "n1"] == list(one.changes)


def about(line: tuple[str, ...]) -> bool:
    return line[2] in ("n", "ehr:n1", "B1", "Tide Partners Inc") or "n" in line[5:6]


YEARS = (365, 366, 731, 1461)
"""Days: a year, one with a leap day, two of which one has it, four."""


def moved_in_time(world: World, data: st.DataObject) -> None:
    """
    Everything happens so many days later: roster, agreements, accounts, exports and audits.

    All stays, for every span of days is the same; days of the practice stay days although its clock changes on another
    date. (Lags are compared in whole days, and exposure not at all: they are reckoned in hours that pass, as 24 of them
    from the start to the due instant, so an hour more or less at a change of the clock is the truth.)
    """
    by = timedelta(data.draw(st.sampled_from(YEARS)))

    people = tuple(
        replace(who, periods=tuple((start + by, end and end + by) for start, end in who.periods))
        for who in world.people
    )
    accounts = tuple(
        replace(a, last=a.last and a.last + by, created=a.created and a.created + by) for a in world.accounts
    )
    audits = tuple(day + by for day in world.audits)
    one = tell(world)
    other = tell(replace(world, people=people, accounts=accounts, audits=audits, agreed=world.agreed + by))
    same(one, other, "days")
    assert one.days[0] == other.days[0]


def several_rows(world: World, data: st.DataObject) -> None:
    """
    Each engagement is written as rows that touch, cut on any day.

    All stays: it is one engagement. (Days, cover and lags of longer histories: `test_one_history_or_several_rows.py`;
    here also the gates, identities and the answers that rest on who owns an account.)
    """
    people = []
    for who in world.people:
        ((start, end),) = who.periods
        cut = start + timedelta(data.draw(st.integers(1, 60)))
        touching = ((start, cut - timedelta(1)), (cut, end))
        people.append(replace(who, periods=touching) if end is None or cut <= end else who)
    same(tell(world), tell(replace(world, people=tuple(people))))


RELATIONS = (renamed, same_words, other_spellings, permuted, split, unrelated, moved_in_time, several_rows)


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.__name__)
def test_what_a_change_means_is_what_moves(relation):
    settings(max_examples=3, deadline=None)(given(worlds(), st.data())(relation))()


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.__name__)
def test_what_a_change_means_is_what_moves_a_thousand_times(relation):
    settings(max_examples=1000, deadline=None)(given(worlds(), st.data())(relation))()
