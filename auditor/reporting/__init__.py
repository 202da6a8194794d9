"""From a judged case to the report model: counting and wording, no judgment."""

from auditor.reporting.build import build_report

__all__ = ["build_report"]
