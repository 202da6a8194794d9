"""Whose could an account be that no rule settles?"""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.facts import Account, Person, PersonKind, Status
from policies.candidates.forms import Form, read_as
from policies.candidates.matching import matches
from policies.candidates.near import keys_of, one_slip
from policies.candidates.people import People
from policies.candidates.seen import Match, Strength
from policies.candidates.writing import writings
from policies.roles.generic_logins import GenericNames

GENERIC = GenericNames.load()
DENISE = Person("V5", "Denise Calloway", "denise@agency.example", PersonKind.VMA)


def found(
    people: tuple[Person, ...] = (DENISE,), login: str = "q77", name: str = "", email: str | None = None
) -> list[Match]:
    account = Account("ehr", "1", login, name, Status.ACTIVE, email=email)
    return list(matches(account, People.of(people, {}, GENERIC), GENERIC))


def whose(*people: Person, **account: str) -> list[str]:
    return [match.person for match in found(people or (DENISE,), **account)]  # type: ignore[arg-type]


def called(name: str, email: str | None = None, id_: str = "V1") -> Person:
    return Person(id_, name, email, PersonKind.VMA)


@pytest.mark.parametrize(
    "name",
    [
        "Calloway, Denise M", "Denise Calloway MD", "zz Calloway, Denise", "Dénise Calloway", "Denise Ann Calloway",
        "Denise Calloway (VA)", "Denise Calloway - VA", "Calloway Denise", "calloway,denise", "Calloway, Denise, RN",
        "DENISE M. CALLOWAY, M.D.", "Dr. Denise Calloway Jr", "Calloway III, Denise", "x_Calloway, Denise",
        "INACTIVE - Calloway, Denise", "Calloway, Denise (Contractor)", "[temp] Denise Calloway", "Denise Calloway NP",
        "Denise Calloway-Brown", "Calloway Brown, Denise", "Denise.Calloway", "Denise_Calloway2", "DeniseCalloway",
        "Ｄｅｎｉｓｅ Calloway", "Denise\u200b Calloway", "Denise   CALLOWAY", "D Calloway", "Calloway D",
        "Calloway, D.", "D. M. Calloway", "Denise C.", "Calloway", "Deni Calloway Denise", "Calloway; Denise",
    ],
)  # fmt: skip
def test_a_name_in_each_usual_spelling_could_be_hers(name):
    assert whose(name=name) == ["V5"]


@pytest.mark.parametrize(
    ("person", "name"),
    [
        ("José de la Cruz", "Delacruz, Jose"),
        ("José de la Cruz", "CRUZ, JOSE"),
        ("Ana Dela Cruz", "de la Cruz, Ana"),
        ("Muñoz, Íñigo", "Inigo Munoz"),
        ("Björn Müller", "Mueller, Bjoern"),
        ("Björn Müller", "Muller, Bjorn"),
        ("Søren Ærø", "Aeroe, Soeren"),
        ("Ewa Łoś", "Los, Ewa"),
        ("Ines Groß", "Gross, Ines"),
        ("Sinéad O'Brien", "OBrien, Sinead"),
        ("Sinéad O\u2019Brien", "O Brien, Sinead"),
        ("Anna-Maria Weiss", "Weiss, Annamaria"),
        ("Maria Cristina Santos Reyes", "Reyes, Maria"),
        ("Maria Cristina Santos Reyes", "Maria Santos"),
        ("Maria Cristina Santos Reyes", "Cristina Reyes"),
        ("Jenny Rose Villanueva", "Villanueva, Jenny"),
        ("Jenny Rose Villanueva", "Rose Villanueva"),
        ("Kees van Dyke", "Vandyke, Kees"),
        ("Linh Do", "Do, Linh"),
        ("William Nguyen", "Bill Nguyen"),
        ("Bea Lim", "Lim, Beatrice"),
        ("Carlos Mejía Ospina", "Mejia, Carlos"),
        ("Carlos Mejía Ospina", "Carlos Ospina"),
    ],
)
def test_names_of_many_lands_are_one_persons_in_both_writings(person, name):
    for written in (person, unicodedata.normalize("NFD", person)):
        assert whose(called(written), name=name) == ["V1"]
        assert whose(called(name), name=written) == ["V1"]


