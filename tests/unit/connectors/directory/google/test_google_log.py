"""When users of Google Workspace changed, from the saved activity of the Admin console."""

from datetime import timedelta

import pytest

from auditor.instants.instant import InstantKind, taken
from auditor.instants.known import logs_of
from connectors.audit_log import SECOND, LogAnswer, LogKind, LogUnread
from connectors.directory.google import connector as google_export
from connectors.facts import Account, Entitlement, EntitlementKind, Status, System, SystemKind
from tests.servers import google
from tests.servers.activity import did, grouped, logged_in, saved_activity
from tests.servers.google import GROUPS, USERS, email
from tests.unit.connectors.directory.saved_log import DAY, SAVED, SavedLog, at, told

SYSTEM = System("directory", SystemKind.DIRECTORY, "google-workspace", "Google", holds_phi=False)
LEFT = Account("directory", USERS["left"], email("left"), "Left", Status.DISABLED, created=DAY - timedelta(days=90))
DESK = Entitlement("directory", f"group:{GROUPS['helpdesk']}", "Desk", EntitlementKind.GROUP,
                   aliases=(email("helpdesk"),))  # fmt: skip
DESK_ROLE = Entitlement("directory", "system-role:_HELP_DESK_ADMIN_ROLE", "Help desk", EntitlementKind.ROLE)
HELD = {one.id: one for one in (DESK, DESK_ROLE)}
WHO = {"USER_EMAIL": email("left")}


@pytest.fixture
def log(tmp_path):
    def connect(folder):
        return google_export.connect(SYSTEM, google_export.Settings(folder=folder), tmp_path)

    return SavedLog(tmp_path, google.write, connect, "admin-activity.json", saved_activity, LEFT, HELD)


@pytest.fixture
def ask(log):
    return log.ask


@pytest.fixture
def read(log):
    return log.read


def test_an_end_is_told_with_its_instant_and_who_did_it(read):
    group = {**WHO, "GROUP_EMAIL": email("helpdesk")}
    other = did("SUSPEND_USER", at(7), USER_EMAIL=email("ana"))
    found = read(did("ADD_GROUP_MEMBER", at(0), **group), did("SUSPEND_USER", at(5), **WHO),
                 did("REMOVE_GROUP_MEMBER", at(6), **group), other)  # fmt: skip
    assert told(found) == [
        (LogKind.GIVEN, at(0), DESK.id), (LogKind.DISABLED, at(5), None), (LogKind.TAKEN, at(6), DESK.id)]  # fmt: skip
    assert (found.events[1].resolution, found.events[1].actor) == (SECOND, "boss@clinic.example")
    assert (found.covers_from, found.read_at, found.gaps) == (at(0), SAVED - timedelta(minutes=15), ())
    assert LogKind.TAKEN not in found.covers


def test_one_who_is_suspended_and_archived_opens_with_the_second_that_is_taken_back(read):
    names = ["SUSPEND_USER", "ARCHIVE_USER", "SUSPEND_USER", "UNSUSPEND_USER", "UNARCHIVE_USER", "SUSPEND_USER"]
    found = read(*(did(name, at(n), **WHO) for n, name in enumerate(names)))
    assert [kind for kind, *_ in told(found)] == [
        *(LogKind.DISABLED, LogKind.ENABLED, LogKind.DISABLED),
    ]


def test_roles_are_told_where_they_are_without_a_limit(read):
    role = {**WHO, "ROLE_NAME": "_HELP_DESK_ADMIN_ROLE", "ROLE_ID": "9002"}
    found = read(did("ASSIGN_ROLE", at(1), **WHO, ROLE_NAME="_SEED_ADMIN_ROLE", ROLE_ID="9001"),
                 did("UNASSIGN_ROLE", at(2), **role), did("UNASSIGN_ROLE", at(3), **role, ORG_UNIT_NAME="/desk"),
                 did("UNASSIGN_ROLE", at(4), **WHO, ROLE_NAME="Unknown", ROLE_ID="77"))  # fmt: skip
    assert told(found) == [
        (LogKind.GIVEN, at(1), "super-admin"),
        (LogKind.TAKEN, at(2), DESK_ROLE.id),
        (LogKind.HOLDINGS_SET, at(3), None),
        (LogKind.HOLDINGS_SET, at(4), None),
    ]


def test_the_rest_is_told_as_what_it_is(read):
    found = read(did("CHANGE_PASSWORD", at(1), **WHO), did("RESET_SIGNIN_COOKIES", at(2), **WHO),
                 did("DELETE_USER", at(3), **WHO), did("UNDELETE_USER", at(4), **WHO),
                 did("DELETE_GROUP", at(5), GROUP_EMAIL=email("helpdesk")),
                 held={LEFT.id: frozenset([DESK.id])})  # fmt: skip
    assert told(found) == [
        (LogKind.SESSIONS_ENDED, at(2), None),
        (LogKind.DELETED, at(3), None),
        (LogKind.STATUS_SET, at(4), None),
        (LogKind.TAKEN, at(5), DESK.id),
    ]


