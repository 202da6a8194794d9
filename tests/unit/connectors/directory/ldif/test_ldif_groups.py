"""Groups of an export: whether they can be in the file at all, and who is in one, whatever its class."""

import pytest

from connectors.collect import collect
from connectors.directory.ldif import connector as ldif
from connectors.facts import Partial, Status
from tests.unit.connectors.directory.ldif.ldif_exports import (
    GROUP,
    NO_GROUPS,
    SYSTEM,
    TOP,
    end,
    export,
    header,
    held,
    person,
)

# Whether the groups can be in the file at all


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({}, None),
        ({"search_filter": "(objectclass=*)", "asked": "ALL"}, None),
        ({"search_filter": "(|(objectClass=inetOrgPerson)(objectClass=groupOfNames))"}, None),
        ({"asked": "uid cn member objectClass "}, None),
        ({"search_filter": "(uid=*)"}, "groups that the filter `(uid=*)` leaves out"),
        ({"search_filter": "(&(objectClass=group)(cn=x*))"}, "groups that the filter `(&(objectClass=group)(cn=x*))` "),
        ({"search_filter": "(!(objectClass=groupOfNames))"}, "groups that the filter"),
        ({"base": "ou=people,dc=t"}, "groups outside of `ou=people,dc=t`"),
        ({"base": "no name"}, "groups: the base `no name` is not understood"),
        ({"scope": "oneLevel"}, "groups below `dc=t`: the export did not ask for the whole subtree"),
        ({"asked": "uid cn objectClass "}, "members of groups: the export did not ask for `member`"),
    ],
)
def test_an_export_that_cannot_hold_all_groups_says_so_of_everybody(asked, why, tmp_path):
    collection = export(tmp_path, header(**asked) + person("va1") + GROUP + end(2))
    unread = held(collection, "va1") - {"billing"}
    assert "billing" in held(collection, "va1")
    assert (not unread) if why is None else (len(unread) == 1 and min(unread).startswith(why))


def test_a_filter_for_people_leaves_what_memberof_names(tmp_path):
    text = header(search_filter="(uid=*)") + person("va1", "memberOf: cn=billing,ou=groups,dc=t\n") + person("va2")
    collection = export(tmp_path, text + end(2))
    assert held(collection, "va1") == {"billing, not read", "groups that the filter `(uid=*)` leaves out"}
    assert held(collection, "va2") == {"groups that the filter `(uid=*)` leaves out"}


def test_one_of_several_searches_may_have_asked_for_the_groups(tmp_path):
    joined = header(search_filter="(uid=*)") + person("va1") + end(1) + header() + GROUP + end(1)
    assert held(export(tmp_path, joined), "va1") == {"billing"}


def test_a_file_without_a_header_is_whole_where_its_top_is_there(tmp_path):
    assert held(export(tmp_path, TOP + person("va1", base="dc=t")), "va1") == set(), "the directory has no group"
    assert held(export(tmp_path, person("va1")), "va1") == {NO_GROUPS}
    assert held(export(tmp_path, person("va1") + GROUP), "va1") == {"billing"}


def test_groups_outside_of_the_base_that_counts_are_told(tmp_path):
    text = TOP + person("va1") + GROUP
    narrow = export(tmp_path, text, base_dn="ou=people,dc=t")
    assert held(narrow, "va1") == {"1 groups of the file outside of `base_dn`"}
    assert held(export(tmp_path, text, base_dn="ou=people,dc=t", group_base_dn="dc=t"), "va1") == {"billing"}


def test_groups_that_show_no_member_are_not_taken_for_empty(tmp_path):
    hidden = GROUP.replace("member: uid=va1,ou=people,dc=t\n", "")
    assert held(export(tmp_path, TOP + person("va1") + hidden), "va1") == {
        "members of groups: not one of 1 groups shows any"
    }


# Groups of every kind


