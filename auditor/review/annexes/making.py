"""How an annex is made: its outcome follows from its rows and from what could not be looked at, in one place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.annexes import Annex, AnnexOutcome, AnnexRow, LookedAt, NotLookedAt, columns_of


@dataclass(frozen=True, slots=True)
class About:
    """What an annex is, whatever is in it."""

    id: str
    title: str
    question: str
    source: str


def made(
    about: About,
    kind: type[AnnexRow],
    rows: Iterable[AnnexRow],
    sentence: str,
    *,
    looked_at: Sequence[LookedAt],
    not_evaluated: Iterable[NotLookedAt] = (),
    notes: Iterable[str] = (),
) -> Annex:
    """
    Return an annex.

    Without rows it is *nothing* only where everything was looked at; the sentence says of what nothing can be told.
    Raises `AssertionError` for an annex that says neither what it looked at nor what it could not.
    """
    listed, missing = tuple(rows), tuple(dict.fromkeys(not_evaluated))
    if not looked_at and not missing:
        raise AssertionError(f"the annex `{about.id}` says nothing of what it looked at")
    outcome = AnnexOutcome.NOT_EVALUATED if missing else AnnexOutcome.NOTHING
    return Annex(
        id=about.id,
        title=about.title,
        question=about.question,
        source=about.source,
        outcome=AnnexOutcome.ROWS if listed else outcome,
        sentence=f"{sentence}.{_untold(missing)}",
        columns=columns_of(kind),
        looked_at=tuple(looked_at),
        rows=listed,
        not_evaluated=missing,
        notes=tuple(notes),
    )


def _untold(missing: tuple[NotLookedAt, ...]) -> str:
    if not missing:
        return ""
    systems = dict.fromkeys(one.what for one in missing if one.system and one.what)
    shown = list(systems or dict.fromkeys(one.what for one in missing))
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return f" Not evaluated: {', '.join(shown[:3])}{more}."
