"""In which services of AWS PHI may be, as AWS's public list and what we know of it say, with its date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from pathlib import Path

from pydantic import Field

from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml
from policies.vocabulary import Text

SHIPPED = Path(__file__).parent / "aws-hipaa-eligible.yaml"


class Eligibility(Enum):
    """What is known of a service."""

    ELIGIBLE = "eligible"
    NOT_LISTED = "not listed"
    UNSURE = "unsure"
    """It was on an old list, and nobody has said lately that it still is."""
    UNKNOWN = "unknown"
    STALE = "stale"
    """The data are too old to say."""


class _Listed(Strict):
    name: Text
    sure: bool
    except_: Text = Field("", alias="except")
    documented: Text = ""


class _Unlisted(Strict):
    name: Text


class _File(Strict):
    version: int = Field(ge=1)
    source: Text
    listed_on: date
    reviewed_on: date
    stale_after_days: int = Field(ge=1, le=3660)
    listed: dict[str, _Listed]
    unlisted: dict[str, _Unlisted]


@dataclass(frozen=True, slots=True)
class EligibleServices:
    """The data of one file."""

    source: str
    listed_on: date
    reviewed_on: date
    stale_on: date
    """From this day on, the data say nothing any more."""
    sure: Mapping[str, bool]
    """By prefix of a service that was listed: whether we are sure that it still is."""
    unlisted: frozenset[str]
    names: Mapping[str, str]

    @classmethod
    def load(cls, path: Path = SHIPPED) -> "EligibleServices":
        """Load a file; raises `InputError` naming file, line and key, also for a service that stands on both sides."""
        if path == SHIPPED:
            return _shipped()
        return _load(path)

    def of(self, service: str, today: date) -> Eligibility:
        """Say what is known of a service, by its lower-case prefix."""
        if today >= self.stale_on:
            return Eligibility.STALE
        if service in self.sure:
            return Eligibility.ELIGIBLE if self.sure[service] else Eligibility.UNSURE
        return Eligibility.NOT_LISTED if service in self.unlisted else Eligibility.UNKNOWN


@lru_cache(maxsize=1)
def _shipped() -> EligibleServices:
    return _load(SHIPPED)


def _load(path: Path) -> EligibleServices:
    document = load_yaml(path)
    file = document.validate(_File)
    for service in file.unlisted:
        if service in file.listed:
            document.refuse(("unlisted", service), "a service is both listed and not", found=service, expected="one")
    return EligibleServices(
        source=file.source,
        listed_on=file.listed_on,
        reviewed_on=file.reviewed_on,
        stale_on=file.reviewed_on + timedelta(days=file.stale_after_days),
        sure={service: entry.sure for service, entry in file.listed.items()},
        unlisted=frozenset(file.unlisted),
        names={s: e.name for s, e in file.listed.items()} | {s: e.name for s, e in file.unlisted.items()},
    )
