"""
The harnesses of the connectors that are shipped, from the files beside this one: `harness_NAME.py`, each with classes
`…Harness`.

A connector without one fails the suite. A class with `further` tries the same connector on a further server, or longer.
"""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from connectors.testing import Harness


def _found() -> Iterator[type[Harness]]:
    for path in sorted(Path(__file__).parent.glob("*harness*.py")):
        if path.stem != Path(__file__).stem:
            module = import_module(f"tests.contract.{path.stem}")
            for name, harness in vars(module).items():
                if name.endswith("Harness") and harness.__module__ == module.__name__:
                    yield harness


_ALL = tuple(_found())
HARNESSES: tuple[Harness, ...] = tuple(harness() for harness in _ALL if not hasattr(harness, "further"))
FURTHER: dict[str, Harness] = {str(harness.further): harness() for harness in _ALL if hasattr(harness, "further")}
"""By the name of the test."""
