"""Is every live account in use, and does every sign-in take a second factor?"""

from datetime import timedelta

import pytest

from connectors.facts import NEVER, Status
from policies.engine.outcomes import Severity
from tests.builders import HOSTILE, TODAY, ZONE, Clinic, ago, ahead, ask, cites, identity, in_step, kinds, noon, policy

LIMIT, FIRST = 90, 14
"""What the scheduler's template says: days without a sign-in, and days until the first."""


def test_the_limits_are_the_templates_own():
    controls = policy().templates["scheduler"].controls
    assert (controls.dormant_after_days, controls.first_login_within_days, controls.mfa) == (LIMIT, FIRST, True)


def using(**account) -> Clinic:
    """The account of a scheduler, used or protected as said."""
    return in_step(**account.pop("vma", {})).account("ehr", "asantos", **account)


# Dormant account


@pytest.mark.parametrize(
    ("days", "counts"),
    [
        (0, (0, 1, 0)),
        (LIMIT, (0, 1, 0)),  # the last allowed day
        (LIMIT + 1, (1, 0, 0)),
    ],
)
def test_an_account_that_nobody_has_used_for_longer_than_the_limit_is_dormant(days, counts):
    assert ask("dormant-account", using(last_login=noon(ago(days)))).counts == counts


def test_a_dormant_account_says_since_when_it_is_and_what_to_do():
    finding = ask("dormant-account", using(last_login=noon(ago(LIMIT + 3)))).finding
    assert finding.since == ago(2)
    assert finding.observed == f"last used on {ago(LIMIT + 3)}"
    assert finding.expected == "a sign-in within 90 days"
    assert finding.severity is Severity.MEDIUM
    assert cites(finding) == ["164.308(a)(4)(ii)(C)", "164.308(a)(1)(ii)(D)"]
    assert kinds(finding) == ["vma", "account"]


def test_an_account_in_use_says_on_which_day_it_will_be_dormant():
    clinic = using(last_login=noon(ago(10)))
    until = ask("dormant-account", clinic).satisfied[0].until
    assert until == ahead(LIMIT - 10 + 1)
    assert ask("dormant-account", clinic, today=until - timedelta(days=1)).counts == (0, 1, 0)
    assert ask("dormant-account", clinic, today=until).finding.since == until


@pytest.mark.parametrize(("days", "counts"), [(LIMIT + 14, (0, 1, 0)), (LIMIT + 15, (1, 0, 0))])
def test_a_source_that_reports_sign_ins_late_is_given_that_much_more_time(days, counts):
    clinic = using(last_login=noon(ago(days)), last_login_lag_days=14)
    said = ask("dormant-account", clinic)
    assert said.counts == counts
    for finding in said.findings:
        assert finding.expected == "a sign-in within 104 days, 14 of them because OpenEMR reports late"


@pytest.mark.parametrize(("days", "counts"), [(FIRST, (0, 1, 0)), (FIRST + 1, (1, 0, 0))])
def test_an_account_that_was_never_used_is_dormant_sooner(days, counts):
    assert ask("dormant-account", using(last_login=NEVER, created=noon(ago(days)))).counts == counts


@pytest.mark.parametrize(("days", "counts"), [(FIRST, (0, 1, 0)), (FIRST + 1, (1, 0, 0))])
def test_the_clock_of_an_account_made_before_the_first_day_starts_on_the_first_day(days, counts):
    clinic = using(last_login=NEVER, created=noon(ago(60)), vma={"start": ago(days)})
    assert ask("dormant-account", clinic).counts == counts


def test_a_source_that_does_not_tell_sign_ins_is_never_taken_for_never_used():
    said = ask("dormant-account", using(last_login=None))
    assert said.counts == (0, 0, 1)
    assert said.not_evaluated[0].reason == "OpenEMR does not say when an account was last used"


def test_an_account_never_used_and_of_unknown_age_is_not_evaluated():
    assert ask("dormant-account", using(last_login=NEVER, created=None)).counts == (0, 0, 1)


def test_the_account_of_a_vma_on_leave_is_not_asked_to_be_in_use():
    assert ask("dormant-account", using(last_login=noon(ago(200)), vma={"on_leave": True})).population == 0


def test_an_account_that_somebody_on_leave_shares_with_somebody_at_work_is_asked():
    clinic = in_step(on_leave=True).vma("bea").account("ehr", "both", "ana", "bea", last_login=noon(ago(200)))
    said = ask("dormant-account", clinic)
    assert [f.subject.id for f in said.findings] == ["ehr:both"]
    assert said.finding.vma == "bea"


def test_the_practices_calendar_decides_on_which_day_an_account_was_used():
    # 03:00 UTC is still the evening before in Chicago, which is one day too long ago.
    late = noon(ago(LIMIT)).replace(hour=3)
    assert ZONE == "America/Chicago"
    assert ask("dormant-account", using(last_login=late)).counts == (1, 0, 0)


def test_the_strictest_of_two_roles_decides():
    strictest = min(policy().templates[r].controls.dormant_after_days for r in ("scheduler", "billing"))
    clinic = using(last_login=noon(ago(strictest + 1)), vma={"roles": ("scheduler", "billing")})
    assert ask("dormant-account", clinic).counts == (1, 0, 0)


# No second factor


@pytest.mark.parametrize(("mfa", "counts"), [(True, (0, 1, 0)), (False, (1, 0, 0)), (None, (0, 0, 1))])
def test_every_sign_in_takes_a_second_factor_where_the_role_asks_for_one(mfa, counts):
    assert ask("no-mfa", using(mfa=mfa)).counts == counts


