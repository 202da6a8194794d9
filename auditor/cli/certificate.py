"""`auditor certificate`."""

from dataclasses import replace
from pathlib import Path

from auditor.certificates.issue import LATER, Vouched, of_leaver, of_mover, of_starter
from auditor.certificates.signed import packed, sign
from auditor.cli.console import print_lines, styled
from auditor.cli.data.certificate import issued_data
from auditor.cli.formats import Format
from auditor.cli.gate_gather import Gathered, gather
from auditor.cli.offboard import end_clock
from auditor.cli.onboard import exit_code
from auditor.cli.output import emit
from auditor.cli.transfer import answer
from auditor.clocks import clocks_of
from auditor.config import Config, load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.gates.offboard import offboard
from auditor.gates.onboard import onboard
from auditor.history.projection import require_store
from auditor.lag.controls import SHIPPED, By, clock, load_controls
from auditor.ledger.keys import Signer
from auditor.store import Store
from connectors.collect import utc_now
from connectors.errors import AuditorError
from connectors.inputs.file_writing import write_whole
from policies.clocks import Matter
from reports.certificate_model import Certificate, CertificateKind, SignedCertificate


def run_certificate(
    about: str,
    vma: str,
    path: Path,
    audit: int | None,
    *,
    language: str,
    into: Path | None,
    store: Path | None,
    output: Format,
) -> int:
    """
    Make one page about one person as HTML and PDF, and say where it is; nothing is stored.

    Returns 0, 1 or 2 as the gate that it is about does.
    """
    config = load_config(path, store=store)
    require_store(config)
    number, signer, by = _vouched(config, audit)
    make = _MAKE[CertificateKind(about)]
    if by.newest is not None:
        later, _ = make(config, gather(config, vma, str(by.newest[0])), vma, by)
        by = replace(by, later=later.outcome)
    certificate, code = make(config, gather(config, vma, str(number)), vma, by)
    signed = sign(certificate, signer)
    pages = _write(signed, language, into or config.report.parent)
    emit(
        output,
        text=lambda: _show(signed, pages),
        data=lambda: issued_data(signed, pages),
    )
    return code


def _vouched(config: Config, audit: int | None) -> tuple[int, Signer, Vouched]:
    with Store.look(config.store) as opened:
        audits = {a.id: a for a in opened.audits(config.practice.id)}
        if not audits or (audit is not None and audit not in audits):
            there = ", ".join(map(str, audits)) or "none"
            raise AuditorError(f"there is no audit {audit or ''}".rstrip(), hint=f"the audits are: {there}")
        number = max(audits) if audit is None else audit
        entry = next((e for e in opened.entries() if e.audit == number), None)
    if entry is None:
        raise AuditorError(f"no entry of the ledger vouches for audit {number}", hint="run `auditor verify`")
    signer = Signer.load_or_create(config.store.with_suffix(".key"), ledger_is_empty=False)
    made = utc_now().replace(microsecond=0)
    last = max(audits)
    newest = (last, audits[last].at) if last > number else None
    return number, signer, Vouched(number, audits[number].at, entry.n, str(entry.head), signer.public, made, newest)


def _leaver(config: Config, gathered: Gathered, vma: str, by: Vouched) -> tuple[Certificate, int]:
    result = offboard(gathered.case, gathered.facts(gathered.case, vma), gathered.past, end_clock(config))
    told = of_leaver(result, gathered.case, gathered.past, clocks_of(config).told_for(Matter.ACCESS_END), by)
    return told, _CODES[told.outcome]


def _starter(config: Config, gathered: Gathered, vma: str, by: Vouched) -> tuple[Certificate, int]:  # noqa: ARG001
    result = onboard(gathered.case, lambda then: gathered.facts(then, vma), vma)
    return of_starter(result, gathered.case, gathered.past, by), exit_code(result)


def _mover(config: Config, gathered: Gathered, vma: str, by: Vouched) -> tuple[Certificate, int]:
    result = answer(gathered, vma, (), clock(load_controls(config.controls or SHIPPED), By.AUDITS))
    told = of_mover(result, gathered.case, gathered.past, clocks_of(config).told_for(Matter.ROLE_CHANGE), by)
    return told, _CODES[told.outcome]


_MAKE = {CertificateKind.OFFBOARD: _leaver, CertificateKind.ONBOARD: _starter, CertificateKind.TRANSFER: _mover}
_CODES = {"GONE": IN_STEP, "DONE": IN_STEP, "NOT GONE": FINDINGS, "NOT DONE": FINDINGS, "UNPROVEN": NOT_EVALUABLE}


def _write(signed: SignedCertificate, language: str, folder: Path) -> tuple[Path, Path]:
    from reports.certificate import render_html, render_pdf  # noqa: PLC0415 - jinja2 and typst are only needed here

    told, carried = signed.certificate, packed(signed)
    safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in told.vma)
    pages = (folder / f"{told.kind}-{safe}.html", folder / f"{told.kind}-{safe}.pdf")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(pages[0], render_html(signed, language, carried).encode())
        write_whole(pages[1], render_pdf(signed, language, carried))
    except OSError as error:
        raise AuditorError(
            f"`{folder}` cannot be written: `{error.strerror}`", hint="choose another with `--into`"
        ) from None
    return pages


_STYLES = {IN_STEP: "bold green", FINDINGS: "bold red", NOT_EVALUABLE: "bold yellow"}


def _show(signed: SignedCertificate, pages: tuple[Path, Path]) -> None:
    told = signed.certificate
    style = _STYLES.get(_CODES.get(told.outcome, IN_STEP if told.outcome == "READY" else FINDINGS), "bold")
    print_lines(styled(f"{told.name} ({told.vma}): {told.outcome}", style=style))
    print_lines(f"certificate {signed.id}, of audit {told.audit}, entry {told.entry} of the ledger")
    print_lines(*(styled(f"! {one}", style="bold yellow") for one in told.open if one.startswith(LATER)))
    print_lines(*(f"  {page}" for page in pages))
    print_lines("", "whoever gets it checks it offline:")
    print_lines(f"  auditor verify --certificate {pages[0].name} --key {told.key}")
