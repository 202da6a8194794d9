"""The register of agreements."""

from datetime import date

import pytest

from connectors.errors import InputError
from policies.agreements.register import Agreement, AgreementKind, load_agreements
from policies.vocabulary import Vocabulary

ENTRY = """\
agreements:
  - id: BAA-1
    kind: baa
    between: [practice, Harbor Assist LLC]
    signed_by_both: true
    from: 2026-01-01
"""


def load(tmp_path, text) -> tuple[Agreement, ...]:
    path = tmp_path / "agreements.yaml"
    path.write_text(text, encoding="utf-8")
    return load_agreements(path, Vocabulary.load(), frozenset({"ehr", "cloud"}))


def with_line(tmp_path, line: str) -> Agreement:
    (only,) = load(tmp_path, ENTRY + f"    {line}\n")
    return only


def test_what_an_agreement_does_not_say_is_no_limit(tmp_path):
    (agreement,) = load(tmp_path, ENTRY)
    assert agreement == Agreement(
        id="BAA-1",
        kind=AgreementKind.BAA,
        giver="practice",
        receiver="Harbor Assist LLC",
        signed=True,
        start=date(2026, 1, 1),
        end=None,
        systems=None,
        phi=None,
        headcount=None,
        people=None,
        line=2,
    )


def test_limits_are_read_as_they_stand(tmp_path):
    assert with_line(tmp_path, "systems: [ehr]").systems == {"ehr"}
    assert with_line(tmp_path, "phi: [claims, ledger]").phi == {"claims", "ledger"}
    assert with_line(tmp_path, "headcount: 4").headcount == 4
    assert with_line(tmp_path, "people: [VMA-1]").people == {"VMA-1"}
    assert with_line(tmp_path, "people: []").people == frozenset()  # a schedule without names names nobody


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        ("to: 2026-12-31", date(2026, 12, 31)),
        ("terminated: 2026-06-01", date(2026, 5, 31)),  # the day of termination is the first day without it
        ("to: 2026-12-31\n    terminated: 2026-06-01", date(2026, 5, 31)),
        ("to: 2026-03-31\n    terminated: 2026-06-01", date(2026, 3, 31)),
        ("terminated: 2026-01-01", date(2025, 12, 31)),  # before it was in force for a day
    ],
)
def test_an_agreement_ends_with_its_term_or_its_termination_whichever_is_first(tmp_path, lines, end):
    assert with_line(tmp_path, lines).end == end


@pytest.mark.parametrize(
    ("fields", "day", "state"),
    [
        ({}, date(2026, 1, 1), "in force"),
        ({"end": date(2026, 5, 31)}, date(2026, 5, 31), "in force until 2026-05-31"),
        ({"end": date(2026, 5, 31)}, date(2026, 6, 1), "ended on 2026-05-31"),
        ({"end": date(2026, 1, 1)}, date(2026, 1, 2), "ended on 2026-01-01"),
        ({}, date(2025, 12, 31), "starts on 2026-01-01"),
        ({"signed": False}, date(2026, 2, 1), "not signed by both parties"),
        ({"end": date(2025, 12, 31)}, date(2025, 11, 1), "terminated before it began"),
    ],
)
def test_an_agreement_says_in_words_whether_it_is_in_force(fields, day, state):
    base = {"signed": True, "end": None, "systems": None, "phi": None, "headcount": None, "people": None, "line": 1}
    agreement = Agreement("A", AgreementKind.BAA, "practice", "X", start=date(2026, 1, 1), **{**base, **fields})
    assert agreement.state(day) == state


def test_a_register_without_agreements_covers_nobody_and_is_no_error(tmp_path):
    assert load(tmp_path, "agreements: []\n") == ()


