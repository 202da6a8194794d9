"""What is left of a report once its columns were taken: harmless for a reason, or a question; nothing else."""

import re

from connectors.errors import shorten
from connectors.generic.table.dictionary import plain_heading, words
from connectors.generic.table.infer.profile import ColumnProfile
from connectors.generic.table.infer.proposal import (
    DROPPED,
    SECRET,
    ColumnVerdict,
    ProposalDraft,
    SettingsQuestion,
    Sure,
)
from connectors.generic.table.infer.sniff import Sniffed
from connectors.generic.table.infer.values import (
    are_levels,
    dates_in,
    has_ssn,
    mail_share,
    says_yes_or_no,
    unique_share,
)
from connectors.generic.table.known import known

MANY = 20
"""Among so many rows a column that says another thing in nearly each is no right."""
_NUMBERS = re.compile(
    r"(\+?[0-9 ().-]{7,20}|[0-9a-f]{8}-[0-9a-f-]{27,}|\{?[0-9a-f-]{36}\}?|https?://\S+|[0-9]{1,3}(\.[0-9]{1,3}){3}|"
    r"[0-9.]+ ?(B|KB|MB|GB|TB)|S-1-[0-9-]+|CN=.*)",
    re.IGNORECASE,
)


def drop_secrets(draft: ProposalDraft) -> None:
    """Leave out, first of all, what nobody should have exported; it is named, and never kept nor hashed."""
    for column in draft.free():
        filled = bool(column.filled) and not all(set(value) <= {"*", "•"} for value in column.distinct)
        if known().secrets.names(column.name):
            if filled and not _says_little(column):
                draft.note(column, SECRET, Sure.SURE, "its heading names a secret", ColumnVerdict.HARMLESS)
            else:
                draft.leave(column, "of the password, and no secret stands in it")
        elif known().private.names(column.name) and filled:
            draft.note(column, SECRET, Sure.SURE, "private, and of no use for an audit", ColumnVerdict.HARMLESS)


def _says_little(column: ColumnProfile) -> bool:
    return says_yes_or_no(column) or not column.filled


def add_rest(draft: ProposalDraft) -> None:
    """Say of every column that is left why it is harmless, or ask about it."""
    for column in draft.free():
        reason = _why_harmless(column)
        if reason is not None:
            draft.leave(column, reason)
        elif dates_in(column) is not None:
            draft.ask(
                column,
                "status",
                f"what happens, or happened, on the day in {shorten(column.name, 40)}? until somebody says, it counts "
                "for nothing, and the account is live",
                f"columns: {{last_login: {column.name}}}   # the last sign-in",
                f"columns: {{expires: {column.name}}}   # the account ends then",
                f"harmless: [{column.name}]   # neither",
            )
        elif not column.filled:
            draft.ask(
                column,
                "rights",
                f"{shorten(column.name, 40)} is empty in every row: was it left out when this was exported, or does "
                "nobody hold anything?",
                f"harmless: [{column.name}]   # nobody holds anything there",
            )
        else:
            draft.ask(
                column,
                _about(column),
                f"what does {shorten(column.name, 40)} mean? it says {_shown(column)}",
                f"entitlements: add {{column: {column.name}, kind: role}}   # it says what people may do",
                f"harmless: [{column.name}]   # it means nothing for access",
            )
    _rights_or_ask(draft)
    _ignore(draft)


def _shown(column: ColumnProfile) -> str:
    """Show what several rows say; what only one says may be somebody's name, or a secret."""
    again = [shorten(value, 24) for value in column.distinct if column.values[value] > 1][:5]
    rest = len(column.distinct) - len(again)
    others = f"{rest} other values" if rest != 1 else "another value"
    if not again:
        return f"{len(column.distinct)} different things in {column.filled} rows"
    return ", ".join(again) + (f" and {others}" if rest else "")


def _about(column: ColumnProfile) -> str:
    headings = words().headings
    if headings["mfa"].score(column.name):
        return "factor"
    return "status" if headings["status"].score(column.name) else "rights"


def _why_harmless(column: ColumnProfile) -> str | None:
    heading = plain_heading(column.name)
    if not column.filled:
        rights = any(headings.score(column.name) for headings in words().entitlements.values())
        return None if rights else "no value in it"
    if (reason := known().why_harmless(column.name)) is not None:
        return reason
    if heading in words().places:
        return "a place: what is held is judged as if it were held everywhere"
    if dates_in(column) is not None:
        return None
    return _harmless_values(column)


def _harmless_values(column: ColumnProfile) -> str | None:
    values = column.distinct
    if mail_share(values) > 0.9:
        return "addresses"
    if all(_NUMBERS.fullmatch(value) for value in values) and unique_share(column) > 0.9:
        return "numbers or marks of a technical kind, another in each row"
    if unique_share(column) > 0.9 and column.filled > MANY:
        return "hardly two accounts have the same in it"
    return None


def _rights_or_ask(draft: ProposalDraft) -> None:
    mapping = draft.mapping
    if mapping.get("entitlements") or "others" in mapping or "rights" in mapping:
        return
    if any(question.about == "rights" and question.kept for question in draft.asked):
        return
    mapping["rights"] = "elsewhere"
    if draft.product is None:
        draft.asked.append(
            SettingsQuestion(
                "(no column)",
                "rights",
                "no column says what an account holds: which other report of the product does? until it is read, "
                "nobody counts as holding nothing",
                ("entitlements: [{column: …, kind: role}]   # in a report that has them",),
                kept=False,
            )
        )


def _ignore(draft: ProposalDraft) -> None:
    """Name what is no permission, where every further column is one."""
    mapping = draft.mapping
    if "others" not in mapping:
        return
    used = {
        *mapping.get("columns", {}).values(),
        *mapping.get("factors", []),
        *(q.column for q in draft.asked if q.kept),
    }
    for entry in mapping.get("entitlements", []):
        used.update((entry["column"], entry.get("of"), (entry.get("where") or {}).get("column")))
    used.update(entry["column"] for entry in mapping.get("ends", []))
    flags = {column.name for column in draft.flags}
    ignored = [c.name for c in draft.seen.columns if c.name not in flags and c.name not in used]
    if ignored:
        mapping["ignore"] = ignored


def ask_sheets(draft: ProposalDraft, sniffed: Sniffed) -> None:
    """Ask about each sheet that could hold accounts and is not read."""
    for sheet in sniffed.sheets:
        if sheet.same:
            continue
        shown = ", ".join(shorten(name, 24) for name in sheet.header[:5])
        seen = f"was looked at and is not read; it has {shown}" if shown else "was not looked at, or is hidden"
        draft.asked.append(
            SettingsQuestion(
                sheet.name,
                "sheet",
                f"the sheet {shorten(sheet.name, 40)} {seen}: does it hold accounts?",
                (
                    "map it by itself: save it as a file of its own, and run `auditor connect --map` on that",
                    f"harmless: [{sheet.name}]   # it holds no accounts",
                ),
            )
        )


def drop_patients(draft: ProposalDraft) -> None:
    """Leave out what looks like patient data."""
    for column in draft.free():
        if has_ssn(column):
            draft.note(
                column, DROPPED, Sure.SURE, "its values look like social security numbers", ColumnVerdict.HARMLESS
            )
        elif words().speaks_of_patients(column.name) and not (says_yes_or_no(column) or are_levels(column)):
            draft.note(
                column,
                DROPPED,
                Sure.SURE,
                "its heading speaks of patients, or of what identifies one",
                ColumnVerdict.HARMLESS,
            )
