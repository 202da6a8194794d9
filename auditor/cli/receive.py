"""`auditor receive`: files of the other side, checked, taken down, answered."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor.cli.console import print_lines, styled
from auditor.cli.data.notices import KEYS, NoticeTeller
from auditor.cli.formats import Format
from auditor.cli.notice_words import (
    after_claim,
    against,
    claim_of,
    clocks_for,
    inset,
    noticed,
    what_is_lost,
    where,
    zone_of,
)
from auditor.cli.output import emit
from auditor.exit_codes import IN_STEP, NOT_VERIFIED
from auditor.notices.bodies import KeyBody, NoticeBody, ReceiptBody
from auditor.notices.book import Book, KeptNotice
from auditor.notices.inbox import read_file
from auditor.notices.outcomes import ReceivedOutcome
from auditor.notices.party import Party, load_party
from auditor.notices.receive import MAX_REFUSED, Received, receive
from auditor.notices.send import receipt_name, write_out
from auditor.notices.words import by_clocks, edge, local
from connectors.collect import utc_now


def run_receive(files: Iterable[Path], path: Path, out: Path | None, *, store: Path | None, output: Format) -> int:
    """
    Receive files, one after the other, and write a receipt for each notice.

    Returns 0 when each counts, 3 when one does not. Raises `AuditorError` for a file that cannot be read at all.
    """
    party = load_party(path, store)
    found = [(file, read_file(file)) for file in files]  # before anything is recorded: a path may be mistyped
    told: list[tuple[Path, Received, Path | None]] = []
    for file, data in found:
        received = receive(party, data, utc_now())
        receipt = None
        if received.kept is not None and not received.kept.ours and received.kept.receipt is not None:
            receipt = write_out(out or party.outbox, receipt_name(received.kept), received.kept.receipt)
        told.append((file, received, receipt))
    book, now = party.book(), utc_now()
    emit(
        output,
        text=lambda: print_lines(*(line for one in told for line in _lines(party, book, now, one))),
        data=lambda: [NoticeTeller(party, book, now).received(*one) for one in told],
        keys=KEYS,
    )
    return NOT_VERIFIED if any(received.examined.refused for _, received, _ in told) else IN_STEP


def _lines(party: Party, book: Book, now: datetime, one: tuple[Path, Received, Path | None]) -> Iterator[Any]:
    file, received, receipt = one
    examined, kept = received.examined, received.kept
    if examined.refused:
        yield styled(f"✗ {file.name}: refused, {examined.outcome.value}", style="bold red")
        yield from inset([*examined.why, f"what to do: {examined.todo}", _quarantine(received)])
        return
    match examined.body:
        case KeyBody() as body:
            yield from _key(file, examined.outcome, body)
        case ReceiptBody() as body if kept is not None:
            here = " (this receipt was here already)" if examined.outcome is ReceivedOutcome.REPEATED else ""
            when = local(body.received_at, party.timezone)
            yield styled(f"✓ {kept.id} was received by {body.sender_name} on {when}{here}", style="bold")
            yield from inset([noticed(kept), "keep this receipt: it proves that they had it, not that they agree"])
            yield from inset(_clocks(party, book, kept, now))
        case NoticeBody() if kept is not None:
            again = examined.outcome is ReceivedOutcome.REPEATED
            told = f"was received already, on {local(kept.at, party.timezone)}; the receipt is the same"
            yield styled(f"✓ {kept.id} {told if again else f'is {noticed(kept)}'}", style="bold")
            yield from () if again else inset(_notice(party, book, kept, now))
            if receipt is not None:
                yield from inset([f"receipt: {where(receipt)}; send it to {kept.body.sender_name}"])
        case _:
            yield styled(f"✓ {file.name}: its owner revoked a key; what it signs from now on does not count", "bold")


def _notice(party: Party, book: Book, kept: KeptNotice, now: datetime) -> Iterator[str]:
    """Yield what a notice claims, what each clock says, and what it cannot be so together with."""
    if (claim := claim_of(book, kept)) is not None:
        yield from after_claim(party, book, claim)
        yield from _clocks(party, book, kept, now)
        for other in against(book, claim):
            says = f"{other.says(party.timezone)}, {edge(other, party.timezone)}"
            yield f"✗ cannot be so together with {other.id} of {other.sender_name}: {says}; ask which is right"
    yield from what_is_lost(book, kept.body.sender)


def _clocks(party: Party, book: Book, kept: KeptNotice, now: datetime) -> tuple[str, ...]:
    claim = claim_of(book, kept)
    return by_clocks(claim, clocks_for(party), now, zone_of(party, book, claim)) if claim else ()


def _quarantine(received: Received) -> str:
    if not received.recorded:
        return (
            f"not recorded: {MAX_REFUSED} refused files are, and there is no room for more; the file stays where it is"
        )
    if received.before is not None:
        return f"it was refused already on {received.before.at:%Y-%m-%d %H:%M} UTC, as {received.before.outcome}"
    return f"recorded as refused (sha256 {received.sha256[:16]}…); nobody is answered, and nothing is changed by it"


def _key(file: Path, outcome: ReceivedOutcome, body: KeyBody) -> Iterator[Any]:
    """Say what to do with a key; its fingerprint is not shown, so that somebody types what was read aloud to them."""
    if outcome is ReceivedOutcome.REPEATED:
        yield styled(f"✓ {file.name}: this key of {body.name} is known already", style="bold")
        return
    yield styled(f"✎ {file.name}: by its own word the key of {body.name} (`{body.party}`)", style="bold")
    todo = f"auditor notice trust {file.name} --fingerprint '…' --by 'your name'"
    call = "it does not count yet: call them on a number that you know, let them read their fingerprint aloud, and then"
    yield from inset([f"{call}: {todo}"])
