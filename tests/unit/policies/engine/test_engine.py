"""The engine walks every rule's population; nothing passes by not being looked at."""

from collections.abc import Iterator

import pytest

from policies.engine.case import Case
from policies.engine.evaluate import judge
from policies.engine.outcomes import Finding, NotEvaluated, Outcome, Satisfied, Severity, Subject
from policies.engine.rule import Item, Reads, Selective, all_rules
from tests.builders import ago, ahead, identity, in_step, noon, policy

ISSUE = {
    "account-of-nobody",
    "active-after-end",
    "account-before-start",
    "excess",
    "forbidden",
    "missing",
    "separation-of-duties",
    "unclassified-entitlement",
    "shared-account",
    "dormant-account",
    "no-mfa",
    "no-agreement",
    "agreement-system",
    "agreement-person",
    "agreement-headcount",
}


class Asks:
    """A rule that says of each VMA what it is told to say."""

    id, title, question, reads = "asks", "Asks", "Does it ask?", Reads.REGISTER

    def __init__(self, *said: str, reads: Reads = Reads.REGISTER) -> None:
        self.said, self.reads = said, reads

    def items(self, case: Case) -> Iterator[Item]:
        for vma in sorted(case.engagements):
            yield Item(Subject("vma", vma, vma), vma=vma)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        words = {
            "finding": Finding(self.id, Severity.LOW, item.subject, None, "", "", "", "", ""),
            "satisfied": Satisfied(self.id, item.subject),
            "not evaluated": NotEvaluated(self.id, item.subject, None, "why"),
        }
        yield from (words[word] for word in self.said)


def test_every_rule_of_the_first_issue_is_there_with_a_question_a_source_and_citations():
    rules = {rule.id: rule for rule in all_rules()}
    assert set(rules) >= ISSUE
    assert list(rules) == sorted(rules)
    for rule in rules.values():
        assert rule.question.endswith("?")
        assert "Source: " in (type(rule).__doc__ or "")
        assert policy().citations.for_rule(rule.id, "system")


def test_no_two_rules_share_an_id_and_no_citation_is_for_a_rule_that_is_not_there():
    ids = [rule.id for rule in all_rules()]
    assert len(set(ids)) == len(ids)
    assert set(policy().citations.rules) == set(ids)


@pytest.mark.parametrize("answer", [None, Satisfied("no-mfa", Subject("vma", "ana", "ana"))])
def test_what_is_no_outcome_or_speaks_for_another_rule_is_a_fault_that_names_the_rule(answer):
    class Impostor(Asks):
        def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
            yield answer

    with pytest.raises(AssertionError, match="is no outcome of its own") as told:
        judge(in_step().case(), [Impostor("satisfied")])
    assert told.value.__notes__ == [f"rule `{Impostor.id}`"]


def test_an_empty_rule_set_is_an_error():
    with pytest.raises(ValueError, match="an empty rule set would find nothing"):
        judge(in_step().case(), [])


def test_an_empty_roster_is_an_error():
    clinic = in_step()
    clinic.engagements.clear()
    with pytest.raises(ValueError, match="an empty roster would find nobody"):
        clinic.judge()


def test_a_rule_that_says_nothing_about_somebody_is_a_bug_and_not_a_pass():
    with pytest.raises(AssertionError, match="rule `asks` said nothing about `ana`"):
        judge(in_step().case(), [Asks()])


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        (("finding",), (1, 0, 0)),
        (("satisfied",), (0, 1, 0)),
        (("not evaluated",), (0, 0, 1)),
        (("finding", "not evaluated"), (0, 0, 1)),  # what could not be judged outranks what was found
        (("satisfied", "finding"), (1, 0, 0)),
    ],
)
def test_each_member_of_a_population_is_counted_once(said, counts):
    (tally,) = judge(in_step().case(), [Asks(*said)]).tallies
    assert (tally.findings, tally.satisfied, tally.not_evaluated) == counts
    assert tally.population == 1


def test_a_finding_beside_what_could_not_be_judged_is_listed_all_the_same():
    judgment = judge(in_step().case(), [Asks("finding", "not evaluated")])
    assert (len(judgment.findings), len(judgment.not_evaluated)) == (1, 1)


