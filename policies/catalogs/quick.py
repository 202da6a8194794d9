"""
The shipped catalog of a language of policy documents, for a command that must answer at once.

An audit loads every catalog with `Catalogs.load`, which says file and line of what is wrong in one. The shipped files
are checked by the tests, so here they are only read; a practice's own catalogs are not.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parents[1]


@dataclass(frozen=True)
class QuickCatalog:
    """Capabilities in the order of the vocabulary, and what each key of the catalog gives."""

    names: tuple[str, ...]
    phi: int
    """Those that reach PHI."""
    access: dict[str, int]

    def listed(self, mask: int) -> list[str]:
        """Return the ids in a set, sorted."""
        if mask not in self._listed:
            self._listed[mask] = sorted(name for bit, name in enumerate(self.names) if mask >> bit & 1)
        return self._listed[mask]

    @cached_property
    def _listed(self) -> dict[int, list[str]]:
        return {}


def quick_catalog(product: str) -> QuickCatalog:
    """Load the shipped catalog of a product."""
    capabilities = _read(_FOLDER / "capabilities.yaml")["capabilities"]
    bits = {name: 1 << bit for bit, name in enumerate(capabilities)}
    access = _read(_FOLDER / "catalogs" / f"{product}.yaml")["access"]
    return QuickCatalog(
        tuple(capabilities),
        sum(bits[name] for name, said in capabilities.items() if said["phi"]),
        {key: sum(bits[name] for name in said["gives"]) for key, said in access.items()},
    )


def _read(path: Path) -> Any:
    # The one in C reads the same, ten times as fast; not every build of PyYAML has it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_bytes(), Loader=loader)  # noqa: S506 - both are safe loaders
