"""`auditor notice`: making notices, listing what was made and received, writing a file anew."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor.cli.console import print_lines, print_text, styled, write_stdout
from auditor.cli.data.notices import KEYS, ContentData, NoticeTeller, WrittenData
from auditor.cli.formats import Format
from auditor.cli.notice_words import after_claim, claim_of, clocks_for, ids_against, inset, noticed, where, zone_of
from auditor.cli.output import emit
from auditor.exit_codes import IN_STEP
from auditor.notices.book import Book, KeptNotice
from auditor.notices.party import Party, load_party
from auditor.notices.receive import counts_by_now
from auditor.notices.send import NoticeDraft, file_name, make_notice, receipt_name, write_out
from auditor.notices.words import by_clocks, came, edge, local, remarks
from connectors.collect import utc_now
from connectors.errors import AuditorError, shorten

DEEPER = " " * 6


def run_notice(path: Path, draft: NoticeDraft, out: Path | None, *, store: Path | None, output: Format) -> int:
    """Make one notice, record it and write its file; raises `AuditorError` naming everything that is wrong with it."""
    party, now = load_party(path, store), utc_now()
    kept = make_notice(party, draft, now)
    place = write_out(out or party.outbox, file_name(kept), kept.file)
    book = party.book()
    emit(
        output,
        text=lambda: print_lines(*_made(party, book, kept, place, now)),
        data=lambda: NoticeTeller(party, book, now).made(kept, place),
        keys=KEYS,
    )
    return IN_STEP


def _made(party: Party, book: Book, kept: KeptNotice, place: Path, now: datetime) -> Iterator[Any]:
    yield styled(f"✓ {kept.id}: {noticed(kept)}", style="bold")
    peer = book.peers().get(kept.body.recipient)
    name = peer.about.name if peer else kept.body.recipient
    claim = claim_of(book, kept)
    if claim is not None:
        yield from inset(after_claim(party, book, claim))
        yield from inset(by_clocks(claim, clocks_for(party), now, zone_of(party, book, claim)))
        yield from inset(
            f"✗ cannot be so together with {other}: one of them is to be taken back"
            for other in ids_against(book, claim)
        )
    yield from inset([f"written to {where(place)}: send it to {name}; their receipt comes back, and proves delivery"])
    if peer is None:
        todo = f"nobody here has trusted a key of `{kept.body.recipient}` yet: their receipt will not count until then"
        yield from inset([todo])


def run_list(path: Path, *, refused: bool, store: Path | None, output: Format) -> int:
    """List every notice, made and received, with what became of it; with `refused`, also what did not count."""
    party = load_party(path, store)
    book, now = party.book(), utc_now()
    emit(
        output,
        text=lambda: print_lines(*_listed(party, book, now, refused=refused)),
        data=lambda: NoticeTeller(party, book, now).all(),
        keys=KEYS,
    )
    return IN_STEP


def _listed(party: Party, book: Book, now: datetime, *, refused: bool) -> Iterator[Any]:
    for title, found in (("received", book.received), ("made here", book.made)):
        yield styled(f"{title}: {len(found) or 'none'}", style="bold")
        for kept in found.values():
            yield f"  {kept.id}  {noticed(kept)}"
            claim = claim_of(book, kept)
            if claim is None:
                yield from inset([_came(kept, party.timezone)], DEEPER)
                continue
            zone = zone_of(party, book, claim)
            said = [f"{claim.says(zone)}, {edge(claim, zone)}", came(claim, zone), *remarks(claim, zone)]
            said += by_clocks(claim, clocks_for(party), now, zone)
            said += (f"✗ cannot be so together with {other}" for other in ids_against(book, claim))
            yield from inset(said, DEEPER)
    for sender in book.senders():
        if not sender.whole:
            yield f"✗ {sender.name}: {sender.faults}; ask them to send it again"
    if book.refused:
        yield f"✗ refused, and kept in quarantine: {len(book.refused)}" + (
            "" if refused else " (`--refused` lists them)"
        )
    for record in book.refused.values() if refused else ():
        later = "; it counts by now" if counts_by_now(book, record) else ""
        yield f"  {record.at:%Y-%m-%d %H:%M} UTC  {record.outcome}: sha256 {record.about[:16]}…{later}"
        yield from inset([record.detail], DEEPER)


def _came(kept: KeptNotice, zone: str) -> str:
    if not kept.ours:
        return f"received {local(kept.at, zone)}"
    if kept.receipt_body is None:
        return f"made here {local(kept.at, zone)}; no receipt is here yet"
    return f"made here {local(kept.at, zone)}; received there {local(kept.receipt_body.received_at, zone)}"


def run_show(path: Path, id_: str, out: Path | None, *, receipt: bool, store: Path | None, output: Format) -> int:
    """
    Print a notice as it was signed, or its receipt, or write it to a folder once more: the same bytes.

    Raises `AuditorError` where there is none of that id.
    """
    party = load_party(path, store)
    kept = party.book().found(id_)
    if kept is None:
        raise AuditorError(f"there is no one notice {shorten(id_)}", hint="`auditor notice list` shows them")
    file = kept.receipt if receipt else kept.file
    if file is None:
        raise AuditorError(f"there is no receipt of {kept.id} yet", hint="receive it: `auditor receive FILE`")
    if out is not None:
        place = write_out(out, receipt_name(kept) if receipt else file_name(kept), file)
        emit(
            output,
            text=lambda: print_text([f"written to {where(place)}"]),
            data=lambda: WrittenData(kept.id, str(place)),
        )
    else:
        emit(
            output,
            text=lambda: write_stdout(file.text()),
            data=lambda: ContentData(kept.id, json.loads(file.text())),
        )
    return IN_STEP
