"""
The demo: audits the example practice before and after a change of headcount, and says where the report is.

Usage: python examples/demo.py OUT. Everything that it makes goes into the folder OUT, which it empties of its own
earlier results first.
"""

import json
import sys
import textwrap
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from auditor.cli import run
from reports.words import plural

HERE = Path(__file__).parent / "lakeside"
AUDITS = (("2026-q3", "2026-09-30T17:00:00-05:00"), ("2026-11", "2026-11-20T17:00:00-06:00"))
NOT_AN_AUDIT = 64


def main(out: Path) -> int:
    """Run both audits; return 0 when both were done, whatever they found."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("lakeside*"):
        old.unlink()
    result = StringIO()
    for folder, at in AUDITS:
        report = out / f"lakeside-{folder}.html"
        print(f"\n── auditor audit examples/lakeside/{folder}/auditor.yaml --at {at}", file=sys.stderr)
        result = StringIO()
        arguments = ["audit", str(HERE / folder / "auditor.yaml"), "--at", at]
        arguments += ["--store", str(out / "lakeside.db"), "--report", str(report), "--format", "json"]
        with redirect_stdout(result):
            code = run(arguments)
        if code >= NOT_AN_AUDIT:
            return code
        audit = json.loads(result.getvalue())
        print(f"\n{audit['headline']['sentence']}\n{audit['headline']['verdict']}: {audit['headline']['explanation']}")
    audit = json.loads(result.getvalue())
    print("\nWhat changed since the audit before:")
    for event in audit["drift"]["events"]:
        explained, owed = len(event["explained"]), len(event["owed"])
        changes = plural(explained, "change of access", "changes of access")
        print(f"  {event['name']} {event['kind']}: explains {changes}; findings still owed: {owed}")
    print(f"  nothing explains {len(audit['drift']['unexplained'])} changes of access")
    print("\nThe three findings that matter most:")
    for finding in audit["findings"][:3]:
        print(f"  {finding['id']} {finding['severity']}: {finding['title']}")
        print(textwrap.fill(finding["remedy"], 116, initial_indent="    → ", subsequent_indent="      "))
    print(
        f"\nThe whole path of one: .venv/bin/auditor explain {audit['findings'][0]['id']} --store {out / 'lakeside.db'}"
    )
    print(f"The HTML report: {report}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "out")))
