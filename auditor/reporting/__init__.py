"""
From a judged case to the report model: counting and wording, no judgment.

It knows `auditor.audit.result`, figures and drift, and makes what `reports` draws; nothing imports it but the pipeline,
reviews and commands.
"""

from auditor.reporting.build import build_report

__all__ = ["build_report"]
