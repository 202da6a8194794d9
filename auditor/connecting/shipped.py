"""Which connectors there are, shipped and installed, and what each reads."""

import ast
import importlib.util
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from inspect import cleandoc
from io import StringIO

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
            yield ShippedConnector(kind, name, _first_sentence(module_of(kind, name) or "", _head))


def _installed() -> Iterator[ShippedConnector]:
    kinds = {kind.value for kind in SystemKind}
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda p: p.name):
        kind, _, name = point.name.partition(".")
        if kind in kinds and name and name not in names(SystemKind(kind)):
            yield ShippedConnector(SystemKind(kind), name, _first_sentence(point.module, _whole), _package(point))


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "an installed package"


def _first_sentence(module: str, docstring: Callable[[str], str]) -> str:
    """Read the first sentence of a module's docstring from its source."""
    try:
        found = importlib.util.find_spec(module)
        source = found.loader.get_source(found.name) if found and found.loader else None  # type: ignore[attr-defined]
        text = docstring(source or "")
    except (ImportError, AttributeError, SyntaxError, ValueError, OSError, tokenize.TokenError):
        return "(cannot be imported here)"
    return " ".join(text.split("\n\n")[0].split()) or "(does not say)"


def _head(source: str) -> str:
    """Return the docstring from the head of a module that is ours: to parse all of it takes a hundred times longer."""
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type == tokenize.STRING:
            return cleandoc(str(ast.literal_eval(token.string)))
        if token.type not in (tokenize.COMMENT, tokenize.NL):
            break
    return ""


def _whole(source: str) -> str:
    """Return the docstring of a module of somebody else, which may be broken further down."""
    return ast.get_docstring(ast.parse(source)) or ""
