"""`auditor verify`."""

from pathlib import Path
from typing import TYPE_CHECKING

from auditor.certificates.signed import NoCertificateError
from auditor.cli.console import print_text
from auditor.cli.data.certificate import CheckedData, NoCertificateData, verified_data
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.exit_codes import IN_STEP, NOT_VERIFIED
from auditor.ledger.entries import LedgerHead
from auditor.ledger.keys import PublicKey
from auditor.ledger.verify import verify
from auditor.store import Store
from reports.words import clock_span, clock_time, plural

if TYPE_CHECKING:
    from auditor.certificates.check import CertificateVerdict
    from reports.certificate_model import Certificate, CertifiedInstant


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

    public = PublicKey.parse(key)
    try:
        verdict = check(path, public)
    except NoCertificateError as error:
        told_no = f"{error.message}: {error.hint}"
        emit(
            output,
            text=lambda: print_text(["NOT GENUINE", f"  ✗ {told_no}"]),
            data=lambda: NoCertificateData(ok=False, problems=(told_no,)),
        )
        return NOT_VERIFIED
    told = verdict.signed.certificate
    problems = list(verdict.problems)
    since: list[str] = []
    if store is not None:
        ledger = verify(store, key, LedgerHead.parse(told.head))
        problems += [f"the ledger: {problem}" for problem in ledger.problems]
        since = [] if ledger.problems else _later(store, told)
    emit(
        output,
        text=lambda: print_text([*_certified(verdict, problems), *since]),
        data=lambda: CheckedData(not problems, tuple(problems), verdict.page_compared, told, verdict.signed.id),
    )
    return NOT_VERIFIED if problems else IN_STEP


def _later(store: Path, told: "Certificate") -> list[str]:
    """Say that the store holds later audits, of which the page says nothing."""
    with Store.look(store) as opened:
        later = [audit for audit in opened.audits(told.practice) if audit.id > told.audit]
    if not later:
        return []
    last = later[-1]
    when = f"{last.at:%Y-%m-%d %H:%M} UTC"
    return [f"  ! {plural(len(later), 'audit')} since, the last {last.id} of {when}: ask for a page of that one"]


def _when(instant: "CertifiedInstant") -> str:
    """Say when something took effect, as the page does but in UTC: never earlier than it can have been."""
    latest = clock_time(instant.latest, "UTC")
    if instant.kind == "not later than":
        return f"not later than {latest}"
    span = clock_span(instant.earliest, instant.latest, "UTC")
    if instant.kind == "exact":
        return f"exact {latest}" if span == latest else span
    return span if instant.earliest else f"before {latest}"


def _certified(verdict: "CertificateVerdict", problems: list[str]) -> list[str]:
    told = verdict.signed.certificate
    lines = ["genuine" if not problems else "NOT GENUINE", *(f"  ✗ {problem}" for problem in problems)]
    lines += [f"  {verdict.signed.id}: {told.practice_name}, {told.kind} of {told.name} ({told.vma}): {told.outcome}"]
    lines += [f"  of audit {told.audit} at {told.audited:%Y-%m-%d %H:%M} UTC, entry {told.entry} of the ledger"]
    for one in told.access:
        when = f", {_when(one.instant)}" if one.instant else ""
        lines.append(f"  {one.system}: {' '.join(t for t in (one.login, one.what) if t)} {one.state}{when}")
    lines += [f"  open: {item.text}: {item.answer}" for item in told.items if item.answer != "passed"]
    lines += [f"  open: {one}" for one in told.open]
    if not verdict.page_compared:
        lines.append(
            f"  the page was made by version {told.tool}: it was not compared; the lines here are what was signed"
        )
    return lines