@pytest.mark.parametrize(
    "login",
    [
        "dcalloway", "DCALLOWAY", "denise.calloway", "calloway.denise", "denise_calloway", "denise-calloway",
        "calloway_d", "d.calloway", "denisec", "callowayd", "cdenise", "denisecalloway", "callowaydenise", "dcallow1",
        "dcallowa", "dcalloway2", "dcalloway01", "CLINIC\\dcalloway", "dcalloway@clinic.example", "dmcalloway",
        "denise.m.calloway", "denisemcalloway", "decalloway", "callode", "x_dcalloway", "x_calloway", "xdcalloway",
        "zzdcalloway",
        "inactive_dcalloway", "dcalloway.old", "va-dcalloway", "dcalloway_va", "ext-dcalloway", "denise", "calloway",
        "denise+ehr@agency.example", "V5", "v5",
    ],
)  # fmt: skip
def test_a_log_in_of_each_usual_form_could_be_hers(login):
    assert whose(login=login) == ["V5"]


@pytest.mark.parametrize("login", ["vma-05", "VMA05", "vma_05"])
def test_a_log_in_that_is_the_persons_id_could_be_theirs(login):
    assert whose(replace(DENISE, id="VMA-05"), login=login) == ["VMA-05"]
    assert whose(replace(DENISE, id="VMA-06"), login=login) == []


@pytest.mark.parametrize("email", ["denise+ehr@agency.example", "denise@clinic.example", "dcalloway@clinic.example"])
def test_an_address_that_begins_as_hers_or_is_made_of_her_name_could_be_hers(email):
    assert whose(email=email) == ["V5"]


@pytest.mark.parametrize("rdn", ["Denise Calloway", "dcalloway", "Calloway\\, Denise M", "denise.calloway"])
def test_whom_a_directory_hides_and_a_group_names_by_dn_could_be_her(rdn):
    dn = f"cn={rdn.casefold()},ou=front desk,dc=clinic,dc=example"
    assert whose(login=dn, name=f"{rdn}, hidden from the auditor's account") == ["V5"]
    assert whose(login="cn=mark lee,ou=calloway,dc=denise", name="Mark Lee, hidden from the auditor's account") == []


def test_the_name_of_before_a_marriage_is_known_from_the_address():
    married = called("Denise Brown", "denise.calloway@agency.example")
    assert whose(married, name="Calloway, Denise M") == ["V1"]
    assert whose(called("Denise Brown", "dcalloway@agency.example"), name="Calloway, Denise") == ["V1"]
    assert whose(called("Denise Brown", "dcalloway@agency.example"), login="dcalloway3") == ["V1"]


@pytest.mark.parametrize(
    "account",
    [
        {"name": "Diana Calloway", "login": "dcalloway"},
        {"name": "Brown, Denise", "login": "dbrown"},
        {"name": "Denise Brown", "login": "dbrown", "email": "denise.brown@clinic.example"},
        {"name": "Mark Lee", "login": "mlee"},
        {"name": "Mark Lee", "login": "calloway"},
        {"name": "Calloway Family Medicine", "login": "clinic"},
        {"name": "", "login": "dc"},
        {"name": "", "login": ""},
        {"name": "Front Desk", "login": "frontdesk", "email": "info@clinic.example"},
        {"name": "Doris Day", "login": "dcall"},
        {"name": "123 456", "login": "999"},
    ],
)
def test_an_account_that_is_somebody_elses_by_all_that_it_says_is_not_hers(account):
    assert whose(**account) == []


def test_a_middle_name_that_contradicts_is_another_person():
    ann = called("Denise Ann Calloway")
    assert whose(ann, name="Calloway, Denise Marie") == []
    assert whose(ann, name="Calloway, Denise M") == []
    assert whose(ann, name="Calloway, Denise A") == ["V1"]
    assert whose(called("Denise M Calloway"), name="Denise Marie Calloway") == ["V1"]


