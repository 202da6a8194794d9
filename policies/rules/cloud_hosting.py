"""The rule about where in a cloud PHI may be."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.cloud.aws.estate import AwsEstate
from policies.agreements.chain import Leg
from policies.agreements.days import contains
from policies.agreements.register import PRACTICE, Agreement, AgreementKind
from policies.engine.aws import AboutAws, aws_systems, coverage_gaps
from policies.engine.case import Case
from policies.engine.evidence import paper_steps, papers_stated, system_subject
from policies.engine.finding import finding
from policies.engine.outcomes import Finding, Outcome, Step
from policies.engine.rule import Item
from policies.engine.verdicts import concluded
from policies.hipaa_eligible import Eligibility, EligibleServices
from policies.rules.vendors import SELF

if TYPE_CHECKING:
    from policies.permissions.aws.access.effective import Effective

AMAZON = re.compile(r"\b(amazon web services|aws)\b", re.IGNORECASE)
_BAAS = frozenset({AgreementKind.BAA, AgreementKind.SUBCONTRACTOR_BAA})


class IneligibleService(AboutAws):
    """
    PHI in AWS is in services that AWS lists as HIPAA eligible, in an account for which a BAA with AWS is recorded.

    AWS's agreement allows PHI nowhere else. The list is data with dates: what it does not know, and everything once it
    is a year old, is "not evaluated". The BAA of a system that names its vendor is asked for by `vendor-agreement`, and
    not twice; here it is asked for where the configuration says that nobody hosts the system, or that it holds no PHI,
    and PHI is there.
    Source: 45 CFR 164.308(b)(1), 164.308(b)(3), 164.502(e); AWS, "HIPAA Eligible Services Reference".
    """

    id = "ineligible-service"
    title = "PHI where the agreement with AWS does not reach"
    question = "Is PHI in AWS only where the agreement with AWS covers it?"

    def items(self, case: Case) -> Iterator[Item]:
        """Every AWS account that is said to hold PHI, or of which a resource is marked as holding PHI."""
        for system in aws_systems(case):
            if case.systems[system].holds_phi or _services(case, system):
                yield Item(system_subject(case, system), system)

    def judge_account(self, case: Case, item: Item, judge: "Effective") -> Iterator[Outcome]:
        """Look up the service of every resource with PHI; then the BAA, where no other rule asks for it."""
        data, services = EligibleServices.load(), _services(case, item.system)
        unknown = coverage_gaps(judge.estate)
        found = False
        for service, arns in services.items():
            known = data.of(service, case.today)
            if known is Eligibility.NOT_LISTED:
                found = True
                yield self._service(case, item, service, arns, data)
            elif known is not Eligibility.ELIGIBLE:
                unknown.append(_reason(known, service, data))
        baa = self._baa(case, item) if services else None
        if baa is not None:
            found = True
            yield baa
        yield from concluded(self, item, found=found, unknown=unknown, until=data.stale_on)

    def _service(self, case: Case, item: Item, service: str, arns: tuple[str, ...], data: EligibleServices) -> Finding:
        system, name = case.systems[item.system], data.names[service]
        return finding(
            self,
            case,
            item,
            way="service",
            what=f"service|{service}",
            name=name,
            listed=str(data.listed_on),
            reviewed=str(data.reviewed_on),
            source=data.source,
            path=(
                Step("system", system.id, f"{system.title}, AWS account {_account(case, item.system)}"),
                *(Step("resource", arn, f"{arn}, holds PHI") for arn in arns),
                Step("service", service, f"{name}: not listed"),
            ),
        )

    def _baa(self, case: Case, item: Item) -> Finding | None:
        """Return the finding that PHI is without BAA; `None` when it has one, and where another rule asks for it."""
        system = case.systems[item.system]
        if system.holds_phi and system.vendor != SELF:
            return None
        named = system.vendor if system.vendor not in (None, SELF) else None
        owner = case.account_owner(system.id)
        with_aws = [a for a in case.agreements if _is_with_aws(case, a, named) and _covers(case, a, system.id, owner)]
        if any(contains(a.days, case.today) for a in with_aws):
            return None
        account, whose = _account(case, item.system), _owner(owner)
        says = "nobody else hosts it" if system.vendor == SELF else "it holds no PHI"
        return finding(
            self,
            case,
            item,
            way="without-baa",
            what="baa",
            aws_account=account,
            known=papers_stated(case, with_aws, f"the register has none; the configuration says that {says}"),
            whose=whose,
            path=(
                Step("system", system.id, f"{system.title}, AWS account {account}"),
                *paper_steps(case, with_aws),
            ),
            leg=Leg(owner, "Amazon Web Services", _BAAS, ""),
        )


def _services(case: Case, system: str) -> dict[str, tuple[str, ...]]:
    """Return the ARNs of the resources with PHI, by the service in which they are."""
    estate = case.collections[system].estate
    found: dict[str, list[str]] = {}
    for facts in estate.resources if isinstance(estate, AwsEstate) else ():
        if facts.phi:
            parts = facts.arn.split(":")
            found.setdefault(parts[2].lower() if len(parts) > 2 else "", []).append(facts.arn)
    return {service: tuple(sorted(arns)) for service, arns in sorted(found.items())}


def _account(case: Case, system: str) -> str:
    estate = case.collections[system].estate
    return estate.account if isinstance(estate, AwsEstate) else "?"


def _reason(known: Eligibility, service: str, data: EligibleServices) -> str:
    look = f"compare with {data.source}"
    if known is Eligibility.STALE:
        return f"what is known of eligible services is of {data.reviewed_on}, more than a year old: {look}"
    if known is Eligibility.UNSURE:
        return f"`{service}` was on AWS's list of {data.listed_on}; whether it still is, nobody has looked up: {look}"
    return f"nothing is known of the eligibility of `{service}`: {look}"


def _is_with_aws(case: Case, agreement: Agreement, named: str | None) -> bool:
    if agreement.kind not in _BAAS:
        return False
    same = named is not None and case.coverage.same(agreement.receiver, named)
    return same or AMAZON.search(agreement.receiver) is not None


def _covers(case: Case, agreement: Agreement, system: str, owner: str) -> bool:
    of_system = agreement.systems is None or system in agreement.systems
    return of_system and case.coverage.same(agreement.giver, owner)


def _owner(owner: str) -> str:
    return "the practice" if owner == PRACTICE else owner


RULES = (IneligibleService(),)
