"""The fewest actions of AWS that give a capability, by kind of resource, as `smallest.yaml` has them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import Field

from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml
from policies.permissions.aws.evaluation.patterns import matches

FILE = Path(__file__).parent / "smallest.yaml"


class Offer(Strict):
    """What gives one capability on one kind of resource."""

    of: str
    at: str = Field(pattern=r"^\{arn\}")
    actions: tuple[str, ...] = Field(min_length=1)
    """As AWS writes them."""
    supports: bool = False
    """It gives nothing by itself."""


class _File(Strict):
    version: int
    offers: dict[str, tuple[Offer, ...]]


@dataclass(frozen=True, slots=True)
class WantedActions:
    """Actions that must be allowed at one place."""

    capability: str
    resource: str
    """ARN of the resource with PHI."""
    place: str
    """What the policy names: the resource, or what is in it."""
    actions: tuple[str, ...]
    supports: bool


@cache
def offers() -> Mapping[str, tuple[Offer, ...]]:
    """Return the offers by capability."""
    return load_yaml(FILE).validate(_File).offers


def wanted(capability: str, arn: str, within: Sequence[str] = ()) -> Iterator[WantedActions]:
    """Yield what gives a capability on one resource, or only `within` it; nothing where it gives none."""
    for offer in offers().get(capability, ()):
        if matches(offer.of, arn):
            everywhere = offer.at.replace("{arn}", arn)
            for place in within if within and everywhere == f"{arn}/*" else (everywhere,):
                yield WantedActions(capability, arn, place, offer.actions, offer.supports)
