"""`auditor verify`."""

import json
from pathlib import Path

from auditor.cli.out import say
from auditor.ledger import Head
from auditor.verify import verify

VERIFIED, NOT_VERIFIED = 0, 3


def run_verify(store: Path, key: str, head: str | None, *, as_json: bool) -> int:
    """Verify a store; return 0 when everything holds and 3 when anything does not."""
    verdict = verify(store, key, Head.parse(head) if head is not None else None)
    if as_json:
        data = {
            "schema_version": 1,
            "ok": verdict.ok,
            "entries": verdict.entries,
            "valid": verdict.valid,
            "tail_vouched": verdict.tail_vouched,
            "problems": list(verdict.problems),
            "head": str(verdict.head) if verdict.head else None,
        }
        say(json.dumps(data, indent=2) + "\n")
        return VERIFIED if verdict.ok else NOT_VERIFIED
    lines = [f"{verdict.valid} of {verdict.entries} entries verify: " + ("intact" if verdict.ok else "NOT INTACT")]
    lines += [f"  ✗ {problem}" for problem in verdict.problems]
    if verdict.ok and not verdict.tail_vouched:
        lines.append(
            "  the tail cannot be vouched for: give `--head` from the last report to prove nothing was cut off"
        )
    if verdict.head:
        lines.append(f"head: {verdict.head}")
    say("\n".join(lines) + "\n")
    return VERIFIED if verdict.ok else NOT_VERIFIED
