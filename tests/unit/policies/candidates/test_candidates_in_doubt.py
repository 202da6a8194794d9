"""Which accounts are in doubt although they have an owner, which are settled, and who is asked after a last sign-in."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.facts import Never, PersonKind, Status
from policies.engine.candidates import (
    BY_EMAIL,
    BY_ID,
    BY_LOGIN,
    BY_NAME,
    STATED,
    Open,
    candidates_of,
    commands,
    in_doubt,
    used_since,
)
from policies.engine.case import Owner
from tests.builders import Clinic, ago, ahead, noon


def of_lee(name: str, reason: str, login: str = "ward3") -> list[str]:
    """Who is asked about of an account that is Ann Lee's for a reason, and that carries a name."""
    clinic = Clinic().vma("V5", "Denise Calloway", end=ago(30)).person("lee", "Ann Lee", email="ann@x.example")
    case = clinic.account("ehr", login, name=name).case()
    case = replace(case, owners={("ehr", login): Owner(("lee",), PersonKind.STAFF, reason)})
    return [question.person for question in candidates_of(case).of("V5")]


@pytest.mark.parametrize(
    ("reason", "login", "name", "asked"),
    [
        ("stated by Laura Pettersen on 2026-11-20", "ward3", "Denise Calloway", []),  # settled, whatever it carries
        (STATED, "ward3", "Denise Calloway", ["V5"]),
        (BY_ID, "ward3", "Denise Calloway", ["V5"]),
        (BY_EMAIL, "ward3", "Denise Calloway", ["V5"]),
        (STATED, "ward3", "Ann Lee", []),
        (STATED, "ward3", "Lee, Ann", []),  # the same words
        (STATED, "ward3", "Calloway", []),  # one word is no name of somebody else
        (BY_LOGIN, "ann", "Denise Calloway", ["V5"]),
        (BY_LOGIN, "ann@x.example", "Denise Calloway", ["V5"]),  # as good as the address, which the name contradicts
        (BY_LOGIN, "ann@x.example", "Ann Lee", []),
        (BY_NAME, "ward3", "Denise Calloway", ["V5"]),
        (BY_NAME, "dcalloway", "Ann Lee", []),  # what only could be says nothing against a likely owner
        (STATED, "ward3", "Calloway, MD", []),  # a title is no second word of a name
    ],
)
def test_an_owner_is_in_doubt_by_what_is_only_likely_or_by_the_name_of_somebody_else(reason, login, name, asked):
    assert of_lee(name, reason, login) == asked


def test_a_name_that_is_an_owners_too_speaks_of_nobody_else():
    clinic = Clinic().vma("V5", "Denise Calloway", end=ago(30)).person("dora", "Dora Calloway")
    for name, asked in (("D Calloway", []), ("Denise M Calloway", ["V5"])):
        case = clinic.account("ehr", "ward3", name=name).case()
        case = replace(case, owners={("ehr", "ward3"): Owner(("dora",), PersonKind.STAFF, STATED)})
        assert [question.person for question in candidates_of(case).of("V5")] == asked


def test_a_service_signs_in_with_its_own_account_only_and_no_other_could_be_its():
    clinic = Clinic().account("ehr", "q7", name="Ingest, Fax M")
    for kind, asked in ((PersonKind.SERVICE, 0), (PersonKind.VENDOR, 0), (PersonKind.STAFF, 1)):
        case = clinic.person("svc", "Fax Ingest", kind).case()
        assert len(candidates_of(case).of("svc")) == asked


@pytest.mark.parametrize(
    ("people", "name", "doubted"),
    [
        ((), "Ann Lee", True),
        (("lee",), "Denise Calloway", True),
        (("lee", "kim"), "Denise Calloway", True),
        (("lee", "kim"), "Kim, Bo", False),
        (("lee", "gone"), "Denise Calloway", False),  # of one of the two, nobody knows the name
    ],
)
def test_a_name_speaks_against_owners_only_where_the_names_of_all_are_known(people, name, doubted):
    clinic = Clinic().person("lee", "Ann Lee").person("kim", "Bo Kim").account("ehr", "ward3", name=name)
    assert in_doubt(clinic.accounts["ehr", "ward3"], Owner(people, PersonKind.STAFF, STATED), clinic.people) is doubted


