"""Privileged access: which capabilities make an account a privileged one, and which administer other people's."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml
from policies.vocabulary import CapabilityId, Vocabulary

SHIPPED = Path(__file__).parents[1] / "privileged.yaml"


class _File(Strict):
    version: int = Field(ge=1)
    administers: list[CapabilityId] = Field(min_length=1)
    privileged: list[CapabilityId] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class PrivilegedCapabilities:
    """
    The one answer to "is that privileged?", for reviews, annexes and lists.

    Source: HHS OCR audit protocol, 164.312(a)(1); NIST SP 800-53 AC-6(5).
    """

    administers: int
    """Capabilities by which somebody gives access to others."""
    mask: int
    """Everything privileged, these included."""
    version: int

    @classmethod
    def load(cls, vocabulary: Vocabulary, path: Path | None = None) -> "PrivilegedCapabilities":
        """Load the list, by default the shipped one; raises `InputError` naming file, line and key."""
        document = load_yaml(path or SHIPPED)
        file = document.validate(_File)
        administers = vocabulary.mask_at(document, ("administers",), file.administers)
        more = vocabulary.mask_at(document, ("privileged",), file.privileged)
        if twice := administers & more:
            document.refuse(
                ("privileged",),
                "a capability stands in both lists",
                found=", ".join(vocabulary.names(twice)),
                expected="each one once",
            )
        return cls(administers, administers | more, file.version)
