"""The format of docs/add-a-report.md."""

import csv
import io

from reports.model import Report
from reports.safe import visible_line

COLUMNS = ("id", "severity", "title", "what to do", "because")


def render(report: Report) -> str:
    """Return the findings as a table, the most severe first; what a spreadsheet would run begins with an apostrophe."""
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(COLUMNS)
    for finding in report.findings:
        because = " ".join(citation.id for citation in finding.citations)
        row = (finding.id, finding.severity.value, finding.title, finding.remedy, because)
        rows.writerow(_harmless(visible_line(cell)) for cell in row)
    return table.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