def test_one_who_got_another_address_is_followed(read):
    entries = (did("SUSPEND_USER", at(1), USER_EMAIL="old@clinic.example"),
               did("RENAME_USER", at(2), USER_EMAIL="old@clinic.example", NEW_VALUE=email("left")),
               did("UNSUSPEND_USER", at(3), **WHO))  # fmt: skip
    expected = [LogKind.DISABLED, LogKind.RENAMED, LogKind.ENABLED]
    assert [kind for kind, *_ in told(read(*entries))] == expected
    stale = Account("directory", LEFT.id, "old@clinic.example", "Left", Status.ACTIVE)
    assert [kind for kind, *_ in told(read(*entries, account=stale))] == expected


def test_an_earlier_user_of_the_address_is_left_out_and_told(read):
    found = read(did("DELETE_USER", at(-60 * 24 * 100), **WHO), did("CREATE_USER", at(1), **WHO))
    assert told(found) == [(LogKind.CREATED, at(1), None)]
    assert "had the address `left@clinic.example` before" in found.gaps[0]


def test_sign_ins_and_what_google_itself_closed_come_from_the_other_log(ask):
    closed = did("account_disabled_password_leak", at(9), affected_email_address=email("left"))
    logins = saved_activity([logged_in(at(7), LEFT.id), logged_in(at(8), LEFT.id, "login_failure"), closed])
    found = ask(
        {"admin-activity.json": saved_activity([did("CREATE_USER", at(1), **WHO)]), "login-activity.json": logins}
    )
    assert told(found) == [
        (LogKind.CREATED, at(1), None), (LogKind.SIGNED_IN, at(7), None), (LogKind.DISABLED, at(9), None)]  # fmt: skip


def test_what_may_have_been_filtered_or_mixed_is_told(read):
    found = read(did("SUSPEND_USER", at(1), **WHO), did("SUSPEND_USER", at(2), USER_EMAIL=email("ana")))
    assert "nothing but `SUSPEND_USER`" in found.gaps[0]
    assert found.covers_from is None
    found = read(did("SUSPEND_USER", at(1), **WHO), did("CREATE_USER", at(2), "C0other", USER_EMAIL=email("ana")))
    assert "more than one customer" in found.gaps[0]


DESK_NAME, MINE = email("helpdesk"), email("left")
CONSOLE = (did("CREATE_USER", at(-10), **WHO), did("SUSPEND_USER", at(9), USER_EMAIL=email("ana")))
BEFORE = grouped("change_info_setting", at(-11), "any@clinic.example", info_setting="x", value="y")


@pytest.fixture
def groups(ask):
    def asker(*entries, console=CONSOLE, **more):
        files = {"admin-activity.json": console, "groups-activity.json": entries}
        found = ask({name: saved_activity(told) for name, told in files.items()}, **more)
        assert isinstance(found, LogAnswer), found
        return found

    return asker


def test_one_who_left_a_group_has_the_instant_whoever_did_it(groups):
    left = grouped("remove_member", at(5), DESK_NAME, MINE)
    left["actor"]["email"] = MINE
    found = groups(BEFORE, grouped("add_member", at(1), DESK_NAME, MINE), left)
    assert told(found)[1:] == [(LogKind.GIVEN, at(1), DESK.id), (LogKind.TAKEN, at(5), DESK.id)]
    assert found.events[-1].actor == MINE
    assert found.covers >= {LogKind.GIVEN, LogKind.TAKEN, LogKind.DISABLED}
    assert (found.covers_from, found.gaps) == (at(-10), ())
    log = logs_of(None, "practice", now=[found])[SYSTEM.id]
    instant = taken(log, LEFT.id, DESK.id, at(2), at(60))
    assert (instant.kind, instant.earliest, instant.latest) == (InstantKind.EXACT, at(5), at(5) + SECOND)


@pytest.mark.parametrize("group", [DESK_NAME, DESK_NAME.upper(), GROUPS["helpdesk"]])
@pytest.mark.parametrize("member", [MINE, MINE.upper(), USERS["left"]])
def test_members_and_groups_are_known_by_address_and_by_id(groups, group, member):
    assert told(groups(BEFORE, grouped("remove_member", at(5), group, member)))[1:] == [(LogKind.TAKEN, at(5), DESK.id)]


def test_what_the_console_did_to_a_group_is_told_once(groups):
    both = {**WHO, "GROUP_EMAIL": DESK_NAME}
    console = (*CONSOLE, did("REMOVE_GROUP_MEMBER", at(-12), **both), did("REMOVE_GROUP_MEMBER", at(5), **both))
    found = groups(BEFORE, grouped("remove_member", at(5.001), DESK_NAME, MINE), console=console)
    assert [(kind, when) for kind, when, which in told(found) if which] == [
        *((LogKind.TAKEN, at(-12)), (LogKind.TAKEN, at(5.001)))
    ]


