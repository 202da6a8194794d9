"""
Proposes a mapping for a report that somebody exported: each column with its meaning, how sure that is, and why.

A proposal is for a person to look through. Whatever could be read in two ways is told as a doubt; what looks like
patient data is left out; and a word that is not known is mapped so that the account counts as live.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.errors import InputError, shorten
from connectors.generic.table.infer.cells import add_places, ask_empty, join_rows, rows_without_login
from connectors.generic.table.infer.columns import assign
from connectors.generic.table.infer.lists import refuse_other_lists
from connectors.generic.table.infer.preset import lay_over, suggest_preset
from connectors.generic.table.infer.profile import survey
from connectors.generic.table.infer.proposal import (
    DROPPED,
    NOT_KEPT,
    SECRET,
    Guess,
    ProposalDraft,
    SettingsQuestion,
    Sure,
)
from connectors.generic.table.infer.rest import add_rest, ask_sheets, drop_patients, drop_secrets
from connectors.generic.table.infer.rights import find_decided, guess_rights
from connectors.generic.table.infer.shape import add_shape, guess_matrix
from connectors.generic.table.infer.sniff import sniff
from connectors.generic.table.infer.status import add_status
from connectors.generic.table.infer.varying import ask_varying
from connectors.generic.table.infer.words import add_dates, add_mfa
from connectors.generic.table.preset import Preset
from connectors.generic.table.printed import find_printed
from connectors.generic.table.products import Product, recognise

__all__ = ["DROPPED", "NOT_KEPT", "SECRET", "Guess", "Proposal", "SettingsQuestion", "Sure", "propose"]


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
    asked: tuple[SettingsQuestion, ...] = ()
    """What only a person can answer; until then the rights of the accounts are not evaluated."""
    product: Product | None = None
    """The kind of file, where its headings name it."""


def propose(path: Path, preset: Preset | None = None, *, named: bool = False) -> Proposal:
    """
    Look at an export and propose how to read it; with a `preset`, what that one knows goes over what was found.

    `named` says that somebody has said from which product it comes. Raises `InputError` for a file that holds no
    table, and for one that looks like a list of patients, a roster or another list that holds no accounts.
    """
    sniffed = sniff(path)
    if not sniffed.fixed:
        product = recognise(sniffed.header, sniffed.titles)
        refuse_other_lists(path, sniffed.header, product, named=named or preset is not None)
    seen = survey(path, sniffed)
    product = recognise([column.name for column in seen.columns], sniffed.titles) if preset is None else None
    draft = ProposalDraft(seen, {**sniffed.settings, **seen.settings}, product=product)
    drop_patients(draft)
    drop_secrets(draft)
    if not guess_matrix(draft):
        find_decided(draft)
        assign(draft)
        _refuse_patients(path, draft)
        ask_varying(draft)
        add_status(draft)
        add_dates(draft)
        add_mfa(draft)
        guess_rights(draft)
        add_rest(draft)
    add_shape(draft)
    if "matrix" not in draft.mapping:
        join_rows(draft)
        add_places(draft)
        rows_without_login(draft)
        ask_empty(draft)
    ask_sheets(draft, sniffed)
    _printed(draft, sniffed.titles or sniffed.lines[:60])
    if preset is not None:
        lay_over(draft, preset)
    else:
        suggest_preset(draft)
    draft.settle()
    return Proposal(
        path=path,
        mapping=draft.mapping,
        columns=tuple(draft.guesses[column.name] for column in seen.columns),
        told=(*([product.title] if product is not None else []), *sniffed.told),
        doubts=tuple(draft.doubts),
        missing=tuple(draft.missing),
        rows=seen.rows,
        asked=tuple(draft.asked),
        product=product,
    )


def _printed(draft: ProposalDraft, titles: tuple[str, ...]) -> None:
    """Read when the report says that it was made."""
    found = find_printed([line.strip() for line in (*titles, *draft.seen.below)])
    if found is None:
        return
    printed, unsure, zoned = found
    draft.mapping["printed"] = {"label": printed.label, "date_format": printed.date_format}
    if not zoned and "timezone" not in draft.mapping:
        draft.doubts.append(
            f"the report says when it was made ({shorten(printed.label, 40)}), and not in which time zone: set "
            "`timezone`; until then half a day is added, so that nothing counts as so earlier than it was"
        )
    if unsure:
        own = draft.mapping.get("date_format")
        if own == "DD/MM/YYYY":
            draft.mapping["printed"]["date_format"] = own
        elif own is None:
            draft.doubts.append(
                f"the date behind {shorten(printed.label, 40)} is read as MM/DD/YYYY; it could be DD/MM/YYYY"
            )


def _refuse_patients(path: Path, draft: ProposalDraft) -> None:
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
