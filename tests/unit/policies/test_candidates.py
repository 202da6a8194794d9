"""Whose could an account be that no rule settles?"""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.facts import Account, Person, PersonKind, Status
from policies.candidates.forms import Form, read_as
from policies.candidates.matching import matches
from policies.candidates.near import keys_of, one_slip
from policies.candidates.people import People
from policies.candidates.seen import Match, Strength
from policies.candidates.writing import writings
from policies.engine.candidates import BY_LOGIN, Open, candidates_of, find_candidates
from policies.engine.candidates_wording import how_to_settle, seems
from policies.engine.evaluate import judge
from policies.engine.rule import Individual, Reads, all_rules
from policies.roles.generic_logins import GenericNames
from tests.builders import SCHEDULER_NEEDS, Clinic, ago, ahead, ask, in_step

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


# ---- in a case ------------------------------------------------------------------------------------------------------


def leaver(**account: object) -> Clinic:
    clinic = Clinic().vma("V5", "Denise Calloway", end=ago(30))
    return clinic.account("ehr", "dcalloway", **{"name": "Calloway, Denise M", **account})


def test_a_live_account_that_could_be_a_leavers_leaves_open_whether_she_is_gone():
    case = leaver().case()
    (question,) = candidates_of(case).of("V5")
    assert question == Open("V5", "ehr", "dcalloway", ("ehr", "dcalloway"), "the name is theirs with a middle initial")
    assert candidates_of(case).by_account == {("ehr", "dcalloway"): (question,)}
    said = ask("active-after-end", leaver())
    assert said.counts == (0, 0, 1)
    assert said.not_evaluated[0].subject.id == "V5"
    assert "auditor confirm V5 ehr:dcalloway --is-theirs" in said.not_evaluated[0].reason


def test_a_dead_account_asks_nothing():
    assert candidates_of(leaver(status=Status.DISABLED).case()).of("V5") == ()


def test_the_finding_of_an_account_of_nobody_proposes_whose_it_may_be_and_how_to_say_so():
    finding = ask("account-of-nobody", leaver()).finding
    assert "it may be Denise Calloway's (V5), because the name is theirs with a middle initial" in finding.observed
    assert finding.remedy.startswith("say whose it is: `auditor confirm V5 ehr:dcalloway --is-theirs --by …`")


def test_whether_an_account_that_fits_two_has_one_user_is_not_evaluated():
    clinic = leaver(name="").vma("V6", "David Calloway")
    assert [n.subject.name for n in ask("shared-account", clinic).not_evaluated] == ["dcalloway"]
    assert ask("shared-account", leaver()).counts == (0, 1, 0)


def test_an_owner_by_what_is_only_likely_leaves_open_whether_a_namesake_is_meant():
    clinic = Clinic().vma("V5", "Denise M Calloway", end=ago(30)).vma("V6", "Denise Calloway")
    clinic.account("ehr", "q7", name="Denise Calloway")
    assert clinic.case().owners["ehr", "q7"].people == ("V6",)
    assert [q.person for q in candidates_of(clinic.case()).by_account["ehr", "q7"]] == ["V5"]
    clinic.account("ehr", "q7", "V6", name="Denise Calloway")  # stated
    assert candidates_of(clinic.case()).by_account == {}


def test_an_owner_by_the_first_part_of_an_address_leaves_open_whether_a_namesake_is_meant_and_the_whole_does_not():
    clinic = Clinic().vma("V5", "Denise M Calloway", end=ago(30)).vma("V6", "Denise Calloway")
    clinic.people["V6"] = replace(clinic.people["V6"], email="deecal@x.example")
    for login, asked in (("deecal", ["V5"]), ("deecal@x.example", [])):
        case = clinic.account("ehr", login, id_="1", name="Denise Calloway").case()
        assert case.owners["ehr", "1"].reason == BY_LOGIN
        assert [q.person for q in candidates_of(case).of("V5")] == asked


@pytest.mark.parametrize("written", ["Calloway, Denise M", "D. Calloway", "DENISE CALLOWAY MD"])
def test_an_account_that_a_list_gives_to_somebody_and_that_carries_a_leavers_name_leaves_her_open(written):
    clinic = Clinic().vma("V5", "Denise Calloway", end=ago(30)).person("lee", "Ann Lee")
    clinic.account("ehr", "ward3", "lee", name=written)
    case = clinic.case()
    assert case.owners["ehr", "ward3"].people == ("lee",)
    (question,) = candidates_of(case).of("V5")
    assert question.reason.endswith("though the roster or staff file names this log-in: that is lee")
    assert ask("active-after-end", clinic).counts == (0, 0, 1)


