"""When users of Entra ID changed, from saved logs: what each entry says, and what is refused or not believed."""

from datetime import timedelta

import pytest

from connectors.audit_log import SECOND, LogKind, LogUnread
from connectors.directory.entra import connector as entra_export
from connectors.facts import Account, Status, System, SystemKind
from tests.servers import entra
from tests.servers.activity import audit, membership, portal_csv, saved_audits, signed_in, status
from tests.servers.entra import GLOBAL_ADMIN, GROUPS, USERS, answer
from tests.unit.connectors.directory.saved_log import SAVED, SavedLog, at, told

SYSTEM = System("directory", SystemKind.DIRECTORY, "entra", "Microsoft 365", holds_phi=False)
LEFT = Account("directory", USERS["left"], entra.upn("left"), "Left", Status.DISABLED)


@pytest.fixture
def log(tmp_path):
    def connect(folder):
        return entra_export.connect(SYSTEM, entra_export.Settings(folder=folder), tmp_path)

    return SavedLog(tmp_path, entra.write, connect, "directory-audits.json", saved_audits, LEFT, {})


@pytest.fixture
def ask(log):
    return log.ask


@pytest.fixture
def read(log):
    return log.read


def test_an_end_is_told_with_its_instant_and_who_did_it(read):
    found = read(membership(at(0), "left", "inner", joined=True), *status(at(5), "left", False),
                 membership(at(6), "left", "inner", joined=False))  # fmt: skip
    assert told(found) == [
        (LogKind.GIVEN, at(0), GROUPS["inner"]),
        (LogKind.DISABLED, at(5), None),
        (LogKind.TAKEN, at(6), GROUPS["inner"]),
    ]
    end = found.events[1]
    assert (end.resolution, end.actor) == (SECOND, "boss@clinic.example")
    assert end.record.id.startswith("Directory_")
    assert (found.covers_from, found.read_at, found.gaps) == (at(0), SAVED - timedelta(minutes=15), ())
    assert any("about 1 hour" in text for text in found.lives_on)


def test_what_failed_and_what_is_of_somebody_else_is_no_event(read):
    assert read(*status(at(1), "left", False, result="failure"), *status(at(2), "ana", False)).events == ()


def test_an_update_is_told_where_it_is_of_the_name_or_the_state(read):
    renamed = audit("Update user", at(1), "left", ("UserPrincipalName", ["old@x.example"], ["left@x.example"]))
    phone = audit("Update user", at(2), "left", ("TelephoneNumber", ["1"], ["2"]))
    both = audit("Update user", at(3), "left", ("AccountEnabled", [True], [False]), ("City", ["A"], ["B"]))
    same = audit("Update user", at(4), "left", ("AccountEnabled", [False], [False]))
    kinds = [kind for kind, *_ in told(read(renamed, phone, both, same))]
    assert kinds == [LogKind.RENAMED, LogKind.DISABLED]


def test_a_user_who_was_restored_is_as_before_which_the_log_does_not_say(read):
    found = read(*status(at(1), "left", False)[:1], audit("Delete user", at(2), "left"),
                 audit("Restore user", at(3), "left"), *status(at(4), "left", False)[:1])  # fmt: skip
    assert [kind for kind, *_ in told(found)] == [
        *(LogKind.DISABLED, LogKind.DELETED, LogKind.STATUS_SET, LogKind.DISABLED)]  # fmt: skip


def test_roles_are_told_by_the_id_that_assignments_have(read):
    taken = audit("Remove member from role", at(1), "left", ("Role.ObjectID", "x", None),
                  ("Role.TemplateId", GLOBAL_ADMIN, None))  # fmt: skip
    eligible = audit("Remove eligible member from role in PIM completed (permanent)", at(2), "left")
    scoped = audit("Remove scoped member from role", at(3), "left", ("Role.TemplateId", GLOBAL_ADMIN, None))
    asked = audit("Remove eligible member from role", at(4), "left", ("Role.TemplateId", GLOBAL_ADMIN, None))
    other = audit("Remove app role assignment from user", at(5), "left", ("AppRole.Id", "x", None))
    assert told(read(taken, eligible, scoped, asked, other)) == [
        (LogKind.TAKEN, at(1), GLOBAL_ADMIN),
        (LogKind.HOLDINGS_SET, at(2), None),
        (LogKind.HOLDINGS_SET, at(3), GLOBAL_ADMIN),
        (LogKind.HOLDINGS_SET, at(4), f"{GLOBAL_ADMIN}:eligible"),
    ]


def test_a_group_that_was_deleted_is_taken_from_whoever_held_it(read):
    gone = audit("Delete group", at(1), "ana")
    gone["targetResources"] = [{"id": GROUPS["inner"], "type": "Group", "modifiedProperties": []}]
    held = {LEFT.id: frozenset([GROUPS["inner"], GROUPS["outer"]])}
    assert told(read(gone, held=held)) == [(LogKind.TAKEN, at(1), GROUPS["inner"])]