def test_a_sign_in_without_a_second_factor_says_what_to_do_in_that_system():
    finding = ask("no-mfa", using(mfa=False)).finding
    assert finding.severity is Severity.HIGH
    assert finding.title == "Ana Santos signs in to OpenEMR without a second factor"
    assert finding.remedy.startswith("in OpenEMR: let asantos register")
    assert cites(finding) == ["164.312(d)"]
    assert identity(finding) == identity(ask("no-mfa", using(mfa=False).system("ehr", holds_phi=False)).finding)


def signing_in_through_the_directory(*factors, mfa=None) -> Clinic:
    """The EHR does not know about second factors; these are the VMA's accounts in the directory."""
    clinic = using(mfa=mfa).system("directory").system("ehr", sign_in="directory")
    for number, factor in enumerate(factors):
        clinic.account("directory", f"ana{number}", "ana", mfa=factor)
    return clinic


@pytest.mark.parametrize(
    ("factors", "counts"),
    [
        ([True], (0, 1, 0)),
        ([False], (1, 0, 0)),
        ([None], (0, 0, 1)),
        ([True, False], (1, 0, 0)),  # one door without a lock is enough
        ([True, None], (0, 0, 1)),
        ([], (0, 0, 1)),
    ],
)
def test_with_single_sign_on_the_second_factor_is_judged_where_the_sign_in_happens(factors, counts):
    said = ask("no-mfa", signing_in_through_the_directory(*factors))
    in_ehr = tuple(
        sum(o.system == "ehr" for o in outcomes) for outcomes in (said.findings, said.satisfied, said.not_evaluated)
    )
    assert in_ehr == counts


def test_a_missing_second_factor_is_remedied_where_the_sign_in_happens():
    said = ask("no-mfa", signing_in_through_the_directory(False))
    (finding,) = (f for f in said.findings if f.system == "ehr")
    assert finding.observed == "asantos has none in Active Directory, where the sign-in happens"
    assert "the group on which MFA is enforced" in finding.remedy


def test_a_sign_in_system_that_was_not_read_leaves_the_second_factor_unevaluated_with_the_true_reason():
    said = ask("no-mfa", signing_in_through_the_directory(True).unread("directory"))
    reasons = {n.subject.id: n.reason for n in said.not_evaluated}
    assert reasons["ehr:asantos"] == "the sign-in happens in Active Directory, which was not read"
    assert said.satisfied == ()


def test_a_vma_without_an_account_where_the_sign_in_happens_is_not_evaluated_with_the_true_reason():
    said = ask("no-mfa", signing_in_through_the_directory())
    (unknown,) = said.not_evaluated
    assert unknown.reason == "the sign-in happens in Active Directory, where Ana Santos has no live account"


# Every rule of the family


@pytest.mark.parametrize("rule", ["dormant-account", "no-mfa"])
def test_disabled_accounts_and_accounts_of_leavers_are_out_of_the_population(rule):
    assert ask(rule, using(status=Status.DISABLED, mfa=False, last_login=noon(ago(999)))).population == 0
    assert ask(rule, using(mfa=False, last_login=noon(ago(999)), vma={"end": ago(1)})).population == 0
    assert ask(rule, using(mfa=False, last_login=noon(ago(999)), vma={"end": TODAY})).counts == (1, 0, 0)


@pytest.mark.parametrize("rule", ["dormant-account", "no-mfa"])
def test_a_system_that_was_not_read_says_nothing_about_sign_ins(rule):
    said = ask(rule, using(mfa=False, last_login=noon(ago(999))).unread("ehr"))
    assert (said.counts, said.population) == ((0, 0, 1), 1)


@pytest.mark.parametrize("rule", ["dormant-account", "no-mfa"])
def test_a_renamed_vma_and_account_keep_the_identity(rule):
    def broken(login, name):
        clinic = Clinic().agreement("BAA-1").vma("ana", name)
        return clinic.account("ehr", login, "ana", id_="uuid", mfa=False, last_login=noon(ago(999)))

    one, other = (ask(rule, broken(*names)).finding for names in (("ana", "Ana"), (HOSTILE, HOSTILE)))
    assert identity(one) == identity(other)
    assert HOSTILE in other.title


@pytest.mark.parametrize("facts", [{"last_login": noon(ahead(1))}, {"last_login": NEVER, "created": noon(ahead(300))}])
def test_a_date_to_come_does_not_hold_an_account_for_in_use_until_then(facts):
    said = ask("dormant-account", using(**facts))
    assert said.counts == (0, 0, 1)
    assert "a day to come: check its clock" in said.not_evaluated[0].reason


def test_an_account_where_the_sign_in_happens_that_tells_nothing_is_named_for_that():
    clinic = signing_in_through_the_directory(None)
    reasons = {n.subject.id: n.reason for n in ask("no-mfa", clinic).not_evaluated}
    assert reasons["ehr:asantos"] == "Active Directory does not say whether asantos uses a second factor"
    alone = ask("no-mfa", using(mfa=None)).not_evaluated
    assert [n.reason for n in alone] == ["OpenEMR does not say whether asantos uses a second factor"]


@pytest.mark.parametrize(
    ("vma", "counts"), [({}, (0, 0, 1)), ({"on_leave": True}, (0, 0, 0)), ({"end": ago(1)}, (0, 0, 0))]
)
def test_whether_an_account_that_could_be_somebodys_is_in_use_is_open_while_they_are_at_work(vma, counts):
    clinic = Clinic().agreement("BAA-1").vma("ana", "Ana Santos", **vma)
    assert ask("dormant-account", clinic.account("ehr", "q7", name="Santos, Ana M")).counts == counts