@pytest.mark.parametrize("written", ["Lee, Dr.", "Front Desk", "ward3", "Calloway"])
def test_a_name_that_is_the_owners_or_nobodys_asks_nothing_of_an_account_that_a_list_gives(written):
    clinic = Clinic().vma("V5", "Denise Calloway", end=ago(30)).person("lee", "Ann Lee")
    clinic.account("ehr", "ward3", "lee", name=written)
    assert candidates_of(clinic.case()).of("V5") == ()


def test_of_an_account_on_which_rules_contradict_each_other_everybody_whom_one_names_is_asked_about():
    """Whom the roster states for a log-in that carries somebody else's address is not gone, whatever its name says."""
    clinic = Clinic().vma("bea", "Bea Lim", end=ago(3)).vma("ana", "Ana Santos").vma("cal", "Cal Tan", end=ago(3))
    clinic.people["ana"] = replace(clinic.people["ana"], email="ana@x.example")
    clinic.account("ehr", "asantos", "bea", name="Ana Santos", email="ana@x.example")
    clinic.account("ehr", "q9", "bea", name="Mark Lee", employee_id="cal")
    by_account = candidates_of(clinic.case()).by_account
    assert {q.person for q in by_account["ehr", "asantos"]} == {"ana", "bea"}
    assert {q.person for q in by_account["ehr", "q9"]} == {"bea", "cal"}
    assert {n.subject.id for n in ask("active-after-end", clinic).not_evaluated} == {"bea", "cal"}


def test_whom_the_roster_states_for_the_same_log_in_of_another_system_is_not_told_as_stated_here():
    clinic = Clinic().vma("bea", "Bea Lim").vma("ana", "Ana Santos").vma("cal", "Cal Tan", end=ago(3))
    clinic.people["ana"] = replace(clinic.people["ana"], email="ana@x.example")
    clinic.account("ehr", "q9", "bea", name="Ana Santos", email="ana@x.example").account("cloud", "q9", "cal")
    told = {q.person: q.reason for q in candidates_of(clinic.case()).by_account["ehr", "q9"]}
    assert told["bea"].startswith("the roster names this log-in")
    assert "cal" not in told


def test_what_an_earlier_audit_knew_as_theirs_and_no_rule_does_now_is_asked():
    clinic = leaver(name="Ward 3")
    clinic.accounts["ehr", "77"] = replace(clinic.accounts.pop(("ehr", "dcalloway")), id="77", login="ward3")
    case = clinic.case()
    assert candidates_of(case).of("V5") == ()
    case = replace(case, once={("ehr", "77"): frozenset({"V5"})})
    assert [q.reason for q in candidates_of(case).of("V5")] == ["an earlier audit knew it as theirs"]


def test_whom_somebody_has_said_that_it_is_not_is_not_asked_about():
    case = replace(leaver().case(), not_theirs={("ehr", "dcalloway"): frozenset({"V5"})})
    assert candidates_of(case).by_person == {}


def test_a_stated_log_in_that_no_read_has_ever_shown_is_a_question_and_one_that_was_seen_is_not():
    clinic = Clinic().vma("V5", "Denise Calloway", end=ago(30)).account("ehr", "other")
    person = replace(clinic.people["V5"], logins=(("ehr", "DCalloway"), ("gone", "x")))
    clinic.people["V5"] = person
    case = clinic.case()
    (question,) = candidates_of(case).of("V5")
    assert (question.login, question.account) == ("DCalloway", None)
    assert (
        seems(case, question)
        == "`DCalloway` in OpenEMR is Denise Calloway's by the roster, and no read has ever shown it"
    )
    assert how_to_settle(question).startswith("write it on the roster as the system does")
    assert ask("active-after-end", clinic).counts == (0, 0, 1)
    assert candidates_of(replace(case, seen_logins=frozenset({("ehr", "dcalloway")}))).of("V5") == ()
    clinic.engagements["V5"] = replace(clinic.engagements["V5"], start=ahead(3), end=None)
    assert candidates_of(clinic.case()).of("V5") == ()  # it is still to be made


ABOUT_ACCOUNTS = {"missing", "owner-lacks-capability"}
"""They look themselves whether an open account might hold what seems to be missing."""


