"""`auditor cloud` says of a policy what an audit says of it, the practice's own catalogs included."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import run
from auditor.config import load_config
from connectors.collect import collect
from policies.catalogs.catalog import Catalogs
from policies.engine.holdings import Holdings
from policies.vocabulary import Vocabulary

EXAMPLES = Path(__file__).parents[2] / "examples" / "lakeside"
BUCKET = "arn:aws:s3:::lakeside-example-store"
OWN = """\
product: aws
title: Lakeside, AWS
version: 1
source: the practice's own word
systems: [SYSTEM]
access:
  "s3:GetObject": {gives: [recording.read], why: "the store holds recorded calls only"}
entitlements:
  half-read: {gives: [telephony.configure], why: "the vendor's policy of another format, read by hand"}
"""


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    """The example, where one user holds a policy that cannot be read, and the practice has catalogs of its own."""
    shutil.copytree(EXAMPLES, tmp_path / "lakeside")
    config = tmp_path / "lakeside" / "2026-11" / "auditor.yaml"
    (config.parent / "own.yaml").write_text(OWN.replace("SYSTEM", "cloud"))
    catalogs = "[../policies/directory-groups.yaml]"
    assert catalogs in config.read_text()
    config.write_text(config.read_text().replace(catalogs, "[../policies/directory-groups.yaml, own.yaml]"))
    file = config.parent / "aws" / "iam.GetAccountAuthorizationDetails.json"
    answer = json.loads(file.read_text())
    user = (answer[0] if isinstance(answer, list) else answer)["UserDetailList"][0]
    policy = {"PolicyName": "half-read", "PolicyDocument": {"Version": "2012-10-17", "Statement": "see the wiki"}}
    user["UserPolicyList"] = [*user.get("UserPolicyList", []), policy]
    file.write_text(json.dumps(answer))
    return config


def said(config: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, dict[str, Any]]:
    run(["cloud", str(config.parent / "aws"), "--phi", BUCKET, "--format", "json", *more])
    return {one["arn"]: one for one in json.loads(capsys.readouterr().out)["principals"]}


def half_read(cloud: dict[str, dict[str, Any]], where: str) -> list[str]:
    return [name for one in cloud.values() for name in one[where] if name.endswith("/half-read")]


def audited(config: Path) -> dict[str, dict[str, set[str]]]:
    """What an audit says that each policy gives each user: by ARN of the user, then by name of the policy."""
    loaded, words = load_config(config), Vocabulary.load()
    collection = collect(loaded.sources["cloud"].connector)
    holdings = Holdings({"cloud": collection}, Catalogs.load(words, loaded.catalogs))
    found = {}
    groups = {group.name: group for group in collection.estate.groups}
    for user in collection.estate.users:
        readings = holdings["cloud", user.id].readings
        holders = (user, *(groups[name] for name in user.groups))
        held = {name for one in holders for name in (*(policy.name for policy in one.inline), *one.attached)}
        names = {id_: id_.replace("#", "/policy/") for id_ in readings}
        found[user.arn] = {names[id_]: {*words.names(r.mask)} for id_, r in readings.items() if names[id_] in held}
    return found


def test_with_the_catalogs_of_the_practice_both_say_the_same_of_every_policy(practice, capsys):
    cloud, audit = said(practice, capsys, "--config", str(practice)), audited(practice)
    policies = [(user, name, gives) for user, held in audit.items() for name, gives in held.items()]
    assert len(policies) > 3
    for user, name, gives in policies:
        assert set(cloud[user]["by"].get(name, {"can": []})["can"]) == gives, name
    assert any("recording.read" in gives for _, _, gives in policies)
    assert [gives for _, name, gives in policies if name.endswith("/half-read")] == [{"telephony.configure"}]
    assert not half_read(cloud, "not_evaluated")


def test_without_them_only_the_shipped_catalog_counts(practice, capsys):
    cloud = said(practice, capsys)
    assert half_read(cloud, "not_evaluated")
    assert not half_read(cloud, "by")


def test_a_catalog_of_another_system_of_the_practice_does_not_count(practice, capsys):
    (practice.parent / "own.yaml").write_text(OWN.replace("SYSTEM", "other"))
    cloud = said(practice, capsys, "--config", str(practice))
    assert half_read(cloud, "not_evaluated")
    assert not half_read(cloud, "by")


@pytest.mark.parametrize(
    ("more", "what"),
    [(("--system", "cloud"), "--config FILE"), (("--config", "CONFIG", "--system", "ehr"), "--system: `cloud`")],
)
def test_a_system_that_is_not_the_account_is_refused_with_those_that_could_be(practice, capsys, more, what):
    options = [str(practice) if one == "CONFIG" else one for one in more]
    assert run(["cloud", str(practice.parent / "aws"), *options]) == 64
    assert what in capsys.readouterr().err
