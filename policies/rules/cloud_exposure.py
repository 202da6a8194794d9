"""The rule about PHI in a cloud that strangers can reach."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.aws_estate import ResourceFacts
from connectors.facts import System
from policies.case import Case
from policies.clouds import NOT_COLLECTED, aws_systems, effective, is_aws, own_accounts, unlooked
from policies.outcomes import Finding, NotEvaluated, Outcome, Satisfied, Severity, Step
from policies.permissions.aws.spelling import spelled
from policies.rule import Item, Reads
from policies.tell import cite, listing, system_subject

if TYPE_CHECKING:
    from policies.permissions.aws.effective import Effective
    from policies.permissions.aws.exposure import Exposure

EVERYBODY = "everybody"


class ExposedPhi:
    """
    The policy of no resource with PHI lets in everybody, or an account that is not the practice's or its agency's.

    Accounts of the same organization, and those of the other configured systems, are no strangers. S3's Block Public
    Access stops a public policy. A policy that asks for what a stranger cannot say at will, such as an endpoint of a
    network, is "not evaluated", with what it depends on. It is a finding of the system, not of a person.
    Source: 45 CFR 164.312(a)(1), 164.308(a)(4)(i); S3 User Guide, "Blocking public access to your S3 storage".
    """

    id = "exposed-phi"
    title = "PHI open to strangers"
    question = "Is all PHI in AWS closed to everybody and to the accounts of others?"
    reads = Reads.SYSTEM

    def concerns(self, system: System) -> bool:
        """Only AWS accounts."""
        return is_aws(system)

    def items(self, case: Case) -> Iterator[Item]:
        """Every AWS account that is said to hold PHI, or of which a resource is marked as holding PHI."""
        for system in aws_systems(case):
            judge = effective(case.collections[system])
            marked = judge is not None and any(facts.phi for facts in judge.estate.resources)
            if marked or case.systems[system].holds_phi:
                yield Item(system_subject(case, system), system)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Ask the policy of every resource with PHI for strangers."""
        judge = effective(case.collections[item.system])
        if judge is None:
            yield NotEvaluated(self.id, item.subject, item.system, NOT_COLLECTED)
            return
        marked = [facts for facts in judge.estate.resources if facts.phi]
        unknown = unlooked(judge.estate)
        found = False
        for facts in marked:
            for outcome in self._resource(case, item, judge, facts):
                if isinstance(outcome, str):
                    unknown.append(outcome)
                else:
                    found = True
                    yield outcome
        if unknown:
            yield NotEvaluated(self.id, item.subject, item.system, "; ".join(dict.fromkeys(unknown)))
        elif not found:
            yield Satisfied(self.id, item.subject, item.system)

    def _resource(self, case: Case, item: Item, judge: "Effective", facts: ResourceFacts) -> Iterator[Finding | str]:
        """Yield findings, and reasons why something is not known."""
        from policies.permissions.aws.exposure import exposures  # noqa: PLC0415 - an audit without AWS does not pay

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

    def _finding(
        self, case: Case, item: Item, judge: "Effective", facts: ResourceFacts, exposure: "Exposure"
    ) -> Finding:
        system = case.systems[item.system]
        to = _who(exposure)
        limits = "; resource control policies were not read" if judge.account.organization.rcps is None else ""
        return Finding(
            rule=self.id,
            severity=Severity.CRITICAL if exposure.to == EVERYBODY else Severity.HIGH,
            subject=item.subject,
            system=item.system,
            what=f"{facts.arn}|{exposure.to}",
            title=f"{facts.arn} holds PHI, and its policy lets in {to}",
            observed=f"{to} may do {listing(spelled(exposure.actions))}{limits}",
            expected="no stranger, or one with a business associate agreement and an approved exception",
            remedy=case.policy.remedies.text("close-resource", system, name=facts.arn),
            path=(
                Step("system", system.id, f"{system.title}, AWS account {judge.estate.account}"),
                Step("resource", facts.arn, f"{facts.arn}, holds PHI"),
                *(Step("statement", name, f"its policy, {name}: allows") for name in exposure.statements),
                Step("stranger", exposure.to, f"{to}: {listing(spelled(exposure.actions))}"),
            ),
            citations=cite(case, self.id),
        )


def _may_be_blocked(facts: ResourceFacts) -> bool:
    return facts.arn.split(":")[2:3] == ["s3"] and facts.public_access_blocked is None


def _who(exposure: "Exposure") -> str:
    if exposure.to != EVERYBODY:
        return f"the organization {exposure.to}" if exposure.to.startswith("o-") else f"the account {exposure.to}"
    return "everybody on the internet" if exposure.unsigned else "everybody who has an AWS account"


RULES = (ExposedPhi(),)
