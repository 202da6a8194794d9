"""The entries of OpenLDAP's accesslog, in the form of a real server's; and what is not to be believed of them."""

from datetime import UTC, datetime

from connectors.audit_log import MICROSECOND, SECOND, LogKind, LogQuestion
from connectors.directory.changes import accesslog
from connectors.directory.changes.names import Names
from connectors.directory.changes.story import Story
from connectors.directory.changes.write import Writes
from connectors.directory.schema.entry import Entry
from tests.unit.connectors.directory.changes.told import GROUP, VA, VA_DN, account, kinds, told

LOCKED, OPEN = "pwdAccountLockedTime:= 000001010000Z", "pwdAccountLockedTime:-"


def record(
    n: int,
    *mods: str,
    dn: str = VA_DN,
    uuid: str = VA,
    how: str = "modify",
    old: tuple[str, ...] | None = None,
    result: str = "0",
    second: int | None = None,
    **more: str,
) -> Entry:
    at = f"202611301448{second if second is not None else n:02}"
    attributes = {
        "objectclass": [b"auditWriteObject"],
        "reqstart": [f"{at}.{871354 + n:06}Z".encode()],
        "reqtype": [how.encode()],
        "reqresult": [result.encode()],
        "reqdn": [dn.encode()],
        "reqentryuuid": [uuid.encode()],
        "reqauthzid": [b"uid=boss,dc=t"],
        "reqmod": [m.encode() for m in mods],
        "entrycsn": [f"{at}.934623Z#000000#000#000000".encode()],
        **{name: [value.encode()] for name, value in more.items()},
    }
    if old is not None:
        attributes["reqold"] = [o.encode() for o in old]
    return Entry(f"reqStart={n},cn=accesslog", {name: values for name, values in attributes.items() if values})


def read(*records: Entry) -> Writes:
    return accesslog.writes(records, "cn=accesslog")


def test_the_time_is_that_of_the_number_of_the_change_and_not_the_counter() -> None:
    (write,) = read(record(5, LOCKED)).found
    assert (write.at, write.resolution) == (datetime(2026, 11, 30, 14, 48, 5, 934623, tzinfo=UTC), MICROSECOND)
    (older,) = read(record(5, LOCKED, entrycsn="")).found
    assert (older.at, older.resolution) == (datetime(2026, 11, 30, 14, 48, 5, tzinfo=UTC), SECOND)


def test_a_lock_is_told_once_and_what_was_refused_never() -> None:
    log = read(
        record(1, LOCKED, old=()),
        record(2, LOCKED, old=("pwdAccountLockedTime: 000001010000Z",)),
        record(3, OPEN, result="50"),
        record(4, OPEN, old=("pwdAccountLockedTime: 000001010000Z",)),
        record(5, "pwdAccountLockedTime:= 20261130144805Z", old=()),
        record(6, OPEN, old=("pwdAccountLockedTime: 20261130144805Z",)),
    )
    # A lock by failed attempts, and that it was lifted, is no end and no beginning.
    assert kinds(told(log)) == ["disabled", "status-set", "enabled", "status-set", "status-set"]


def test_a_new_password_takes_the_lock_away_and_stands_nowhere() -> None:
    mods = ("userPassword:= geheim", "pwdChangedTime:= 20261130144845Z", OPEN)
    log = read(record(1, *mods, old=("userPassword: alt", "pwdAccountLockedTime: 000001010000Z")))
    assert kinds(told(log)) == ["enabled"]
    assert "geheim" not in repr(log)
    assert "alt" not in repr(log)


def test_members_that_are_written_anew_are_compared_with_those_before() -> None:
    other = "uid=other,dc=t"
    log = read(
        record(1, f"member:= {VA_DN}", f"member:= {other}", dn=GROUP, uuid="g", old=(f"member: {other}",)),
        record(2, f"member:= {VA_DN.upper()}", dn=GROUP, uuid="g", old=(f"member: {VA_DN}", f"member: {other}")),
        record(3, "member:-", dn=GROUP, uuid="g", old=(f"member: {VA_DN}",)),
        record(4, f"member:= {VA_DN}", dn=GROUP, uuid="g"),  # it does not say who was in it, but the log has
        record(5, f"member:= {other}", dn="cn=g2,dc=t", uuid="g2"),  # nor here, and nothing is known of it
    )
    found = [f"given {GROUP}", f"taken {GROUP}", f"given {GROUP}"]
    assert kinds(told(log, held={VA: frozenset({GROUP})})) == found
    assert kinds(told(log)) == [*found, "holdings-set cn=g2,dc=t"]