@pytest.mark.parametrize(
    ("line", "number", "field", "found", "expected"),
    [
        ("sysstems: all", 7, "agreements[0].sysstems", "`sysstems`", "one of: between, from"),
        ("systems: [ehr, fax]", 7, "agreements[0].systems", "`fax`", "`all`, or a list of: cloud, ehr"),
        ("systems: 5", 7, "agreements[0].systems", "`5`", "'all' or a valid list"),
        ("phi: [gossip]", 7, "agreements[0].phi", "`gossip`", "`all`, or a list of: authorizations, claims"),
        ("headcount: 0", 7, "agreements[0].headcount", "`0`", "greater than or equal to 1"),
        ("to: 2025-12-31", 2, "agreements[0]", "`{'id'", "`to` on or after `from` (2026-01-01)"),
        ("to: soon", 7, "agreements[0].to", "`soon`", "a valid date"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(tmp_path, line, number, field, found, expected):
    with pytest.raises(InputError) as refused:
        with_line(tmp_path, line)
    assert (refused.value.line, refused.value.field) == (number, field)
    assert f"found {found}" in refused.value.message
    assert f"expected {expected}" in refused.value.message
    assert "agreements.yaml, line" in refused.value.message


@pytest.mark.parametrize("parties", ["[practice]", "[practice, '']", "[practice, '  ']", "[a, b, c]", "practice"])
def test_an_agreement_has_two_parties_with_names(tmp_path, parties):
    with pytest.raises(InputError, match="between"):
        load(tmp_path, ENTRY.replace("[practice, Harbor Assist LLC]", parties))


def test_blanks_around_a_party_are_not_part_of_its_name(tmp_path):
    (agreement,) = load(tmp_path, ENTRY.replace("Harbor Assist LLC", "' Harbor Assist LLC '"))
    assert agreement.receiver == "Harbor Assist LLC"


def test_two_agreements_with_one_id_are_refused_at_the_second(tmp_path):
    second = ENTRY.removeprefix("agreements:\n")
    with pytest.raises(InputError, match="another id than the agreement of line 2") as refused:
        load(tmp_path, ENTRY + second)
    assert refused.value.line == 7


def test_a_missing_signature_line_is_not_taken_for_signed(tmp_path):
    with pytest.raises(InputError, match="signed_by_both"):
        load(tmp_path, ENTRY.replace("    signed_by_both: true\n", ""))


def test_a_register_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        load_agreements(tmp_path / "none.yaml", Vocabulary.load(), frozenset())


# ---- the practice's own name ----


@pytest.mark.parametrize("name", ["practice", "Practice", "Lakeside Family Medicine", "LAKESIDE FAMILY MEDICINE, PLLC"])
def test_the_practice_may_stand_in_its_register_by_its_own_name(tmp_path, name):
    text = ENTRY.replace("[practice,", f'["{name}",')
    path = tmp_path / "agreements.yaml"
    path.write_text(text, encoding="utf-8")
    (agreement,) = load_agreements(path, Vocabulary.load(), frozenset(), "Lakeside Family Medicine")
    assert agreement.giver == "practice"


def test_another_practice_is_not_this_one(tmp_path):
    path = tmp_path / "agreements.yaml"
    path.write_text(ENTRY.replace("[practice,", "[Lakeview Family Medicine,"), encoding="utf-8")
    (agreement,) = load_agreements(path, Vocabulary.load(), frozenset(), "Lakeside Family Medicine")
    assert agreement.giver == "Lakeview Family Medicine"


# ---- the day of the signature ----


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("signed_on: 2026-06-10", date(2026, 6, 10)),  # "from January", signed in June
        ("signed_on: 2025-12-20", date(2026, 1, 1)),  # signed before it begins
        ("signed_on: 2026-01-01", date(2026, 1, 1)),
        ("headcount: 4", date(2026, 1, 1)),  # the register does not say when
    ],
)
def test_an_agreement_protects_nobody_before_it_is_signed(tmp_path, line, first):
    agreement = with_line(tmp_path, line)
    assert agreement.start == date(2026, 1, 1)
    assert agreement.days == ((first, date.max),)


@pytest.mark.parametrize(
    ("lines", "day", "state"),
    [
        ("signed_on: 2026-06-10", date(2026, 6, 9), "signed only on 2026-06-10"),
        ("signed_on: 2026-06-10", date(2026, 1, 1), "signed only on 2026-06-10"),
        ("signed_on: 2026-06-10", date(2026, 6, 10), "in force"),
        ("signed_on: 2026-06-10", date(2025, 12, 1), "starts on 2026-01-01"),
        ("signed_on: 2026-06-10\n    to: 2026-05-31", date(2026, 7, 1), "signed on 2026-06-10, when it had ended"),
        ("signed_on: 2026-06-10\n    to: 2026-06-10", date(2026, 7, 1), "ended on 2026-06-10"),
    ],
)
def test_a_late_signature_is_told_in_words(tmp_path, lines, day, state):
    assert with_line(tmp_path, lines).state(day) == state


def test_an_agreement_may_be_for_one_day(tmp_path):
    assert with_line(tmp_path, "to: 2026-01-01").days == ((date(2026, 1, 1), date(2026, 1, 1)),)


def test_a_day_of_signature_contradicts_a_paper_that_is_not_signed(tmp_path):
    with pytest.raises(InputError, match="no `signed_on`"):
        load(tmp_path, ENTRY.replace("signed_by_both: true", "signed_by_both: false\n    signed_on: 2026-01-01"))


# ---- circles ----


def between(*pairs: tuple[str, str], kind: str = "subcontractor-baa") -> str:
    return "agreements:\n" + "".join(
        f"  - {{id: S-{n}, kind: {kind}, between: ['{a}', '{b}'], signed_by_both: true, from: 2026-01-01}}\n"
        for n, (a, b) in enumerate(pairs)
    )


@pytest.mark.parametrize(
    ("pairs", "line"),
    [
        ([("A LLC", "B"), ("B", "A")], 3),
        ([("A", "B"), ("B", "A"), ("C", "D")], 3),  # the last is of no circle
        ([("A", "B"), ("C", "D"), ("B", "C"), ("C", "A")], 5),
    ],
)
def test_organisations_that_work_through_each_other_are_refused(tmp_path, pairs, line):
    with pytest.raises(InputError, match="in a circle") as refused:
        load(tmp_path, between(*pairs))
    assert refused.value.line == line


def test_an_agreement_with_oneself_is_refused(tmp_path):
    with pytest.raises(InputError, match="the two parties are one"):
        load(tmp_path, between(("Harbor Assist", "Harbor Assist, LLC")))


@pytest.mark.parametrize(
    "pairs",
    [
        [("practice", "A"), ("A", "practice")],  # what flows back to the practice is no tier
        [("practice", "A"), ("practice", "B"), ("A", "C"), ("B", "C")],
    ],
)
def test_two_ways_are_no_circle(tmp_path, pairs):
    assert len(load(tmp_path, between(*pairs))) == len(pairs)


def seats(*papers: tuple[str, str, int | None, str]) -> str:
    """Return a register of papers between the practice and one agency: id, first day, seats, further lines."""
    entry = (
        "  - {{id: {0}, kind: baa, between: [practice, Harbor Assist LLC], signed_by_both: true, from: {1}{2}{3}}}\n"
    )
    return "agreements:\n" + "".join(
        entry.format(id_, first, "" if count is None else f", headcount: {count}", f", {more}" if more else "")
        for id_, first, count, more in papers
    )


@pytest.mark.parametrize(
    ("papers", "end"),
    [
        ((("B1", "2026-01-01", 2, ""), ("B2", "2026-06-15", 1, "")), date(2026, 6, 14)),
        ((("B2", "2026-06-15", 1, ""), ("B1", "2026-01-01", 2, "")), date(2026, 6, 14)),
        ((("B1", "2026-01-01", None, ""), ("B2", "2026-06-15", 1, "")), date(2026, 6, 14)),
        ((("B1", "2026-01-01", 2, ""), ("B2", "2026-02-01", 1, "signed_on: 2026-06-15")), date(2026, 6, 14)),
        ((("B1", "2026-01-01", 3, ""), ("B2", "2026-06-15", 2, ""), ("B3", "2026-05-01", 1, "")), date(2026, 4, 30)),
        ((("B1", "2026-01-01", 1, ""), ("B2", "2026-06-15", 2, "")), None),
        ((("B1", "2026-01-01", 2, ""), ("B2", "2026-06-15", 2, "")), None),
        ((("B1", "2026-01-01", 2, ""), ("B2", "2026-06-15", None, "")), None),
        ((("B1", "2026-01-01", 2, ""), ("B2", "2026-06-15", 1, "systems: [cloud]")), None),
        ((("B1", "2026-01-01", 2, ""), ("B2", "2026-06-15", 1, "to: 2026-07-31")), None),
        ((("B1", "2026-01-01", 2, "to: 2026-05-31"), ("B2", "2026-06-15", 1, "")), date(2026, 5, 31)),
        ((("B1", "2026-01-01", 2, "to: 2026-06-15"), ("B2", "2026-06-15", 1, "")), date(2026, 6, 14)),
        ((("B1", "2026-01-01", 2, "to: 2026-12-31"), ("B2", "2026-06-15", 1, "to: 2026-12-31")), date(2026, 6, 14)),
        ((("B1", "2026-01-01", 2, "to: 2026-12-31"), ("B2", "2026-06-15", 1, "to: 2026-12-30")), date(2026, 12, 31)),
        ((("B1", "2026-01-01", 2, ""), ("B2", "2026-01-01", 1, "")), None),  # neither is the later one
        ((("B1", "2026-01-01", 2, ""), ("B2", "2026-01-02", 1, "")), date(2026, 1, 1)),
    ],
)
def test_a_later_paper_that_lowers_the_seats_decides_from_its_first_day(tmp_path, papers, end):
    found = {agreement.id: agreement for agreement in load(tmp_path, seats(*papers))}
    assert found["B1"].end == end


def test_one_that_is_not_signed_lowers_nothing(tmp_path):
    text = seats(("B1", "2026-01-01", 2, ""), ("B2", "2026-06-15", 1, ""))
    first, rest = text.split("B2")
    unsigned = first + "B2" + rest.replace("signed_by_both: true", "signed_by_both: false")
    assert next(a for a in load(tmp_path, unsigned) if a.id == "B1").end is None


def test_a_register_can_say_under_which_further_names_a_party_trades(tmp_path):
    (known,) = load(tmp_path, ENTRY + "also_known_as: {Harbor Assist LLC: [Port VA, Bay Helpers]}\n")
    assert known.receiver == "Harbor Assist LLC dba Port VA dba Bay Helpers"
    with pytest.raises(InputError, match="no agreement is with this name"):
        load(tmp_path, ENTRY + "also_known_as: {Tide Inc: [Port VA]}\n")
