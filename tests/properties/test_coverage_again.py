"""Coverage that looks again only at who shares an agreement with those who moved is coverage of everybody."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.facts import Employment, Engagement, Person, PersonKind
from policies.agreements.coverage import Coverage
from policies.agreements.register import PRACTICE, Agreement, AgreementKind
from policies.engine.candidates import CONTRADICTED, candidates_of
from tests.builders import Clinic
from tests.counting import counted

FIRST = date(2026, 1, 1)
days = st.integers(0, 20).map(lambda n: FIRST + timedelta(days=n))
NAMES = ("Ana Ruiz", "Bo Lim", "Cy Tan", "Ruiz, Ana")
IDS = ("v0", "v1", "v2", "v3", "v4")
AGENCIES = ("Harbor", "HARBOR LLC", "Other", "Harbor > Manila", "Manila", None)

agreements = st.builds(
    Agreement,
    id=st.sampled_from(["A", "B", "C", "D", "E"]),
    kind=st.sampled_from([AgreementKind.BAA, AgreementKind.SUBCONTRACTOR_BAA]),
    giver=st.sampled_from([PRACTICE, "Harbor"]),
    receiver=st.sampled_from(["Harbor", "Other", "Manila", "Ana Ruiz", "v1"]),
    signed=st.just(True),
    start=days,
    end=st.one_of(st.none(), days),
    systems=st.none(),
    phi=st.none(),
    headcount=st.one_of(st.none(), st.integers(1, 2)),
    people=st.one_of(st.none(), st.frozensets(st.sampled_from([*IDS, *NAMES]))),
    line=st.just(1),
)
registers = st.lists(agreements, max_size=5, unique_by=lambda a: a.id)
agencies = st.sampled_from(AGENCIES)


@st.composite
def work(draw: st.DrawFn, vma: str) -> list[Engagement]:
    found, start = [], draw(days)
    for _ in range(draw(st.integers(0, 2))):
        end = draw(st.one_of(st.none(), st.just(start + timedelta(days=draw(st.integers(0, 9))))))
        employment = draw(st.sampled_from([Employment.EMPLOYEE, Employment.CONTRACTOR]))
        found.append(Engagement(vma, draw(agencies), employment, ("scheduler",), start, end))
        if end is None:
            break
        start = end + timedelta(days=draw(st.integers(1, 3)))
    return found


people = st.dictionaries(st.sampled_from(IDS), st.sampled_from(NAMES)).map(
    lambda names: {id_: Person(id_, name, None, PersonKind.VMA) for id_, name in names.items()}
)
former = st.dictionaries(st.sampled_from(IDS), st.frozensets(st.sampled_from(NAMES), min_size=1), max_size=2)


@settings(max_examples=150)
@given(st.data(), registers, people, former)
def test_coverage_after_some_moved_is_coverage_from_scratch(data, register, known, had):
    team = {vma: data.draw(work(vma)) for vma in IDS}
    moved = data.draw(st.sets(st.sampled_from(IDS), min_size=1, max_size=2))
    later_team = team | {vma: data.draw(work(vma)) for vma in moved}
    changed = data.draw(people)
    later_known = {id_: p for id_, p in known.items() if id_ not in moved}
    later_known |= {id_: p for id_, p in changed.items() if id_ in moved}
    later_had = {id_: names for id_, names in had.items() if id_ not in moved}
    rest = [Engagement("rest", agency, Employment.EMPLOYEE, ("scheduler",), FIRST) for agency in AGENCIES]

    def rows(of: dict[str, list[Engagement]]) -> list[Engagement]:
        return [*(e for mine in of.values() for e in mine), *rest]

    before = Coverage(register, known, rows(team), had)
    told(before, register, rows(team))  # whatever it keeps of what was asked must not be told again
    begun = ([e for vma in moved for e in of[vma]] for of in (team, later_team))
    after = before.after(later_known, later_had, moved, *begun)
    scratch = Coverage(register, later_known, rows(later_team), later_had)
    assert told(after, register, rows(later_team)) == told(scratch, register, rows(later_team))
    assert told(before, register, rows(team)) == told(
        Coverage(register, known, rows(team), had), register, rows(team)
    ), "the earlier coverage is as it was"


def told(coverage: Coverage, register: list[Agreement], team: list[Engagement]) -> list[object]:
    some = [FIRST + timedelta(days=n) for n in (0, 7, 14, 21)]
    return [
        [(e, coverage.legs(e), coverage.chain_days(e)) for e in team],
        [(e, leg.text, [a.id for a in coverage.of_leg(leg)]) for e in team for leg in coverage.legs(e)],
        [(a.id, e, coverage.seat_from(a, e), coverage.names(a, e.vma)) for a in register for e in team],
        [(a.id, day, coverage.seats_used(a, day)) for a in register for day in some],
    ]


@pytest.mark.parametrize("carried", ["email", "employee_id"])
def test_looking_up_whom_contradicted_accounts_speak_of_grows_with_the_practice(carried):
    def asked(size: int) -> int:
        clinic = Clinic()
        for n in range(size):
            clinic.vma(f"v{n}")
            clinic.people[f"v{n}"] = replace(clinic.people[f"v{n}"], email=f"v{n}@agency.example")
        for n in range(size):
            other = (n + 1) % size
            says = {"email": f"v{other}@agency.example"} if carried == "email" else {"employee_id": f"v{other}"}
            clinic.account("ehr", f"login{n}", f"v{n}", **says)
        case = clinic.case()
        assert all(owner.reason.startswith(CONTRADICTED) for owner in case.owners.values())
        found, steps = counted(lambda: candidates_of(case))
        assert all(
            any(q.person == f"v{(n + 1) % size}" for q in found.by_account["ehr", f"login{n}"]) for n in range(size)
        )
        return steps

    asked(160)  # what is kept between the two, such as the words of a name, is counted in neither
    assert asked(160) < 10 * asked(20)