@pytest.mark.parametrize(
    ("reason", "login", "name", "email", "doubted"),
    [
        (BY_LOGIN, "ann", "Ann Lee", "ann@x.example", True),  # the first part of an address may be a namesake's
        (BY_LOGIN, "Ann@X.example", "Ann Lee", "ann@x.example", False),
        (BY_LOGIN, "ann@x.example", "", "ann@x.example", False),
        (BY_LOGIN, "ann", "Ann Lee", None, True),
        (STATED, "ann", "Calloway", "ann@x.example", False),
        (STATED, "ann", "Calloway D", "ann@x.example", True),
    ],
)
def test_an_owner_by_a_log_in_is_in_doubt_unless_it_is_the_whole_address(reason, login, name, email, doubted):
    clinic = Clinic().person("lee", "Ann Lee", email=email).account("ehr", login, name=name)
    owner = Owner(("lee",), PersonKind.STAFF, reason)
    assert in_doubt(clinic.accounts["ehr", login], owner, clinic.people) is doubted


LEFT = noon(ago(30))


@pytest.mark.parametrize(
    ("last_login", "asked"),
    [
        (LEFT - timedelta(seconds=1), False),
        (LEFT, True),  # in the very second
        (LEFT + timedelta(seconds=1), True),
        (None, True),  # nobody knows when
        (Never.NEVER, False),
    ],
)
def test_a_dead_account_that_could_be_somebodys_is_asked_about_from_the_instant_of_the_end_on(last_login, asked):
    clinic = Clinic().vma("V5", "Denise Calloway", end=ago(30)).vma("V6", "Dora Calloway")
    clinic.account("ehr", "dcalloway", name="", status=Status.DISABLED, last_login=last_login)
    clinic.account("ehr", "live", name="Calloway, Denise M").account("ehr", "dc", "V5", status=Status.DISABLED)
    case = clinic.case()
    for person in ("V5", "V6"):  # each is asked of only
        assert [(q.person, q.login) for q in used_since(case, person, LEFT)] == [(person, "dcalloway")] * asked


@pytest.mark.parametrize(
    ("kind", "start", "asked"),
    [
        (PersonKind.VMA, ago(1), True),
        (PersonKind.VMA, ago(0), True),
        (PersonKind.VMA, ahead(1), False),  # the account is still to be made
        (PersonKind.STAFF, ago(1), False),
        (None, ago(1), False),
    ],
)
def test_names_that_cannot_be_compared_are_asked_of_vmas_whose_work_has_begun(kind, start, asked):
    clinic = Clinic().vma("V5", "田中花子", start=start).account("ehr", "htanaka", name="Hanako Tanaka")
    clinic.people["V5"] = replace(clinic.people["V5"], kind=kind or PersonKind.VMA)
    if kind is None:
        clinic.people.pop("V5")
    assert [question.among for question in candidates_of(clinic.case()).of("V5")] == [(("ehr", "htanaka"),)] * asked


def test_names_that_cannot_be_compared_are_asked_of_accounts_that_are_nobodys_and_may_be_a_persons():
    clinic = Clinic().vma("V5", "田中花子").vma("V6", "Ana Santos").account("ehr", "htanaka", name="Hanako Tanaka")
    clinic.account("ehr", "frontdesk", name="Front Desk").account("ehr", "sync", name="Lab Sync", service=True)
    clinic.account("ehr", "asantos", "V6", name="Ana Santos")
    assert [question.among for question in candidates_of(clinic.case()).of("V5")] == [(("ehr", "htanaka"),)]


def test_only_a_question_about_an_account_is_answered_by_a_command():
    of_account = Open("V 5", "ehr", "ward 3", ("ehr", "77"), "")
    of_login = Open("V5", "ehr", "ward3", None, "")
    assert of_account.command == "auditor confirm 'V 5' 'ehr:ward 3' --is-theirs --by …"
    assert of_login.command == ""
    assert commands([of_login, of_account]) == f"`{of_account.command}`, or `--is-not-theirs`"
