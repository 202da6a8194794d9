"""
What installed packages offer under a group of entry points: connectors, rules and formats that are not shipped.

A package that cannot be used is told by its name, and never passed over: without it an audit would say less than it
seems to.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from traceback import extract_tb
from types import ModuleType

from connectors.errors import AuditorError


@dataclass(frozen=True, slots=True)
class Extension:
    """One module that an installed package offers under a group."""

    group: str
    name: str
    module: str
    """Its dotted name."""
    package: str
    """The distribution; `an installed package` where its files do not name it."""
    version: str
    _attribute: str = ""

    @property
    def source(self) -> str:
        """The package, with its version."""
        return f"{self.package} {self.version}".strip()

    def __str__(self) -> str:
        """Say it as errors do: what, and whose."""
        return f"`{self.name}` of the package `{self.source}`"

    def refuse(self, why: str) -> AuditorError:
        """Return the error that says by name why it cannot be used."""
        return AuditorError(
            f"{self} (entry points `{self.group}`) cannot be used: {why}",
            hint=self._remedy,
        )

    @property
    def _remedy(self) -> str:
        return f"mend `{self.package}`, or uninstall it"

    @contextmanager
    def named(self) -> Iterator[None]:
        """Let every error within name it."""
        try:
            yield
        except AuditorError as error:
            error.message = f"{self} (entry points `{self.group}`) cannot be used: {error.message}"
            error.hint = error.hint or self._remedy
            raise

    def load(self) -> ModuleType:
        """Import the module; raises `AuditorError` whatever goes wrong, without its text, which may hold values."""
        if self._attribute:
            raise self.refuse(f"an entry point names a module, and not `{self._attribute}` in one")
        try:
            return import_module(self.module)
        except Exception as error:
            raise self.refuse(f"cannot be loaded: {what_failed(error)}") from error

    def file(self) -> Path:
        """Return the file of the module, without importing it; raises `AuditorError` when there is none."""
        try:
            found = find_spec(self.module)
        except Exception as error:
            raise self.refuse(f"cannot be loaded: {what_failed(error)}") from error
        if found is None or not found.has_location or found.origin is None:
            raise self.refuse(f"there is no file of the module `{self.module}`")
        return Path(found.origin)


def what_failed(error: Exception) -> str:
    """Name an error, and where it happened or what is missing; its text is left out, for it may hold values."""
    match error:
        case SyntaxError():
            return f"{type(error).__name__} in line {error.lineno}"
        case ImportError() if error.name:
            return f"{type(error).__name__} for `{error.name}`"
    place = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"


def extensions(group: str) -> tuple[Extension, ...]:
    """List what is offered under a group, in the order of names and packages."""
    found = (_extension(point) for point in entry_points(group=group))
    return tuple(sorted(found, key=lambda offer: (offer.name, offer.package)))


def extension(group: str, name: str) -> Extension | None:
    """Return what is offered under a name; `None` for nothing, and `AuditorError` where several packages offer it."""
    found = [each for each in extensions(group) if each.name == name]
    if len(found) > 1:
        raise AuditorError(
            f"`{name}` (entry points `{group}`) is offered by {' and by '.join(f'`{each.package}`' for each in found)}",
            hint="uninstall all but one",
        )
    return found[0] if found else None


def _extension(point: EntryPoint) -> Extension:
    package, version = (point.dist.name, point.dist.version) if point.dist else ("an installed package", "")
    return Extension(point.group, point.name, point.module, package, version, point.attr)