@pytest.mark.parametrize("rule", [r for r in all_rules() if r.reads is not Reads.REGISTER], ids=lambda rule: rule.id)
def test_every_rule_whose_items_name_a_vma_cannot_tell_while_an_account_could_be_theirs(rule):
    """A new rule that forgets `about` fails here."""
    clinic = Clinic().agreement("BAA-1")
    for id_, dates in (("V5", {}), ("V6", {"end": ago(1)}), ("V7", {"start": ahead(1)})):
        clinic.vma(id_, f"Person {id_}", **dates).account("ehr", id_, id_)
    named = {item.vma for item in rule.items(clinic.case()) if item.vma}
    if not named or rule.id in ABOUT_ACCOUNTS:
        return
    for id_ in named - {"V5"} if rule.id == "shared-account" else named:
        clinic.people[id_] = replace(clinic.people[id_], name="Denise Calloway")
    if rule.id == "shared-account":
        return  # about the account, whoever uses it
    clinic.account("ehr", "dcalloway", name="Calloway, Denise M")
    assert isinstance(rule, Individual)
    unsure = {n.subject.id for n in judge(clinic.case(), [rule]).not_evaluated}
    assert named <= unsure


def test_while_an_account_could_be_theirs_nobody_has_least_privilege_or_a_second_factor_for_sure():
    clinic = in_step().account("ehr", "asantos2", name="Santos, Ana M")
    judgment = judge(clinic.case())
    unsure = {n.rule for n in judgment.not_evaluated if n.subject.id == "ana"}
    assert {"excess", "forbidden", "separation-of-duties", "no-mfa", "agreement-system", "agreement-phi"} <= unsure
    assert not {s.rule for s in judgment.satisfied if s.subject.id == "ana"} & unsure


def test_a_doubt_about_one_vma_in_one_system_leaves_what_is_known_of_others_and_elsewhere():
    clinic = in_step().vma("bea", "Bea Lim").account("ehr", "blim", "bea")
    clinic.grant("ehr", "blim", *SCHEDULER_NEEDS, through=["Schedulers"])
    clinic.system("cloud").account("cloud", "asantos2", name="Santos, Ana M")
    judgment = judge(clinic.case())
    known = {(said.rule, said.subject.id) for said in judgment.satisfied}
    assert {("excess", "ana"), ("forbidden", "ana"), ("excess", "bea"), ("separation-of-duties", "bea")} <= known
    assert ("separation-of-duties", "ana") not in known  # it is about all systems at once
    unsure = {(said.rule, said.subject.id, said.system) for said in judgment.not_evaluated}
    assert {("excess", "ana", "cloud"), ("separation-of-duties", "ana", None)} <= unsure
    assert not [said for said in judgment.not_evaluated if said.subject.id == "bea"]


def test_access_is_not_missing_for_sure_while_an_account_that_has_it_could_be_theirs():
    clinic = Clinic().agreement("BAA-1").vma("ana", "Ana Santos")
    clinic.account("ehr", "asantos", name="Santos, Ana M").grant("ehr", "asantos", "patients/appt:write")
    assert ask("missing", clinic).counts == (0, 0, 1)
    clinic.grants.clear()
    assert ask("missing", clinic).counts == (1, 0, 0)  # it could not give what is missing


# ---- whoever writes the name ----------------------------------------------------------------------------------------

FIRST = ("Denise", "Maricel", "José", "Anne-Marie", "Siobhán", "Li", "Zoë")
MIDDLE = ("", "", "Rose", "M.")
LAST = ("Calloway", "de la Cruz", "O'Neil", "Müller", "Dizon Aquino", "Lim", "Nguyen")
SPELLINGS = (
    "{f} {l}", "{l}, {f}", "{l} {f}", "{l}, {f} Q", "{f} Q {l}", "{f} {l} MD", "Dr. {f} {l}, RN", "zz {l}, {f}",
    "x_{l}, {f}", "{f} {l} (VA)", "{f} {l} - VA", "{l}, {f} (inactive)", "{f} {m} {l}", "{l}, {f} {m}", "{i} {l}",
    "{l}, {i}.", "{f} {l} Jr",
)  # fmt: skip


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str]:
    """A name, and the same in another usual spelling."""
    first, middle, last = draw(st.sampled_from(FIRST)), draw(st.sampled_from(MIDDLE)), draw(st.sampled_from(LAST))
    spelling = draw(st.sampled_from(SPELLINGS if not middle else [s for s in SPELLINGS if "Q" not in s]))
    text = " ".join(spelling.format(f=first, m=middle, l=last, i=first[0]).split())
    change = draw(st.sampled_from([str, str.upper, str.lower, lambda t: unicodedata.normalize("NFD", t), _plain]))
    return " ".join(f"{first} {middle} {last}".split()), change(text)


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


@given(written())
@settings(deadline=None)
def test_no_spelling_makes_a_leaver_with_a_live_account_gone(names):
    name, spelling = names
    clinic = Clinic().vma("V5", name, end=ago(30)).account("ehr", "q77", name=spelling)
    judgment = judge(clinic.case(), [rule for rule in all_rules() if rule.id == "active-after-end"])
    assert judgment.findings or judgment.not_evaluated


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


