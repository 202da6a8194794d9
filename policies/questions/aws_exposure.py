"""Which resources with PHI in an AWS account let in strangers: by their policy, and by their access lists."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.cloud.aws.estate import ResourceFacts
from policies.engine.answers import Broken, Unknown
from policies.engine.aws import aws_step, own_accounts
from policies.engine.case import Case
from policies.engine.evidence import listing
from policies.engine.outcomes import Step
from policies.permissions.aws.access.delivery import delivers
from policies.permissions.aws.actions.canonical_names import spelled

if TYPE_CHECKING:
    from policies.permissions.aws.access.effective import Effective
    from policies.permissions.aws.access.exposure import Exposure

EVERYBODY = "everybody"
GROUPS = "http://acs.amazonaws.com/groups"
PUBLIC = {
    f"{GROUPS}/global/AllUsers": "everybody on the internet",
    f"{GROUPS}/global/AuthenticatedUsers": "everybody who has an AWS account",
}
"""The predefined groups of access lists that are public (S3 User Guide, "Amazon S3 predefined groups")."""
LOGS = f"{GROUPS}/s3/LogDelivery"
PERMISSIONS = {
    "READ": "list its files",
    "WRITE": "write and delete files",
    "READ_ACP": "see who may",
    "WRITE_ACP": "change who may",
    "FULL_CONTROL": "do all of it",
}
UNKNOWN = "whether Block Public Access or ownership by the bucket's owner stops them was not read"


def open_to_strangers(case: Case, system: str, judge: "Effective") -> Iterator[Broken | Unknown]:
    """Yield the resources with PHI that let in strangers, and whatever is not known of one."""
    for facts in judge.estate.resources:
        if facts.phi:
            if _is_bucket(facts):
                yield from _by_lists(case, system, facts)
            yield from _by_policy(case, system, judge, facts)


def _is_bucket(facts: ResourceFacts) -> bool:
    return facts.arn.split(":")[2:3] == ["s3"]


def _by_policy(case: Case, system: str, judge: "Effective", facts: ResourceFacts) -> Iterator[Broken | Unknown]:
    from policies.permissions.aws.access.exposure import exposures  # noqa: PLC0415 - an audit without AWS does not pay

    if not facts.policy_read:
        yield Unknown(f"the policy of {facts.arn} was not read")
        return
    told = exposures(judge.index, judge.account.resources[facts.arn], own_accounts(case, judge.estate))
    public = any(e.to == EVERYBODY and not e.keys for e in told)
    if public and facts.public_access_blocked:
        # RestrictPublicBuckets leaves a bucket with a public policy to the owner's account alone.
        return
    for exposure in told:
        if exposure.keys:
            yield Unknown(f"whether {facts.arn} is open to {exposure.to} depends on {listing(sorted(exposure.keys))}")
        elif exposure.to == EVERYBODY and _is_bucket(facts) and facts.public_access_blocked is None:
            yield Unknown(f"the policy of {facts.arn} is public, and whether Block Public Access stops it was not read")
        else:
            yield _stranger(case, system, judge, facts, exposure)


def _by_lists(case: Case, system: str, facts: ResourceFacts) -> Iterator[Broken | Unknown]:
    """Ask the access lists of a bucket: its own, and those of its files, of which nothing is read."""
    if facts.owner_enforced:
        return
    if not facts.public_lists_ignored:
        known = facts.public_lists_ignored is False and facts.owner_enforced is False
        why = "neither Block Public Access nor ownership by the bucket's owner stops them" if known else UNKNOWN
        yield Unknown(f"access lists of {facts.arn} and of its files can let in anybody: {why}")
    else:
        # Public lists are ignored, those that name one other account are not (S3 User Guide, `IgnorePublicAcls`).
        yield Unknown(
            f"access lists of single files in {facts.arn} can let in other accounts, and are not read: "
            "ownership by the bucket's owner (`BucketOwnerEnforced`) switches them off"
        )
    if facts.acl is None and facts.public_lists_ignored:
        yield Unknown(f"the access list of {facts.arn} was not read, and can let in other accounts")
    by_group = {group: [g.permission for g in facts.acl or () if g.grantee == group] for group in PUBLIC}
    for group, permissions in by_group.items():
        if permissions and facts.public_lists_ignored is False:
            yield _listed(case, system, facts, group, listing(PERMISSIONS.get(p, p) for p in permissions))
    named = {g.grantee for g in facts.acl or ()} - {*PUBLIC, LOGS}
    if others := sorted(grantee for grantee in named if not delivers(grantee)):
        whose = listing(others)
        yield Unknown(f"whom the access list of {facts.arn} lets in depends on whose user ids these are: {whose}")


def _listed(case: Case, system: str, facts: ResourceFacts, group: str, may: str) -> Broken:
    name = group.rpartition("/")[2]
    path = (
        aws_step(case, system, facts.account),
        Step("resource", facts.arn, f"{facts.arn}, holds PHI"),
        Step("access-list", group, f"its access list names the group {name}"),
        Step("stranger", EVERYBODY, f"{PUBLIC[group]} may {may}"),
    )
    what = f"{facts.arn}|{EVERYBODY}|{name}"
    return Broken("access-list", what=what, name=facts.arn, to=PUBLIC[group], may=may, path=path)


def _stranger(case: Case, system: str, judge: "Effective", facts: ResourceFacts, exposure: "Exposure") -> Broken:
    to, may = _who(exposure), listing(spelled(exposure.actions))
    limits = "; resource control policies were not read" if judge.account.organization.rcps is None else ""
    path = (
        aws_step(case, system, judge.estate.account),
        Step("resource", facts.arn, f"{facts.arn}, holds PHI"),
        *(Step("statement", name, f"its policy, {name}: allows") for name in exposure.statements),
        Step("stranger", exposure.to, f"{to}: {may}"),
    )
    way, what = "everybody" if exposure.to == EVERYBODY else "an-account", f"{facts.arn}|{exposure.to}"
    return Broken(way, what=what, name=facts.arn, to=to, may=may, limits=limits, path=path)


def _who(exposure: "Exposure") -> str:
    if exposure.to != EVERYBODY:
        return f"the organization {exposure.to}" if exposure.to.startswith("o-") else f"the account {exposure.to}"
    return "everybody on the internet" if exposure.unsigned else "everybody who has an AWS account"
