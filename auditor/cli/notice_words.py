"""What is told of a notice at the terminal, by the commands that make, receive and list them."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from auditor.cli.console import folded
from auditor.clocks import Clocks, clocks_of, clocks_of_agency
from auditor.notices.bodies import NoticeKind, fingerprint, short_id
from auditor.notices.book import Book, KeptNotice
from auditor.notices.party import Party
from auditor.notices.words import CLAIMED, came, edge, known, remarks, whom
from connectors.errors import AuditorError
from policies.agreements.organisations import words_of
from policies.clocks import Clock
from policies.engine.announced import agrees, through_another
from policies.notices import Claim, ClaimKind, contradictions


def clocks_for(party: Party) -> tuple[Clock, ...]:
    """Return every clock that is told here, the party's own first."""
    found: Clocks = clocks_of(party.config) if party.config is not None else clocks_of_agency(party.clocks)
    return (*found.own, *found.proposed)


def where(path: Path) -> str:
    """Write a path as short as it is true from here."""
    try:
        near = os.path.relpath(path)
    except ValueError:  # another drive
        return str(path)
    return str(path) if near.startswith("..") else near


def noticed(kept: KeptNotice) -> str:
    """Say in one line whose notice it is, and what about."""
    body = kept.body
    who = f"to {body.recipient}" if kept.ours else f"of {body.sender_name}"
    match body.kind:
        case NoticeKind.TAKE_BACK:
            what = f"takes back {short_id(body.takes_back or '')}"
        case NoticeKind.NEW_KEY:
            what = f"signs from now on with the key {fingerprint(body.new_key or '')}"
        case kind:
            what = f"{kind.value} {f'{body.name} ({body.vma})' if body.name else body.vma}"
    return f"notice {body.number} {who}, by {body.by}: {what}"


def claim_of(book: Book, kept: KeptNotice) -> Claim | None:
    """Return what a notice claims; `None` for one that is about another notice, or a key."""
    return book.claims.get(kept.id)


def after_claim(party: Party, book: Book, claim: Claim) -> Iterator[str]:
    """Yield what a claim says, when it came, and what is to be done about it on the roster."""
    zone = zone_of(party, book, claim)
    yield f"{whom(claim)}: {claim.says(zone)}, {edge(claim, zone)}; {CLAIMED}"
    yield f"{came(claim, zone)}; {known(claim, zone)}"
    yield from remarks(claim, zone)
    if party.role == "practice":
        yield from _not_theirs(party, claim)
        last = claim.confirm_by(party.settings.confirm_days, zone)
        if _confirmed(party, claim, zone):
            yield "the roster says the same: nothing is to be entered"
        else:
            yield f"{_to_enter(party, claim, zone)} (by {last}, or it becomes a finding)"


def _confirmed(party: Party, claim: Claim, zone: str) -> bool:
    """Whether the roster says so already, of somebody whom both call by one name."""
    try:
        known = party.engagements_of(claim.vma)
        called = words_of(party.names.get(claim.vma, ""))
    except AuditorError:
        return False  # it is told below
    same = not claim.name or bool(set(words_of(claim.name)) & set(called))
    return same and agrees(known, claim, claim.day(zone))


def _not_theirs(party: Party, claim: Claim) -> Iterator[str]:
    """Ask about the word of an agency through which the roster does not have the VMA."""
    try:
        other = "" if claim.ours else through_another(party.engagements_of(claim.vma), claim.sender_name)
    except AuditorError:
        return  # that the roster cannot be read is told below
    if other:
        yield f"✗ {other}"


def zone_of(party: Party, book: Book, claim: Claim) -> str:
    """Return the practice's time zone, by which its days are told; that of here where nobody knows it."""
    if party.role == "practice":
        return party.timezone
    kept = next((k for k in book.made.values() if k.id == claim.id), None)
    peer = book.peers().get(kept.body.recipient if kept else claim.sender)
    return peer.about.timezone if peer else party.timezone


def against(book: Book, claim: Claim) -> Iterator[Claim]:
    """Yield what cannot be so together with a claim."""
    for a, b in contradictions(book.announced.of(claim.vma)):
        if claim.id in (a.id, b.id):
            yield b if a.id == claim.id else a


def ids_against(book: Book, claim: Claim) -> tuple[str, ...]:
    """Return the ids of the notices that claim it, each once."""
    return tuple(sorted({other.id for other in against(book, claim)}))


def _to_enter(party: Party, claim: Claim, zone: str) -> str:
    """Say what to write on the roster, if it is so."""
    day = claim.day(zone)
    try:
        names = party.names
    except AuditorError as error:  # it is received all the same
        return f"whether the roster says so cannot be told now: {error.message}"
    if claim.vma not in names and claim.kind is not ClaimKind.START:
        return f"the roster names nobody of the id {claim.vma}: ask {claim.sender_name} whom they mean"
    match claim.kind:
        case ClaimKind.LEAVE:
            now = next((e.end for e in reversed(party.engagements_of(claim.vma)) if e.end is not None), None)
            instead = f", where it has {now}" if now else ""
            return f"if it is so, set `end` of {claim.vma} on the roster to {day}{instead}"
        case ClaimKind.ROLE_CHANGE:
            return f"if it is so, give {claim.vma} a row from {day} on, with the role {', '.join(claim.roles)}"
    return f"if it is so, put {claim.vma} on the roster, with `start` {day}"


def what_is_lost(book: Book, sender: str) -> Iterator[str]:
    """Say which notices of a sender never came, or came twice."""
    for one in book.senders():
        if one.id == sender and not one.whole:
            yield f"✗ of {one.name}, {one.faults}: ask them to send it again"


def inset(texts: Iterable[str], by: str = "  ") -> Iterator[str]:
    """Yield texts folded to the terminal, each line further in."""
    for text in texts:
        yield from (f"{by}{line}" for line in folded(text))
