"""
The demo: audits the example practice before and after a change of headcount, and says where the report is.

Usage: python examples/demo.py OUT. Everything that it makes goes into the folder OUT, which it empties of its own
earlier results first. What people stated before each audit (`story/statements.py`) is taken down as `auditor attest`,
`approve` and `accept` do, except that it is dated as the story says and not today.
"""

import json
import sys
import textwrap
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path

from story.people import Period
from story.review import review
from story.statements import stated

from auditor.cli import run
from auditor.cli.statements import record
from auditor.config import load_config
from reports.words import plural

HERE = Path(__file__).parent / "lakeside"
AUDITS = {Period.Q3: "2026-09-30T17:00:00-05:00", Period.NOV: "2026-11-20T17:00:00-06:00"}
NOT_AN_AUDIT = 64


def main(out: Path) -> int:
    """Run both audits; return 0 when both were done, whatever they found."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("lakeside*"):
        old.unlink()
    result = StringIO()
    for period, at in AUDITS.items():
        folder = period.folder
        print(f"\n{plural(_state(out, period), 'statement')} recorded: `auditor statements`", file=sys.stderr)
        report = out / f"lakeside-{folder}.html"
        print(f"\n── auditor audit examples/lakeside/{folder}/auditor.yaml --at {at}", file=sys.stderr)
        result = StringIO()
        arguments = ["audit", str(HERE / folder / "auditor.yaml"), "--at", at]
        arguments += ["--store", str(out / "lakeside.db"), "--report", str(report), "--format", "json"]
        with redirect_stdout(result):
            code = run(arguments)
        if code >= NOT_AN_AUDIT:
            return code
        if period is Period.Q3:
            asked = review(HERE / folder / "auditor.yaml", out / "lakeside.db")
            print(f"{asked} questions of the quarter's review answered, signed and sealed: `auditor review status`",
                  file=sys.stderr)  # fmt: skip
        audit = json.loads(result.getvalue())
        print(f"\n{audit['headline']['sentence']}\n{audit['headline']['verdict']}: {audit['headline']['explanation']}")
    audit = json.loads(result.getvalue())
    print("\nWhat changed since the audit before:")
    for event in audit["drift"]["events"]:
        explained, owed = len(event["explained"]), len(event["owed"])
        changes = plural(explained, "change of access", "changes of access")
        print(f"  {event['name']} {event['kind']}: explains {changes}; findings still open: {owed}")
    stated = [c["text"] for c in audit["drift"]["explained"] if "explained by" in c["cause"]]
    print(f"  what people approved or accepted explains {plural(len(stated), 'change of access', 'changes of access')}")
    print(f"  nothing explains {len(audit['drift']['unexplained'])} changes of access: `auditor drift`")
    print("\nThe three findings that matter most:")
    for finding in audit["findings"][:3]:
        print(f"  {finding['id']} {finding['severity']}: {finding['title']}")
        print(textwrap.fill(finding["remedy"], 116, initial_indent="    → ", subsequent_indent="      "))
    print(
        f"\nThe whole path of one: .venv/bin/auditor explain {audit['findings'][0]['id']} --store {out / 'lakeside.db'}"
    )
    print("What else to ask it, from onboarding to capacity: examples/README.md")
    print(f"The HTML report: {report}")
    return 0


def _state(out: Path, period: Period) -> int:
    """Record what was stated before the audit of this moment; return how much it is."""
    config = replace(load_config(HERE / period.folder / "auditor.yaml"), store=out / "lakeside.db")
    statements = list(stated(config.practice.id, period))
    for statement, at in statements:
        record(config, statement, at)
    return len(statements)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "out")))
