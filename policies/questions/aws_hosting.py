"""Whether PHI in an AWS account is in services that AWS lists as eligible, and whether a BAA with AWS is recorded."""

import re
from collections.abc import Iterator

from connectors.cloud.aws.estate import AwsEstate
from policies.agreements.chain import Leg
from policies.agreements.days import contains
from policies.agreements.register import Agreement
from policies.engine.answers import Broken, Unknown
from policies.engine.aws import aws_step, number_of
from policies.engine.case import Case
from policies.engine.evidence import paper_steps, papers_stated
from policies.engine.outcomes import Step
from policies.hipaa_eligible import Eligibility, EligibleServices
from policies.questions.papers import BAAS, SELF, owner_of

AMAZON = re.compile(r"\b(amazon web services|aws)\b", re.IGNORECASE)


def _services(case: Case, system: str) -> dict[str, tuple[str, ...]]:
    """Return the ARNs of the resources with PHI, by the service in which they are."""
    estate = case.collections[system].estate
    found: dict[str, list[str]] = {}
    for facts in estate.resources if isinstance(estate, AwsEstate) else ():
        if facts.phi:
            parts = facts.arn.split(":")
            found.setdefault(parts[2].lower() if len(parts) > 2 else "", []).append(facts.arn)
    return {service: tuple(sorted(arns)) for service, arns in sorted(found.items())}


def ineligible(case: Case, system: str, data: EligibleServices) -> Iterator[Broken | Unknown]:
    """Yield the services with PHI that AWS does not list, and those of which that is not known."""
    for service, arns in _services(case, system).items():
        known = data.of(service, case.today)
        if known is Eligibility.NOT_LISTED:
            yield _not_listed(case, system, service, arns, data)
        elif known is not Eligibility.ELIGIBLE:
            yield Unknown(_reason(known, service, data))


def _not_listed(case: Case, system: str, service: str, arns: tuple[str, ...], data: EligibleServices) -> Broken:
    name = data.names[service]
    path = (
        aws_step(case, system, number_of(case, system)),
        *(Step("resource", arn, f"{arn}, holds PHI") for arn in arns),
        Step("service", service, f"{name}: not listed"),
    )
    words = {"listed": str(data.listed_on), "reviewed": str(data.reviewed_on), "source": data.source}
    return Broken("service", what=f"service|{service}", name=name, path=path, words=words)


def _reason(known: Eligibility, service: str, data: EligibleServices) -> str:
    look = f"compare with {data.source}"
    if known is Eligibility.STALE:
        return f"what is known of eligible services is of {data.reviewed_on}, more than a year old: {look}"
    if known is Eligibility.UNSURE:
        return f"`{service}` was on AWS's list of {data.listed_on}; whether it still is, nobody has looked up: {look}"
    return f"nothing is known of the eligibility of `{service}`: {look}"


def without_baa(case: Case, id_: str) -> Iterator[Broken]:
    """Yield that PHI is there without BAA; nothing when there is one, and where `vendor-agreement` asks for it."""
    system = case.systems[id_]
    if not _services(case, id_) or (system.holds_phi and system.vendor != SELF):
        return
    named = system.vendor if system.vendor not in (None, SELF) else None
    owner, number = case.account_owner(id_), number_of(case, id_)
    with_aws = [a for a in case.agreements if _is_with_aws(case, a, named) and _covers(case, a, id_, owner)]
    if any(contains(a.days, case.today) for a in with_aws):
        return
    says = "nobody else hosts it" if system.vendor == SELF else "it holds no PHI"
    yield Broken(
        "without-baa",
        what="baa",
        aws_account=number,
        known=papers_stated(case, with_aws, f"the register has none; the configuration says that {says}"),
        whose=owner_of(case, id_),
        path=(aws_step(case, id_, number), *paper_steps(case, with_aws)),
        leg=Leg(owner, "Amazon Web Services", BAAS, ""),
    )


def _is_with_aws(case: Case, agreement: Agreement, named: str | None) -> bool:
    if agreement.kind not in BAAS:
        return False
    same = named is not None and case.coverage.same(agreement.receiver, named)
    return same or AMAZON.search(agreement.receiver) is not None


def _covers(case: Case, agreement: Agreement, system: str, owner: str) -> bool:
    of_system = agreement.systems is None or system in agreement.systems
    return of_system and case.coverage.same(agreement.giver, owner)
