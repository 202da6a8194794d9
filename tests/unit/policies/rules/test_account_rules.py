"""Whose is an account, and should it exist today?"""

from dataclasses import replace

import pytest

from connectors.facts import Employment, PersonKind, Status
from policies.engine.outcomes import Severity
from tests.builders import HOSTILE, TODAY, Clinic, ago, ahead, ask, cites, identity, in_step, kinds, noon

LIVE = [Status.ACTIVE, Status.LOCKED, Status.UNKNOWN]
DEAD = [Status.DISABLED, Status.EXPIRED]


# Account of nobody


def test_an_account_that_nobody_on_the_roster_or_in_the_staff_file_uses_is_a_finding():
    said = ask("account-of-nobody", in_step().account("ehr", "ghost", created=noon(ago(30))))
    assert said.counts == (1, 1, 0)
    assert said.finding.subject.id == "ehr:ghost"
    assert said.finding.severity is Severity.HIGH
    assert said.finding.since == ago(30)
    assert cites(said.finding)[0] == "164.308(a)(3)(ii)(C)"
    assert kinds(said.finding) == ["account"]
    assert "no rule names an owner" in said.finding.observed


def test_an_account_of_the_practices_own_staff_or_of_a_declared_service_is_somebodys():
    clinic = in_step().person("dr-lee").account("ehr", "lee", "dr-lee")
    clinic.person("fax", kind=PersonKind.SERVICE).account("ehr", "svc-fax", "fax")
    assert ask("account-of-nobody", clinic).counts == (0, 3, 0)


@pytest.mark.parametrize("status", DEAD)
def test_an_account_that_cannot_be_used_needs_no_owner(status):
    assert ask("account-of-nobody", in_step().account("ehr", "ghost", status=status)).counts == (0, 1, 0)


@pytest.mark.parametrize("status", LIVE)
def test_an_account_that_may_come_back_by_itself_or_of_which_nothing_is_known_counts_as_live(status):
    assert ask("account-of-nobody", in_step().account("ehr", "ghost", status=status)).counts == (1, 1, 0)


def test_an_account_of_nobody_without_phi_is_less_severe_and_keeps_its_identity():
    phi = in_step().account("ehr", "ghost")
    plain = in_step().account("ehr", "ghost").system("ehr", holds_phi=False)
    one, other = ask("account-of-nobody", phi).finding, ask("account-of-nobody", plain).finding
    assert (one.severity, other.severity) == (Severity.HIGH, Severity.MEDIUM)
    assert identity(one) == identity(other)


def test_a_renamed_account_keeps_the_identity_of_its_finding():
    before = in_step().account("ehr", "ghost", id_="uuid-7")
    after = in_step().account("ehr", "casper", id_="uuid-7", name="Casper").system("ehr", title="The EHR")
    one, other = ask("account-of-nobody", before).finding, ask("account-of-nobody", after).finding
    assert one.title != other.title
    assert identity(one) == identity(other)


# Active after the end


def leaver(end, **account):
    clinic = in_step().vma("lea", "Lea Cruz", end=end)
    return clinic.account("ehr", "lcruz", "lea", **account)


@pytest.mark.parametrize(
    ("end", "counts"),
    [
        (ahead(1), (0, 0, 0)),
        (TODAY, (0, 0, 0)),  # the last working day is today: still allowed
        (ago(1), (1, 0, 0)),
        (None, (0, 0, 0)),
    ],
)
def test_a_leavers_account_must_be_disabled_from_the_day_after_the_last_day(end, counts):
    assert ask("active-after-end", leaver(end)).counts == counts


def test_a_leavers_live_account_says_since_when_and_what_to_do_in_that_system():
    finding = ask("active-after-end", leaver(ago(10), last_login=noon(ago(12)))).finding
    assert finding.since == ago(9)
    assert finding.severity is Severity.CRITICAL
    assert finding.vma == "lea"
    assert "10 days ago" in finding.observed
    assert finding.expected == f"disabled from {ago(9)}"
    assert finding.remedy.startswith("in OpenEMR: Admin > Users > lcruz")
    assert kinds(finding) == ["vma", "account"]
    assert "breach" not in finding.remedy
    assert cites(finding) == ["164.308(a)(4)(ii)(C)", "164.312(a)(1)"]


@pytest.mark.parametrize(
    ("used", "told"),
    [
        (ago(11), False),
        (ago(10), False),  # on the last working day
        (ago(9), True),
    ],
)
def test_a_sign_in_after_the_end_calls_for_a_breach_assessment(used, told):
    finding = ask("active-after-end", leaver(ago(10), last_login=noon(used))).finding
    assert ("assess whether it is a breach (45 CFR 164.402)" in finding.remedy) is told
    assert all((f"({clock})" in finding.remedy) is told for clock in ("164.404", "164.408", "164.410"))
    assert ("after the end" in finding.observed) is told


