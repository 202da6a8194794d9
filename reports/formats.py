"""
The formats of the audit report: those that are shipped, and those that installed packages add.

A package adds one by the entry-point group `auditor.formats`: a module with `render(report)`, which returns text or
bytes. All are drawn from the one model (`reports.model`), so they cannot disagree. Escape what you show: names, notes
and titles in the model are a stranger's (`reports.safe`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, assert_never

from connectors.errors import AuditorError, shorten
from connectors.installed import Extension, extension, extensions, what_failed
from reports.model import Report

ENTRY_POINTS = "auditor.formats"


class Shipped(StrEnum):
    """The formats that come with the auditor; what draws one is told apart in `ReportFormat.render`, exhaustively."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where text for people is shown."""

    width: int
    """In characters."""
    colour: bool


class FormatModule(Protocol):
    """The shape of a module that a package offers."""

    def render(self, report: Report) -> str | bytes:
        """Return the whole report; the same report gives the same bytes."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A format that a package offers, loaded."""

    offer: Extension
    module: FormatModule


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """One format, ready to be drawn."""

    kind: Shipped | Installed

    def __str__(self) -> str:
        """Its name."""
        return self.kind.value if isinstance(self.kind, Shipped) else self.kind.offer.name

    def render(self, report: Report, terminal: Terminal) -> str | bytes:
        """
        Return the report in this format.

        Raises `AuditorError` naming the package whose format fails, or answers something else than text or bytes.
        """
        match self.kind:
            case Shipped.TEXT:
                from reports import text  # noqa: PLC0415 - a format pays for itself alone

                return text.render(report, width=terminal.width, colour=terminal.colour)
            case Shipped.JSON:
                from reports import json_report  # noqa: PLC0415

                return json_report.render(report)
            case Shipped.HTML:
                from reports import html  # noqa: PLC0415

                return html.render(report)
            case Installed():
                return _drawn(self.kind, report)
        assert_never(self.kind)


def find(name: str) -> ReportFormat:
    """
    Return the format of a name, shipped first; what a package offers is loaded here, before anything is read.

    Raises `AuditorError` naming the formats that exist, or the package that offers one which cannot be used.
    """
    if name in list(Shipped):
        return ReportFormat(Shipped(name))
    offered = extension(ENTRY_POINTS, name)
    if offered is None:
        raise AuditorError(
            f"there is no format {shorten(name)}",
            hint=f"use one of: {', '.join(names())}; or install a package with it",
        )
    module = offered.load()
    if not callable(getattr(module, "render", None)):
        raise offered.refuse("a format is a module with a function `render(report)`")
    return ReportFormat(Installed(offered, module))


def names() -> list[str]:
    """List the formats that exist, without loading one."""
    return list(dict.fromkeys((*(each.value for each in Shipped), *(each.name for each in extensions(ENTRY_POINTS)))))


def _drawn(kind: Installed, report: Report) -> str | bytes:
    try:
        drawn = kind.module.render(report)
    except Exception as error:
        raise kind.offer.refuse(f"`render` failed: {what_failed(error)}") from error
    if not isinstance(drawn, str | bytes):
        raise kind.offer.refuse(f"`render` returned `{type(drawn).__name__}`: expected text or bytes")
    return drawn
