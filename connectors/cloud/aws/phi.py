"""Which resources are said to hold PHI, by ARN and by tag."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ARN = r"^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:[^*?\s][^*?\s]*(/\*)?$"
"""Of one resource: no pattern, unless it stands for all that is in a bucket."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What marks them, and where to look for tags."""

    arns: Sequence[str]
    tags: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    regions: Sequence[str] = ()
    within: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By ARN of a bucket: the paths in it that are meant, where not the whole bucket is."""

    def marks(self, tags: Sequence[tuple[str, str]]) -> bool:
        """Whether one of a resource's tags says that it holds PHI."""
        return any(value in wanted(self.tags[key]) for key, value in tags if key in self.tags)


def bucket_of(arn: str) -> str:
    """Return the ARN of the bucket for a path inside it; any other ARN as it is."""
    match = re.match(r"(arn:[^:]+:s3:::[^/]+)/", arn)
    return match[1] if match else arn


def wanted(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the values of a tag."""
    return (value,) if isinstance(value, str) else value
