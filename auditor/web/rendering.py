"""Templates and what they need: everything is escaped, nothing is inline, styles come by the hash of their bytes."""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment

from reports.templating import environment

_HERE = Path(__file__).parent
_HOUSE = ("base.css",)
"""The style sheets of the report that pages share: colours of both schemes, type, focus."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file that browsers may keep for ever, because its name changes with its bytes."""

    path: str
    body: bytes
    media_type: str


class Assets:
    """The style sheets and pictures of a site, in memory."""

    def __init__(self, folders: tuple[Path, ...] = ()) -> None:
        house = files("reports") / "assets"
        bodies = {name: (house / name).read_bytes() for name in _HOUSE}
        for folder in (_HERE / "assets", *folders):
            bodies |= {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file()}
        self._by_name = {name: _asset(name, body) for name, body in bodies.items()}
        self._by_path = {asset.path: asset for asset in self._by_name.values()}

    def __getitem__(self, name: str) -> str:
        """Return the path of a file by its name; raises `KeyError`, which a test of the template finds."""
        return self._by_name[name].path

    def at(self, path: str) -> Asset | None:
        """Return what a browser asks for; `None` for any other path, one with an earlier hash included."""
        return self._by_path.get(path)

    @property
    def sheets(self) -> tuple[str, ...]:
        """The paths of all style sheets: those of the house, then those of the shell, then those of the pages."""
        return tuple(asset.path for name, asset in self._by_name.items() if name.endswith(".css"))


def _asset(name: str, body: bytes) -> Asset:
    stem, dot, end = name.rpartition(".")
    known, _ = mimetypes.guess_type(name)
    media = "text/css; charset=utf-8" if end == "css" else known or "application/octet-stream"
    return Asset(f"/static/{stem}.{hashlib.sha256(body).hexdigest()[:16]}{dot}{end}", body, media)


class Templates:
    """The templates of the shell and of the pages; a name of the shell cannot be taken by a page."""

    def __init__(self, folders: tuple[Path, ...], given: Mapping[str, Any]) -> None:
        self._folders = (_HERE / "templates", *folders)
        self._given = dict(given)

    @cached_property
    def environment(self) -> Environment:
        """Jinja's environment, with what every page is given."""
        made = environment(*self._folders)
        made.globals |= self._given
        return made

    def render(self, name: str, context: Mapping[str, Any]) -> bytes:
        """Return a page as UTF-8."""
        return self.environment.get_template(name).render(context).encode("utf-8", "replace")