@pytest.mark.parametrize(("reads", "extra"), [(Reads.SYSTEM, 1), (Reads.ALL, 0), (Reads.REGISTER, 0)])
def test_a_rule_about_systems_says_of_each_unread_one_that_it_was_not_evaluated(reads, extra):
    clinic = in_step().system("cloud").unread("cloud", reason="it refused the password")
    judgment = judge(clinic.case(), [Asks("satisfied", reads=reads)])
    assert [(n.system, n.subject.kind, n.reason) for n in judgment.not_evaluated] == [
        ("cloud", "system", "it refused the password")
    ] * extra
    assert judgment.tallies[0].population == 1 + extra


def test_every_shipped_rule_counts_its_whole_population():
    clinic = in_step().system("cloud").unread("cloud").account("ehr", "ghost").grant("ehr", "asantos", "admin/super")
    for tally in clinic.judge().tallies:
        assert tally.population == tally.findings + tally.satisfied + tally.not_evaluated


def test_when_nothing_was_read_no_rule_about_systems_is_satisfied():
    judgment = in_step().unread("ehr").judge()
    about_systems = {rule.id for rule in all_rules() if rule.reads is Reads.SYSTEM}
    assert not about_systems & {s.rule for s in judgment.satisfied}
    assert not judgment.findings
    # A rule about AWS accounts has nothing to say of a record system.
    about_all = {rule.id for rule in all_rules() if rule.id in about_systems and not isinstance(rule, Selective)}
    assert about_all <= {n.rule for n in judgment.not_evaluated}


def test_findings_stand_with_the_most_severe_first():
    clinic = in_step().grant("ehr", "asantos", "admin/super", "patients/med:view").account("ehr", "asantos", mfa=False)
    ranks = [f.severity.rank for f in clinic.judge().findings]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) > 2


def test_an_audit_of_the_same_facts_says_the_same():
    clinic = in_step().grant("ehr", "asantos", "admin/super").account("ehr", "ghost")
    assert clinic.judge() == clinic.judge()


def test_the_next_change_is_the_first_day_on_which_time_alone_breaks_something():
    clinic = in_step().account("ehr", "asantos", last_login=noon(ago(80)))
    day, verdict = clinic.judge().next_change
    assert (day, verdict.rule) == (ahead(11), "dormant-account")
    assert [f.rule for f in judge(clinic.case(today=day)).findings] == ["dormant-account"]


def test_where_nothing_ends_by_itself_there_is_no_next_change():
    clinic = in_step(on_leave=True)
    assert clinic.judge().next_change is None


# What a finding is


def test_an_identity_does_not_change_from_one_release_to_the_next():
    """These are written into tickets: if this test fails, the code is wrong."""
    finding = Finding("excess", Severity.HIGH, Subject("vma", "VMA-1", "Ana"), "ehr", "a|b", "t", "o", "e", "r")
    assert finding.identity("lakeside") == "F-MPUCDGCMRE"
    assert finding.identity("hillcrest") != finding.identity("lakeside")


@pytest.mark.parametrize(
    "changed",
    [
        {"severity": Severity.LOW},
        {"subject": Subject("vma", "VMA-1", "Ana Santos-Cruz")},
        {"title": "other words"},
        {"observed": "more"},
        {"expected": "less"},
        {"remedy": "do it"},
        {"since": ago(3)},
        {"vma": "VMA-1"},
    ],
)
def test_wording_severity_and_names_are_no_part_of_an_identity(changed):
    plain = {"severity": Severity.HIGH, "subject": Subject("vma", "VMA-1", "Ana"), "title": "t", "observed": "o"}
    plain |= {"expected": "e", "remedy": "r"}
    one = Finding(rule="excess", system="ehr", what="w", **plain)
    other = Finding(rule="excess", system="ehr", what="w", **{**plain, **changed})
    assert identity(one) == identity(other)


@pytest.mark.parametrize(
    "changed",
    [
        {"rule": "forbidden"},
        {"subject": Subject("account", "VMA-1", "Ana")},
        {"subject": Subject("vma", "VMA-2", "Ana")},
        {"system": "cloud"},
        {"system": None},
        {"what": "x"},
    ],
)
def test_rule_subject_system_and_what_make_an_identity(changed):
    plain = {"rule": "excess", "subject": Subject("vma", "VMA-1", "Ana"), "system": "ehr", "what": "w"}
    words = {"severity": Severity.HIGH, "title": "t", "observed": "o", "expected": "e", "remedy": "r"}
    assert identity(Finding(**plain, **words)) != identity(Finding(**{**plain, **changed}, **words))


def test_severities_are_ranked():
    assert [s.rank for s in (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)] == [0, 1, 2, 3]
