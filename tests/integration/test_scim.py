"""SCIM, read from a real server; what others do differently is a twist of its answers (`tests/servers/scim.py`)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.collect import collect
from connectors.connector import find, names
from connectors.facts import Collection, Complete, EntitlementKind, Partial, Status, System, SystemKind
from connectors.generic.scim import connector as scim
from connectors.generic.scim.groups import GROUPS_NOT_READ
from tests.servers.scim import ENTERPRISE, LOGINS, TOKEN, ScimHarness, Twist, scim_server

HR = System("hr", SystemKind.DIRECTORY, "scim", "HR", holds_phi=False)


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIM_TOKEN", TOKEN)


def read(harness: ScimHarness, **settings: object) -> Collection:
    fields = {"url": harness.url, "token_env": "SCIM_TOKEN", "canary": "auditor", "page_size": 3, **settings}
    return collect(scim.connect(HR, scim.Settings.model_validate(fields), Path()))


def twisted(twist: Twist, **server: Any) -> Collection:
    with scim_server(twist=twist, **server) as harness:
        return read(harness)


def whole(collection: Collection) -> Collection:
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert {a.login for a in collection.accounts} == LOGINS
    return collection


def reason(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial), collection.completeness
    assert not collection.accounts
    assert TOKEN not in collection.completeness.reason + collection.completeness.hint
    return collection.completeness.reason


def told(collection: Collection) -> dict[str, str]:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return {e.name: e.detail for e in collection.completeness.evidence}


def unread(collection: Collection) -> set[str]:
    """Who may be in groups that were not read."""
    login = {a.id: a.login for a in collection.accounts}
    return {login[g.account] for g in collection.grants if g.entitlement == GROUPS_NOT_READ}


def held(collection: Collection) -> set[tuple[str, str, tuple[str, ...]]]:
    login = {a.id: a.login for a in collection.accounts}
    name = {id_: e.name for id_, e in collection.entitlements.items()}
    return {(login[g.account], name[g.entitlement], tuple(name[p] for p in g.path)) for g in collection.grants}


HELD = {
    *((vma, "Front Desk", ()) for vma in ("mreyes", "jvillanueva", "dcalloway")),
    *((vma, "Reception", ("Front Desk",)) for vma in ("mreyes", "jvillanueva", "dcalloway")),
    *((vma, "Staff", ("Front Desk", "Reception")) for vma in ("mreyes", "jvillanueva", "dcalloway")),
    *((vma, "Everybody", ("Front Desk",)) for vma in ("mreyes", "jvillanueva", "dcalloway")),
    *(("zlast", group, path) for group, path in (("Reception", ()), ("Staff", ("Reception",)))),
    ("zlast", "Everybody", ("Reception", "Staff")),
    ("drkim", "Staff", ()),
    ("drkim", "Everybody", ("Staff",)),
    ("tquiroga", "Ring A", ()),
    ("tquiroga", "Ring B", ("Ring A",)),
    ("jvillanueva", "Scheduler", ()),
    ("dcalloway", "biller", ()),
    ("drkim", "e-Prescribing", ()),
}


def on(path: str, change: Callable[[Any], Any]) -> Twist:
    """Change the answers of one list, also of its single entries."""
    return lambda at, query, status, data: (status, change(data) if at.startswith(path) and status == 200 else data)


def each(change: Callable[[dict[str, Any]], object]) -> Callable[[Any], Any]:
    """Change every entry of a list, or the single entry."""

    def changed(data: Any) -> Any:
        for entry in data.get("Resources", [data] if "id" in data else []):
            change(entry)
        return data

    return changed


@pytest.mark.parametrize("cursor", [False, True], ids=["by index", "by cursor"])
def test_every_account_and_every_nested_group_is_read_over_several_pages(cursor: bool) -> None:
    with scim_server(cursor=cursor, most=2) as harness:
        collection = whole(read(harness, page_size=500))
        pages = [query for path, query in harness.asked if path == "/Users"]
    assert len(pages) == (4 if cursor else 5), "by index a page past the last is asked for"
    assert all(("cursor" in query, "startIndex" in query) == (cursor, not cursor) for query in pages[1:])
    assert held(collection) == HELD
    says = told(collection)
    assert says["total"] == "8 stated by the source, 8 read"
    assert says["canary"] == "auditor seen"
    assert f"by {'cursor' if cursor else 'index'}, at most 2" in says["service"]
    assert says["end"].endswith("no further cursor on the last page" if cursor else "a page past the last is empty")
    assert unread(collection) == set()


def test_an_account_says_what_scim_says_and_nothing_that_scim_does_not_say() -> None:
    with scim_server() as harness:
        by_login = {a.login: a for a in whole(read(harness)).accounts}
        assert {a.id for a in by_login.values()} == {harness.ids[login] for login in LOGINS}
    reyes = by_login["mreyes"]
    assert (reyes.name, reyes.email, reyes.employee_id) == ("Maria Reyes", "mreyes@clinic.example", "VMA-01")
    assert reyes.created is not None
    assert (reyes.last_login, reyes.mfa) == (None, None)
    assert by_login["drkim"].name == "Dr. Hana Kim"
    assert {login: by_login[login].status for login in ("mreyes", "dcalloway", "tquiroga")} == {
        "mreyes": Status.ACTIVE,
        "dcalloway": Status.DISABLED,
        "tquiroga": Status.UNKNOWN,
    }


def test_groups_roles_and_entitlements_are_told_apart_by_id_and_kind() -> None:
    with scim_server() as harness:
        found = {e.id: e.kind for e in read(harness).entitlements.values()}
        assert found[f"group:{harness.ids['Nobody']}"] is EntitlementKind.GROUP
    assert found["role:scheduler"] is EntitlementKind.ROLE
    assert found["entitlement:erx"] is EntitlementKind.PRIVILEGE


def test_only_what_is_used_is_asked_for() -> None:
    with scim_server() as harness:
        read(harness)
        paths = {path.split("/")[1] for path, _ in harness.asked}
        asked = {name for path, query in harness.asked if path == "/Users" for name in query["attributes"].split(",")}
    assert paths == {"ServiceProviderConfig", "Groups", "Users"}
    assert asked == {
        *("userName", "displayName", "name", "active", "emails", "groups", "roles", "entitlements", "meta.created"),
        f"{ENTERPRISE}:employeeNumber",
    }


def test_a_server_that_sends_more_than_was_asked_for_changes_nothing() -> None:
    more = each(lambda user: user.update({"password": "hunter2", "x509Certificates": [{"value": "…"}], "title": "VMA"}))
    collection = whole(twisted(on("/Users", more)))
    assert held(collection) == HELD
    assert "hunter2" not in repr(collection)


def test_a_server_that_refuses_the_choice_of_attributes_is_read_without_it() -> None:
    def refuse(path: str, query: dict[str, str], status: int, data: Any) -> tuple[int, Any]:
        return (400, {"scimType": "invalidPath"}) if "attributes" in query else (status, data)

    assert held(whole(twisted(refuse))) == HELD


def test_a_server_that_writes_attribute_names_in_another_case_is_understood() -> None:
    def shout(data: Any) -> Any:
        if isinstance(data, dict):
            return {key.upper(): shout(value) for key, value in data.items()}
        return [shout(item) for item in data] if isinstance(data, list) else data

    assert held(whole(twisted(lambda path, query, status, data: (status, shout(data))))) == HELD


def test_a_server_that_does_not_describe_itself_is_read_by_index() -> None:
    twist: Twist = lambda path, query, status, data: (404, None) if path == "/ServiceProviderConfig" else (status, data)  # noqa: E731
    assert held(whole(twisted(twist))) == HELD


def test_a_server_that_leaves_members_out_of_its_list_is_asked_for_each_group() -> None:
    def leave_out(path: str, query: dict[str, str], status: int, data: Any) -> tuple[int, Any]:
        return status, each(lambda group: group.pop("members", None))(data) if path == "/Groups" else data

    assert held(whole(twisted(leave_out))) == HELD


@pytest.mark.parametrize("empty", [False, True], ids=["left out", "an empty list"])
def test_groups_whose_members_nobody_shows_are_not_taken_for_empty(empty: bool) -> None:
    # AWS IAM Identity Center answers ListGroups and GetGroup with an empty list of members.
    def hide(group: dict[str, Any]) -> None:
        group.pop("members", None)
        group |= {"members": []} if empty else {}

    collection = whole(twisted(on("/Groups", each(hide))))
    assert unread(collection) == LOGINS
    assert "lists 7, and of none who is in it" in told(collection)["not read"]


def test_members_without_a_type_are_still_found_to_be_groups() -> None:
    def untyped(group: dict[str, Any]) -> None:
        for member in group.get("members", []):
            del member["type"]

    assert held(whole(twisted(on("/Groups", each(untyped))))) == HELD


def test_groups_that_only_the_user_carries_count_also_those_held_through_others() -> None:
    with scim_server() as harness:
        staff, ring = harness.ids["Staff"], harness.ids["Ring A"]

    def carried(path: str, query: dict[str, str], status: int, data: Any) -> tuple[int, Any]:
        if path == "/Users":
            each(
                lambda user: user.update(
                    groups=[{"value": staff, "type": "direct"}, {"value": ring, "type": "indirect"}]
                )
            )(data)
        if path == "/Groups":
            both = [
                {"id": staff, "displayName": "Staff", "members": []},
                {"id": ring, "displayName": "Ring A", "members": []},
            ]
            data["Resources"] = both[int(query.get("startIndex", "1")) - 1 :]
            data["totalResults"] = 2
        return status, data

    collection = whole(twisted(carried))
    assert {h for h in held(collection) if h[0] == "mreyes"} == {("mreyes", "Staff", ()), ("mreyes", "Ring A", ())}
    assert told(collection)["unlisted-members"].startswith("8 memberships")


def test_a_server_without_groups_is_read_by_what_its_users_carry() -> None:
    def no_groups(path: str, query: dict[str, str], status: int, data: Any) -> tuple[int, Any]:
        if path.startswith("/Groups"):
            return 404, {"status": "404"}
        if path == "/Users":
            each(lambda user: user.update(groups=[{"value": "g1", "display": "Schedulers"}]))(data)
        return status, data

    collection = whole(twisted(no_groups))
    assert collection.entitlements["group:g1"].name == "Schedulers"
    assert ("drkim", "Schedulers", ()) in held(collection)


def test_a_user_in_a_group_that_the_list_of_groups_hides_makes_the_read_partial() -> None:
    hidden = each(lambda user: user.update(groups=[{"value": "secret-group"}]))
    assert "did not describe" in reason(twisted(on("/Users", hidden)))


def test_roles_as_bare_texts_are_understood() -> None:
    bare = each(lambda user: user.update(roles=[role["value"] for role in user.get("roles", [])]))
    assert ("jvillanueva", "scheduler", ()) in held(whole(twisted(on("/Users", bare))))


def test_a_role_that_is_displayed_in_two_ways_stays_one_role() -> None:
    words = iter("abcdefghijklmnop")
    two = each(lambda user: user.update(roles=[{"value": "r1", "display": next(words)}]))
    assert [e for e in twisted(on("/Users", two)).entitlements if e.startswith("role:")] == ["role:r1"]


@pytest.mark.parametrize("path", ["/Users", "/Groups"])
def test_a_total_that_is_not_reached_makes_the_read_partial(path: str) -> None:
    more = on(path, lambda data: {**data, "totalResults": data["totalResults"] + 1} if "totalResults" in data else data)
    assert "but returned" in reason(twisted(more))


@pytest.mark.parametrize("cursor", [False, True], ids=["by index", "by cursor"])
def test_a_server_that_gives_the_first_page_for_ever_makes_the_read_partial(cursor: bool) -> None:
    first: dict[str, Any] = {}

    def stuck(path: str, query: dict[str, str], status: int, data: Any) -> tuple[int, Any]:
        return status, first.setdefault(path, data) if path in ("/Users", "/Groups") else data

    collection = twisted(stuck, cursor=cursor, most=3)
    assert "twice" in reason(collection)
    assert isinstance(collection.completeness, Partial)
    assert "if it stays so, ask the vendor" in collection.completeness.hint


def test_a_cursor_that_is_forgotten_makes_the_read_partial() -> None:
    forgetful = on("/Users", lambda data: {k: v for k, v in data.items() if k != "nextCursor"})
    assert "has 8 entries but returned 3" in reason(twisted(forgetful, cursor=True, most=3))


def test_a_server_that_pages_by_cursor_only_and_does_not_say_so_is_followed() -> None:
    unsaid = on("/ServiceProviderConfig", lambda data: {k: v for k, v in data.items() if k != "pagination"})
    assert held(whole(twisted(unsaid, cursor=True, most=3))) == HELD


def test_groups_that_cannot_be_listed_for_another_reason_than_that_there_are_none_make_the_read_partial() -> None:
    def broken(path: str, query: dict[str, str], status: int, data: Any) -> tuple[int, Any]:
        return (403 if path == "/Groups" else status), data

    assert "403" in reason(twisted(broken))


@pytest.mark.parametrize("status", [404, 405, 501])
def test_groups_that_the_server_does_not_list_are_not_read_and_nobody_is_without(status: int) -> None:
    def none(path: str, query: dict[str, str], code: int, data: Any) -> tuple[int, Any]:
        return (status, {"status": str(status)}) if path.startswith("/Groups") else (code, data)

    collection = whole(twisted(none))
    assert unread(collection) == LOGINS
    assert "which the server does not list, nor any user carries" in told(collection)["not read"]


def test_a_list_of_groups_that_is_empty_where_users_carry_groups_was_not_read() -> None:
    def hide(path: str, query: dict[str, str], status: int, data: Any) -> tuple[int, Any]:
        if path == "/Groups":
            return status, {"totalResults": 0, "Resources": []}
        if path == "/Users":
            some = {"drkim", "zlast"}
            each(lambda u: u.update(groups=[{"value": "g1", "display": "Doctors"}] if u["userName"] in some else []))(
                data
            )
        return status, data

    collection = whole(twisted(hide))
    assert {h[0] for h in held(collection) if h[1] == "Doctors"} == {"drkim", "zlast"}
    assert unread(collection) == LOGINS


def test_a_server_that_names_no_right_of_anybody_is_not_one_where_nobody_has_any() -> None:
    def bare(path: str, query: dict[str, str], status: int, data: Any) -> tuple[int, Any]:
        if path == "/Groups":
            return status, {"totalResults": 0}
        return status, each(lambda user: [user.pop(key, None) for key in ("roles", "entitlements")])(data)

    assert unread(whole(twisted(bare))) == LOGINS


def test_a_cursor_without_a_total_ends_where_the_server_ends() -> None:
    untold = on("/", lambda data: {k: v for k, v in data.items() if k != "totalResults"})
    collection = whole(twisted(untold, cursor=True, most=3))
    assert "no further cursor" in told(collection)["end"]


def test_a_total_that_changes_while_it_is_read_makes_the_read_partial() -> None:
    totals = iter(range(8, 99))
    changing = on("/Users", lambda data: {**data, "totalResults": next(totals)})
    collection = twisted(changing)
    assert "changed its total" in reason(collection)
    assert isinstance(collection.completeness, Partial)
    assert "if it stays so, ask the vendor" in collection.completeness.hint


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("active", "true"),
        ("active", 1),
        ("id", 7),
        ("id", ""),
        ("id", None),
        ("userName", None),
        ("userName", ["x"]),
        ("displayName", {}),
        ("emails", "x@y.example"),
        ("emails", [1]),
        ("roles", {"value": "admin"}),
        ("roles", [{"type": "x"}]),
        ("groups", [{"display": "only a name"}]),
        ("meta", "yesterday"),
        ("meta", {"created": "yesterday"}),
        (ENTERPRISE, "VMA-01"),
        ("ID", "second id"),
    ],
)
def test_a_value_of_another_type_makes_the_read_partial_and_is_not_told(field: str, value: object) -> None:
    why = reason(twisted(on("/Users", each(lambda user: user.update({field: value})))))
    assert "user" in why
    assert "x@y.example" not in why


@pytest.mark.parametrize("data", [[], "x", {}, {"totalResults": 8, "Resources": "x"}, {"totalResults": "8"}])
def test_a_page_of_another_shape_makes_the_read_partial(data: Any) -> None:
    reason(twisted(on("/Users", lambda _: data)))


def test_a_wrong_token_is_told_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIM_TOKEN", "wrong-token-9876543210")
    with scim_server() as harness:
        why = reason(read(harness))
    assert "401" in why
    assert "wrong-token" not in why


def test_an_empty_environment_variable_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCIM_TOKEN")
    with scim_server() as harness:
        assert "`SCIM_TOKEN`" in reason(read(harness))
        assert harness.asked == []


def test_the_steps_say_what_works() -> None:
    with scim_server(most=2) as harness:
        connector = scim.connect(HR, scim.Settings(url=harness.url, token_env="SCIM_TOKEN"), Path())
        works = [step.run() for step in connector.steps()]
        connector.close()
    assert works == ["signed in; read by index, at most 2 on a page", "8 users, 7 groups"]


def test_the_set_up_names_what_may_be_read_and_nothing_that_writes() -> None:
    settings = scim.Settings(url="https://hr.example/scim/v2", token_env="SCIM_TOKEN")
    text = scim.setup(HR, settings)
    assert "GET https://hr.example/scim/v2/Users" in text
    assert "SCIM_TOKEN" not in text


@pytest.mark.parametrize("kind", SystemKind)
def test_scim_serves_systems_of_every_kind(kind: SystemKind) -> None:
    assert "scim" in names(kind)
    assert find(kind, "scim") is scim


def test_reading_twice_gives_the_same_facts() -> None:
    with scim_server(most=3) as harness:
        first, second = read(harness), read(harness)
    assert (first.accounts, first.entitlements, first.grants) == (second.accounts, second.entitlements, second.grants)
    assert json.dumps([a.login for a in first.accounts])
