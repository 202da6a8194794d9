"""How every page is filled in: what is put into it is escaped, made visible, and never missing."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.safe import visible


def environment(*folders: Path) -> Environment:
    """Return Jinja's environment: always escaping, undefined names are errors, hostile characters made visible."""
    return Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )


def _finalize(value: object) -> object:
    """Make every value that is put into a page safe to look at; refuse to show `None` to people."""
    if isinstance(value, Markup):
        return value
    if value is None:
        raise TypeError("a template tried to show a value that is not there")
    return visible(str(value))
