"""Rights that were not read: held by whoever may hold them, told once, known to no catalog."""

from connectors.facts import EntitlementKind, Grant
from connectors.unread import GROUPS, ROLES, Unread, unread_id

ALL_GROUPS, ALL_ROLES = unread_id("scim", GROUPS), unread_id("scim", ROLES)


def test_everybody_concerned_holds_what_was_not_read() -> None:
    unread = Unread("sys")
    unread.add(ALL_GROUPS, "groups, which the server does not offer")
    unread.add(ALL_ROLES, "roles")
    assert unread.grants("ana") == {Grant("ana", "scim:groups-not-read"), Grant("ana", "scim:roles-not-read")}
    assert unread.grants("ana", ALL_ROLES) == {Grant("ana", "scim:roles-not-read")}
    assert [e.name for e in unread.entitlements] == ["groups, which the server does not offer", "roles"]
    assert {(e.system, e.kind) for e in unread.entitlements} == {("sys", EntitlementKind.ROLE)}


def test_what_was_read_is_not_held() -> None:
    unread = Unread("sys")
    assert not unread
    assert (unread.grants("ana"), unread.grants("ana", ALL_GROUPS), unread.entitlements) == (set(), set(), ())
    unread.add(ALL_GROUPS, "groups")
    assert unread.grants("ana", ALL_ROLES) == set()
    assert ALL_GROUPS in unread
    assert ALL_ROLES not in unread


def test_the_first_reason_stays() -> None:
    unread = Unread("sys")
    unread.add(ALL_GROUPS, "groups outside the base")
    unread.add(ALL_GROUPS, "groups")
    assert [e.name for e in unread.entitlements] == ["groups outside the base"]