def test_a_name_means_whom_it_meant_then() -> None:
    """`va05` was renamed, another got its name; a unit above it was moved."""
    log = read(
        record(1, f"member:+ {VA_DN}", dn=GROUP, uuid="g"),
        record(2, how="modrdn", reqnewrdn="uid=va5x", reqnewdn="uid=va5x,ou=people,dc=t"),
        record(3, "uid:+ va05", how="add", uuid="99999999-2222-4333-8444-555555555555"),
        record(4, f"member:- {VA_DN}", dn=GROUP, uuid="g"),  # the new one
        record(5, how="modrdn", dn="ou=people,dc=t", uuid="o", reqnewrdn="ou=staff", reqnewdn="ou=staff,dc=t"),
        record(6, "member:- uid=va5x,ou=staff,dc=t", dn=GROUP, uuid="g"),
    )
    answer = told(log, keys={VA: "uid=va5x,ou=staff,dc=t"})
    assert kinds(answer) == [f"given {GROUP}", "renamed", f"taken {GROUP}"]
    assert [e.at.second for e in answer.events] == [1, 2, 6]


def test_a_deletion_ends_the_memberships_that_its_own_record_lists() -> None:
    log = read(record(1, how="delete", old=("uid: va05", f"memberOf: {GROUP}")))
    assert kinds(told(log, keys={})) == ["deleted", f"taken {GROUP}"]


def test_a_group_that_is_deleted_is_taken_from_who_was_in_it() -> None:
    log = read(record(1, how="delete", dn=GROUP, uuid="g", old=("cn: g1", f"member: {VA_DN}")))
    assert kinds(told(log)) == [f"taken {GROUP}"]
    silent = read(record(1, how="delete", dn=GROUP, uuid="g"))
    assert kinds(told(silent)) == []
    assert kinds(told(silent, held={VA: frozenset({GROUP})})) == [f"taken {GROUP}"]


def test_a_group_in_a_group_is_told_to_whoever_is_in_it() -> None:
    log = read(record(1, f"member:- {GROUP}", dn="cn=outer,dc=t", uuid="o"))
    assert kinds(told(log, held={VA: frozenset({GROUP, "cn=outer,dc=t"})})) == ["holdings-set cn=outer,dc=t"]
    assert kinds(told(log, held={VA: frozenset({"cn=outer,dc=t"})})) == []


def test_a_last_day_is_told_with_the_day() -> None:
    answer = told(read(record(1, "pwdEndTime:= 20261231230000Z"), record(2, "pwdEndTime:-")))
    assert [e.expires for e in answer.events] == [datetime(2026, 12, 31, 23, tzinfo=UTC), None]


def test_who_is_taken_out_twice_was_let_in_by_nothing_that_the_record_tells() -> None:
    log = read(
        record(1, f"member:+ {VA_DN}", dn=GROUP, uuid="g"),
        record(2, f"member:- {VA_DN}", dn=GROUP, uuid="g"),
        record(3, f"member:- {VA_DN}", dn=GROUP, uuid="g"),
    )
    log.covers_from = log.found[0].at
    answer = told(log)
    assert answer.gaps == ("1 members came into a group, or went, twice in a row: records between are missing",)
    assert (answer.covers_from, answer.covers) == (None, frozenset())


def test_a_sign_in_that_the_server_notes_is_told() -> None:
    log = read(record(1, LOCKED, old=()), record(2, "pwdLastSuccess:= 20261130144802Z"), record(3, "pwdLastSuccess:-"))
    answer = told(log)
    assert kinds(answer) == ["disabled", "signed-in"]
    # Where the server does not note them, there is nothing to see.
    assert LogKind.SIGNED_IN not in answer.covers


def test_stamps_that_go_back_or_contradict_each_other_are_told_and_not_believed() -> None:
    log = read(
        record(10, LOCKED, old=()), record(11, OPEN, old=(), entrycsn="20261130140811.934623Z#000000#000#000000")
    )
    answer = told(log)
    assert kinds(answer) == ["disabled"]
    assert answer.doubted[0].why == "its two stamps differ by more than a minute"


def test_records_that_are_none_are_counted_and_prove_nothing() -> None:
    log = read(record(1, LOCKED, old=()), record(2, dn="no dn"), record(3, LOCKED, entrycsn="x"))
    assert log.gaps == ["2 records of cn=accesslog are not understood"]
    assert log.broken
    assert kinds(told(log)) == ["disabled"]


def test_two_people_of_one_login_are_not_told_apart_by_it() -> None:
    """`memberUid` names by login: of two who have it nothing is told."""
    both = (account(VA, "va05"), account("2", "VA05"))
    story = Story("directory", LogQuestion(both), Names.of(both, {}))
    story.tell(read(record(1, "memberUid:+ va05", dn=GROUP, uuid="g")).found)
    assert story.events == []
    assert kinds(told(read(record(1, "memberUid:+ va05", dn=GROUP, uuid="g")))) == [f"given {GROUP}"]