@pytest.mark.parametrize(
    "account",
    [
        {"name": "Calloway, Denise M"}, {"name": "Denise Calloway RN"}, {"login": "dcalloway"}, {"login": "d_calloway"},
        {"login": "callowayd2"}, {"name": "D Calloway"}, {"login": "frontdesk.dcalloway"},
    ],
)  # fmt: skip
def test_whoever_the_roster_has_with_an_initial_only_could_be_whom_an_account_spells_out(account):
    assert whose(called("D. Calloway"), **account) == ["V1"]
    assert whose(called("Calloway, D."), **account) == ["V1"]
    assert whose(called("M. Calloway"), **account) == []


@pytest.mark.parametrize(
    "account",
    [
        {"name": "Front Desk - Denise Calloway"}, {"login": "frontdesk.dcalloway"}, {"login": "dcalloway-billing"},
        {"email": "reception-dcalloway@clinic.example"}, {"name": "Denise Calloway (Front Desk)", "login": "frontdesk"},
    ],
)  # fmt: skip
def test_the_name_of_a_desk_beside_hers_hides_nothing(account):
    assert whose(**account) == ["V5"]


def test_the_name_that_earlier_audits_knew_is_hers_too():
    people = People.of([called("Denise Brown")], {}, GENERIC, {"V1": {"Denise Calloway"}})
    (match,) = matches(Account("ehr", "1", "q7", "Calloway, Denise M", Status.ACTIVE), people, GENERIC)
    assert match.person == "V1"


def test_two_whom_a_log_in_fits_are_both_named():
    assert whose(DENISE, called("David Calloway"), login="dcalloway") == ["V1", "V5"]
    assert whose(DENISE, called("David Calloway"), login="dcalloway", name="Calloway, D.") == ["V1", "V5"]
    assert whose(DENISE, called("David Calloway"), login="dcalloway", name="Calloway, David") == ["V1"]


def test_a_first_name_that_several_have_names_nobody_and_a_last_name_that_many_have_neither():
    assert whose(DENISE, called("Denise Brown"), login="denise", name="Denise") == ["V5"]  # by her address only
    assert whose(replace(DENISE, email=None), called("Denise Brown"), login="denise", name="Denise") == []
    assert whose(replace(DENISE, email=None), name="Denise") == ["V5"]  # the only one
    santos = [called(f"{first} Santos", id_=f"S{n}") for n, first in enumerate(("Ana", "Bea", "Cora", "Dora"))]
    assert whose(*santos[:3], name="Santos") == ["S0", "S1", "S2"]
    assert whose(*santos, name="Santos") == []


def test_the_log_in_that_the_roster_states_for_another_system_is_known():
    people = People.of([DENISE], {"V5": {"callie77": "the roster"}}, GENERIC)
    (match,) = matches(Account("ehr", "1", "callie77", "", Status.ACTIVE), people, GENERIC)
    assert (match.person, match.reason) == ("V5", "the log-in is theirs by the roster")


def test_the_log_in_that_one_has_elsewhere_is_another_persons_here_where_the_accounts_name_says_so():
    david = called("David Calloway", id_="V6")
    people = People.of([DENISE, david], {"V6": {"dcalloway": "the roster"}}, GENERIC)
    account = Account("ehr", "1", "dcalloway", "Denise Calloway", Status.ACTIVE)
    assert [match.person for match in matches(account, people, GENERIC)] == ["V5"]


def test_the_reason_is_told_in_plain_words_and_the_strongest_is():
    (match,) = found(login="dcalloway", name="Calloway, Denise M")
    assert match == Match("V5", "the name is theirs with a middle initial", Strength.STRONG)


def test_hostile_names_cost_a_bounded_number_of_look_ups():
    people = People.of([called(f"Maria Santos {chr(97 + n % 26)}{n}", id_=f"V{n}") for n in range(300)], {}, GENERIC)
    asked = 0

    class Counting(dict):  # type: ignore[type-arg]
        def get(self, key, default=None):
            nonlocal asked
            asked += 1
            return super().get(key, default)

    for index in ("by_pair", "by_initial", "by_word", "by_form", "by_login", "by_local"):
        setattr(people, index, Counting(getattr(people, index)))
    for hostile in ("de la " * 5000, "a" * 100_000, "x,;'-. " * 9999, "\u0301" * 5000, "a b c d e f g h " * 999):
        matches(Account("ehr", "1", hostile, hostile, Status.ACTIVE, email=f"{hostile}@{hostile}"), people, GENERIC)
    assert asked < 10_000


