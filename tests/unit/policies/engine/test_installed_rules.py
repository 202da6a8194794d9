"""Rules of other packages: they are asked like the shipped ones, or the audit stops and says whose they are."""

import sys
from dataclasses import replace

import pytest

from connectors.errors import AuditorError
from policies.citations import Citations
from policies.engine.evaluate import judge
from policies.engine.rule import all_rules
from policies.policy import _digest, load_policy
from policies.remedies import Remedies
from tests.builders import Clinic
from tests.packages import install, installed

MODULE = '''
"""Rules of Old Clinic."""

from policies.engine.evidence import account_steps, account_subject, cite
from policies.engine.outcomes import Finding, Satisfied, Severity
from policies.engine.rule import Individual, Item, Reads


class LongLogin(Individual):
    """A log-in is short. Source: the practice's own handbook."""

    id = "long-login"
    title = "Long log-in"
    question = "Is every log-in short?"
    reads = Reads.SYSTEM

    def items(self, case):
        for key in case.asked_accounts:
            yield Item(account_subject(case, key), key[0], account=key)

    def judge(self, case, item):
        login = case.accounts[item.account].login
        if len(login) <= 4:
            yield Satisfied(self.id, item.subject, item.system)
            return
        yield Finding(
            rule=self.id,
            severity=Severity.LOW,
            subject=item.subject,
            system=item.system,
            what="",
            title=f"{login} is long",
            observed=f"{len(login)} letters",
            expected="4 letters",
            remedy=case.policy.remedies.text("shorten", case.systems[item.system], login=login),
            path=account_steps(case, item.account),
            citations=cite(case, self.id),
        )


RULES = (LongLogin(),)
'''
DATA = """\
version: 1
rules:
  long-login:
    severity: low
    citations: {all: [164.310(b), 164.312(d)]}
provisions:
  164.310(b): {kind: STD, paraphrase: how a workstation is used}
remedies:
  shorten: {default: "rename {login} in {system}"}
"""
OFFER = {"auditor.rules": {"old-clinic": "old_clinic_rules"}}


@pytest.fixture
def packages(tmp_path):
    with installed(tmp_path):
        yield tmp_path
    for name in [name for name in sys.modules if name.startswith("old_clinic")]:
        del sys.modules[name]


def write(folder, module=MODULE, data=DATA, offer=OFFER, name="old-clinic"):
    files = {"old_clinic_rules.py": module} | ({"old_clinic_rules.yaml": data} if data is not None else {})
    install(folder, name, offer, files)


def usable():
    Citations.load()
    Remedies.load()
    all_rules()


def test_a_rule_of_another_package_is_asked_with_its_own_provisions_and_remedies(packages):
    shipped = {rule.id for rule in all_rules()}
    case = Clinic().vma("ana").account("ehr", "mreyes", "ana").account("ehr", "ana", "ana").case()
    write(packages)
    with installed(packages):
        assert {rule.id for rule in all_rules()} - shipped == {"long-login"}
        policy = load_policy()
        said = judge(replace(case, policy=policy))
        (found,) = [finding for finding in said.findings if finding.rule == "long-login"]
        assert found.remedy == "rename mreyes in OpenEMR"
        assert found.citations[0].paraphrase == "how a workstation is used"
        assert [c.id for c in found.citations] == ["164.310(b)", "164.312(d)"]
        assert policy.installed_rules == {"long-login": "old-clinic 1.0"}


def test_what_installed_rules_judge_by_is_part_of_the_digest_of_the_policy(packages):
    digests = [_digest([])]
    write(packages)
    for path, old, new in (("rules.py", "", ""), ("rules.py", "<= 4", "<= 5"), ("rules.yaml", "how a", "how the")):
        file = packages / f"old_clinic_{path}"
        file.write_text(file.read_text().replace(old, new) if old else file.read_text())
        with installed(packages):
            digests.append(_digest([]))
    assert len(set(digests)) == 4


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"data": None}, r"there is no file `.*old_clinic_rules\.yaml`"),
        ({"data": "version: 1\nrules: ["}, r"old_clinic_rules\.yaml.*this is not YAML"),
        ({"data": DATA.replace("164.312(d)", "164.312(z)")}, r"old_clinic_rules\.yaml, line 5.*no such citation"),
        ({"data": DATA.replace("all:", "system:")}, "the rule cites nothing: found `practice-workforce`"),
        ({"data": DATA.replace("long-login", "no-mfa")}, r"the rule `no-mfa` stands in signin\.py already"),
        ({"data": DATA.replace("long-login", "longer-login")}, "describes longer-login besides and not long-login"),
        ({"data": DATA.replace("default:", "openemr:")}, "a text is missing: expected default"),
        ({"data": DATA.replace("shorten:", "enforce-mfa:")}, r"`enforce-mfa` stands in remedies\.yaml already"),
        (
            {"data": DATA.replace("164.310(b):", "164.312(d):").replace("164.310(b), ", "")},
            "another wording of 164.312",
        ),
        ({"module": "import a_library_that_is_not_there"}, "ModuleNotFoundError for `a_library_that_is_not_there`"),
        ({"module": "\n\nclass"}, "SyntaxError in line 3"),
        ({"module": "raise KeyError('t0ps3cret')"}, "cannot be loaded: KeyError"),
        ({"module": MODULE.replace("RULES =", "OTHERS =")}, "it offers no rule"),
        ({"module": MODULE.replace("(LongLogin(),)", "()")}, "it offers no rule"),
        ({"module": MODULE.replace("(LongLogin(),)", "(LongLogin,)")}, "`LongLogin` in `RULES` is no rule"),
        ({"module": MODULE.replace('question = "Is every log-in short?"', "")}, "`question` is not a text"),
        ({"module": MODULE.replace("Reads.SYSTEM", '"system"')}, "`reads` is not one of `Reads`"),
        ({"module": MODULE.replace("    def judge", "    def judges")}, "`judge` cannot be called"),
        ({"offer": {"auditor.rules": {"old-clinic": "old_clinic_rules:RULES"}}}, "and not `RULES` in one"),
        ({"offer": {"auditor.rules": {"old-clinic": "old_clinic_missing"}}}, "there is no file of the module"),
    ],
)
def test_a_package_whose_rules_cannot_be_used_is_told_by_its_name_and_stops_the_audit(packages, change, complaint):
    write(packages, **change)
    with installed(packages), pytest.raises(AuditorError, match=complaint) as told:
        usable()
    assert "old-clinic" in told.value.diagnostics()
    assert "t0ps3cret" not in told.value.diagnostics()


def test_two_packages_with_one_rule_are_both_named(packages):
    write(packages)
    files = {"older_rules.py": MODULE, "older_rules.yaml": DATA}
    install(packages, "older-clinic", {"auditor.rules": {"older": "older_rules"}}, files)
    with (
        installed(packages),
        pytest.raises(AuditorError, match=r"`long-login` stands in .*old-clinic 1\.0` already") as told,
    ):
        all_rules()
    assert "uninstall it" in told.value.hint
    assert "older-clinic" in told.value.diagnostics()
