"""Laws that hold for all sets of capabilities."""

from hypothesis import given
from hypothesis import strategies as st

from policies.roles.separation import load_conflicts
from policies.roles.template import Templates
from policies.vocabulary import Vocabulary

WORDS = Vocabulary.load()
CONFLICTS = load_conflicts(WORDS)
TEMPLATES = Templates.load(WORDS)

masks = st.integers(min_value=0, max_value=WORDS.all)
names = st.sets(st.sampled_from([c.id for c in WORDS.capabilities]))
roles = st.lists(st.sampled_from(TEMPLATES.ids), min_size=1, max_size=4)


@given(names)
def test_names_survive_the_way_through_a_mask(chosen: set[str]) -> None:
    assert WORDS.names(WORDS.mask(chosen)) == tuple(sorted(chosen))


@given(masks)
def test_a_mask_survives_the_way_through_names(mask: int) -> None:
    assert WORDS.mask(WORDS.names(mask)) == mask
    assert len(WORDS.titles(mask)) == mask.bit_count()


@given(names, names)
def test_union_and_inclusion_of_masks_are_those_of_the_names(one: set[str], other: set[str]) -> None:
    a, b = WORDS.mask(one), WORDS.mask(other)
    assert set(WORDS.names(a | b)) == one | other
    assert set(WORDS.names(a & ~b)) == one - other
    assert (a & ~b == 0) == (one <= other)


@given(masks, masks)
def test_more_capabilities_never_reach_less_phi_and_are_never_less_dangerous(mask: int, more: int) -> None:
    assert set(WORDS.phi(mask)) <= set(WORDS.phi(mask | more))
    assert set(WORDS.phi(mask | more)) == set(WORDS.phi(mask)) | set(WORDS.phi(more))
    assert WORDS.risk(mask | more).rank == max(WORDS.risk(mask).rank, WORDS.risk(more).rank)


@given(masks, masks)
def test_a_conflict_of_duties_does_not_go_away_by_holding_more(mask: int, more: int) -> None:
    for conflict in CONFLICTS:
        assert conflict.broken_by(mask | more) or not conflict.broken_by(mask)
        # And it always rests on something held of each side, so taking one side away ends it.
        assert not conflict.broken_by(mask & ~conflict.sides[0])


@given(roles, st.randoms())
def test_the_order_and_repetition_of_roles_change_nothing_that_they_give(chosen: list[str], random: object) -> None:
    shuffled = [*chosen, chosen[0]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = TEMPLATES.combine(chosen), TEMPLATES.combine(shuffled)
    assert (one.requires, one.allows, one.never, one.controls) == (
        other.requires,
        other.allows,
        other.never,
        other.controls,
    )


@given(roles, st.sampled_from(TEMPLATES.ids))
def test_a_further_role_never_takes_anything_away_and_never_loosens_a_control(chosen: list[str], further: str) -> None:
    before, after = TEMPLATES.combine(chosen), TEMPLATES.combine([*chosen, further])
    assert before.requires & ~after.requires == 0
    assert before.allows & ~after.allows == 0
    assert after.requires & ~after.allows == 0
    assert after.never & ~before.never == 0
    assert after.controls.mfa >= before.controls.mfa
    assert after.controls.dormant_after_days <= before.controls.dormant_after_days
    assert after.controls.first_login_within_days <= before.controls.first_login_within_days
