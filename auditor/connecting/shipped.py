"""Which connectors there are, shipped and installed, and what each reads."""

import ast
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from connectors.connector import ENTRY_POINTS, module_of, names
from connectors.facts import SystemKind


@dataclass(frozen=True, slots=True)
class ShippedConnector:
    """One connector that `auditor.yaml` can name."""

    kind: SystemKind
    name: str
    reads: str
    """The first sentence of its module."""
    package: str | None = None
    """The installed package that offers it; `None` for one that is shipped."""


def list_connectors() -> tuple[ShippedConnector, ...]:
    """List all connectors without importing one: their libraries are heavy, and a broken one must not hide the rest."""
    return (*_shipped(), *_installed())


def _shipped() -> Iterator[ShippedConnector]:
    for kind in SystemKind:
        for name in names(kind):
            yield ShippedConnector(kind, name, _first_sentence(module_of(kind, name) or ""))


def _installed() -> Iterator[ShippedConnector]:
    kinds = {kind.value for kind in SystemKind}
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda p: p.name):
        kind, _, name = point.name.partition(".")
        if kind in kinds and name and name not in names(SystemKind(kind)):
            yield ShippedConnector(SystemKind(kind), name, _first_sentence(point.module), _package(point))


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "an installed package"


def _first_sentence(module: str) -> str:
    """Read the first sentence of a module's docstring from its source."""
    try:
        found = importlib.util.find_spec(module)
        source = found.loader.get_source(found.name) if found and found.loader else None  # type: ignore[attr-defined]
        text = ast.get_docstring(ast.parse(source or "")) or ""
    except (ImportError, AttributeError, SyntaxError, ValueError, OSError):
        return "(cannot be imported here)"
    return " ".join(text.split("\n\n")[0].split()) or "(does not say)"
