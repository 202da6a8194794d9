"""Columns of yes and no of which nothing explains what yes gives, such as `BLX flag`: asked, never assumed."""

import json

from connectors.errors import shorten
from connectors.generic.table.dictionary import plain_heading, words
from connectors.generic.table.infer.profile import ColumnProfile
from connectors.generic.table.infer.proposal import ColumnVerdict, ProposalDraft, SettingsQuestion, Sure
from connectors.generic.table.infer.values import yes_and_no

ONE_BY_ONE = 8
"""More such columns are rather a list of codes, of which one question asks for all."""


def is_opaque(heading: str) -> bool:
    """Whether no word of a heading says what people may do, or what they are."""
    return not words().work & set(plain_heading(heading).split())


def ask_opaque(draft: ProposalDraft, flags: list[ColumnProfile]) -> list[ColumnProfile]:
    """
    Ask about the columns that nothing explains, and return those that are still taken for rights.

    Yes could give something, or no leave something open, or it could be no right at all. Many of them are one question:
    they are read as rights, and nobody counts as holding only what is known until somebody has confirmed it.
    """
    opaque = [column for column in flags if is_opaque(column.name)]
    if len(opaque) > ONE_BY_ONE:
        _ask_all(draft, opaque)
        return flags
    for column in opaque:
        _ask_one(draft, column)
    return [column for column in flags if column not in opaque]


def _ask_one(draft: ProposalDraft, column: ColumnProfile) -> None:
    granted, not_granted = yes_and_no([column])
    name = shorten(column.name, 40)
    yes = (
        f"{{column: {column.name}, kind: privilege, granted: {_listed(granted)}, not_granted: {_listed(not_granted)}}}"
    )
    draft.ask(
        column,
        "rights",
        f"nothing says what yes under {name} means: may somebody do something by it, or whoever has no, or is it no "
        "right? until somebody says, nobody counts as holding only what was read",
        f"entitlements: add {yes}   # yes is the right",
        f"entitlements: add the same, with the words of `granted` and `not_granted` the other way round, and "
        f'`confirmed: ["{column.name}: … means that it is held"]`   # whoever has no may do it',
        f"ends: [{{column: {column.name}, granted: [the word that ends an account], not_granted: [the other]}}]",
        f"harmless: [{column.name}]   # it means nothing for access",
    )


def _ask_all(draft: ProposalDraft, columns: list[ColumnProfile]) -> None:
    claim = f"the {len(columns)} columns from {columns[0].name} to {columns[-1].name} say what people may do"
    shown = ", ".join(shorten(column.name, 24) for column in columns[:5])
    for column in columns:
        why = "its cells say yes or no, and nothing says what of: asked below, with others like it"
        draft.note(column, "permission", Sure.GUESS, why, ColumnVerdict.QUESTION)
    draft.asked.append(
        SettingsQuestion(
            f"{len(columns)} columns of yes and no",
            "rights",
            f"nothing says what yes means under {shown} and {len(columns) - 5} others: is each of them something that "
            "people may do, and is it those with yes who may? until somebody says, nobody counts as holding only what "
            "was read",
            (
                f"confirmed: [{json.dumps(claim, ensure_ascii=False)}]",
                "harmless: [the name of each that means nothing for access]",
            ),
            claim=claim,
        )
    )


def _listed(values: list[str]) -> str:
    return json.dumps(values, ensure_ascii=False)
