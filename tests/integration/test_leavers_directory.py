"""
Leavers and role changes of directories, scripted: the truth lies within what is concluded, and that is narrow.

Seven in OpenLDAP; three in Samba by its audit logs and two by its metadata, three in 389 by its audit file. Each is
changed by an LDAP client at a known time, between a read that sees access and one that sees none.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.instants.instant import Instant, InstantKind, account_ended, taken
from auditor.instants.known import logs_of
from connectors.audit_log import LogAnswer, LogQuestion
from connectors.collect import collect
from connectors.directory.ldap import connector as ldap
from connectors.facts import Account, Collection
from connectors.read_log import read_log
from connectors.testing.audit_log import Act
from tests.contract import log_ldap
from tests.contract.log_ldap import ADD, DELETE, Directory

NARROW = timedelta(seconds=2.05)
"""A stamp of a second, and what is not known of the clock."""
Setting = tuple[Directory, dict[str, Mapping[str, Any]], Callable[[str], str], str]
"""The directory, its changes by name, the DN of a login, and the DN of a group."""


@pytest.fixture(scope="module")
def openldap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    with log_ldap.OpenLdapLogHarness().start(tmp_path_factory.mktemp("openldap")) as directory:
        # The log is to begin well before the first read that counts.
        Leaver(unix(directory), "va19").do(Act.DISABLE)
        time.sleep(1.1)  # what is not known of its clock is up to a second: so young a log proves nothing
        yield unix(directory)


@pytest.fixture(scope="module")
def ds389(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    with log_ldap.Ds389LogHarness().start(tmp_path_factory.mktemp("ds389")) as directory:
        yield unix(directory)


@pytest.fixture(scope="module")
def samba(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    with log_ldap.SambaLogHarness().start(tmp_path_factory.mktemp("samba")) as directory:
        yield windows(directory)


def unix(directory: Directory) -> Setting:
    changes = {str(act): change for act, (_, change) in directory.changes.items()}
    return directory, changes, lambda login: f"uid={login},ou=people,dc=t", log_ldap.G1


def windows(directory: Directory) -> Setting:
    changes = {str(act): change for act, (_, change) in directory.changes.items()}
    staff = "OU=Staff,DC=t,DC=test"
    return directory, changes, lambda login: f"CN=Name of {login},{staff}", f"CN=Outer,{staff}"


class Leaver:
    """One of them, from the read that sees access to the one that sees none."""

    def __init__(self, harness: Setting, login: str, *, files: bool = True) -> None:
        self.directory, self.changes, dn_of, self.group = harness
        self.dn, self.files = dn_of(login), files
        self.before = self.seen(first=True, login=login)
        self.account = next(a for a in self.before.accounts if a.login == login)
        self.answers = [self.asked((self.account,), self.before)]
        self.truth = (datetime.now(UTC),) * 2

    def connector(self) -> ldap.LdapDirectory:
        settings = {k: v for k, v in self.directory.settings.items() if self.files or k != "log_files"}
        given = {"password_env": log_ldap.PASSWORD_ENV, "timeout_s": 15, **settings}
        return ldap.connect(log_ldap.SYSTEM, ldap.Settings.model_validate(given), Path("/"))

    def seen(self, *, first: bool = False, login: str = "") -> Collection:
        found = collect(self.connector())
        assert found.complete
        if first:
            assert any(a.login == login and a.live for a in found.accounts)
        return found

    def asked(self, accounts: tuple[Account, ...], collection: Collection) -> LogAnswer:
        answer = read_log(self.connector(), LogQuestion(accounts, collection.entitlements, closely=True))
        assert isinstance(answer, LogAnswer), answer
        return answer

    def do(self, act: Act | str, *, refused: bool = False, last: bool = False) -> None:
        who = self.directory.nobody if refused else self.directory.boss
        before = datetime.now(UTC)
        if act == "delete":
            done = who.delete(self.dn)
        elif act in (Act.GIVE, Act.TAKE):
            done = who.modify(self.group, {"member": [(ADD if act is Act.GIVE else DELETE, [self.dn])]})
        else:
            done = who.modify(self.dn, self.changes[str(act)])
        assert bool(done) is not refused, who.result
        if last:
            self.truth = before, datetime.now(UTC)

    def concluded(self, *, entitlement: str | None = None) -> Instant:
        """Read again and conclude, as the second audit does; make sure that the truth lies within."""
        after = self.seen()
        known = next((a for a in after.accounts if a.id == self.account.id), self.account)
        self.answers.append(self.asked((known,), after))
        log = logs_of(None, "practice", now=self.answers)[log_ldap.SYSTEM.id]
        if entitlement is None:
            instant = account_ended(log, self.account.id, self.before.as_of, after.as_of)
        else:
            instant = taken(log, self.account.id, entitlement, self.before.as_of, after.as_of)
        assert instant.kind is not InstantKind.BETWEEN, instant
        assert instant.latest >= self.truth[0], "earlier than the truth"
        assert instant.earliest is None or instant.earliest <= self.truth[1], "later than the truth"
        return instant


def exact(instant: Instant) -> None:
    assert instant.kind is InstantKind.EXACT, instant
    assert instant.earliest is not None
    assert instant.latest - instant.earliest <= NARROW


def play(leaver: Leaver, story: str) -> Instant:
    """Let a story happen, of which the last word is the end."""
    *words, last = story.split()
    for word in words:
        leaver.do(Act(word.strip("!")), refused=word.endswith("!"))
    held = leaver.group.lower() if last == Act.TAKE else None
    leaver.do(Act(last) if last != "delete" else last, last=True)
    return leaver.concluded(entitlement=held)


STORIES = {
    "plain": ("va10", "disable"),
    "toggled": ("va11", "disable enable disable"),
    "tried first": ("va12", "disable enable enable! disable"),
    "a new password": ("va13", "password disable"),
    "group": ("va14", "give take"),
    "given back": ("va15", "give take give take"),
    "deleted": ("va16", "delete"),
}


@pytest.mark.parametrize("story", STORIES)
def test_a_leaver_in_openldap(openldap: Setting, story: str) -> None:
    login, script = STORIES[story]
    leaver = Leaver(openldap, login)
    instant = play(leaver, script)
    exact(instant)
    assert instant.actor == "uid=boss,dc=t"


def test_a_second_lock_is_not_the_end(openldap: Setting) -> None:
    leaver = Leaver(openldap, "va17")
    leaver.do(Act.DISABLE, last=True)
    leaver.do(Act.AGAIN)
    exact(leaver.concluded())


def test_whom_a_new_password_lets_in_again_is_told_by_the_later_lock(openldap: Setting) -> None:
    leaver = Leaver(openldap, "va18")
    leaver.do(Act.DISABLE)
    leaver.do(Act.PASSWORD)
    leaver.do(Act.DISABLE, last=True)
    exact(leaver.concluded())


@pytest.mark.slow
@pytest.mark.parametrize("story", ["plain", "toggled", "given back"])
def test_a_leaver_in_389_by_its_audit_file(ds389: Setting, story: str) -> None:
    login, script = STORIES[story]
    exact(play(Leaver(ds389, login), script))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("login", "script"), [("va02", "disable enable disable"), ("clerk", "give take"), ("card", "delete")]
)
def test_a_leaver_in_samba_by_its_audit_logs(samba: Setting, login: str, script: str) -> None:
    instant = play(Leaver(samba, login), script)
    exact(instant)
    assert instant.actor == "Administrator"


@pytest.mark.slow
def test_a_leaver_in_samba_by_metadata_is_exact_where_its_count_shows_one_change(samba: Setting) -> None:
    exact(play(Leaver(samba, "oldpass", files=False), "disable"))


@pytest.mark.slow
def test_a_leaver_in_samba_by_metadata_is_bounded_where_it_came_back(samba: Setting) -> None:
    instant = play(Leaver(samba, "mustchange", files=False), "disable enable disable")
    assert instant.kind is InstantKind.NOT_LATER