@pytest.mark.parametrize(
    ("kind", "listed"),
    [
        ("groupOfEntries", "member: uid=va1,ou=people,dc=t"),
        ("organizationalRole", "roleOccupant: uid=va1,ou=people,dc=t"),
        ("accessGroup", "member: uid=va1,ou=people,dc=t"),
        ("dynamicGroup", "member: uid=va1,ou=people,dc=t"),
        ("groupOfURLs", "member: uid=va1,ou=people,dc=t"),
        ("ibm-nestedGroup", "member: uid=va1,ou=people,dc=t"),
        ("univentionGroup", "uniqueMember: uid=va1,ou=people,dc=t"),
        ("posixGroupInternal", "memberUid: va1"),
        ("groupOfNames", "MEMBER: uid=va1,ou=people,dc=t"),
        ("groupOfUniqueNames", "uniquemember;x-test: uid=va1,ou=people,dc=t"),
        ("groupOfNames", "member;lang-de: uid=va1,ou=people,dc=t"),
        ("group", "member;range=0-*: uid=va1,ou=people,dc=t"),
        ("group", "member;x-a;range=0-*: uid=va1,ou=people,dc=t"),
        ("aKindOfOurOwn", "member: uid=va1,ou=people,dc=t"),
        ("nisNetgroup", "nisNetgroupTriple: (,va1,)"),
        ("sudoRole", "sudoUser: va1"),
        ("sudoRole", "sudoUser: ALL"),
        ("mailGroup", "mgrpRFC822MailMember: va1@practice.test"),
        ("zimbraDistributionList", "zimbraMailForwardingAddress: VA1@practice.test"),
    ],
)
def test_a_group_of_any_class_is_held_by_who_is_in_it(kind, listed, tmp_path):
    group = f"dn: cn=desk,dc=t\nobjectClass: {kind}\ncn: desk\n{listed}\n\n"
    collection = export(tmp_path, TOP + person("va1", "mail: va1@practice.test\n") + group)
    assert held(collection, "va1") == {"desk"}


def test_netgroups_and_rules_of_sudo_reach_through_names(tmp_path):
    groups = (
        "dn: cn=wheel,dc=t\nobjectClass: posixGroup\ncn: wheel\ngidNumber: 1\nmemberUid: va1\n\n"
        "dn: cn=inner,dc=t\nobjectClass: nisNetgroup\ncn: inner\nnisNetgroupTriple: (-,va2,-)\n\n"
        "dn: cn=outer,dc=t\nobjectClass: nisNetgroup\ncn: outer\nmemberNisNetgroup: inner\n\n"
        "dn: cn=root,dc=t\nobjectClass: sudoRole\ncn: root\nsudoUser: %wheel\nsudoUser: +outer\nsudoUser: !va3\n\n"
    )
    collection = export(tmp_path, TOP + person("va1") + person("va2") + person("va3") + groups)
    assert held(collection, "va1") == {"wheel", "root"}
    assert held(collection, "va2") == {"inner", "outer", "root"}
    assert held(collection, "va3") == set()


def test_a_rule_that_names_somebody_in_an_unclear_way_may_mean_anybody(tmp_path):
    rule = "dn: cn=root,dc=t\nobjectClass: sudoRole\ncn: root\nsudoUser: #1000\n\n"
    assert held(export(tmp_path, TOP + person("va1") + rule), "va1") == {
        "members that a search decides, which was not run, of 1 groups: `root`"
    }


def test_the_delivered_administrator_of_debian_is_an_account_and_no_group(tmp_path):
    admin = (
        "dn: cn=admin,dc=t\nobjectClass: simpleSecurityObject\nobjectClass: organizationalRole\ncn: admin\n"
        "userPassword:: e1NTSEF9eA==\n\n"
    )
    collection = export(tmp_path, TOP + admin)
    assert [(a.login, a.status) for a in collection.accounts] == [("admin", Status.UNKNOWN)]
    assert not collection.entitlements


def test_freeipa_read_from_its_root_would_count_everybody_twice(tmp_path):
    twice = (
        "dn: uid=va1,cn=users,cn=accounts,dc=t\nobjectClass: posixAccount\nuid: va1\nnsUniqueId: u-1\n\n"
        "dn: uid=va1,cn=users,cn=compat,dc=t\nobjectClass: posixAccount\nuid: va1\n\n"
    )
    file = tmp_path / "ipa.ldif"
    file.write_text(TOP + twice)
    read = collect(ldif.connect(SYSTEM, ldif.Settings(file=file, expect_entries=3), tmp_path))
    assert isinstance(read.completeness, Partial)
    assert "stand a second time below `cn=compat,…`" in read.completeness.reason
    once = export(tmp_path, TOP + twice, base_dn="cn=accounts,dc=t")
    assert [(a.id, a.status) for a in once.accounts] == [("u-1", Status.ACTIVE)]
