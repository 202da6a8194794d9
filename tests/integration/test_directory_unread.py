"""What a read of OpenLDAP could miss: groups elsewhere, of other kinds, by a search; members looked up by name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.collect import collect
from connectors.directory.ldap import connector as ldap
from connectors.directory.schema.attributes import GROUP_FILTER
from connectors.facts import Collection, Status
from connectors.unproven import filtered, narrowed
from tests.completeness import reason
from tests.integration.slapd import ACCESS, DirectoryServer, slapd
from tests.servers.directory import OUS, SECRET_ENV, SYSTEM, by_login, group, held, person, settings_for, whole

OPTIONS = "include /etc/ldap/schema/dyngroup.schema\nmoduleload memberof.so\n"
HIDDEN = ACCESS.replace(
    "access to * by users read",
    'access to dn.exact="uid=secret,ou=people,dc=t" by dn.exact="uid=reader,dc=t" none by users read\n'
    'access to dn.exact="cn=quiet,ou=groups,dc=t" by dn.exact="uid=reader,dc=t" none by users read\n'
    "access to attrs=description by * none\naccess to * by users read",
)
ROLE = "dn: cn=desk,dc=t\nobjectClass: organizationalRole\ncn: desk\nroleOccupant: uid=va01,ou=people,dc=t\n\n"
ALIAS = (
    "dn: uid=nickname,ou=people,dc=t\nobjectClass: alias\nobjectClass: extensibleObject\nuid: nickname\n"
    "aliasedObjectName: uid=va01,ou=people,dc=t\n\n"
)
OWN_KIND = (
    "dn: ou=custom,dc=t\nobjectClass: organizationalUnit\nobjectClass: extensibleObject\nou: custom\n"
    "member: uid=va02,ou=people,dc=t\n\n"
)


def computed(cn: str, search: str, *members: str) -> str:
    listed = "".join(f"member: {m}\n" for m in members)
    return (
        f"dn: cn={cn},ou=groups,dc=t\nobjectClass: groupOfURLs\nobjectClass: extensibleObject\ncn: {cn}\n"
        f"memberURL: {search}\n{listed}\n"
    )


PEOPLE = "".join(person(f"va{n:02}", "memberOf: cn=billing,ou=groups,dc=t\ndescription: x\n") for n in (1,)) + "".join(
    person(f"va{n:02}") for n in range(2, 5)
)
PRACTICE = (
    OUS
    + PEOPLE
    + person("secret")
    + group("billing", "uid=va01,ou=people,dc=t")
    + group("plain", "uid=va02,ou=people,dc=t", "ou=people,dc=t", "uid=left,ou=people,dc=t")
    + ROLE
    + ALIAS
    + OWN_KIND
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectoryServer]:
    folder = tmp_path_factory.mktemp("slapd")
    with slapd(folder, PRACTICE, options=OPTIONS, access=HIDDEN) as running:
        yield running


def run(server: DirectoryServer, monkeypatch: pytest.MonkeyPatch, **changes: object) -> Collection:
    monkeypatch.setenv(SECRET_ENV, "reader")
    return collect(ldap.connect(SYSTEM, settings_for(server, **changes), Path()))


def evidence(collection: Collection) -> dict[str, str]:
    return {e.name: e.detail for e in whole(collection).completeness.evidence}


def test_a_base_that_leaves_the_groups_out_says_so_of_everybody_and_what_memberof_names_is_held(server, monkeypatch):
    collection = whole(run(server, monkeypatch, base_dn="ou=people,dc=t"))
    outside = "groups outside of `ou=people,dc=t`, where none were looked for"
    assert held(collection, "va01") == {"billing, not read": (), outside: ()}
    assert held(collection, "va03") == {outside: ()}


def test_groups_from_the_root_make_it_whole_again(server, monkeypatch):
    collection = whole(run(server, monkeypatch, base_dn="ou=people,dc=t", group_base_dn="dc=t"))
    assert held(collection, "va01") == {"billing": (), "desk": ()}
    assert held(collection, "va03") == {}


@pytest.mark.parametrize(("own", "left"), [("(cn=billing)", "3 groups"), ("(objectClass=groupOfNames)", "2 groups")])
def test_a_filter_that_leaves_groups_out_says_how_many(server, monkeypatch, own, left):
    collection = whole(run(server, monkeypatch, group_filter=own))
    assert held(collection, "va03") == {f"{left} that `group_filter` leaves out": ()}
    assert "billing" in held(collection, "va01")


def test_a_filter_that_leaves_none_out_is_as_good_as_none(server, monkeypatch):
    every = GROUP_FILTER.replace("(|", "(|(member=*)", 1)
    assert held(whole(run(server, monkeypatch, group_filter=every)), "va03") == {}


def test_groups_of_every_class_count_and_another_name_is_no_account(server, monkeypatch):
    collection = whole(run(server, monkeypatch))
    assert held(collection, "va01") == {"billing": (), "desk": ()}
    assert held(collection, "va02") == {"plain": (), "custom": ()}
    assert "nickname" not in by_login(collection)


def test_members_that_are_no_accounts_and_those_long_gone_are_told(server, monkeypatch):
    told = evidence(run(server, monkeypatch))
    assert told["other-members"] == "1 members are no accounts, or filtered out"
    assert told["unknown-members"] == "1 member values name no entry that was read"


def test_an_account_that_a_group_names_and_the_read_did_not_give_means_that_it_was_not_whole(server, monkeypatch):
    """As when an account comes into being between two pages, or the server's index misses it."""
    from connectors.directory.ldap import scope as _scope  # noqa: PLC0415
    from connectors.directory.schema import attributes  # noqa: PLC0415

    monkeypatch.setattr(_scope, "USER_FILTER", f"(&{attributes.USER_FILTER}(!(uid=va02)))")
    collection = run(server, monkeypatch)
    assert "did not return `uid=va02,ou=people,dc=t`, which a group names and which is there" in reason(collection)


