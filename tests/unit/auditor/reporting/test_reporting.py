"""From a judged case to the report: counted and worded, without judging again."""

from copy import deepcopy
from dataclasses import replace
from datetime import date

import pytest

from auditor.drift.compare import drift
from auditor.reporting import build_report
from auditor.snapshot import AcceptedDrop
from connectors.facts import Status
from policies.engine.outcomes import Severity
from reports import json_report
from reports.model import Report
from tests.builders import HOSTILE, TODAY, ZONE, Clinic, ago, ahead, in_step, noon


def report(clinic: Clinic, before: Clinic | None = None) -> Report:
    changes = drift(before.snapshot(), before.today, clinic.case()) if before else None
    return build_report(clinic.judged(before, changes))


def busy() -> Clinic:
    """A bit of everything: findings, satisfied, not evaluated, staff, a leaver, a starter, a system not read."""
    clinic = in_step().system("cloud").unread("cloud").person("lee", "Dr. Lee").account("ehr", "lee", "lee")
    clinic.grant("ehr", "asantos", "patients/med:write", "acct/eob", "acct/disc", through=["Accounting"])
    clinic.vma("lea", "Lea Cruz", end=ago(9)).account("ehr", "lcruz", "lea")
    clinic.vma("joy", "Joy Reyes", start=ahead(9)).vma("bea", "Bea Lim", agency=None)
    return clinic.account("ehr", "blim", "bea", mfa=None).account("ehr", "ghost")


# The first screen


@pytest.mark.parametrize(
    ("clinic", "sentence"),
    [
        (in_step(), "1 active VMA, 1 under a BAA, 1 live EHR account; nothing needs action today"),
        (in_step().vma("bea", start=TODAY).vma("lea", end=TODAY).vma("x", end=ago(1)).vma("y", start=ahead(1)),
         ("3 active VMAs, 3 under a BAA, 1 live EHR account; nothing critical or high needs action today, but 3 lesser "
         "findings are open")),
        (in_step(agency=None),
         ("1 active VMA, 0 under a BAA (1 of the practice's own workforce need none), 1 live EHR account; nothing "
         "needs action today")),
        (in_step(agency="Nobody Inc"), "1 active VMA, 0 under a BAA, 1 live EHR account; 1 needs action today"),
        (in_step().unread("ehr"), ("1 active VMA, 1 under a BAA, live EHR accounts not known; "
         "nothing is known to need action today, but {not_evaluated} checks could not be evaluated")),
        (in_step().grant("ehr", "asantos", "custom/own"), ("1 active VMA, 1 under a BAA, 1 live EHR account; nothing "
         "critical or high is known to need action today, but 1 lesser finding is open and 4 checks could not be "
         "evaluated")),
    ],
)  # fmt: skip
def test_the_first_sentence_counts_heads_agreements_and_accounts(clinic, sentence):
    told = report(clinic)
    assert told.headline.sentence == sentence.format_map(told.counts)  # how many checks there are, each rule adds to


def test_the_accounts_of_staff_are_not_counted_against_headcount_but_those_of_nobody_are():
    clinic = in_step().person("lee").account("ehr", "lee", "lee").account("ehr", "ghost")
    clinic.account("ehr", "old", "ana", status=Status.DISABLED)
    assert "2 live EHR accounts" in report(clinic).headline.sentence


@pytest.mark.parametrize(
    ("clinic", "verdict"),
    [
        (in_step(), "in step"),
        (in_step().account("ehr", "ghost"), "not in step"),
        (in_step().unread("ehr"), "not evaluable"),
        (in_step().account("ehr", "asantos", mfa=None), "not evaluable"),
        (in_step().account("ehr", "ghost").system("cloud").unread("cloud"), "not in step"),
    ],
)
def test_the_verdict_is_in_step_only_when_everything_was_evaluated(clinic, verdict):
    assert report(clinic).headline.verdict == verdict


def test_the_counts_add_up():
    told = report(busy())
    counts = told.counts
    assert counts["population"] == counts["with_findings"] + counts["satisfied"] + counts["not_evaluated"]
    assert counts["population"] == sum(r.population for r in told.rules)
    assert counts["findings"] == len(told.findings) == sum(counts[s.value] for s in Severity)
    assert counts["not_evaluated"] > 0
    for rule in told.rules:
        assert rule.population == rule.findings + rule.satisfied + rule.not_evaluated
        assert rule.question.endswith("?")