def test_initials_alone_are_asked_about_only_where_nothing_else_speaks_of_somebody():
    bo = called("Bo Li")
    assert whose(bo, login="bli") == whose(bo, login="bl") == whose(bo, login="lb") == ["V1"]
    assert whose(bo, login="bl", name="Betty Low") == whose(bo, login="bl", email="betty@x.example") == []
    assert whose(bo, login="bxl") == ["V1"]  # a middle name that the roster does not have
    assert whose(called("Bo Max Li"), login="bxl") == []
    assert whose(called("Maria Diaz"), login="md") == []  # a degree


@pytest.mark.parametrize(
    ("name", "login"),
    [
        ("Nguyễn Thị Minh Anh", "anhntm"),
        ("Anh Nguyen Thi Minh", "anhntm"),
        ("Nguyen Thi Minh Anh", "ntmanh"),
        ("Nguyen Thi Minh Anh", "anhntm2"),
        ("Denise M Calloway", "denisemc"),
        ("Denise Marie Calloway", "dmc"),
        ("Denise Calloway", "dmc"),
        ("Denise Calloway", "dcalloway1"),
    ],
)
def test_one_name_with_the_initials_of_all_others_is_a_log_in(name, login):
    assert whose(called(name), login=login) == ["V1"]


@pytest.mark.parametrize(
    "account",
    [
        {"name": "Denyse Calloway"},
        {"name": "Caloway, Denise"},
        {"name": "Denise Callowya MD"},
        {"name": "Denise M. Callowey"},
        {"login": "denyse.calloway"},
        {"login": "dcaloway"},
        {"login": "denysec"},
        {"login": "denysecalloway"},
        {"login": "denisecaloway"},
        {"login": "callowayd", "name": "Denise Caloway"},
    ],
)
def test_one_slip_of_writing_in_a_longer_word_could_be_hers(account):
    assert whose(called("Denise Calloway"), **{"login": "q7", **account}) == ["V1"]


@pytest.mark.parametrize(
    "account",
    [
        {"name": "Denyse Caloway"},  # two
        {"name": "Denice Galloway"},
        {"name": "Dense Ortiz"},
        {"login": "ecalloway"},  # another initial is another person
        {"login": "dgalloways"},
        {"name": "Dana Caloway"},
    ],
)
def test_more_than_one_slip_or_one_in_an_initial_is_somebody_else(account):
    assert whose(called("Denise Calloway"), **{"login": "q7", **account}) == []


def test_a_short_word_is_not_misspelt_and_a_name_that_is_somebodys_is_not_another_misspelt():
    assert whose(called("Anna Chen"), login="q7", name="Anna Cheng") == []
    two = called("Maria Santos"), called("Mario Santos", id_="V2")
    assert whose(*two, login="q7", name="Mario Santos") == ["V2"]


def test_a_last_name_of_several_words_is_one_and_an_initial_in_front_is_no_mark_beside_another():
    for name in ("Delacruz", "De La Cruz", "dela Cruz"):
        (match,) = found((called("José de la Cruz"),), name=name)
        assert match.reason == "the name is their last name, and no more"
    assert whose(called("Zoe Calloway"), name="Z R Calloway") == ["V1"]


def test_two_letters_of_a_name_with_the_initials_of_others_are_nobodys_log_in():
    assert whose(called("Li Xia Wang"), login="lixw") == []
    assert whose(called("Lin Xia Wang"), login="linxw") == ["V1"]


def test_one_slip_is_found_beside_a_short_word_and_in_no_word_without_end():
    assert whose(called("Denise Lee"), login="denyselee") == ["V1"]
    assert len(list(keys_of("a" * 40))) == 41
    assert list(keys_of("a" * 41)) == []


@pytest.mark.parametrize("name", ["田中花子", "(田中花子)", "田中・花子", "- 田中 花子 -", "1 田中花子 2"])
def test_signs_around_a_name_in_another_writing_are_no_latin_words(name):
    assert writings(name) == {"CJK"}


