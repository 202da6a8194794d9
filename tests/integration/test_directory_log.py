"""OpenLDAP's own record, not set up as advised: passwords that show, no log, overlays that leave no trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import ldap3
import pytest

from connectors.audit_log import LogAnswer, LogKind, LogQuestion, LogUnread
from connectors.collect import collect
from connectors.directory.ldap import connector as ldap
from connectors.directory.ldap import record_openldap
from connectors.directory.ldap.wire import LdapConnection
from connectors.directory.schema.entry import Entry
from connectors.facts import Collection
from connectors.read_log import read_log
from tests.contract.harness_ldap import ENTRIES, PASSWORD_ENV, SYSTEM
from tests.contract.log_ldap import ADD, DELETE, G1, REPLACE, VA05, bound
from tests.integration.slapd import DirectoryServer
from tests.servers.slapd_log import BOSS, slapd_log


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_ENV, "reader")


@contextmanager
def administered(server: DirectoryServer) -> Iterator[ldap3.Connection]:
    with bound(server, BOSS, "boss", tls=False) as boss:
        yield boss


def connector(server: DirectoryServer) -> ldap.LdapDirectory:
    given = {"url": server.url, "plain": True, "base_dn": "dc=t", "bind_dn": server.bind_dn, "timeout_s": 15}
    return ldap.connect(SYSTEM, ldap.Settings.model_validate({**given, "password_env": PASSWORD_ENV}), Path())


def question(read: Collection, login: str, *groups: str) -> LogQuestion:
    account = next(a for a in read.accounts if a.login == login)
    return LogQuestion((account,), read.entitlements, held={account.id: frozenset(groups)})


def asked(server: DirectoryServer, one: LogQuestion) -> LogAnswer:
    answer = read_log(connector(server), one)
    assert isinstance(answer, LogAnswer), answer
    return answer


def test_a_log_in_which_passwords_show_is_refused_before_one_is_read(tmp_path: Path) -> None:
    with slapd_log(tmp_path, ENTRIES, hidden=False) as server, administered(server) as boss:
        assert boss.modify(VA05, {"userPassword": [(REPLACE, ["geheim-im-log"])]})
        read = collect(connector(server))
        unread = read_log(connector(server), question(read, "va05"))
    assert isinstance(unread, LogUnread)
    assert "passwords stand in `cn=accesslog`, and the auditor's account may read them" in unread.reason
    assert "geheim" not in repr(unread)


def test_without_a_log_a_time_is_an_upper_bound_and_groups_too_where_nothing_changes_them_silently(
    tmp_path: Path,
) -> None:
    with slapd_log(tmp_path, ENTRIES, log=False) as server, administered(server) as boss:
        # The database of the log is there, and nothing is written to it.
        read = collect(connector(server))
        assert boss.modify(G1, {"member": [(ADD, [VA05])]})
        given = {"url": server.url, "plain": True, "base_dn": "dc=t", "bind_dn": server.bind_dn, "log_base": "cn=other"}
        settings = ldap.Settings.model_validate({**given, "password_env": PASSWORD_ENV})
        answer = read_log(ldap.connect(SYSTEM, settings, Path()), question(read, "va05", G1))
    assert isinstance(answer, LogAnswer)
    assert [(e.kind, e.entitlement, e.upper_bound) for e in answer.events] == [
        (LogKind.TOUCHED, None, True),
        (LogKind.TOUCHED, G1, True),
    ]
    assert answer.gaps[0].startswith("`cn=other` is not there, or not shown")
    assert (answer.covers_from, answer.covers) == (None, frozenset())


def test_with_refint_and_memberof_no_stamp_of_a_group_is_believed(tmp_path: Path) -> None:
    with slapd_log(tmp_path, ENTRIES, log=False, side_effects=True) as server:
        read = collect(connector(server))
        given = {"url": server.url, "plain": True, "base_dn": "dc=t", "bind_dn": server.bind_dn, "log_base": "cn=other"}
        settings = ldap.Settings.model_validate({**given, "password_env": PASSWORD_ENV})
        answer = read_log(ldap.connect(SYSTEM, settings, Path()), question(read, "va05", G1))
    assert isinstance(answer, LogAnswer)
    assert [e.entitlement for e in answer.events] == [None]
    assert any("refint and memberof, which change groups without a trace, are at work" in gap for gap in answer.gaps)


def test_what_a_deletion_takes_out_of_groups_without_a_word_ends_with_the_account(tmp_path: Path) -> None:
    with slapd_log(tmp_path, ENTRIES, side_effects=True) as server, administered(server) as boss:
        assert boss.modify(G1, {"member": [(ADD, [VA05])]})
        read = collect(connector(server))
        assert boss.modify_dn(VA05, "uid=va5x")
        assert boss.modify(G1, {"description": [(REPLACE, ["x"])]})
        assert boss.delete("uid=va5x,ou=people,dc=t")
        answer = asked(server, question(read, "va05", G1))
    given, renamed, deleted, *taken = answer.events
    assert [e.kind for e in (given, renamed, deleted)] == [LogKind.GIVEN, LogKind.RENAMED, LogKind.DELETED]
    assert {e.kind for e in taken} == {LogKind.TAKEN}
    assert G1 in {e.entitlement for e in taken}
    assert {e.record for e in taken} == {deleted.record}


def test_an_account_that_is_not_known_and_a_hostile_id_find_nothing(tmp_path: Path) -> None:
    with slapd_log(tmp_path, ENTRIES) as server, administered(server) as boss:
        assert boss.modify(VA05, {"pwdAccountLockedTime": [(REPLACE, ["000001010000Z"])]})
        assert boss.modify(VA05, {"pwdAccountLockedTime": [(DELETE, [])]})
        read = collect(connector(server))
        account = next(a for a in read.accounts if a.login == "va05")

        for id_ in ("*", ")(objectClass=*", "\0", "nobody", "*)(reqEntryUUID=*"):
            answer = asked(server, LogQuestion((replace(account, id=id_, login="x", name="x"),)))
            assert answer.events == ()
            assert answer.doubted == ()


def test_a_log_is_gone_through_once_and_what_was_before_is_asked_for_where_it_matters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches: list[str] = []
    read_all = LdapConnection.read_all

    def counted(wire: LdapConnection, base: str, search: str, attributes: tuple[str, ...], **more: Any) -> list[Entry]:
        searches.append(f"{base} {'with' if 'reqOld' in attributes else 'without'} what was before")
        return read_all(wire, base, search, attributes, **more)

    with slapd_log(tmp_path, ENTRIES) as server, administered(server) as boss:
        assert boss.modify(G1, {"member": [(ADD, [VA05])]})
        read = collect(connector(server))
        others = _members(boss)
        for _ in range(2):
            assert boss.modify(G1, {"member": [(REPLACE, [one for one in others if one != VA05])]})
            assert boss.modify(G1, {"member": [(REPLACE, others)]})
        assert boss.modify(VA05, {"pwdAccountLockedTime": [(REPLACE, ["000001010000Z"])]})
        assert boss.modify(G1, {"member": [(DELETE, [VA05])]})
        assert boss.delete(VA05)
        one = question(read, "va05", G1)
        monkeypatch.setattr(LdapConnection, "read_all", counted)
        answer = asked(server, one)
        monkeypatch.setattr(record_openldap, "MANY", 0)
        looked_through = asked(server, one)

    taken_and_given = [LogKind.TAKEN, LogKind.GIVEN]
    assert [e.kind for e in answer.events if e.entitlement == G1] == [
        *(LogKind.GIVEN, *taken_and_given, *taken_and_given, LogKind.TAKEN)
    ]
    assert [e.kind for e in answer.events if e.entitlement is None] == [LogKind.DISABLED, LogKind.DELETED]
    whole, some = "cn=accesslog without what was before", "cn=accesslog with what was before"
    assert [one for one in searches if "accesslog" in one] == [whole, some, whole, some, some]
    assert [e.record for e in looked_through.events] == [e.record for e in answer.events]


def test_one_whose_login_another_has_taken_is_found_by_the_id_and_the_other_is_not_taken_for_it(tmp_path: Path) -> None:
    with slapd_log(tmp_path, ENTRIES) as server, administered(server) as boss:
        read = collect(connector(server))
        one = question(read, "va05", G1)
        assert boss.modify_dn(VA05, "uid=va5x")
        person = {"uid": "va05", "cn": "Another", "sn": "Another"}
        assert boss.add(VA05, ["inetOrgPerson"], person)
        assert boss.modify(VA05, {"pwdAccountLockedTime": [(REPLACE, ["000001010000Z"])]})
        assert boss.modify(G1, {"member": [(ADD, [VA05])]})
        assert boss.modify(G1, {"member": [(ADD, ["uid=va5x,ou=people,dc=t"])]})
        answer = asked(server, one)
        nameless = asked(server, LogQuestion((replace(one.accounts[0], login=""),), read.entitlements))
    assert [(e.kind, e.entitlement) for e in answer.events] == [(LogKind.RENAMED, None), (LogKind.GIVEN, G1)]
    assert [e.record for e in nameless.events] == [e.record for e in answer.events]


def _members(boss: ldap3.Connection) -> list[str]:
    boss.search(G1, "(objectClass=*)", ldap3.BASE, attributes=["member"])
    return [str(value) for value in boss.entries[0].member.values]
