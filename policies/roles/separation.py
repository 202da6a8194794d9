"""
Separation of duties: sets of capabilities that no one person may hold together, across all systems.

Sources: NIST SP 800-53 Rev. 5 AC-5; AAFP, Family Practice Management 2011;18(6):20-24 (one person billed, posted the
payments and wrote balances off).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml
from policies.vocabulary import Text, Vocabulary

SHIPPED = Path(__file__).parents[1] / "separation.yaml"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Duties that must not meet in one person."""

    id: str
    title: str
    severity: Literal["critical", "high", "medium"]
    sides: tuple[int, ...]
    """Who holds something of every side breaks it."""
    why: str
    mitigation: str
    """The compensating control where a product or a small team cannot split the duties."""

    def broken_by(self, held: int) -> bool:
        """Whether somebody who holds this set holds something of every side."""
        return all(held & side for side in self.sides)


class _Entry(Strict):
    title: Text
    severity: Literal["critical", "high", "medium"]
    sides: list[Annotated[list[str], Field(min_length=1)]] = Field(min_length=2)
    why: Text
    mitigation: Text


class _File(Strict):
    version: int = Field(ge=1)
    conflicts: dict[Annotated[str, StringConstraints(pattern=r"^SOD-\d+$")], _Entry] = Field(min_length=1)


def load_conflicts(vocabulary: Vocabulary, path: Path | None = None) -> tuple[Conflict, ...]:
    """
    Load the conflicts, by default the shipped ones, in the order of the file.

    Raises `InputError` when a capability is unknown or stands on two sides: it would then conflict with itself.
    """
    document = load_yaml(path or SHIPPED)
    conflicts = []
    for id_, entry in document.validate(_File).conflicts.items():
        sides: list[int] = []
        for place, names in enumerate(entry.sides):
            key = ("conflicts", id_, "sides", place)
            side = vocabulary.mask_at(document, key, names)
            both = side & sum(sides)
            if both:
                document.refuse(
                    key,
                    "a capability stands on two sides",
                    found=", ".join(vocabulary.names(both)),
                    expected="sides that have nothing in common",
                )
            sides.append(side)
        conflicts.append(Conflict(id_, entry.title, entry.severity, tuple(sides), entry.why, entry.mitigation))
    return tuple(conflicts)
