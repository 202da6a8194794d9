"""
The capability vocabulary: one set of words for what an entitlement lets a person do, in all systems.

Sets of capabilities are bitsets (Python ints). A bit is the capability's place in the file, so masks live in memory
only: whatever is stored or shown uses the ids.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from connectors.errors import AuditorError, shorten
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import Document, Key, load_yaml

SHIPPED = Path(__file__).parent / "capabilities.yaml"

CapabilityId = Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z]+$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Risk(StrEnum):
    """How much harm a capability can do."""

    LOW = "low"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """A number for comparing: 0 for low, 2 for critical."""
        return _RANKS[self]


_RANKS = {risk: rank for rank, risk in enumerate(Risk)}


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing that a person can do."""

    id: str
    title: str
    """Completes the sentence "this account can …"."""
    phi: tuple[str, ...]
    """The categories of PHI that it reaches (45 CFR 164.514(d)(2)(i)(B))."""
    risk: Risk
    bit: int


class UnknownCapability(AuditorError):
    """A word that is not in the vocabulary."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        near = get_close_matches(name, list(known), n=3)
        super().__init__(
            f"no capability is called {shorten(name)}",
            hint=f"did you mean {' or '.join(f'`{n}`' for n in near)}?" if near else f"the words are in {SHIPPED.name}",
        )


class _Entry(Strict):
    title: Text
    phi: list[str]
    risk: Risk


class _File(Strict):
    version: int = Field(ge=1)
    phi_categories: dict[str, Text] = Field(min_length=1)
    capabilities: dict[CapabilityId, _Entry] = Field(min_length=1)


class Vocabulary:
    """Every capability, and the set algebra over them."""

    def __init__(self, capabilities: tuple[Capability, ...], phi_categories: Mapping[str, str], version: int) -> None:
        self.capabilities = capabilities
        self.phi_categories = phi_categories
        self.version = version
        self.all = (1 << len(capabilities)) - 1
        """Every capability at once."""
        self._by_id = {c.id: c for c in capabilities}
        self._reach = {
            category: sum(1 << c.bit for c in capabilities if category in c.phi) for category in phi_categories
        }
        self.reaching_phi = sum(1 << c.bit for c in capabilities if c.phi)
        """Every capability that reaches some category of PHI."""
        self._risks = {risk: sum(1 << c.bit for c in capabilities if c.risk is risk) for risk in Risk}

    @classmethod
    def load(cls, path: Path | None = None) -> "Vocabulary":
        """Load a vocabulary, by default the shipped one; raises `InputError` naming file, line and key."""
        return _shipped() if path is None else _load(path)

    def mask(self, names: Iterable[str]) -> int:
        """Return the set of these capabilities; raises `UnknownCapability` with the nearest words."""
        mask = 0
        for name in names:
            mask |= 1 << self.capability(name).bit
        return mask

    def names(self, mask: int) -> tuple[str, ...]:
        """Return the ids in a set, sorted."""
        return tuple(sorted(c.id for c in self._in(mask)))

    def titles(self, mask: int) -> tuple[str, ...]:
        """Return the titles of a set, in the order of `names`."""
        return tuple(self._by_id[name].title for name in self.names(mask))

    def capability(self, id: str) -> Capability:  # noqa: A002 - the word of the file
        """Return one capability; raises `UnknownCapability` with the nearest words."""
        found = self._by_id.get(id)
        if found is None:
            raise UnknownCapability(id, self._by_id)
        return found

    def phi(self, mask: int) -> tuple[str, ...]:
        """Return the categories of PHI that a set reaches, in the order of the file."""
        return tuple(category for category, reach in self._reach.items() if mask & reach)

    def risk(self, mask: int) -> Risk:
        """Return the highest risk in a set; low for the empty set."""
        return max((r for r, having in self._risks.items() if mask & having), key=lambda r: r.rank, default=Risk.LOW)

    def mask_at(self, document: Document, key: Key, names: Iterable[str]) -> int:
        """Return the set that a YAML list names; raises `InputError` with the line of a wrong or double word."""
        mask = 0
        for place, name in enumerate(names):
            bit = 1 << self.capability_at(document, (*key, place), name).bit
            if mask & bit:
                document.refuse((*key, place), "the capability stands twice", found=name, expected="each one once")
            mask |= bit
        return mask

    def capability_at(self, document: Document, key: Key, name: str) -> Capability:
        """Return the capability that a YAML file names under `key`; raises `InputError` with its line."""
        if name not in self._by_id:
            hint = UnknownCapability(name, self._by_id).hint
            document.refuse(key, "no such capability", found=name, expected="a word of the vocabulary", hint=hint)
        return self._by_id[name]

    def _in(self, mask: int) -> Iterator[Capability]:
        if not 0 <= mask <= self.all:
            raise ValueError(f"the set `{mask:#x}` has bits that no capability has")
        while mask:
            lowest = mask & -mask
            yield self.capabilities[lowest.bit_length() - 1]
            mask ^= lowest


@lru_cache(maxsize=1)
def _shipped() -> Vocabulary:
    return _load(SHIPPED)


def _load(path: Path) -> Vocabulary:
    document = load_yaml(path)
    file = document.validate(_File)
    for name, entry in file.capabilities.items():
        for place, category in enumerate(entry.phi):
            if category not in file.phi_categories:
                document.refuse(
                    ("capabilities", name, "phi", place),
                    "no such category of PHI",
                    found=category,
                    expected=f"one of: {', '.join(file.phi_categories)}",
                )
    return Vocabulary(
        tuple(
            Capability(name, entry.title, tuple(entry.phi), entry.risk, bit)
            for bit, (name, entry) in enumerate(file.capabilities.items())
        ),
        dict(file.phi_categories),
        file.version,
    )
