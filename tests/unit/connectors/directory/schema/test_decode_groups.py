"""What attributes of groups mean, and values that break their definition."""

from datetime import UTC, datetime

import pytest

from connectors.directory.schema.decode import decode_user, is_account
from connectors.directory.schema.entry import BadValue, join_range, read_sid
from connectors.directory.schema.group import decode_group, is_group, place
from connectors.directory.schema.times import account_expires, filetime, generalized_time
from tests.unit.connectors.directory.schema.decoded import NO_END, NOW, SID, ad, entry


def test_the_primary_group_is_named_by_the_sid_of_the_domain():
    user = decode_user("dir", entry(objectClass="user", objectSid=SID, primaryGroupID="513"), NOW)
    assert user.primaries == ("sid:S-1-5-21-1-2-3-513",)


def test_a_group_can_be_known_by_sid_guid_dn_and_name():
    known = decode_group("dir", entry("CN=Billing,DC=t", objectClass="group", cn="Billing", objectSid=SID)).entitlement
    assert (known.id, known.name) == ("cn=billing,dc=t", "Billing")
    assert known.aliases == ("S-1-5-21-1-2-3-1104", "CN=Billing,DC=t", "Billing")


def test_a_group_cannot_name_itself_into_another_groups_key():
    known = decode_group("dir", entry("CN=x,DC=t", objectClass="group", cn="S-1-5-32-545", sAMAccountName="cn=b,dc=t"))
    assert known.entitlement.aliases == ("CN=x,DC=t",)


def test_members_are_found_by_dn_by_unique_member_and_by_login():
    group = decode_group(
        "dir",
        entry(
            objectClass=["groupOfNames", "posixGroup"],
            cn="g",
            gidNumber="500",
            member=["UID=Va1, DC=T", ""],
            uniqueMember="uid=va2,dc=t#'0101'B",
            memberUid="Va3",
        ),
    )
    assert group.members == {"uid=va1,dc=t", "uid=va2,dc=t", "uid:va3"}
    assert group.keys == ("gid:500",)
    assert is_group(entry(objectClass="posixGroup"))


@pytest.mark.parametrize(
    ("dn", "found"),
    [
        ("cn=admins,cn=groups,cn=accounts,dc=practice,dc=test", "cn=admins,cn=groups,cn=accounts"),
        ("cn=directory administrators,o=practice", ""),
        ("cn=a\\,dc=b,dc=t", "cn=a\\,dc=b"),
        ("dc=t", ""),
        ("cn=x,dc=sub,ou=y,dc=t", "cn=x,dc=sub,ou=y"),
    ],
)
def test_the_place_of_a_group_is_its_name_without_the_domain(dn, found):
    assert place(dn) == found


@pytest.mark.parametrize(
    "kept", [{"objectClass": ["nsTombstone", "person"]}, {"objectClass": ["user"], "isDeleted": "TRUE"}]
)
def test_what_is_kept_of_a_deleted_entry_is_no_account_and_no_group(kept):
    assert not is_account(entry(**kept))
    assert not is_group(entry(**{**kept, "objectClass": [*kept["objectClass"], "group"]}))


def test_a_group_of_machines_is_no_group_of_people():
    assert not is_group(entry(objectClass=["groupOfNames", "ipaHostGroup"]))


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({"member": ["a", "b"]}, (["a", "b"], None)),
        ({}, ([], None)),
        ({"member": [], "member;range=0-1": ["a", "b"]}, (["a", "b"], 2)),
        ({"member;range=1500-*": ["z"]}, (["z"], None)),
        ({"memberof;range=0-1": ["a"]}, ([], None)),
    ],
)
def test_a_range_of_members_tells_whether_more_follow(names, found):
    values = {name: [v.encode() for v in listed] for name, listed in names.items()}
    assert join_range(values, "member") == ([v.encode() for v in found[0]], found[1])


@pytest.mark.parametrize("raw", [b"", SID[:-1], b"\x02" + SID[1:], SID[:1] + b"\x00" + SID[2:], SID + b"\x00"])
def test_a_broken_sid_is_refused(raw):
    with pytest.raises(BadValue, match="objectSid"):
        read_sid(entry(objectSid=raw))


@pytest.mark.parametrize(
    "attributes",
    [
        {"userAccountControl": "yes"},
        {"accountExpires": "-1"},
        {"lastLogon": NO_END},
        {"whenCreated": "yesterday"},
        {"objectGUID": b"short"},
        {"displayName": b"\xff\xfe"},
        {"mail": b"a" * 20_000},
    ],
)
def test_a_value_that_breaks_its_definition_is_refused_not_guessed(attributes):
    with pytest.raises(BadValue):
        ad(**attributes)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20261123231607Z", datetime(2026, 11, 23, 23, 16, 7, tzinfo=UTC)),
        ("20261123231607.0Z", datetime(2026, 11, 23, 23, 16, 7, tzinfo=UTC)),
        ("20261123231607,5Z", datetime(2026, 11, 23, 23, 16, 7, 500_000, tzinfo=UTC)),
        ("202611232316Z", datetime(2026, 11, 23, 23, 16, tzinfo=UTC)),
        ("2026112323Z", datetime(2026, 11, 23, 23, tzinfo=UTC)),
        ("2026112323.5Z", datetime(2026, 11, 23, 23, 30, tzinfo=UTC)),
        ("20261123231660Z", datetime(2026, 11, 23, 23, 17, tzinfo=UTC)),  # a leap second
        ("20261123231607-0530", datetime(2026, 11, 24, 4, 46, 7, tzinfo=UTC)),
        ("20261124003000+01", datetime(2026, 11, 23, 23, 30, tzinfo=UTC)),
    ],
)
def test_generalized_times_are_read_in_every_form(text, moment):
    assert generalized_time(text) == moment


@pytest.mark.parametrize(
    "text",
    ["", "000001010000Z", "20261123231607", "20261323000000Z", "20260230000000Z", "2026-11-23", "２０２６1123231607Z",
     "99991231235959-2359", "00010101000000+0100"],
)  # fmt: skip
def test_what_is_no_generalized_time_is_refused(text):
    with pytest.raises(ValueError):
        generalized_time(text)


def test_filetimes_count_from_1601():
    assert filetime("0") is None
    assert filetime("116444736000000000") == datetime(1970, 1, 1, tzinfo=UTC)
    assert account_expires(NO_END) is None
    for bad in ("-1", NO_END, "1.5", "", "9" * 30):
        with pytest.raises(ValueError):
            filetime(bad)


@pytest.mark.parametrize(
    "attributes",
    [
        {"objectSid": b"\x09"},
        {"objectGUID": b"short"},
        {"accountExpires": "soon"},
        {"memberOf": "nobody"},
        {"displayName": b"\xff\xfe"},
        {"sambaAcctFlags": "disabled"},
        {"objectClass": b"\xff"},
    ],
)
def test_a_bad_value_names_the_entry_that_has_it(attributes):
    with pytest.raises(BadValue) as told:
        decode_user("dir", entry("CN=VA Nine,DC=t", **{"objectClass": "user", **attributes}), NOW)
    assert told.value.dn == "CN=VA Nine,DC=t"
