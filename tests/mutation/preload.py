"""What is read once, before a child is forked for each mutant: everything that cannot know of any mutant."""

import ast
import gc
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module

from tests.mutation.harness import ROOT

PARTS = ["auditor", "connectors", "policies", "reports"]


def preload_project(judged: Iterable[str]) -> None:
    """Reads the modules of the project that reach none that is judged, and the shipped policy."""
    for name in sorted(unjudged(judged)):
        import_module(name)
    import_module("policies.policy").load_policy()
    gc.freeze()  # nothing of it is looked through in the children again, so that they share its memory


def preload_third_party(modules: set[str]) -> None:
    """Reads what tests were seen to import."""
    for name in sorted(modules):
        with suppress(Exception):
            import_module(name)
    gc.freeze()


def unjudged(judged: Iterable[str]) -> set[str]:
    """The modules of the project that import no judged one, not even by way of another or inside of a function."""
    paths = {
        _name(path.relative_to(ROOT).as_posix()): path for part in PARTS for path in sorted((ROOT / part).rglob("*.py"))
    }
    imports = {name: _imported(ast.parse(path.read_text()), name) & set(paths) for name, path in paths.items()}
    reach = {_name(path) for path in judged}
    while more := {name for name in imports if name not in reach and imports[name] & reach}:
        reach |= more
    return set(paths) - reach


def _name(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def _imported(tree: ast.Module, name: str) -> set[str]:
    found = {name.rpartition(".")[0]}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return {part for one in found for part in _with_packages(one)}


def _with_packages(name: str) -> list[str]:
    words = name.split(".")
    return [".".join(words[:end]) for end in range(1, len(words) + 1)]
