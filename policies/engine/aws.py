"""What the rules about clouds ask of a case: which systems are AWS accounts, and what was read of them."""

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from connectors.cloud.aws.estate import AwsEstate
from connectors.facts import Collection, System, SystemKind
from policies.engine.answers import Answer, Asking, Unknown
from policies.engine.bases import EachAccount
from policies.engine.case import Case
from policies.engine.evidence import system_subject
from policies.engine.outcomes import Step
from policies.engine.rule import Item, Reads

if TYPE_CHECKING:
    from policies.permissions.aws.access.effective import Effective
    from policies.permissions.aws.escalation.escalation import Escalations

NOT_COLLECTED = (
    "policies, roles and resources of the account were not collected; the connectors `aws` and `aws-json` read them"
)
NONE_MARKED = "nobody has said which resources hold PHI (`phi`, by ARN or by tag)"
NOT_FOUND = "resource-not-found"
KEPT = 4
"""Accounts that stay prepared: a rule asks for the same one again and again."""

# By identity, which lasts as long as what is kept keeps the estate alive.
_effective: "OrderedDict[int, Effective]" = OrderedDict()
_escalations: "OrderedDict[int, Escalations]" = OrderedDict()


def is_aws(system: System) -> bool:
    """Whether a system is an AWS account, and not a service in it that has rights of its own."""
    return system.kind is SystemKind.CLOUD and system.product == "aws"


def aws_systems(case: Case) -> Iterator[str]:
    """
    Yield the systems that are AWS accounts and can be asked about what is allowed there.

    One without an estate is there too when it holds PHI: the rules then say that they could not look.
    """
    for id_, system in case.systems.items():
        if is_aws(system) and id_ not in case.incomplete and _asked(case, id_):
            yield id_


def _asked(case: Case, id_: str) -> bool:
    return case.systems[id_].holds_phi or isinstance(case.collections[id_].estate, AwsEstate)


def effective(collection: Collection) -> "Effective | None":
    """Return the account of a collection, prepared for questions; `None` when its estate was not collected."""
    # Imported late: an audit without AWS does not pay for it.
    from policies.permissions.aws.access.effective import Effective  # noqa: PLC0415

    estate = collection.estate
    if not isinstance(estate, AwsEstate):
        return None
    if id(estate) not in _effective:
        _effective[id(estate)] = Effective(estate)
        if len(_effective) > KEPT:
            _effective.popitem(last=False)
    _effective.move_to_end(id(estate))
    return _effective[id(estate)]


def escalations(judge: "Effective") -> "Escalations":
    """Return the ways to more rights in an account."""
    from policies.permissions.aws.escalation.escalation import Escalations  # noqa: PLC0415

    key = id(judge.estate)
    if key not in _escalations:
        _escalations[key] = Escalations(judge.account, judge.index)
        if len(_escalations) > KEPT:
            _escalations.popitem(last=False)
    _escalations.move_to_end(key)
    return _escalations[key]


def own_accounts(case: Case, estate: AwsEstate) -> frozenset[str]:
    """Return the AWS accounts that are no strangers: this one, those of its organization, and other systems'."""
    found = {estate.account}
    for collection in case.collections.values():
        other = collection.estate
        if isinstance(other, AwsEstate):
            found.add(other.account)
    if estate.organization is not None:
        found.add(estate.organization.management_account)
        found |= {member.id for member in estate.organization.accounts}
    return frozenset(found)


def coverage_gaps(estate: AwsEstate) -> list[str]:
    """Say why resources with PHI may be missing from what was read."""
    reasons = [] if any(facts.phi for facts in estate.resources) else [NONE_MARKED]
    if "resource-tags" in estate.unread:
        reasons.append(f"which resources are tagged as holding PHI was not read: {estate.unread['resource-tags']}")
    reasons += [f"{g.subject} is said to hold PHI and was not found" for g in estate.gaps if g.kind == NOT_FOUND]
    return reasons


class AboutAws(Asking, ABC):
    """Base of a rule about AWS accounts: of one whose estate was not collected it can only say so."""

    reads = Reads.SYSTEM

    def concerns(self, system: System) -> bool:
        """Only AWS accounts."""
        return is_aws(system)

    def answer(self, case: Case, item: Item) -> Answer | Iterable[Answer]:
        """Ask the account of an item, where it was collected."""
        judge = effective(case.collections[item.system])
        return Unknown(NOT_COLLECTED) if judge is None else self.of_account(case, item, judge)

    @abstractmethod
    def of_account(self, case: Case, item: Item, judge: "Effective") -> Answer | Iterable[Answer]:
        """Answer for the item by what is allowed in its account."""


class EachAwsAccount(AboutAws):
    """Base of a rule about each AWS account that holds PHI, by the configuration or by the mark of a resource."""

    def items(self, case: Case) -> Iterator[Item]:
        """Every AWS account that is said to hold PHI, or of which a resource is marked as holding PHI."""
        for id_ in aws_systems(case):
            estate = case.collections[id_].estate
            if case.systems[id_].holds_phi or (isinstance(estate, AwsEstate) and any(f.phi for f in estate.resources)):
                yield Item(system_subject(case, id_), id_)


class EachAwsUser(AboutAws, EachAccount):
    """Base of a rule about each live account that an active VMA who is wanted has in AWS."""

    def items(self, case: Case) -> Iterator[Item]:
        """Every live account of the active VMAs who are wanted, in AWS."""
        asked = set(aws_systems(case))
        return (item for item in super().items(case) if item.system in asked)


def number_of(case: Case, system: str) -> str:
    """Return the number of an AWS account; `?` where its estate was not collected."""
    estate = case.collections[system].estate
    return estate.account if isinstance(estate, AwsEstate) else "?"


def aws_step(case: Case, system: str, number: str) -> Step:
    """Return the step that says which system, and which AWS account it is."""
    return Step("system", system, f"{case.systems[system].title}, AWS account {number}")