def test_the_practices_calendar_decides_on_which_day_a_leaver_signed_in():
    # 02:00 UTC of the day after is still the evening of the last working day in Chicago.
    late = noon(ago(10)).replace(hour=2) + (noon(ago(9)) - noon(ago(10)))
    finding = ask("active-after-end", leaver(ago(10), last_login=late)).finding
    assert "after the end" not in finding.observed


@pytest.mark.parametrize("status", DEAD)
def test_a_leaver_whose_accounts_are_disabled_is_satisfied(status):
    assert ask("active-after-end", leaver(ago(10), status=status)).counts == (0, 1, 0)


def test_a_leaver_who_left_the_roster_as_well_is_still_a_leaver():
    clinic = leaver(ago(10))
    clinic.former.add("lea")
    assert ask("active-after-end", clinic).counts == (1, 0, 0)


def test_an_account_that_a_leaver_shares_with_somebody_who_stayed_is_a_finding_because_the_leaver_knows_the_password():
    clinic = in_step().vma("lea", end=ago(3)).account("ehr", "desk", "ana", "lea")
    assert ask("active-after-end", clinic).finding.what == "lea"
    assert ask("shared-account", clinic).finding.subject.id == "ehr:desk"


def test_two_leavers_of_one_account_are_two_findings():
    clinic = in_step().vma("lea", end=ago(3)).vma("max", end=ago(5)).account("ehr", "desk", "lea", "max")
    said = ask("active-after-end", clinic)
    assert len({identity(f) for f in said.findings}) == 2


def test_a_leavers_account_in_a_system_that_was_not_read_is_neither_open_nor_closed():
    said = ask("active-after-end", leaver(ago(10)).unread("ehr"))
    assert said.counts == (0, 0, 1)
    assert said.not_evaluated[0].reason == "it did not answer"


# Account before the start


@pytest.mark.parametrize(
    ("start", "counts"),
    [
        (ahead(1), (1, 0, 0)),
        (TODAY, (0, 0, 0)),  # the first day is today: allowed
        (ago(1), (0, 0, 0)),
    ],
)
def test_nobody_has_a_working_account_before_the_first_day(start, counts):
    clinic = in_step().vma("joy", "Joy Reyes", start=start).account("ehr", "jreyes", "joy", created=noon(ago(2)))
    assert ask("account-before-start", clinic).counts == counts


def test_an_account_made_ready_but_disabled_before_the_start_is_satisfied():
    clinic = in_step().vma("joy", start=ahead(5)).account("ehr", "jreyes", "joy", status=Status.DISABLED)
    assert ask("account-before-start", clinic).counts == (0, 1, 0)


def test_an_account_before_the_start_says_when_it_was_made_and_when_it_may_work():
    clinic = in_step().vma("joy", start=ahead(1)).account("ehr", "jreyes", "joy", created=noon(ago(2)))
    finding = ask("account-before-start", clinic).finding
    assert finding.since == ago(2)
    assert finding.observed == "live, 1 day before the start"
    assert f"enable it on {ahead(1)}" in finding.remedy
    assert cites(finding) == ["164.308(a)(4)(ii)(B)", "164.312(a)(1)"]


def test_an_account_before_the_start_in_an_unread_system_is_not_evaluated():
    clinic = in_step().vma("joy", start=ahead(5)).account("ehr", "jreyes", "joy").unread("ehr")
    assert ask("account-before-start", clinic).counts == (0, 0, 1)


# Shared account


def test_an_account_of_two_people_is_a_finding_that_names_both():
    clinic = in_step().vma("bea", "Bea Lim").account("ehr", "teamlogin", "ana", "bea")
    finding = ask("shared-account", clinic).finding
    assert "Ana Santos and Bea Lim" in finding.title
    assert finding.severity is Severity.HIGH
    assert cites(finding) == ["164.312(a)(2)(i)"]
    assert kinds(finding) == ["vma", "vma", "account"]


def test_an_account_named_after_a_desk_is_a_finding_even_with_one_user():
    finding = ask("shared-account", in_step().account("ehr", "frontdesk2", "ana")).finding
    assert "`frontdesk`" in finding.observed
    assert "Ana Santos's" in finding.observed
    assert finding.severity is Severity.MEDIUM


def test_a_desk_account_of_nobody_is_of_nobody_and_shared():
    clinic = in_step().account("ehr", "reception")
    assert ask("shared-account", clinic).counts == (1, 1, 0)
    assert ask("account-of-nobody", clinic).counts == (1, 1, 0)