@given(st.text("abcde", min_size=5, max_size=8), st.text("abcde", min_size=4, max_size=9))
def test_two_words_are_one_slip_apart_just_when_one_change_makes_one_of_the_other(one, other):
    made = {one[:n] + one[n + 1 :] for n in range(len(one))}
    made |= {one[:n] + c + one[n + 1 :] for n in range(len(one)) for c in "abcde"}
    made |= {one[:n] + c + one[n:] for n in range(len(one) + 1) for c in "abcde"}
    made |= {one[:n] + one[n + 1] + one[n] + one[n + 2 :] for n in range(len(one) - 1)}
    for word in (other, *sorted(made)[:40]):
        assert one_slip(one, word) is (word in made and word != one)
        if one_slip(one, word) and len(word) >= 5:
            assert set(keys_of(one)) & set(keys_of(word))


def test_a_mark_in_front_is_left_out_where_enough_remains():
    assert ("bliss", Form.PART) in read_as("xbliss")
    assert ("blis", Form.PART) in read_as("xblis")
    assert ("bli", Form.PART) not in read_as("xbli")


def test_of_two_reasons_that_say_as_much_the_name_is_told():
    (match,) = found(login="denisecalloway", name="Calloway, Denise")
    assert match == Match("V5", "the name is theirs, written another way", Strength.STRONG)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Олена Шевченко", "Olena Shevchenko"),
        ("Olena Shevchenko", "Шевченко Олена"),
        ("Дмитрий Щукин", "Dmitrii Shchukin"),
        ("Maria Papadopoulos", "Μαρία Παπαδόπουλος"),
        ("Denise Calloway", "D\u0435nis\u0435 C\u0430ll\u043eway"),
        ("Denise Carrow", "Denise \u0421arrow"),
        ("Denise Calloway", "\u202eyawollaC esineD"),
    ],
)
def test_a_name_in_another_script_or_in_letters_that_look_alike_could_be_hers(name, written):
    assert whose(called(name), name=written) == ["V1"]
    assert whose(called(name), name="Petra Vogel") == []


@pytest.mark.parametrize(
    "login", ["dcalloway-adm", "svc-dcalloway", "harbor.dcalloway", "CLINIC\\adm_callowayd", "t1.denisecalloway"]
)
def test_a_word_that_stands_beside_her_log_in_hides_nobody(login):
    assert whose(login=login) == ["V5"]


@pytest.mark.parametrize("login", ["dmorris-adm", "harbor.frontdesk", "adm-denis", "call.center"])
def test_what_stands_beside_somebody_elses_log_in_names_nobody(login):
    assert whose(login=login) == []


def test_a_log_in_that_the_accounts_own_name_explains_is_nobody_elses_whatever_stands_beside_it():
    assert whose(login="maria.dcalloway", name="Maria Dcalloway") == []
    assert whose(called("Juan Cruz"), login="jcruz-harbor", name="John Cruz") == []


def test_a_word_beside_a_log_in_must_be_long_enough_to_tell():
    assert whose(called("Ana Diaz"), login="harbor-adiaz", name="Ward Three") == ["V1"]
    assert whose(called("Bo Diaz"), login="harbor-diab", name="Ward Three") == []


def test_what_a_name_has_more_than_theirs_or_less_is_said_as_it_is():
    def reason(person: str, name: str) -> str:
        (match,) = found((called(person),), name=name)
        return match.reason

    assert reason("Robert Reyes", "Bob Reyes") == "the name is theirs with a short form of the first name"
    assert reason("Denise Calloway", "Denise A M Calloway") == "the name is theirs with a middle initial"
    assert reason("Denise Calloway", "Denise Ann M Calloway") == "the name is theirs with more to it"
    assert whose(called("Denise Ann Marie Calloway"), name="Denise A. Calloway") == ["V1"]


def test_the_name_in_an_address_is_a_name_of_theirs():
    married = called("Denise Brown", "denise.calloway@agency.example")
    (match,) = found((married,), name="Calloway, Denise M")
    assert match.strength is Strength.STRONG
