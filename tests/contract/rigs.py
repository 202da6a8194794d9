"""
The rigs of the connectors that are shipped, from the files beside this one: `rig_NAME.py`, each with classes `…Rig`.

A connector without one fails the suite. A class with `further` tries the same connector on a further server, or longer.
"""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from connectors.testing import Rig


def _found() -> Iterator[type[Rig]]:
    for path in sorted(Path(__file__).parent.glob("*rig*.py")):
        if path.stem != Path(__file__).stem:
            module = import_module(f"tests.contract.{path.stem}")
            for name, rig in vars(module).items():
                if name.endswith("Rig") and rig.__module__ == module.__name__:
                    yield rig


_ALL = tuple(_found())
RIGS: tuple[Rig, ...] = tuple(rig() for rig in _ALL if not hasattr(rig, "further"))
FURTHER: dict[str, Rig] = {str(rig.further): rig() for rig in _ALL if hasattr(rig, "further")}
"""By the name of the test."""
