"""What differs between the rows of one account says something of the row, and nothing of the account."""

from connectors.errors import shorten
from connectors.generic.table.dictionary import Meaning
from connectors.generic.table.infer.profile import ColumnProfile
from connectors.generic.table.infer.proposal import ProposalDraft
from connectors.generic.table.infer.values import unique_share

_OF_THE_ACCOUNT: tuple[Meaning, ...] = ("status", "last_login", "created", "mfa")


def of_rows(draft: ProposalDraft) -> bool:
    """Whether accounts have several rows, one for each right."""
    login = draft.column("login")
    return login is not None and bool(login.filled) and unique_share(login) < 1


def ask_varying(draft: ProposalDraft) -> None:
    """Ask about a column that was taken for the account's, and says several things of one."""
    login = draft.column("login")
    if login is None or not of_rows(draft):
        return
    for meaning in _OF_THE_ACCOUNT:
        column = draft.column(meaning)
        if column is None or column is login or not _varies(draft, login, column):
            continue
        draft.drop(meaning, "")
        where = f"{{column: {column.name}, granted: [the words by which it holds], not_granted: [the others]}}"
        draft.ask(
            column,
            "factor" if meaning == "mfa" else "status",
            f"{shorten(column.name, 40)} says several things of one account: it speaks of the row: does the right of "
            "that row hold by it? until somebody says, it counts as held, and the account as live",
            f"entitlements: add `where: {where}` to the right",
            f"harmless: [{column.name}]   # the right holds all the same",
        )


def _varies(draft: ProposalDraft, login: ColumnProfile, column: ColumnProfile) -> bool:
    said: dict[str, str] = {}
    rows = (row for row in draft.seen.sample if row[login.place])
    return any(said.setdefault(row[login.place], row[column.place]) != row[column.place] for row in rows)