def test_what_an_own_filter_leaves_out_is_no_gap(server, monkeypatch):
    collection = whole(run(server, monkeypatch, user_filter="(uid=va01)"))
    assert evidence(collection)["other-members"] == "2 members are no accounts, or filtered out"
    others = len(whole(run(server, monkeypatch)).accounts) - 1
    told = evidence(collection)["filter"]
    assert told == f"only accounts that `(uid=va01)` finds; {others} others are there, of unknown state"
    assert filtered(collection) == told


@pytest.mark.parametrize("own", ["(objectClass=*)", "(objectClass=inetOrgPerson)"])
def test_an_own_filter_that_leaves_out_no_account_proves_a_leaver_gone(server, monkeypatch, own):
    collection = whole(run(server, monkeypatch, user_filter=own))
    assert evidence(collection)["filter-checked"] == f"`{own}` leaves out no account below the base"
    assert filtered(collection) == ""


def test_an_own_filter_makes_no_account_of_another_name(server, monkeypatch):
    logins = set(by_login(whole(run(server, monkeypatch, user_filter="(uid=*)"))))
    assert "va01" in logins
    assert "nickname" not in logins


def test_who_is_in_groups_that_were_not_read_may_be_in_that_of_the_second_factor(server, monkeypatch):
    whole_tree = by_login(whole(run(server, monkeypatch, mfa_group="billing")))
    assert (whole_tree["va01"].mfa, whole_tree["va03"].mfa) == (True, False)
    narrow = by_login(whole(run(server, monkeypatch, mfa_group="billing", group_filter="(cn=billing)")))
    assert (narrow["va01"].mfa, narrow["va03"].mfa) == (True, None)


def test_whom_a_search_finds_is_in_the_group_and_a_search_that_finds_nobody_proves_nothing(tmp_path, monkeypatch):
    found = "ldap:///ou=people,dc=t??one?(|(uid=va03)(uid=va04))"
    hidden = "ldap:///ou=people,dc=t??sub?(description=x)"  # which the reader may not search
    entries = PRACTICE + computed("mixed", found, "uid=va02,ou=people,dc=t")
    with slapd(tmp_path / "one", entries, options=OPTIONS, access=HIDDEN) as own:
        collection = whole(run(own, monkeypatch))
        assert "mixed" in held(collection, "va02")
        assert held(collection, "va03") == {"mixed": ()}
        assert held(collection, "va01") == {"billing": (), "desk": ()}
    entries += computed("dark", hidden) + computed(
        "far", "ldap://elsewhere/dc=x??sub?(uid=*)", "uid=va01,ou=people,dc=t"
    )
    with slapd(tmp_path / "two", entries, options=OPTIONS, access=HIDDEN) as own:
        collection = whole(run(own, monkeypatch))
        why = "members that a search decides, which was not run, of 2 groups: `dark`, `far`"
        assert held(collection, "va03") == {"mixed": (), why: ()}
        assert held(collection, "va01") == {"billing": (), "desk": (), "far": (), why: ()}


def test_a_server_that_may_not_page_is_read_in_one_search(tmp_path, monkeypatch):
    no_pages = ACCESS.replace(
        'uid=reader,dc=t" size=unlimited', 'uid=reader,dc=t" size=unlimited size.prtotal=disabled'
    )
    with slapd(tmp_path / "one", PRACTICE, options=OPTIONS, access=ACCESS) as own:
        paged = whole(run(own, monkeypatch, page_size=2))
        with slapd(tmp_path / "two", PRACTICE, options=OPTIONS, access=no_pages) as other:
            at_once = whole(run(other, monkeypatch, page_size=2))
    assert {a.login for a in at_once.accounts} == {a.login for a in paged.accounts}
    assert set(at_once.entitlements) == set(paged.entitlements)
    limited = no_pages.replace("size=unlimited", "size=3")
    with slapd(tmp_path / "three", PRACTICE, options=OPTIONS, access=limited) as cut:
        assert "answered result 11 (adminLimitExceeded)" in reason(run(cut, monkeypatch, page_size=2))


def test_an_account_that_is_not_open_yet_opens_by_itself_as_the_server_does(tmp_path, monkeypatch):
    entries = (
        OUS + person("early", "pwdStartTime: 20990101000000Z\n") + person("late", "pwdStartTime: 20200101000000Z\n")
    )
    with slapd(tmp_path, entries) as own:
        from tests.servers.directory import bind  # noqa: PLC0415

        assert not bind(own, "uid=early,ou=people,dc=t", "early")
        assert bind(own, "uid=late,ou=people,dc=t", "late")
        accounts = by_login(whole(run(own, monkeypatch)))
    assert (accounts["early"].status, accounts["early"].live) == (Status.LOCKED, True)


def test_a_base_below_the_root_proves_nobody_gone_and_the_root_itself_does(server, monkeypatch):
    part = run(server, monkeypatch, base_dn="ou=people,dc=t")
    assert (
        narrowed(part) == "only what stands under `ou=people,dc=t` was read; an account may have been moved out of it"
    )
    assert narrowed(run(server, monkeypatch)) == ""
