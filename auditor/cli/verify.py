"""`auditor verify`."""

import json
from pathlib import Path

from auditor.cli.out import say
from auditor.exit_codes import IN_STEP, NOT_VERIFIED
from auditor.ledger.entries import LedgerHead
from auditor.ledger.verify import verify


def run_verify(store: Path, key: str, head: str | None, *, as_json: bool) -> int:
    """Verify a store; return 0 when everything holds and 3 when anything does not."""
    verdict = verify(store, key, LedgerHead.parse(head) if head is not None else None)
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
    else:
        first = "intact" if verdict.ok else "NOT INTACT"
        say("\n".join([first, *(f"  {line}" for line in verdict.lines())]) + "\n")
    return IN_STEP if verdict.ok else NOT_VERIFIED
