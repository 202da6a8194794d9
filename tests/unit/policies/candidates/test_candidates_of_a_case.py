"""What is open in a case while an account could be somebody's: nobody is gone, ready or covered because of it."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.facts import Account, Person, PersonKind, Status
from policies.engine.candidates import BY_LOGIN, STATED, Open, candidates_of, find_candidates, in_doubt, used_since
from policies.engine.candidates_wording import how_to_settle, seems
from policies.engine.case import Owner
from policies.engine.evaluate import judge
from policies.engine.rule import Individual, Reads, all_rules
from tests.builders import SCHEDULER_NEEDS, Clinic, ago, ahead, ask, in_step, noon


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


def test_what_is_known_of_an_account_that_is_theirs_stays_known_while_another_could_be_theirs():
    clinic = in_step().account("ehr", "asantos2", name="Santos, Ana M")
    judgment = judge(clinic.case())
    assert ("no-mfa", "ehr:asantos") in {(said.rule, said.subject.id) for said in judgment.satisfied}


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


def test_who_has_not_begun_is_not_asked_about_by_names_that_cannot_be_compared():
    clinic = Clinic().vma("V5", "田中花子", start=ahead(1)).account("ehr", "htanaka", name="Hanako Tanaka")
    assert candidates_of(clinic.case()).of("V5") == ()
    clinic.vma("V5", "田中花子")
    assert candidates_of(clinic.case()).of("V5") != ()


@pytest.mark.parametrize(
    ("login", "reason", "doubtful"),
    [
        ("q7", "Dana stated on 2026-11-20 that it is theirs", False),  # settled, whatever it is called
        ("denise@agency.example", BY_LOGIN, True),  # the whole address, and the name of somebody else
        ("denise@agency.example", STATED, True),
    ],
)
def test_an_account_that_carries_the_name_of_somebody_else_is_in_doubt_unless_somebody_said_whose_it_is(
    login, reason, doubtful
):
    denise = Person("V5", "Denise Calloway", "denise@agency.example", PersonKind.VMA)
    account = Account("ehr", "1", login, "Mark Lee", Status.ACTIVE)
    assert in_doubt(account, Owner(("V5",), PersonKind.VMA, reason), {"V5": denise}) is doubtful


@pytest.mark.parametrize(("last", "asked"), [(9, 1), (10, 1), (11, 0)])
def test_a_dead_account_is_asked_about_when_it_may_have_been_used_from_an_instant_on(last, asked):
    clinic = Clinic().vma("V5", "Denise Calloway", end=ago(30)).vma("V6", "Dennis Calloway", end=ago(30))
    clinic.account("ehr", "dcalloway", name="D Calloway", status=Status.DISABLED, last_login=noon(ago(last)))
    questions = used_since(clinic.case(), "V5", noon(ago(10)))
    assert [question.person for question in questions] == ["V5"] * asked