def test_what_is_open_about_somebody_can_be_asked_of_one_system():
    clinic = Clinic(systems=("ehr", "cloud")).vma("V5", "Denise Calloway", end=ago(30))
    clinic.account("ehr", "dcalloway", name="Calloway, Denise M").account("cloud", "denise.calloway", name="")
    candidates = candidates_of(clinic.case())
    assert {q.system for q in candidates.of("V5")} == {"ehr", "cloud"}
    assert [q.login for q in candidates.of("V5", "ehr")] == ["dcalloway"]
    assert [q.login for q in candidates.of("V5", "cloud")] == ["denise.calloway"]


def test_a_log_in_that_is_surely_somebodys_in_one_system_may_be_theirs_in_another():
    clinic = Clinic(systems=("ehr", "cloud")).vma("V5", "Denise Calloway").vma("V6", "Ana Santos")
    clinic.account("ehr", "callie77", name="", employee_id="V5").account("cloud", "callie77", name="")
    assert [(q.person, q.reason) for q in candidates_of(clinic.case()).by_account["cloud", "callie77"]] == [
        ("V5", "the log-in is theirs by what OpenEMR says")
    ]
    # An account of two says of neither whose such a log-in is elsewhere.
    shared = Clinic(systems=("ehr", "cloud")).vma("V5", "Denise Calloway").vma("V6", "Ana Santos")
    shared.account("ehr", "front9", "V5", "V6", name="").account("ehr", "desk44", name="", employee_id="V6")
    assert candidates_of(shared.account("cloud", "desk44", name="").case()).of("V5") == ()


def test_people_who_are_the_same_are_not_indexed_again_and_those_who_are_not_are():
    before = candidates_of(leaver().case())
    assert find_candidates(leaver().case(), before).index is before.index
    joined = leaver().vma("V6", "Ana Santos").account("ehr", "asantos", name="Santos, Ana M")
    assert [q.login for q in find_candidates(joined.case(), before).of("V6")] == ["asantos"]


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


def abroad(name: str, account: str = "Hanako Tanaka", *, email: str | None = None) -> Clinic:
    clinic = Clinic().vma("V5", name, end=ago(30)).account("ehr", "htanaka", name=account)
    clinic.people["V5"] = replace(clinic.people["V5"], email=email)
    return clinic.account("ehr", "q8", name="Pia Cruz")


@pytest.mark.parametrize(
    "name", ["田中花子", "タナカ ハナコ", "김민수", "محمد علي", "דניאל כהן", "สมชาย ใจดี", "राहुल शर्मा", "王 David"]
)
def test_names_that_cannot_be_compared_are_one_question_and_nobody_is_gone_by_them(name):
    clinic = abroad(name)
    (question,) = candidates_of(clinic.case()).of("V5")
    assert question.among == (("ehr", "htanaka"), ("ehr", "q8"))
    said = ask("active-after-end", clinic)
    assert said.counts == (0, 0, 1)
    assert f"the roster writes `{name}`, and OpenEMR has 2 live accounts of nobody" in said.not_evaluated[0].reason
    assert "auditor confirm V5 ehr:… --is-theirs" in said.not_evaluated[0].reason


@pytest.mark.parametrize(
    "clinic",
    [
        abroad("Ольга Петрова"),
        abroad("田中花子 (Hanako Tanaki)", email="h.tanaki@agency.example"),
        abroad("田中花子", email="aiko.mori@agency.example"),
        abroad("Denise Calloway"),
    ],
)
def test_names_that_can_be_compared_ask_nothing_of_others(clinic):
    assert not [question for question in candidates_of(clinic.case()).of("V5") if question.among]


def test_an_account_in_another_writing_without_a_telling_log_in_cannot_be_compared_with_a_latin_name():
    assert candidates_of(abroad("Hanako Mori", "森花子").case()).of("V5") == ()  # `htanaka` tells of somebody else
    clinic = Clinic().vma("V5", "Hanako Mori", end=ago(30)).account("ehr", "u1", name="森花子")
    assert [question.among for question in candidates_of(clinic.case()).of("V5")] == [(("ehr", "u1"),)]
    assert candidates_of(clinic.account("ehr", "hmori", "V5", status=Status.DISABLED).case()).of("V5") == ()


def test_what_is_said_not_to_be_theirs_is_asked_no_longer_though_it_cannot_be_compared():
    case = abroad("田中花子").case()
    refused = dict.fromkeys([("ehr", "htanaka"), ("ehr", "q8")], frozenset({"V5"}))
    assert candidates_of(replace(case, not_theirs=refused)).of("V5") == ()