def test_a_change_of_the_console_that_the_log_of_groups_lacks_is_kept_and_shows_that_this_is_not_whole(groups):
    both = {**WHO, "GROUP_EMAIL": DESK_NAME}
    console = (*CONSOLE, did("REMOVE_GROUP_MEMBER", at(5), **both))
    for other in ((), (grouped("remove_member", at(8), DESK_NAME, MINE),)):
        found = groups(BEFORE, grouped("create_group", at(1), "x@y.example"), *other, console=console)
        assert (LogKind.TAKEN, at(5), DESK.id) in told(found)
        assert "1 changes of groups in `admin-activity.json` are not in" in found.gaps[0]
        assert LogKind.TAKEN not in found.covers
        assert found.covers_from == at(-10)


def test_what_may_change_a_membership_is_told_as_that_and_what_does_not_is_left_out(groups):
    mine = grouped("accept_invitation", at(1), DESK_NAME)
    mine["actor"]["email"] = MINE
    found = groups(
        BEFORE, mine,
        grouped("ban_member_with_moderation", at(2), DESK_NAME, MINE),
        grouped("something_new", at(3), DESK_NAME, MINE),
        grouped("add_member_role", at(4), DESK_NAME, MINE, member_role="manager"),
        grouped("remove_member", at(5), DESK_NAME, email("ana")),
        grouped("add_member", at(6), DESK_NAME, "C01abcdef", "customer"),
        grouped("remove_member", at(7), "unknown@clinic.example", MINE),
        grouped("remove_member", at(8), DESK_NAME, "outer@clinic.example", "group"),
    )  # fmt: skip
    assert told(found)[1:] == [
        *((LogKind.HOLDINGS_SET, at(n), DESK.id) for n in (1, 2, 3, 6)),
        *((LogKind.HOLDINGS_SET, at(7), None), (LogKind.HOLDINGS_SET, at(8), DESK.id)),
    ]


def test_a_group_in_a_group_concerns_those_who_held_it(groups):
    change = grouped("remove_member", at(5), "outer@clinic.example", DESK_NAME, "group")
    holder, other = {LEFT.id: frozenset([DESK.id])}, {LEFT.id: frozenset(["group:x"])}
    assert told(groups(BEFORE, change, held=holder))[1:] == [(LogKind.HOLDINGS_SET, at(5), None)]
    assert told(groups(BEFORE, change, held=other))[1:] == []


def test_a_deleted_group_is_taken_from_whoever_held_it(groups):
    found = groups(BEFORE, grouped("delete_group", at(5), DESK_NAME), held={LEFT.id: frozenset([DESK.id])})
    assert told(found)[1:] == [(LogKind.TAKEN, at(5), DESK.id)]


LATE = grouped("remove_member", at(5), DESK_NAME, MINE)
FOREIGN = grouped("create_group", at(-20), "x@other.example")
FOREIGN["id"]["customerId"] = "C0other"
DOUBTFUL = {
    "empty": ((), "is empty"),
    "begins later than the other": ((LATE, grouped("create_group", at(6), "x@y.example")), "begins at 2026-11-20"),
    "one event alone": ((grouped("remove_member", at(-20), DESK_NAME, email("ana")), LATE), "with a filter"),
    "of another customer": ((FOREIGN, LATE), "another customer"),
}


@pytest.mark.parametrize("case", DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_log_of_groups_that_is_not_whole_proves_nothing_and_leaves_the_other_as_it_was(groups, case):
    entries, text = case
    found = groups(*entries)
    assert text in found.gaps[0]
    assert not found.covers & {LogKind.GIVEN, LogKind.TAKEN}
    assert found.covers_from == at(-10)


def test_a_log_of_groups_that_begins_before_the_last_audit_is_enough(groups):
    found = groups(grouped("create_group", at(2), "x@y.example"), LATE, since=at(3))
    assert (found.covers_from, found.gaps) == (at(2), ())
    assert LogKind.TAKEN in found.covers


TIMELESS = did("SUSPEND_USER", DAY, **WHO)
TIMELESS["id"]["time"] = "2026-11-20 17:42:10"
BAD = {
    "nothing": ({"users.json": {}}, "there is no such file"),
    "the console's CSV": ({"admin-activity.csv": "Date,Event\n"}, "the zone of the browser"),
    "a time without an offset": ({"admin-activity.json": saved_activity([TIMELESS])}, "no time with its offset"),
    "one page of two": ({"admin-activity.json": {**saved_activity([]), "nextPageToken": "x"}}, "there is more"),
    "a refusal": ({"admin-activity.json": {"error": {"code": 403}}}, "is a refusal of Google"),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_what_cannot_be_used_is_refused_with_what_to_do(ask, case):
    files, text = case
    found = ask(files)
    assert isinstance(found, LogUnread)
    assert text in found.reason
    assert found.hint


def test_an_event_of_tomorrow_is_told_and_not_believed(read):
    found = read(did("SUSPEND_USER", at(60 * 24 * 3), **WHO))
    assert found.events == ()
    assert "in the future" in found.doubted[0].why
