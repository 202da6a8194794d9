from pathlib import Path

import pytest

from connectors.errors import AuditorError, InputError
from policies.citations import ENGAGEMENT_TYPES, Citations
from policies.engine.rule import all_rules
from policies.families import Family, describe

SHIPPED = Citations.load()
WORKFORCE_ONLY = {"164.514(d)(2)(i)", "164.514(d)(2)(ii)"}
RULES = {rule.id for rule in all_rules()}
# The addressable specifications of 45 CFR part 164 subpart C; every other specification is required.
ADDRESSABLE = {
    *(f"164.308(a)(3)(ii)({x})" for x in "ABC"),
    *(f"164.308(a)(4)(ii)({x})" for x in "BC"),
    *(f"164.308(a)(5)(ii)({x})" for x in "ABCD"),
    *(f"164.308(a)(7)(ii)({x})" for x in "DE"),
    *(f"164.310(a)(2)({x})" for x in ("i", "ii", "iii", "iv")),
    *(f"164.310(d)(2)({x})" for x in ("iii", "iv")),
    *(f"164.312(a)(2)({x})" for x in ("iii", "iv")),
    *("164.312(c)(2)", "164.312(e)(2)(i)", "164.312(e)(2)(ii)"),
}

SMALL = """\
version: 1
citations:
  164.312(d): {kind: STD, paraphrase: whoever seeks access is verified, nist: [ia-2.1]}
  164.502(b)(1): {kind: STD, paraphrase: the minimum necessary}
"""
FAMILY = """\
version: 1
rules:
  no-mfa:
    severity: high
    citations:
      agency-employee: [164.502(b)(1)]
      all: [164.312(d)]
"""


def ids(rule: str, engagement_type: str) -> list[str]:
    return [citation.id for citation in SHIPPED.for_rule(rule, engagement_type)]


def load(folder: Path, text: str, *families: str) -> Citations:
    path = folder / "citations.yaml"
    path.write_text(text)
    described = []
    for number, family in enumerate(families or (FAMILY,)):
        (folder / f"family{number}.yaml").write_text(family)
        described.append(describe(Family(f"family{number}", folder / f"family{number}.py")))
    return Citations.load(path, described)


def test_every_rule_cites_something_for_every_type_of_engagement() -> None:
    assert set(SHIPPED.rules) == RULES
    for rule in RULES:
        for engagement_type in ENGAGEMENT_TYPES:
            assert SHIPPED.for_rule(rule, engagement_type)


def test_the_duty_to_its_own_workforce_is_cited_for_the_practices_own_workforce_only() -> None:
    for rule in RULES:
        for engagement_type in ENGAGEMENT_TYPES:
            if engagement_type != "practice-workforce":
                assert not WORKFORCE_ONLY.intersection(ids(rule, engagement_type)), (rule, engagement_type)
    assert WORKFORCE_ONLY.intersection(ids("excess", "practice-workforce"))


@pytest.mark.parametrize("engagement_type", ["agency-employee", "agency-contractor", "direct-contractor"])
def test_a_business_associates_excess_rests_on_minimum_necessary_and_on_its_agreement(engagement_type: str) -> None:
    assert ids("excess", engagement_type) == ["164.502(b)(1)", "164.504(e)(2)(i)", "164.308(a)(4)(i)"]


def test_a_missing_agreement_is_the_missing_written_contract() -> None:
    for engagement_type in ("direct-contractor", "agency-employee", "agency-contractor", "system"):
        assert "164.308(b)(3)" in ids("no-agreement", engagement_type)
        assert "164.308(b)(2)" not in ids("no-agreement", engagement_type)
    assert "164.308(b)(4)" not in SHIPPED
    assert "164.308(b)(2)" in ids("no-agreement", "subcontractor")


def test_ending_access_is_cited_as_addressable_and_the_unique_id_as_required() -> None:
    assert next((c.id, c.kind) for c in SHIPPED.for_rule("active-after-end", "practice-workforce")) == (
        "164.308(a)(3)(ii)(C)",
        "A",
    )
    (unique,) = SHIPPED.for_rule("shared-account", "agency-employee")
    assert (unique.id, unique.kind) == ("164.312(a)(2)(i)", "R")


def test_a_second_factor_rests_on_authentication_which_names_no_method() -> None:
    (citation,) = SHIPPED.for_rule("no-mfa", "system")
    assert citation.id == "164.312(d)"
    assert "names no method" in citation.paraphrase


def test_exactly_the_addressable_specifications_are_marked_so() -> None:
    cited = {c.id: c.kind for rule in RULES for t in ENGAGEMENT_TYPES for c in SHIPPED.for_rule(rule, t)}
    assert {id_ for id_, kind in cited.items() if kind == "A"} == ADDRESSABLE & set(cited)


def test_specific_citations_stand_before_those_for_all(tmp_path: Path) -> None:
    small = load(tmp_path, SMALL)
    assert [c.id for c in small.for_rule("no-mfa", "agency-employee")] == ["164.502(b)(1)", "164.312(d)"]
    assert [c.id for c in small.for_rule("no-mfa", "system")] == ["164.312(d)"]
    assert small["164.312(d)"].nist == ("ia-2.1",)


def test_a_rule_that_is_not_in_the_file_is_an_error_and_not_a_rule_without_ground() -> None:
    with pytest.raises(AuditorError, match="the rule `no-such-rule` has no citations"):
        SHIPPED.for_rule("no-such-rule", "system")
    with pytest.raises(AuditorError, match="no citation is called"):
        SHIPPED["164.999"]


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ("      all: [164.312(d)]\n", "", "the rule cites nothing.*practice-workforce"),
        ("all: [164.312(d)]", "all: [164.312(e)]", r"family0.yaml, line 7, .*no such citation.*164\.312\(e\)"),
        ("all: [", "everyone: [", "everyone"),
        ("kind: STD, paraphrase: whoever", "kind: X, paraphrase: whoever", "kind"),
        ("ia-2.1", "IA-2(1)", "nist"),
        ("  164.312(d):", "  45 CFR 164.312(d):", "45 CFR"),
        ("  no-mfa:", "  No MFA:", "No MFA"),
        ("    severity: high\n", "", "severity"),
    ],
)
def test_citations_that_cannot_be_used_are_refused(tmp_path: Path, good: str, bad: str, complaint: str) -> None:
    assert good in SMALL + FAMILY
    with pytest.raises(InputError, match=complaint):
        load(tmp_path, SMALL.replace(good, bad), FAMILY.replace(good, bad))


def test_a_family_brings_provisions_of_its_own_and_words_none_anew(tmp_path: Path) -> None:
    own = "provisions:\n  164.310(b): {kind: STD, paraphrase: how a workstation is used}\n"
    small = load(tmp_path, SMALL, own + FAMILY.replace("164.502(b)(1)", "164.310(b)"))
    assert small.for_rule("no-mfa", "agency-employee")[0].paraphrase == "how a workstation is used"
    anew = own.replace("164.310(b)", "164.312(d)")
    with pytest.raises(InputError, match=r"another wording of 164\.312"):
        load(tmp_path, SMALL, anew + FAMILY)
