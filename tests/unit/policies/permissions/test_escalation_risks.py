"""What policies put at risk: at least what cloudsplaining finds, or a table says why not; and no more than is true."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.aws_account import estate
from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.escalation.escalation import Escalations, escalations
from policies.permissions.aws.escalation.methods import OPENED, methods
from policies.permissions.aws.escalation.risks import FILE as RISKS_FILE
from policies.permissions.aws.escalation.risks import AtRisk, RiskKind, Risks
from policies.permissions.aws.evaluation.account import AwsAccount
from policies.permissions.aws.evaluation.document import parse_document
from policies.permissions.aws.evaluation.request import Organization, Principal, PrincipalKind
from tests.aws_accounts import FULL, US, allow, arn, deny, text
from tests.vectors.cloudsplaining import EXAMPLE, FINDINGS, documents, of_aws, stored

VECTORS = Path(__file__).parents[3] / "vectors"
TABLE = yaml.safe_load((VECTORS / "cloudsplaining.yaml").read_text(encoding="utf-8"))
ACTIONS = {m.id: {need.name for need in m.needs if OPENED not in need.places} for m in methods().methods}
INDEX = ActionIndex()
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def risks_of(*texts: str, boundary: str | None = None, limits: Organization | None = None) -> Mapping[RiskKind, AtRisk]:
    principal = Principal(
        arn("user", "ana"),
        PrincipalKind.USER,
        US,
        "ana",
        identity=tuple(parse_document(one, f"policy {i}") for i, one in enumerate(texts)),
        boundary=parse_document(boundary, "boundary") if boundary else None,
    )
    return (Risks(INDEX, limits) if limits else Risks(INDEX)).of(principal)


def missing(document: Any, theirs: dict[str, Any]) -> Iterator[tuple[str, str, set[str]]]:
    """What cloudsplaining finds in a policy and we do not: kind, finding, and what we find of that kind."""
    found = risks_of(json.dumps(document))
    for kind, findings in theirs.items():
        ours = found[RiskKind(kind)].possible if RiskKind(kind) in found else frozenset[str]()
        for finding in findings:
            if kind == RiskKind.PRIVILEGE_ESCALATION:
                # Ours may need less, as where a role's trust is opened to whoever opens it.
                same = any(ACTIONS[method] <= set(findings[finding]) for method in ours)
            else:
                same = finding.lower() in ours
            if not same:
                yield kind, finding, set(ours)


def explained(kind: str, finding: str, document: Any) -> Iterator[dict[str, Any]]:
    """The entries of the table that fit a finding."""
    for entry in TABLE:
        if kind not in entry["kinds"] or not re.fullmatch(entry["finding"], finding, re.IGNORECASE):
            continue
        if entry.get("denied"):
            allowing = [s for s in document["Statement"] if s["Effect"] == "Allow"]
            if allowing == document["Statement"]:
                continue
            without = risks_of(json.dumps({**document, "Statement": allowing}))
            if finding.lower() not in without[RiskKind(kind)].possible:
                continue
        yield entry


def compare(policies: dict[str, Any], theirs: dict[str, Any]) -> Counter[str]:
    """Compare policy by policy; returns how often each entry of the table was needed."""
    needed: Counter[str] = Counter()
    for name, document in policies.items():
        for kind, finding, ours in missing(document, theirs[name]):
            (entry,) = explained(kind, finding, document)
            needed[entry["id"]] += 1
            if entry.get("instead") in ours:
                continue
            if "instead" in entry:
                # Not found by us at all: then one of the actions that we ask for in addition is missing.
                found = risks_of(json.dumps(document)).get(RiskKind.PRIVILEGE_ESCALATION)
                assert found is None or entry["instead"] not in found.possible
    return needed


def test_each_kind_of_risk_that_cloudsplaining_finds_in_its_example_account_is_found():
    theirs = stored(FINDINGS)["example"]
    policies = dict(documents(stored(EXAMPLE)))
    assert len(policies) == len(theirs) > 30
    kinds = Counter(kind for found in theirs.values() for kind, findings in found.items() for _ in findings)
    assert set(kinds) == {risk.value for risk in RiskKind}
    needed = compare(policies, theirs)
    assert sum(needed.values()) < sum(kinds.values()) / 100


def test_in_its_example_account_the_ways_to_an_administrator_are_told_for_all_who_have_one():
    account = AwsAccount(estate(stored(EXAMPLE), "012345678901"))
    asked = Escalations(account)
    admins = {name.rpartition("/")[2] for name in asked.administrators()}
    assert admins == {"obama", "userwithlotsofpermissions"}
    assert {path.who for path in escalations(account)} <= {one.arn for one in account.estate.users}
    # cloudsplaining finds escalation in policies that this account attaches to nobody else.
    assert all(path.steps for path in asked.of("arn:aws:iam::012345678901:role/OverprivilegedEC2"))


@pytest.mark.parametrize("part", [pytest.param(8, id="an eighth"), pytest.param(1, id="all", marks=pytest.mark.slow)])
def test_each_kind_of_risk_that_cloudsplaining_finds_in_policies_of_aws_is_found(part):
    theirs, policies = stored(FINDINGS)["aws"], of_aws()
    # moto follows AWS: documents that have changed since the findings were stored have another digest.
    same = {name: document for name, document in sorted(policies.items()) if name in theirs}
    assert len(same) > 1_000
    needed = compare(dict(list(same.items())[::part]), theirs)
    if part == 1 and len(same) == len(theirs):
        assert set(needed) == {entry["id"] for entry in TABLE}


def test_every_entry_of_the_table_says_who_is_right_and_by_which_page():
    assert all(entry["right"] and entry["why"] and entry["source"] for entry in TABLE)


# ---- more than theirs ----------------------------------------------------------------------------------------------


def test_a_method_is_found_though_its_halves_stand_in_different_policies():
    found = risks_of(text([allow("iam:PassRole")]), text([allow("cloudformation:CreateStack")]))
    assert "pass-role-cloudformation" in found[RiskKind.PRIVILEGE_ESCALATION].certain


def test_a_condition_makes_a_risk_depend_and_does_not_hide_it():
    found = risks_of(text([allow("s3:GetObject", when=MFA)]))
    assert found[RiskKind.DATA_EXFILTRATION].certain == frozenset()
    assert found[RiskKind.DATA_EXFILTRATION].possible == {"s3:getobject"}


def test_denials_boundaries_and_service_control_policies_take_risks_away():
    wide = text([allow("s3:*")])
    assert RiskKind.DATA_EXFILTRATION in risks_of(wide)
    assert RiskKind.DATA_EXFILTRATION not in risks_of(wide, text([deny("s3:Get*")]))
    assert RiskKind.DATA_EXFILTRATION not in risks_of(wide, boundary=text([allow("s3:Put*")]))
    scps = ((parse_document(text([*FULL, deny("s3:Get*")]), "scp"),),)
    assert RiskKind.DATA_EXFILTRATION not in risks_of(wide, limits=Organization(scps=scps, rcps=()))


def test_everything_but_a_little_is_told_by_what_it_leaves():
    found = risks_of(json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "NotAction": ["iam:*", "s3:*"], "Resource": "*"}
    ]}))  # fmt: skip
    assert {"ec2", "lambda"} <= found[RiskKind.SERVICE_WILDCARD].certain
    assert not {"iam", "s3"} & found[RiskKind.SERVICE_WILDCARD].possible
    assert "s3:getobject" not in found[RiskKind.DATA_EXFILTRATION].possible


def test_a_wildcard_of_which_everything_is_denied_is_none():
    assert RiskKind.SERVICE_WILDCARD not in risks_of(text([allow("s3:*")]), text([deny("s3:*")]))
    assert risks_of(text([allow("s3:*")]), text([deny("s3:Get*")]))[RiskKind.SERVICE_WILDCARD].certain == {"s3"}


def test_a_policy_that_cannot_be_read_is_a_risk_of_every_kind():
    assert set(risks_of("nonsense")) == set(RiskKind) - {RiskKind.SERVICE_WILDCARD}


def test_reading_a_list_puts_nothing_at_risk():
    assert risks_of(text([allow("s3:ListAllMyBuckets", "ec2:DescribeInstances")])) == {}


def test_every_action_of_the_list_is_one_that_aws_documents():
    data = yaml.safe_load(RISKS_FILE.read_text(encoding="utf-8"))
    for kind in data["risks"].values():
        for service, names in kind["actions"].items():
            assert all(INDEX.expand(f"{service}:{name}") for name in names), service
