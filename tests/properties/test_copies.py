"""Finding what an account was copied from, against comparing it with every other account."""

from hypothesis import given
from hypothesis import strategies as st

from policies.engine.similarity import LEAST, LIKENESS
from tests.builders import Clinic

GROUPS = [f"G{n}" for n in range(9)]
SETS = st.lists(st.frozensets(st.sampled_from(GROUPS), min_size=1, max_size=9), min_size=2, max_size=8)


@given(SETS, st.frozensets(st.sampled_from(GROUPS), min_size=1), st.data())
def test_the_most_alike_account_of_another_lane_is_found_as_if_all_were_compared(sets, extras, data):
    clinic = Clinic()
    for n, groups in enumerate(sets):
        role = data.draw(st.sampled_from(["billing", "scheduler"]))
        clinic.vma(f"v{n}", roles=(role,)).account("ehr", f"a{n}", f"v{n}", created=None)
        for group in groups:
            clinic.grant("ehr", f"a{n}", "patients/appt:write", through=[group])
    case = clinic.case()
    roles = case.engagements["v0"].roles
    own = sets[0]

    def rank(n):
        both = own & sets[n]
        return len(both) / len(own | sets[n]), len(both & extras)

    alike = [
        n
        for n in range(1, len(sets))
        if case.engagements[f"v{n}"].roles != roles
        and len(own & sets[n]) >= LEAST
        and rank(n)[0] >= LIKENESS
        and rank(n)[1]
    ]
    found = case.copies.source(("ehr", "a0"), roles, own & extras)
    assert (found is None) == (not alike)
    if found is not None:
        assert rank(int(found.source[1][1:])) == max(map(rank, alike))
