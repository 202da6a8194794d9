"""`auditor verify`."""

from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.console import print_text
from auditor.cli.data.certificate import CheckedData, verified_data
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.exit_codes import IN_STEP, NOT_VERIFIED
from auditor.ledger.entries import LedgerHead
from auditor.ledger.keys import PublicKey
from auditor.ledger.verify import verify

if TYPE_CHECKING:
    from auditor.certificates.check import CertificateVerdict


def run_verify(store: Path, key: str, head: str | None, *, output: Format) -> int:
    """Verify a store; return 0 when everything holds and 3 when anything does not."""
    verdict = verify(store, key, LedgerHead.parse(head) if head is not None else None)
    first = "intact" if verdict.ok else "NOT INTACT"
    emit(
        output,
        text=lambda: print_text([first, *(f"  {line}" for line in verdict.lines())]),
        data=lambda: verified_data(verdict),
    )
    return IN_STEP if verdict.ok else NOT_VERIFIED


def run_verify_certificate(path: Path, key: str, store: Path | None, *, output: Format) -> int:
    """
    Check a certificate, and with a store that its ledger has the entry; return 0 when everything holds, else 3.

    What it states is printed from what was signed, never from what the page shows.
    """
    from auditor.certificates.check import check  # noqa: PLC0415 - it draws the page again

    verdict = check(path, PublicKey.parse(key))
    told = verdict.signed.certificate
    problems = list(verdict.problems)
    if store is not None:
        ledger = verify(store, key, LedgerHead.parse(told.head))
        problems += [f"the ledger: {problem}" for problem in ledger.problems]
    emit(
        output,
        text=lambda: print_text(_certified(verdict, problems)),
        data=lambda: CheckedData(not problems, tuple(problems), verdict.page_compared, told, verdict.signed.id),
    )
    return NOT_VERIFIED if problems else IN_STEP


def _certified(verdict: "CertificateVerdict", problems: list[str]) -> list[str]:
    told = verdict.signed.certificate
    lines = ["genuine" if not problems else "NOT GENUINE", *(f"  ✗ {problem}" for problem in problems)]
    lines += [f"  {verdict.signed.id}: {told.practice_name}, {told.kind} of {told.name} ({told.vma}): {told.outcome}"]
    lines += [f"  of audit {told.audit} at {told.audited:%Y-%m-%d %H:%M} UTC, entry {told.entry} of the ledger"]
    for one in told.access:
        when = f", {one.instant.kind} {one.instant.latest:%Y-%m-%d %H:%M:%S} UTC" if one.instant else ""
        lines.append(f"  {one.system}: {' '.join(t for t in (one.login, one.what) if t)} {one.state}{when}")
    lines += [f"  open: {item.text}: {item.answer}" for item in told.items if item.answer != "passed"]
    lines += [f"  open: {one}" for one in told.open]
    if not verdict.page_compared:
        lines.append(
            f"  the page was made by version {told.tool}: it was not compared; the lines here are what was signed"
        )
    return lines
