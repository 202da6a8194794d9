"""Which names of companies and people are one."""

import pytest

from policies.organisations import Organisations, person_key


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