def test_a_person_with_several_urgent_findings_needs_action_once():
    clinic = in_step(agency="Nobody Inc").account("ehr", "asantos", mfa=False)
    assert "; 1 needs action today" in report(clinic).headline.sentence
    assert "; 2 need action today" in report(clinic.account("ehr", "ghost")).headline.sentence


def test_a_tile_about_a_system_that_was_not_read_is_unknown_and_not_good():
    def states(clinic):
        return [tile.state for tile in report(clinic).tiles]

    assert states(in_step()) == ["good", "good", "plain", "good"]
    assert states(in_step().unread("ehr")) == ["good", "unknown", "plain", "unknown"]
    assert states(busy())[1] == "bad"


def test_each_control_counts_those_who_have_it_and_names_the_others():
    controls = {c.control: c for c in report(busy()).controls}
    least = controls["Least privilege"]
    assert (least.in_place, least.headcount) == (0, 2)
    assert least.missing == ("Ana Santos",)
    assert least.unknown == ("Bea Lim",)  # the cloud was not read
    mfa = controls["Second factor on every account"]
    assert mfa.missing == ()
    assert set(mfa.unknown) == {"Ana Santos", "Bea Lim"}
    for control in controls.values():
        assert control.in_place + len(control.missing) + len(control.unknown) == control.headcount
        assert control.headcount + len(control.exempt) == 2
    assert controls["BAA in force for the person, system and PHI"].exempt == ("Bea Lim",)  # the practice's own


# Findings


def test_every_finding_is_told_with_its_path_its_citations_and_its_first_day():
    told = report(busy())
    assert len({f.id for f in told.findings}) == len(told.findings)
    for finding in told.findings:
        assert finding.id.startswith("F-")
        assert finding.path
        assert finding.citations
        assert all(c.id.startswith("45 CFR 164.") for c in finding.citations)
        assert finding.title
        assert finding.observed
        assert finding.expected
        assert finding.remedy
        assert finding.first_seen == TODAY
        assert not finding.new  # nothing is new in a first audit


def test_a_finding_that_was_open_before_is_not_new_and_keeps_its_first_day():
    before = in_step().account("ehr", "ghost")
    before.today = ago(30)
    told = report(in_step().account("ehr", "ghost").account("ehr", "spook"), before)
    by_subject = {f.subject: f for f in told.findings}
    assert (by_subject["ghost (ehr:ghost)"].new, by_subject["ghost (ehr:ghost)"].first_seen) == (False, ago(30))
    assert (by_subject["spook (ehr:spook)"].new, by_subject["spook (ehr:spook)"].first_seen) == (True, TODAY)
    assert told.drift.opened == (by_subject["spook (ehr:spook)"].id,)


def test_what_was_remedied_is_listed_as_closed_and_what_could_not_be_judged_is_not():
    before = in_step().account("ehr", "ghost").system("cloud").account("cloud", "spook")
    before.today = ago(30)
    remedied = in_step().system("cloud").account("cloud", "spook").unread("cloud")
    told = report(remedied, before)
    assert len(told.drift.closed) == 1
    assert told.drift.closed[0].startswith("ghost in OpenEMR belongs to nobody")
    (kept,) = (line for line in told.not_evaluated if "stays open" in line.reason)
    assert (kept.rule, kept.system, len(kept.subjects)) == ("account-of-nobody", "cloud", 1)
    assert "spook in AWS" in kept.subjects[0]


def test_subjects_that_share_a_cause_are_told_together():
    clinic = in_step().vma("bea", "Bea Lim").account("ehr", "blim", "bea", last_login=None)
    clinic.account("ehr", "asantos", last_login=None)
    (line,) = (n for n in report(clinic).not_evaluated if n.rule == "dormant-account")
    assert sorted(line.subjects) == ["asantos", "blim"]


# Drift


def test_a_first_audit_has_nothing_to_compare_with():
    told = report(in_step())
    assert told.first_audit
    assert told.drift.since is None
    assert told.tiles[2].note == "first audit: nothing to compare with"