def test_only_a_sign_in_that_succeeded_is_one(ask):
    audits = saved_audits(status(at(1), "left", False))
    sign_ins = answer([signed_in(at(9), "left"), signed_in(at(8), "left", 50057), signed_in(at(7), "ana")])
    found = ask({"directory-audits.json": audits, "sign-ins.json": sign_ins})
    assert [e.at for e in found.events if e.kind is LogKind.SIGNED_IN] == [at(9).replace(microsecond=0)]
    rows = "Date (UTC),Request ID,User ID,Status\n"
    rows += f"2026-11-20T18:00:00Z,r1,{USERS['left']},Success\n2026-11-20T19:00:00Z,r2,{USERS['left']},Failure\n"
    found = ask({"directory-audits.json": audits, "sign-ins.csv": rows})
    assert [e.record.id for e in found.events if e.kind is LogKind.SIGNED_IN] == ["r1"]


@pytest.mark.parametrize("date", ["Date (UTC)", "Date"])
def test_the_portal_tells_the_same_as_graph(ask, read, date):
    entries = [*status(at(5), "left", False), membership(at(6), "left", "inner", joined=False)]
    assert told(ask({"directory-audits.csv": portal_csv(entries, date)})) == told(read(*entries))


def test_five_changed_properties_may_hide_the_sixth(ask):
    five = [(name, ["a"], ["b"]) for name in ("City", "State", "Mail", "Title", "Fax")]
    found = ask({"directory-audits.csv": portal_csv([audit("Update user", at(1), "left", *five)])})
    assert told(found) == [(LogKind.STATUS_SET, at(1), None)]
    assert "of 1 changes" in found.gaps[0]
    assert found.covers_from is None
    listed = ("Included Updated Properties", None, "City, State")
    sure = audit("Update user", at(1), "left", *five[:4], listed)
    assert told(ask({"directory-audits.csv": portal_csv([sure])})) == []


def test_what_was_saved_with_a_filter_is_not_taken_for_whole(ask):
    more = "+and+category+eq+'Policy'"
    link = f"{entra.V1}/auditLogs/directoryAudits?$filter=activityDateTime+ge+2026-11-01{more}&$skiptoken=1"
    pages = [answer(status(at(5), "left", False), link=link), answer(status(at(1), "ana", False))]
    found = ask({"directory-audits.json": pages})
    assert "filter by more than the time: category eq 'Policy'" in found.gaps[0]
    assert found.covers_from is None
    pages[0]["@odata.nextLink"] = link.replace(more, "")
    assert ask({"directory-audits.json": pages}).covers_from == at(1)


def test_the_bare_list_of_the_portals_json_is_read(ask):
    found = ask({"directory-audits.json": status(at(5), "left", False)[:1]})
    assert told(found) == [(LogKind.DISABLED, at(5), None)]


def stamped(text: str) -> dict:
    return audit("Disable account", at(1), "left", activityDateTime=text)


def local(entries) -> str:
    return portal_csv(entries).replace("Activity,Result", "Actividad,Resultado")


BAD = {
    "nothing": ({"users.json": answer([])}, "there is no such file"),
    "one page of two": ({"directory-audits.json": answer([], link="https://x")}, "says that there is more"),
    "a refusal": ({"directory-audits.json": {"error": {"code": "Forbidden"}}}, "has no list `value`"),
    "a time without an offset": (
        {"directory-audits.json": answer([stamped("2026-11-20T17:42:10")])},
        "no time with its offset",
    ),
    "local names": ({"directory-audits.csv": local(status(at(1), "left", False))}, "no column `activity`"),
    "a spreadsheet's time": (
        {"directory-audits.csv": portal_csv([stamped("11/20/2026 17:42")])},
        "this is no time in UTC",
    ),
    "a local time": (
        {"directory-audits.csv": portal_csv(
            [stamped("2026-11-20T17:42:10")], "Date")},
        "this is no time in UTC",
    ),
    "both forms": (
        {"directory-audits.json": answer([]), "directory-audits.csv": portal_csv([])}, "which says the same"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_what_cannot_be_used_is_refused_with_what_to_do(ask, case):
    files, text = case
    found = ask(files)
    assert isinstance(found, LogUnread)
    assert text in found.reason
    assert found.hint


def test_an_entry_of_tomorrow_is_told_and_not_believed(read):
    found = read(*status(at(60 * 24 * 3), "left", False)[:1])
    assert found.events == ()
    assert "in the future" in found.doubted[0].why


def test_an_empty_log_proves_nothing(read):
    found = read()
    assert (found.covers_from, len(found.gaps)) == (None, 1)
