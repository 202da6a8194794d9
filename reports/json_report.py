"""
The report as JSON, for machines: everything in the model, nothing more.

Keys stand in the order of `reports.model`; dates and instants are ISO 8601 (instants in UTC, ending in `Z`).
The text is ASCII only, so it survives every pipe, and no name in it can reorder text or drive a terminal.
"""

import json

from reports.as_json import SCHEMA_VERSION, as_json, in_utc
from reports.model import Report


def render(report: Report) -> str:
    """Return the whole report as indented JSON that ends in a line feed."""
    told = {**as_json(report, instant=in_utc), "counts": dict(sorted(report.counts.items()))}
    body = {"schema_version": SCHEMA_VERSION, **told}
    return json.dumps(body, indent=2, ensure_ascii=True, allow_nan=False) + "\n"
