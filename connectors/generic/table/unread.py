"""What a report leaves open about rights: columns that nobody has explained, empty cells, rights that it lacks."""

from collections.abc import Iterator

from connectors.errors import shorten
from connectors.facts import Account, EntitlementKind, Evidence
from connectors.generic.table.facts import TableFacts
from connectors.generic.table.mapping import Mapping
from connectors.generic.table.odd import OddWords
from connectors.unread import FACTOR_UNEXPLAINED, STATE_UNEXPLAINED, UNEXPLAINED, Unread, unread_id

RIGHTS = unread_id("table", "rights")
ASKED = unread_id("table", "asked")
EMPTY = unread_id("table", "empty-cells")
_NAMES = {"status": STATE_UNEXPLAINED, "factor": FACTOR_UNEXPLAINED}
NOT_READ = frozenset((RIGHTS, ASKED, EMPTY))
"""What an account holds of which the report does not say what it holds; no catalog knows it."""


def unread_rights(facts: TableFacts) -> Unread:
    """Say which rights were not read, and hand them to the live accounts that may hold them."""
    mapping, unread = facts.mapping, Unread(facts.system)
    everybody: list[str] = []
    if mapping.rights == "elsewhere":
        unread.add(RIGHTS, "rights that this report does not hold")
        everybody.append(RIGHTS)
    elif mapping.rights == "in part":
        unread.add(RIGHTS, "further rights that this report does not hold")
        everybody.append(RIGHTS)
    open_ones = [q.column for q in mapping.open_questions() if q.about in ("rights", "sheet")]
    if all_ := list(dict.fromkeys((*open_ones, *facts.odd.of_rights()))):
        told = ", ".join(shorten(column, 40) for column in all_[:5])
        unread.add(ASKED, f"columns that nobody has explained yet: {told}")
    if open_ones:
        everybody.append(ASKED)
    for id_ in facts.odd.holders:
        facts.unread.update((grant.account, ASKED) for grant in unread.grants(id_, ASKED))
    for account in facts.accounts.values():
        for id_ in everybody:
            facts.unread.update((grant.account, id_) for grant in unread.grants(account.id, id_))
        if account.live and (column := _unsaid(facts, account)):
            unread.add(EMPTY, f"an empty {shorten(column, 60)} (nothing, or everything?)")
            facts.unread.update((grant.account, EMPTY) for grant in unread.grants(account.id, EMPTY))
    return unread


def fill_empty(facts: TableFacts) -> None:
    """Give to the accounts with an empty cell what a person says that it means there, where that is everything."""
    for column in facts.mapping.entitlements:
        if column.empty != "everything" or column.column not in facts.naming:
            continue
        name = f"{column.column}: (empty, which means everything)"
        for id_ in facts.accounts:
            if column.column not in facts.said.get(id_, ()):
                facts.entitlements.setdefault(name, EntitlementKind(column.kind))
                facts.grants.add((id_, name))


def _unsaid(facts: TableFacts, account: Account) -> str | None:
    """Return the column that is empty for an account without anybody having said what that means."""
    said = facts.said.get(account.id, set())
    columns = [c for c in facts.mapping.entitlements if c.column in facts.naming]
    for column in columns:
        if column.empty == "ask" and column.column not in said:
            return column.column
    silent = [c for c in columns if c.column not in said]
    if columns and len(silent) == len(columns) and all(c.empty is None for c in columns):
        return columns[0].column
    return None


def questions_told(mapping: Mapping, odd: OddWords) -> Iterator[Evidence]:
    """Say in the collection what nobody has answered yet, which bears on what it is worth."""
    for question in mapping.open_questions():
        if question.claim:
            yield Evidence(_NAMES.get(question.about, UNEXPLAINED), question.told)
        else:
            yield Evidence(UNEXPLAINED, f"{shorten(question.column, 60)} ({question.about})")
    for about, told in odd.told():
        yield Evidence(_NAMES.get(about, UNEXPLAINED), told)