def test_a_desk_account_of_the_staff_is_not_this_audits_business():
    clinic = in_step().person("dr-lee").account("ehr", "reception", "dr-lee")
    assert ask("shared-account", clinic).counts == (0, 1, 0)


def test_an_account_that_staff_and_a_vma_share_concerns_the_vma():
    clinic = in_step().person("aaa", "Dr Lee").account("ehr", "both", "aaa", "ana")
    finding = ask("shared-account", clinic).finding
    assert finding.vma == "ana"


def test_a_disabled_shared_account_is_out_of_the_population():
    clinic = in_step().account("ehr", "frontdesk", "ana", status=Status.DISABLED)
    assert ask("shared-account", clinic).counts == (0, 1, 0)


# Every rule of the family


@pytest.mark.parametrize(
    ("rule", "clinic"),
    [
        ("account-of-nobody", in_step().account("ehr", HOSTILE)),
        ("active-after-end", in_step().vma("lea", HOSTILE, end=ago(2)).account("ehr", HOSTILE, "lea")),
        ("account-before-start", in_step().vma("joy", HOSTILE, start=ahead(2)).account("ehr", HOSTILE, "joy")),
        ("shared-account", in_step().vma("bea", HOSTILE).account("ehr", HOSTILE, "ana", "bea")),
    ],
)
def test_a_hostile_name_is_told_as_it_is_and_never_understood(rule, clinic):
    finding = ask(rule, clinic).finding
    assert HOSTILE in finding.title
    assert HOSTILE in finding.remedy


@pytest.mark.parametrize("rule", ["account-of-nobody", "active-after-end", "account-before-start", "shared-account"])
def test_accounts_of_an_unread_system_are_counted_as_not_evaluated(rule):
    said = ask(rule, in_step().unread("ehr"))
    assert (said.counts, said.population) == ((0, 0, 1), 1)


def test_who_employs_the_vma_changes_what_binds_and_not_which_finding_it_is():
    types = [(None, Employment.EMPLOYEE), (None, Employment.CONTRACTOR), ("X Inc", Employment.EMPLOYEE)]
    clinics = [
        in_step().vma("lea", agency=agency, employment=employment, end=ago(2)).account("ehr", "lcruz", "lea")
        for agency, employment in types
    ]
    found = [ask("active-after-end", clinic).finding for clinic in clinics]
    assert len({identity(f) for f in found}) == 1
    # 164.308(a)(3) speaks of the workforce: the practice's own, and whose work it directs; not an agency's people.
    workforce, agencys = ["164.308(a)(3)(ii)(C)", "164.312(a)(1)"], ["164.308(a)(4)(ii)(C)", "164.312(a)(1)"]
    assert [cites(f) for f in found] == [workforce, workforce, agencys]


def test_a_vma_who_changes_name_keeps_the_identity_of_the_finding():
    before, after = leaver(ago(10)), leaver(ago(10))
    after.people["lea"] = replace(after.people["lea"], name="Lea Cruz-Tan")
    assert identity(ask("active-after-end", before).finding) == identity(ask("active-after-end", after).finding)


def test_a_practice_in_step_has_no_finding_and_nothing_unevaluated():
    judgment = in_step().judge()
    assert not judgment.findings
    assert not judgment.not_evaluated
    assert len(judgment.satisfied) == sum(t.population for t in judgment.tallies) > 10


def test_an_account_is_judged_once_however_many_use_it():
    clinic = Clinic().agreement("BAA-1").vma("ana").vma("bea").account("ehr", "x", "ana", "bea")
    assert ask("account-of-nobody", clinic).population == 1
    assert ask("shared-account", clinic).population == 1


def test_an_account_that_its_source_says_will_be_made_tomorrow_tells_nothing_about_since_when():
    assert ask("account-of-nobody", in_step().account("ehr", "ghost", created=noon(ahead(1)))).finding.since is None


@pytest.mark.parametrize(("made", "since"), [(ago(1), ago(1)), (TODAY, TODAY), (ahead(1), None)])
def test_an_account_of_nobody_is_told_since_it_was_made_and_a_day_to_come_tells_nothing(made, since):
    assert ask("account-of-nobody", in_step().account("ehr", "ghost", created=noon(made))).finding.since == since


@pytest.mark.parametrize(("end", "unsure"), [(ago(1), 1), (TODAY, 0)])
def test_on_the_last_day_nobody_asks_yet_whether_an_account_that_could_be_theirs_is_disabled(end, unsure):
    clinic = Clinic().vma("ana", "Ana Santos", end=end).account("ehr", "q7", name="Santos, Ana M")
    assert len(ask("active-after-end", clinic).not_evaluated) == unsure
