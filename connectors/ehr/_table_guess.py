"""
Proposes a mapping for a report that somebody exported: each column with its meaning, how sure that is, and why.

A proposal is for a person to look through. Whatever could be read in two ways is told as a doubt; what looks like
patient data is left out; and a word that is not known is mapped so that the account counts as live.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.ehr._table_guess_columns import assign
from connectors.ehr._table_guess_preset import lay_over, suggest_preset
from connectors.ehr._table_guess_rights import guess_rights
from connectors.ehr._table_guess_shape import add_shape, guess_matrix
from connectors.ehr._table_guess_words import add_dates, add_mfa, add_status
from connectors.ehr._table_preset import Preset
from connectors.ehr._table_proposal import DROPPED, NOT_KEPT, Draft, Guess, Sure
from connectors.ehr._table_sniff import sniff
from connectors.ehr._table_survey import Column, survey
from connectors.ehr._table_values import are_levels, has_ssn, says_yes_or_no
from connectors.ehr._table_words import words
from connectors.errors import InputError

__all__ = ["DROPPED", "NOT_KEPT", "Guess", "Proposal", "Sure", "propose"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping as it would be written, and everything that a person should know about it."""

    path: Path
    mapping: dict[str, Any]
    columns: tuple[Guess, ...]
    told: tuple[str, ...]
    """How the file is built."""
    doubts: tuple[str, ...]
    """What could be read in another way, or will change."""
    missing: tuple[str, ...] = field(default=())
    """What a whole mapping needs and was not found; then it is only a draft."""
    rows: int = 0


def propose(path: Path, preset: Preset | None = None) -> Proposal:
    """
    Look at an export and propose how to read it; with a `preset`, what that one knows goes over what was found.

    Raises `InputError` for a file that holds no table, and for one that looks like a list of patients.
    """
    sniffed = sniff(path)
    seen = survey(path, sniffed)
    draft = Draft(seen, {**sniffed.settings, **seen.settings})
    _drop_patients(draft)
    if not guess_matrix(draft):
        assign(draft)
        _refuse_patients(path, draft)
        add_status(draft)
        add_dates(draft)
        add_mfa(draft)
        guess_rights(draft)
    add_shape(draft)
    draft.settle()
    if preset is not None:
        lay_over(draft, preset)
    else:
        suggest_preset(draft)
    return Proposal(
        path=path,
        mapping=draft.mapping,
        columns=tuple(draft.guesses[column.name] for column in seen.columns),
        told=sniffed.told,
        doubts=tuple(draft.doubts),
        missing=tuple(draft.missing),
        rows=seen.rows,
    )


def _drop_patients(draft: Draft) -> None:
    known = words()
    for column in draft.free():
        if has_ssn(column):
            draft.note(column, DROPPED, Sure.SURE, "its values look like social security numbers")
        elif known.speaks_of_patients(column.name) and not _is_permission(column):
            draft.note(column, DROPPED, Sure.SURE, "its heading speaks of patients, or of what identifies one")


def _is_permission(column: Column) -> bool:
    return says_yes_or_no(column) or are_levels(column)


def _refuse_patients(path: Path, draft: Draft) -> None:
    login = draft.column("login")
    named = login is not None and draft.guesses[login.name].sure is not Sure.GUESS
    dropped = [guess for guess in draft.guesses.values() if guess.meaning == DROPPED]
    if not named and len(dropped) >= 2:
        raise InputError(
            path,
            "this looks like a list of patients, and no heading names a login",
            expected="the list of users with their roles",
            hint="nothing of it was kept; delete the file where it does not belong, and export the users instead",
        )
