"""The advice what to grant is the best there is: compared with trying every choice."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from policies.roles.provisioning import Candidate, advise

BITS = 7
masks = st.integers(0, 2**BITS - 1)
candidates = st.lists(masks, max_size=8).map(
    lambda found: [Candidate(f"id{n}", f"right {chr(97 + n)}", mask) for n, mask in enumerate(found)]
)


def brute_force(offered, required, allowed, forbidden):
    """Try every choice of clean candidates that covers what clean candidates can cover."""
    clean = [c for c in offered if not c.mask & forbidden]
    wanted = 0
    for candidate in clean:
        wanted |= candidate.mask & required
    best = None
    for size in range(len(clean) + 1):
        for choice in combinations(clean, size):
            given_ = 0
            for candidate in choice:
                given_ |= candidate.mask
            if wanted & ~given_:
                continue
            excess, spare = given_ & ~(allowed | required), given_ & allowed & ~required
            cost = excess.bit_count(), size, spare.bit_count()
            best = cost if best is None else min(best, cost)
    return best


@given(candidates, masks, masks, masks)
def test_no_other_choice_is_better(offered, required, allowed, forbidden):
    forbidden &= ~required
    advice = advise(offered, required, allowed | required, forbidden)
    cost = advice.excess.bit_count(), len(advice.grant), advice.spare.bit_count()
    assert cost == brute_force(offered, required, allowed | required, forbidden)


@given(candidates, masks, masks, masks)
def test_nothing_forbidden_is_ever_advised_and_everything_is_accounted_for(offered, required, allowed, forbidden):
    advice = advise(offered, required, allowed | required, forbidden)
    given_ = 0
    for candidate in advice.grant:
        given_ |= candidate.mask
    assert not given_ & forbidden
    assert given_ == advice.covers | advice.excess | advice.spare | (given_ & required & ~advice.covers)
    reachable = 0
    for candidate in offered:
        reachable |= candidate.mask & required
    assert advice.covers | advice.impossible == reachable
    assert not advice.covers & advice.impossible


@given(candidates, masks, masks, st.randoms(use_true_random=False))
def test_the_same_system_gets_the_same_advice_whatever_the_order(offered, required, allowed, chance):
    before = advise(offered, required, allowed | required, 0)
    chance.shuffle(offered)
    assert advise(offered, required, allowed | required, 0) == before
