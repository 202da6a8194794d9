"""Catalogs of other packages: beside the module of a connector that is not shipped, under its name, with `.yaml`."""

from pathlib import Path

from connectors.connector import ENTRY_POINTS
from connectors.errors import AuditorError
from connectors.installed import Extension, extensions


def installed_catalogs() -> tuple[tuple[Extension, Path], ...]:
    """
    List them, with whose they are.

    A connector that cannot be found brings none: whoever configures it is told so by name, and a product that no
    catalog explains is an error of its own.
    """
    found = []
    for offer in extensions(ENTRY_POINTS):
        try:
            path = offer.file().with_suffix(".yaml")
        except AuditorError:
            continue
        if path.is_file():
            found.append((offer, path))
    return tuple(found)
