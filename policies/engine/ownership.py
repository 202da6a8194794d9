"""Work that loses its owner from one day to another, and who can stand in: by the work map, and by what people hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.engine.case import Case
from policies.engine.evidence import listing
from policies.engine.work_scope import held_by
from policies.work.assignments import Piece, TaskAssignments


@dataclass(frozen=True, slots=True)
class Lost:
    """One piece of work that had an owner and has none."""

    key: str
    """What makes it this work and no other."""
    what: str
    """Which work, and why nobody owns it."""
    stands_in: str
    """Who does it meanwhile, and whether they can."""
    whom: tuple[str, ...]
    """The VMAs who owned it."""


def lost(before: Case, after: Case) -> tuple[Lost, ...]:
    """Return the work that somebody owns in one case and nobody in another; nothing where there is no work map."""
    if before.duties is None or after.duties is None:
        return ()
    owned = {_key(piece): piece for piece in before.duties.pieces if piece.owners}
    return tuple(
        Lost(
            _key(piece),
            f"{named(piece)} has no owner: {'; '.join(why_absent(after.duties, piece))}",
            stand_in(after, piece),
            tuple(p for p in owned[_key(piece)].owners if p in after.engagements),
        )
        for piece in after.duties.pieces
        if not piece.owners and _key(piece) in owned
    )


def named(piece: Piece) -> str:
    """Return such as "Book visits at Hillcrest"."""
    return " ".join(part for part in (piece.title, piece.where) if part)


def why_absent(duties: TaskAssignments, piece: Piece) -> Iterator[str]:
    """Say of everybody who is meant to own a piece of work why they do not today."""
    for who in piece.claims:
        if who.person:
            absent = duties.absence(who.person)
            yield f"{who.person} {absent}" if absent else f"{who.person} does not work at {piece.location}"
        elif duties.meant(who):
            yield f"no {who.role} works at {piece.location}"
        else:
            yield f"nobody at work has the role {who.role}"


def able(case: Case, piece: Piece, *, but: str = "") -> tuple[str, ...]:
    """Return the backups of a piece of work, present today, who hold all that it needs; `but` is left out."""
    needs = 0
    for entry in piece.entries:
        needs |= entry.needs
    return tuple(person for person in piece.backups if person != but and not needs & ~held_by(case, person))


def stand_in(case: Case, piece: Piece) -> str:
    """Say who does a piece of work without owner: only who is there and holds what it needs can."""
    if can := able(case, piece):
        return f"until then: {listing(case.people[person].name for person in can)}"
    if piece.backups:
        names = listing(case.people[person].name for person in piece.backups)
        return f"{names} should stand in, and is not known to hold what the work needs"
    return "nobody stands in"


def _key(piece: Piece) -> str:
    return "\x1f".join((piece.task, piece.location, piece.provider))
