"""The rule about PHI in a cloud that strangers can reach."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.cloud.aws.estate import ResourceFacts
from policies.engine.aws import AboutAws, aws_systems, coverage_gaps, effective, own_accounts
from policies.engine.case import Case
from policies.engine.evidence import listing, system_subject
from policies.engine.finding import finding
from policies.engine.outcomes import Finding, Outcome, Step
from policies.engine.rule import Item
from policies.engine.verdicts import concluded
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


class ExposedPhi(AboutAws):
    """
    The policy of no resource with PHI lets in everybody, or an account that is not the practice's or its agency's.

    Accounts of the same organization, those of the other configured systems, and those of AWS that deliver logs are no
    strangers. S3's Block Public Access stops a public policy, and public access lists (ACLs). Where neither it nor
    `BucketOwnerEnforced` does that, any file may be open by a list of its own; without the latter, to another account:
    "not evaluated". So is a policy that asks for what a stranger cannot say at will, such as an endpoint of a network.
    It is a finding of the system, not of a person.
    Source: 45 CFR 164.312(a)(1), 164.308(a)(4)(i); S3 User Guide, "Blocking public access to your S3 storage".
    """

    id = "exposed-phi"
    title = "PHI open to strangers"
    question = "Is all PHI in AWS closed to everybody and to the accounts of others?"

    def items(self, case: Case) -> Iterator[Item]:
        """Every AWS account that is said to hold PHI, or of which a resource is marked as holding PHI."""
        for system in aws_systems(case):
            judge = effective(case.collections[system])
            marked = judge is not None and any(facts.phi for facts in judge.estate.resources)
            if marked or case.systems[system].holds_phi:
                yield Item(system_subject(case, system), system)

    def judge_account(self, case: Case, item: Item, judge: "Effective") -> Iterator[Outcome]:
        """Ask the policy of every resource with PHI for strangers."""
        marked = [facts for facts in judge.estate.resources if facts.phi]
        unknown = coverage_gaps(judge.estate)
        found = False
        for facts in marked:
            for outcome in self._resource(case, item, judge, facts):
                if isinstance(outcome, str):
                    unknown.append(outcome)
                else:
                    found = True
                    yield outcome
        yield from concluded(self, item, found=found, unknown=unknown)

    def _resource(self, case: Case, item: Item, judge: "Effective", facts: ResourceFacts) -> Iterator[Finding | str]:
        """Yield findings, and reasons why something is not known."""
        from policies.permissions.aws.access.exposure import exposures  # noqa: PLC0415 - an audit without AWS does not pay

        if facts.arn.split(":")[2:3] == ["s3"]:
            yield from self._lists(case, item, facts)
        if not facts.policy_read:
            yield f"the policy of {facts.arn} was not read"
            return
        told = exposures(judge.index, judge.account.resources[facts.arn], own_accounts(case, judge.estate))
        public = any(e.to == EVERYBODY and not e.keys for e in told)
        if public and facts.public_access_blocked:
            # RestrictPublicBuckets leaves a bucket with a public policy to the owner's account alone.
            return
        for exposure in told:
            if exposure.keys:
                yield f"whether {facts.arn} is open to {exposure.to} depends on {listing(sorted(exposure.keys))}"
            elif exposure.to == EVERYBODY and _may_be_blocked(facts):
                yield f"the policy of {facts.arn} is public, and whether Block Public Access stops it was not read"
            else:
                yield self._finding(case, item, judge, facts, exposure)

    def _lists(self, case: Case, item: Item, facts: ResourceFacts) -> Iterator[Finding | str]:
        """Ask the access lists of a bucket: its own, and those of its files, of which nothing is read."""
        if facts.owner_enforced:
            return
        if not facts.public_lists_ignored:
            known = facts.public_lists_ignored is False and facts.owner_enforced is False
            why = "neither Block Public Access nor ownership by the bucket's owner stops them" if known else UNKNOWN
            yield f"access lists of {facts.arn} and of its files can let in anybody: {why}"
        else:
            # Public lists are ignored, those that name one other account are not (S3 User Guide, `IgnorePublicAcls`).
            yield (
                f"access lists of single files in {facts.arn} can let in other accounts, and are not read: "
                "ownership by the bucket's owner (`BucketOwnerEnforced`) switches them off"
            )
        if facts.acl is None and facts.public_lists_ignored:
            yield f"the access list of {facts.arn} was not read, and can let in other accounts"
        by_group = {group: [g.permission for g in facts.acl or () if g.grantee == group] for group in PUBLIC}
        for group, permissions in by_group.items():
            if permissions and facts.public_lists_ignored is False:
                yield self._listed(case, item, facts, group, listing(PERMISSIONS.get(p, p) for p in permissions))
        named = {g.grantee for g in facts.acl or ()} - {*PUBLIC, LOGS}
        others = sorted(grantee for grantee in named if not delivers(grantee))
        if others:
            yield f"whom the access list of {facts.arn} lets in depends on whose user ids these are: {listing(others)}"

    def _listed(self, case: Case, item: Item, facts: ResourceFacts, group: str, may: str) -> Finding:
        system = case.systems[item.system]
        return finding(
            self,
            case,
            item,
            way="access-list",
            what=f"{facts.arn}|{EVERYBODY}|{group.rpartition('/')[2]}",
            name=facts.arn,
            to=PUBLIC[group],
            may=may,
            path=(
                Step("system", system.id, f"{system.title}, AWS account {facts.account}"),
                Step("resource", facts.arn, f"{facts.arn}, holds PHI"),
                Step("access-list", group, f"its access list names the group {group.rpartition('/')[2]}"),
                Step("stranger", EVERYBODY, f"{PUBLIC[group]} may {may}"),
            ),
        )

    def _finding(
        self, case: Case, item: Item, judge: "Effective", facts: ResourceFacts, exposure: "Exposure"
    ) -> Finding:
        system = case.systems[item.system]
        to = _who(exposure)
        limits = "; resource control policies were not read" if judge.account.organization.rcps is None else ""
        return finding(
            self,
            case,
            item,
            way="everybody" if exposure.to == EVERYBODY else "an-account",
            what=f"{facts.arn}|{exposure.to}",
            name=facts.arn,
            to=to,
            may=listing(spelled(exposure.actions)),
            limits=limits,
            path=(
                Step("system", system.id, f"{system.title}, AWS account {judge.estate.account}"),
                Step("resource", facts.arn, f"{facts.arn}, holds PHI"),
                *(Step("statement", name, f"its policy, {name}: allows") for name in exposure.statements),
                Step("stranger", exposure.to, f"{to}: {listing(spelled(exposure.actions))}"),
            ),
        )


def _may_be_blocked(facts: ResourceFacts) -> bool:
    return facts.arn.split(":")[2:3] == ["s3"] and facts.public_access_blocked is None


def _who(exposure: "Exposure") -> str:
    if exposure.to != EVERYBODY:
        return f"the organization {exposure.to}" if exposure.to.startswith("o-") else f"the account {exposure.to}"
    return "everybody on the internet" if exposure.unsigned else "everybody who has an AWS account"


RULES = (ExposedPhi(),)