def test_a_change_of_headcount_is_told_with_what_it_explains_and_what_it_owes():
    before = in_step()
    before.today = ago(30)
    after = in_step().vma("bea", "Bea Lim", start=ago(3)).account("ehr", "blim", "bea", mfa=False)
    after.grant("ehr", "blim", "patients/appt:write", "patients/demo:view", through=["Schedulers"])
    after.grant("ehr", "blim", "patients/med:write", through=["Clinicians"])
    told = report(after, before).drift
    assert told.since == noon(ago(30))
    (event,) = told.events
    assert (event.kind, event.name) == ("joined", "Bea Lim")
    assert len(event.explained) == len(told.explained) == 2
    assert any("without a second factor" in owed for owed in event.owed)
    (unexplained,) = told.unexplained
    assert unexplained.text == "blim (Bea Lim) got Clinicians in OpenEMR: problem.read, problem.write"
    assert (unexplained.vma, unexplained.cause) == ("bea", "unexplained")


def test_a_system_that_was_not_read_is_told_as_not_compared():
    before = in_step()
    before.today = ago(30)
    told = report(in_step().unread("ehr"), before).drift
    assert told.not_read == ("OpenEMR: it did not answer",)
    assert told.unexplained == ()


def test_somebody_who_vanished_from_the_roster_can_still_be_told_by_name():
    before = in_step().vma("lea", "Lea Cruz").account("ehr", "lcruz", "lea")
    before.today = ago(30)
    after = deepcopy(before)
    after.today = TODAY
    after.engagements["lea"] = replace(after.engagements["lea"], end=ago(30))
    after.former.add("lea")
    told = report(after, before)
    assert [(e.kind, e.name) for e in told.drift.events] == [("left", "Lea Cruz")]
    assert any("Lea Cruz has left" in f.title for f in told.findings)


# The whole


def test_the_next_day_on_which_something_lapses_is_told_with_what():
    told = report(in_step().account("ehr", "asantos", last_login=noon(ago(80))))
    assert (told.next_change, told.next_change_reason) == (ahead(11), "asantos (Dormant account)")


def test_the_next_change_names_what_happens_and_no_check_that_is_good_again():
    renewed = in_step().agreement("BAA-2", start=ahead(5))
    renewed.agreements[0] = replace(renewed.agreements[0], end=ahead(10))
    told = report(renewed.account("ehr", "asantos", last_login=noon(ago(70))))
    assert renewed.judge().next_change[0] == ahead(5)  # until then the agreements of today were asked
    assert (told.next_change, told.next_change_reason) == (ahead(21), "asantos (Dormant account)")
    ends = in_step()
    ends.agreements[0] = replace(ends.agreements[0], end=ahead(10))
    assert report(ends).next_change_reason == "Ana Santos (No agreement in force)"
    late = in_step()
    late.agreements[0] = replace(late.agreements[0], start=ahead(10))
    assert report(late).next_change_reason == "settled: Ana Santos (No agreement in force)"


def test_an_accepted_drop_is_told_with_its_reason():
    judged = replace(in_step().judged(), accepted_drops=(AcceptedDrop("ehr", 20, 10, 10, "clinic sold"),))
    assert build_report(judged).accepted_drops == ("OpenEMR: 10 of 20 accounts missing, accepted: clinic sold",)


def test_the_same_facts_make_the_same_bytes_in_whatever_order_they_come():
    one, other = busy(), busy()
    for name in ("people", "engagements", "accounts", "entitlements", "systems"):
        setattr(other, name, dict(reversed(getattr(other, name).items())))
    other.grants.reverse()
    other.agreements.reverse()
    before = in_step()
    before.today = ago(30)
    assert json_report.render(report(one, before)) == json_report.render(report(other, before))


def test_hostile_names_go_through_to_the_formats_untouched():
    clinic = busy()
    clinic.people["ana"] = replace(clinic.people["ana"], name=HOSTILE)
    clinic.system("ehr", title=HOSTILE).account("ehr", HOSTILE)
    told = report(clinic, in_step())
    assert any(HOSTILE in f.title for f in told.findings)
    assert any(HOSTILE in row.name for row in told.matrix)


def test_the_days_of_a_report_are_the_practices():
    assert report(in_step()).timezone == ZONE
    assert isinstance(report(in_step()).coverage_from, date)
