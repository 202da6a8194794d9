"""The never-list: what no VMA may hold, whatever the role, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from connectors.errors import AuditorError, shorten
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml
from policies.citations import Citation, Citations
from policies.families import CitationId
from policies.vocabulary import Text, Vocabulary

SHIPPED = Path(__file__).parents[1] / "never.yaml"


class _Entry(Strict):
    why: Text
    citations: list[CitationId] = Field(min_length=1)


class _File(Strict):
    version: int = Field(ge=1)
    never: dict[str, _Entry] = Field(min_length=1)


@dataclass(frozen=True)
class ProhibitedCapabilities:
    """What is forbidden to every VMA."""

    mask: int
    version: int
    _why: Mapping[str, str]
    _citations: Mapping[str, tuple[Citation, ...]]

    @classmethod
    def load(cls, vocabulary: Vocabulary, path: Path | None = None) -> "ProhibitedCapabilities":
        """Load the list, by default the shipped one; raises `InputError` naming file, line and key."""
        document = load_yaml(path or SHIPPED)
        file = document.validate(_File)
        known = Citations.load()
        mask = 0
        for name, entry in file.never.items():
            mask |= 1 << vocabulary.capability_at(document, ("never", name), name).bit
            for place, id_ in enumerate(entry.citations):
                if id_ not in known:
                    document.refuse(
                        ("never", name, "citations", place),
                        "no such citation",
                        found=id_,
                        expected="one that citations.yaml describes",
                    )
        return cls(
            mask,
            file.version,
            {name: entry.why for name, entry in file.never.items()},
            {name: tuple(known[id_] for id_ in entry.citations) for name, entry in file.never.items()},
        )

    def why(self, capability_id: str) -> str:
        """Say why nobody may hold it; raises `AuditorError` for what is not on the list."""
        self._must_hold(capability_id)
        return self._why[capability_id]

    def citations(self, capability_id: str) -> tuple[Citation, ...]:
        """Return the provisions that it rests on, whatever the engagement; raises `AuditorError` as `why` does."""
        self._must_hold(capability_id)
        return self._citations[capability_id]

    def _must_hold(self, capability_id: str) -> None:
        if capability_id not in self._why:
            raise AuditorError(f"{shorten(capability_id)} is not on the never-list")
