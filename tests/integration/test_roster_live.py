"""Rosters from a real OpenLDAP and a real SCIM server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import InputError, SourceDenied, SourceTruncated
from connectors.roster import ldap, scim
from connectors.roster.people import RosterRead
from tests.integration.slapd import DirectoryServer, slapd
from tests.servers.directory import SECRET_ENV, group, person
from tests.servers.scim import ENTERPRISE, TOKEN, scim_server, with_number
from tests.servers.scim import person as scim_person

OUS = "".join(
    f"dn: {dn},dc=t\nobjectClass: organizationalUnit\nou: {dn.split(',')[0][3:]}\n\n"
    for dn in ("ou=people", "ou=groups", "ou=vmas,ou=people", "ou=unix,ou=people")
)


def vma(uid: str, title: str) -> str:
    dn = person(uid).replace(",ou=people", ",ou=vmas,ou=people")
    return dn.rstrip("\n") + f"\ntitle: {title}\nemployeeType: 2026-02-01\n\n"


ENTRIES = (
    OUS
    + vma("v1", "Scheduler")
    + vma("v2", "Biller")
    + vma("v3", "Scheduler")
    + "".join(map(person, ("doctor", "nurse", "clerk")))
    + group("inner", "uid=v3,ou=vmas,ou=people,dc=t")
    + group("vmas", "uid=v1,ou=vmas,ou=people,dc=t", "cn=inner,ou=groups,dc=t")
    + group("strays", "uid=doctor,ou=people,dc=t")
    + "dn: cn=unix,ou=groups,dc=t\nobjectClass: posixGroup\ncn: unix\ngidNumber: 7\nmemberUid: v1\n\n"
    + "dn: cn=some,ou=groups,dc=t\nobjectClass: groupOfNames\nobjectClass: extensibleObject\ncn: some\n"
    "member: uid=v1,ou=vmas,ou=people,dc=t\nmemberUid: v2\n\n"
    + "dn: cn=search,ou=groups,dc=t\nobjectClass: groupOfURLs\nobjectClass: extensibleObject\ncn: search\n"
    "member: uid=v1,ou=vmas,ou=people,dc=t\nmemberURL: ldap:///dc=t??sub?(title=Biller)\n\n"
    + "dn: cn=nobody,ou=groups,dc=t\nobjectClass: posixGroup\ncn: nobody\ngidNumber: 8\n\n"
    + "dn: cn=primary,ou=groups,dc=t\nobjectClass: posixGroup\ncn: primary\ngidNumber: 9\n\n"
    + vma("v4", "Biller")
    .replace("ou=vmas", "ou=unix")
    .replace("inetOrgPerson", "inetOrgPerson\nobjectClass: posixAccount")
    .rstrip("\n")
    + "\nuidNumber: 4\ngidNumber: 9\nhomeDirectory: /home/v4\n\n"
)
COLUMNS = {
    "vma_id": "employeeNumber",
    "name": "cn",
    "agency": {"value": "Harbor Assist LLC"},
    "employment": {"value": "employee"},
    "roles": {"field": "title", "words": {"scheduler": "scheduler", "biller": "biller"}},
    "start": "employeeType",
    "email": "mail",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectoryServer]:
    options = "include /etc/ldap/schema/dyngroup.schema"
    with slapd(tmp_path_factory.mktemp("slapd"), ENTRIES, options=options) as running:
        yield running


@pytest.fixture
def read(server: DirectoryServer, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv(SECRET_ENV, server.password)

    def run(**changes: object) -> RosterRead:
        settings = ldap.Settings.model_validate(
            {
                "url": server.ldaps_url,
                "ca_file": server.ca_file,
                "base_dn": "ou=vmas,ou=people,dc=t",
                "bind_dn": server.bind_dn,
                "password_env": SECRET_ENV,
                "timeout_s": 10,
                "page_size": 2,
                "columns": COLUMNS,
                **changes,
            }
        )
        return ldap.read(settings, Path())

    return run


def test_everybody_in_a_unit_is_on_the_roster(read: Any) -> None:
    roster = read().roster
    assert [(p.id, p.email) for p in roster.people] == [(f"E-v{n}", f"v{n}@practice.test") for n in (1, 2, 3)]
    assert [e.roles for e in roster.engagements] == [("scheduler",), ("biller",), ("scheduler",)]
    assert read().roster.sha256 == roster.sha256


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({}, "stands under `ou=vmas,ou=people,dc=t`, and they may only have fallen out of that"),
        (
            {"user_filter": "(title=Scheduler)"},
            "stands under `ou=vmas,ou=people,dc=t` and is found by `(title=Scheduler)`, and they may only have",
        ),
        ({"base_dn": "dc=t", "user_filter": "(title=Biller)"}, "is found by `(title=Biller)`, and they may only have"),
        ({"group": "cn=vmas,ou=groups,dc=t"}, "is a member of `cn=vmas,ou=groups,dc=t`, and they may only have been"),
    ],
)
def test_by_what_somebody_may_only_have_fallen_out_is_told(read: Any, changes: dict[str, str], part: str) -> None:
    assert read(**changes).roster.part.startswith(f"the roster is of whoever {part}")


def test_a_group_and_the_groups_in_it_can_be_the_roster(read: Any) -> None:
    found = read(group="cn=vmas,ou=groups,dc=t").roster
    assert [p.id for p in found.people] == ["E-v1", "E-v3"]


def test_a_member_who_stands_elsewhere_is_not_taken_for_a_leaver(read: Any) -> None:
    with pytest.raises(SourceTruncated, match="1 members of the group are not among the people below"):
        read(group="cn=strays,ou=groups,dc=t")


def test_a_group_that_is_not_there_is_an_error(read: Any) -> None:
    with pytest.raises(SourceDenied, match="does not show `cn=none,ou=groups,dc=t` as a group"):
        read(group="cn=none,ou=groups,dc=t")


@pytest.mark.parametrize("name", ["unix", "some", "search"])
def test_a_group_that_names_people_otherwise_than_by_dn_is_no_roster(read: Any, name: str) -> None:
    with pytest.raises(SourceTruncated, match="names people otherwise than by DN"):
        read(group=f"cn={name},ou=groups,dc=t")


def test_a_group_that_shows_no_member_is_no_empty_roster(read: Any) -> None:
    with pytest.raises(SourceDenied, match="shows no member of `cn=nobody,ou=groups,dc=t`"):
        read(group="cn=nobody,ou=groups,dc=t")


def test_people_whose_primary_group_it_is_are_on_the_roster(read: Any) -> None:
    found = read(group="cn=primary,ou=groups,dc=t", base_dn="ou=unix,ou=people,dc=t").roster
    assert [p.id for p in found.people] == ["E-v4"]
    with pytest.raises(SourceTruncated, match="1 members of the group are not among the people below"):
        read(group="cn=primary,ou=groups,dc=t")


def test_a_canary_must_be_among_the_people(read: Any) -> None:
    assert read(canary="V2").roster.people
    with pytest.raises(SourceTruncated, match="did not return the account `nurse`"):
        read(canary="nurse")


def test_a_search_that_the_server_cuts_short_is_no_roster(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET_ENV, "small")
    with pytest.raises(SourceTruncated):
        read(bind_dn="uid=small,dc=t", base_dn="dc=t", page_size=3)


def test_a_title_that_is_not_listed_never_becomes_a_role(read: Any) -> None:
    columns = {**COLUMNS, "roles": {"field": "title", "words": {"Scheduler": "scheduler"}}}
    with pytest.raises(InputError, match="record 2, `roles`: `words` does not list this value: found `Biller`"):
        read(columns=columns)
    with pytest.raises(InputError, match="record 2, `roles`: no role"):
        read(columns={**columns, "roles": {**columns["roles"], "others": "ignore"}})


SCIM_COLUMNS = {
    **COLUMNS,
    "vma_id": f"{ENTERPRISE}:employeeNumber",
    "name": "name.familyName",
    "roles": {"field": "roles.value", "words": {"scheduler": "scheduler", "staff": ""}, "others": "ignore"},
    "start": f"{ENTERPRISE}:costCenter",
    "email": {"value": ""},
}


def employee(login: str, number: str, start: str) -> dict[str, object]:
    user = with_number(scim_person(login, "A", login.title(), roles=[{"value": "scheduler"}, {"value": "x"}]), number)
    return {**user, ENTERPRISE: {"employeeNumber": number, "costCenter": start}}


def test_the_users_of_a_scim_server_are_on_the_roster_to_the_last_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIM_TOKEN", TOKEN)
    people = [employee(f"user{n}", f"V{n}", "2026-03-01") for n in range(7)]
    with scim_server(people=people, most=3) as harness:
        settings = scim.Settings.model_validate(
            {"url": harness.url, "token_env": "SCIM_TOKEN", "columns": SCIM_COLUMNS}
        )
        roster = scim.read(settings, Path()).roster
    assert sorted(p.id for p in roster.people) == [f"V{n}" for n in range(7)]
    assert {p.name for p in roster.people} == {f"User{n}" for n in range(7)}
    assert {e.roles for e in roster.engagements} == {("scheduler",)}
