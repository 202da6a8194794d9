"""What single cells leave open: an empty one where a role should stand, a row without login, a role elsewhere."""

from collections import defaultdict

from connectors.errors import shorten
from connectors.generic.table.dictionary import plain, plain_heading, words
from connectors.generic.table.infer.profile import ColumnProfile
from connectors.generic.table.infer.proposal import ProposalDraft, Sure
from connectors.generic.table.infer.values import unique_share
from connectors.generic.table.known import known


def add_places(draft: ProposalDraft) -> None:
    """Keep a role apart that somebody has at one organization and not at another."""
    login = draft.column("login")
    names = [entry for entry in draft.mapping.get("entitlements", []) if "granted" not in entry]
    if login is None or not names or unique_share(login) >= 1:
        return
    for column in [*draft.free(), *(c for c in draft.seen.columns if _is_left(draft, c))]:
        if plain_heading(column.name) not in words().places or not column.filled:
            continue
        at: dict[str, set[str]] = defaultdict(set)
        for row in draft.seen.sample:
            at[row[login.place]].add(row[column.place])
        if any(len(places) > 1 for places in at.values()):
            for entry in names:
                entry["of"] = column.name
            draft.note(column, "where it is held", Sure.LIKELY, "some have rows for more than one: kept apart")
            return


def join_rows(draft: ProposalDraft) -> None:
    """
    Bind each permission to the module of its row: `Chart, Read: Y` and `Billing, Read: N` give `Chart: Read`.

    Where several rows speak of one account and the permissions differ between them, neither the module nor the
    permission by itself is what is held.
    """
    login, mapping = draft.column("login"), draft.mapping
    names = [
        e for e in mapping.get("entitlements", []) if e["kind"] == "privilege" and not {"granted", "where"} & e.keys()
    ]
    flags = {e["column"]: e for e in mapping.get("entitlements", []) if "granted" in e}
    if others := mapping.get("others"):
        flags |= {column.name: {"column": column.name, **others} for column in draft.flags}
    if login is None or unique_share(login) >= 1 or len(names) != 1 or not flags:
        return
    columns = {column.name: column for column in draft.seen.columns}
    if not any(_varies(draft, login, columns[name]) for name in flags):
        return
    module = names[0]["column"]
    kept = [e for e in mapping["entitlements"] if e is not names[0] and "granted" not in e]
    mapping["entitlements"] = [*kept, *({**entry, "of": module} for entry in flags.values())]
    mapping.pop("others", None)
    mapping.pop("ignore", None)
    draft.note(columns[module], "of what", Sure.LIKELY, "each of its rows says what is allowed there")
    draft.doubts[:] = [doubt for doubt in draft.doubts if not doubt.startswith("a column that the product adds later")]


def _varies(draft: ProposalDraft, login: ColumnProfile, column: ColumnProfile) -> bool:
    seen: dict[str, str] = {}
    return any(seen.setdefault(row[login.place], row[column.place]) != row[column.place] for row in draft.seen.sample)


def _is_left(draft: ProposalDraft, column: ColumnProfile) -> bool:
    guess = draft.guesses.get(column.name)
    return guess is not None and guess.verdict == "harmless"


def ask_empty(draft: ProposalDraft) -> None:
    """Ask what an empty cell means in a column of roles: nothing in some products, everything in others."""
    login = draft.column("login")
    if login is None or draft.mapping.get("rows") == "grouped":
        return
    for entry in draft.mapping.get("entitlements", []):
        column = next(c for c in draft.seen.columns if c.name == entry["column"])
        if "granted" in entry or entry["kind"] == "group" or _is_second(column):
            continue
        empty = _accounts_without(draft, login, column)
        if not empty or not column.filled:
            continue
        entry["empty"] = "ask"
        draft.ask_words(
            column,
            "rights",
            f"{empty} of the accounts {'has' if empty == 1 else 'have'} an empty {shorten(column.name, 40)}: does that "
            "mean nothing, or everything? in some products whoever has no role may do all",
            "entitlements: write `empty: nothing` or `empty: everything` in place of `empty: ask`",
        )


def _is_second(column: ColumnProfile) -> bool:
    return any(word in plain(column.name).split() for word in ("secondary", "additional", "other", "second", "extra"))


def _accounts_without(draft: ProposalDraft, login: ColumnProfile, column: ColumnProfile) -> int:
    """Count the accounts of which no row says anything in a column."""
    said: dict[str, bool] = {}
    for row in draft.seen.sample:
        if row[login.place]:
            said[row[login.place]] = said.get(row[login.place], False) or bool(row[column.place])
    return sum(not one for one in said.values())


def rows_without_login(draft: ProposalDraft) -> None:
    """Count the rows without login, and ask what they are, unless the file says that they are lines or rooms."""
    login = draft.column("login")
    if login is None or draft.mapping.get("rows") == "grouped" or login.filled == login.rows:
        return
    rows = [row for row in draft.seen.sample if not row[login.place]]
    if not rows:
        return
    told = f"{len(rows)} row{'' if len(rows) == 1 else 's'} without {shorten(login.name, 30)}"
    if all(_is_no_person(row) for row in rows):
        draft.mapping["without_login"] = "count"
        draft.doubts.append(f"{told}: lines or rooms, as the file says; they are counted, and are no accounts")
        return
    draft.ask_words(
        login,
        "rights",
        f"{told}: does anybody sign in with these in another way, or are they lines and rooms? until somebody says, "
        "the file is refused",
        "without_login: count   # lines or rooms, to which nobody signs in",
    )


def _is_no_person(row: tuple[str, ...]) -> bool:
    return any(plain(cell) in known().no_person for cell in row if cell)
