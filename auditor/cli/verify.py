"""`auditor verify`."""

from pathlib import Path

from auditor.cli.console import print_text
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.exit_codes import IN_STEP, NOT_VERIFIED
from auditor.ledger.entries import LedgerHead
from auditor.ledger.verify import verify


def run_verify(store: Path, key: str, head: str | None, *, output: Format) -> int:
    """Verify a store; return 0 when everything holds and 3 when anything does not."""
    verdict = verify(store, key, LedgerHead.parse(head) if head is not None else None)
    first = "intact" if verdict.ok else "NOT INTACT"
    emit(
        output,
        text=lambda: print_text([first, *(f"  {line}" for line in verdict.lines())]),
        data=lambda: {
            "ok": verdict.ok,
            "entries": verdict.entries,
            "valid": verdict.valid,
            "tail_vouched": verdict.tail_vouched,
            "problems": list(verdict.problems),
            "head": str(verdict.head) if verdict.head else None,
        },
    )
    return IN_STEP if verdict.ok else NOT_VERIFIED
