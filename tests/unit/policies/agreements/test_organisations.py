"""Which names of companies and people are one."""

import pytest

from policies.agreements.organisations import Organisations, person_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Harbor Assist, LLC", "Harbor Assist LLC"),
        ("Harbor Assist L.L.C.", "Harbor Assist LLC"),
        ("Harbor Assist L. L. C.", "harbor assist llc"),
        ("HARBOR ASSIST", "Harbor Assist, LLC"),
        ("Harbor Assist Limited Liability Company", "Harbor Assist LLC"),
        ("Manila Care, Incorporated", "Manila Care Inc."),
        ("Lakeside Family Medicine, P.C.", "Lakeside Family Medicine"),
        ("Smith & Sons Co., Ltd.", "Smith and Sons Company Limited"),
        ("Asistencia Médica S.A. de C.V.", "Asistencia Medica SA de CV"),
        ("O'Neil Billing", "O\u2019Neil Billing Corp"),
    ],
)
def test_points_accents_case_and_a_legal_form_that_is_left_out_make_no_other_company(one, other):
    names = Organisations([one, other])
    assert names.key(one) == names.key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Harbor Assist LLC", "Harbor Assist Inc"),
        ("Harbor Assist GmbH", "Harbor Assist Ltd"),
        ("Manila Care Co., Ltd.", "Manila Care Co."),
    ],
)
def test_two_legal_forms_of_one_name_are_two_companies_and_that_is_a_doubt(one, other):
    names = Organisations([one, other])
    assert names.key(one) != names.key(other)
    assert names.doubtful(one, other)


def test_a_bare_name_is_neither_of_two_companies_that_are_known_by_their_forms():
    names = Organisations(["Harbor Assist LLC", "Harbor Assist Inc", "Harbor Assist"])
    assert len({names.key(n) for n in ("Harbor Assist LLC", "Harbor Assist Inc", "Harbor Assist")}) == 3
    assert names.doubtful("Harbor Assist", "Harbor Assist LLC")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Harbor Assist LLC", "Harbour Assist LLC"), ("Harbor Assist LLC", "Harbor LLC"), ("LLC", "Inc"), ("!!!", "???")],
)
def test_other_names_are_other_companies_without_any_doubt(one, other):
    names = Organisations([one, other])
    assert names.key(one) != names.key(other)
    assert not names.doubtful(one, other)


@pytest.mark.parametrize("name", ["Ruiz, Ana", "ana  ruiz", "Ana Ruíz", "ANA RUIZ"])
def test_spellings_of_one_persons_name_have_one_key(name):
    assert person_key(name) == "ana ruiz"


def test_another_order_without_a_comma_is_another_name():
    assert person_key("Ruiz Ana") != person_key("Ana Ruiz")


@pytest.mark.parametrize("mark", ["dba", "d/b/a", "D.B.A.", "doing business as", "trading as", "a/k/a"])
def test_a_name_under_which_a_company_says_that_it_trades_is_the_company(mark):
    names = Organisations([f"Harbor Assist, LLC {mark} Port VA", "Port VA", "Harbor Assist"])
    keys = {
        names.key(n) for n in (f"Harbor Assist, LLC {mark} Port VA", "PORT VA", "Harbor Assist", "Harbor Assist LLC")
    }
    assert len(keys) == 1


def test_a_trade_name_of_two_companies_or_with_a_form_of_its_own_is_neither():
    two = Organisations(["Harbor Assist LLC dba Port VA", "Tide Inc dba Port VA", "Port VA"])
    assert two.key("Port VA") not in {two.key("Harbor Assist LLC"), two.key("Tide Inc")}
    own = Organisations(["Harbor Assist LLC dba Port VA", "Port VA Inc"])
    assert own.key("Port VA Inc") != own.key("Harbor Assist LLC")


def test_a_company_may_trade_under_several_names():
    names = Organisations(["Harbor Assist LLC dba Port VA dba Bay Helpers", "Port VA", "Bay Helpers"])
    assert names.key("Port VA") == names.key("Bay Helpers") == names.key("Harbor Assist")


@pytest.mark.parametrize("name", ["DBA Harbor", "Harbor dba", "dba"])
def test_a_mark_without_a_name_on_both_sides_is_a_part_of_the_name(name):
    assert Organisations([name]).key(name) != Organisations([name]).key("Harbor")
