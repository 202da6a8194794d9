"""What was understood of an export, for a person and for a machine."""

import textwrap
from typing import Any

from auditor.mapping.look import Look
from connectors.ehr._table_guess import DROPPED
from connectors.errors import shorten
from connectors.facts import Account, Never

FIRST = 5
"""So many accounts are shown as they were understood."""
FIRST_UNKNOWN = 10
WIDTH = 110


def as_text(look: Look, written: dict[str, str]) -> str:
    """Return the result as a person reads it; `written` says which files were made, by what they are."""
    lines = [f"{look.proposal.path.name}: {'; '.join(look.proposal.told)}; {look.proposal.rows} rows", ""]
    lines += _columns(look)
    lines += _understood(look)
    lines += _doubts(look)
    lines += _next(look, written)
    return "\n".join(_clean(line) for line in lines).rstrip() + "\n"


def as_data(look: Look, written: dict[str, str]) -> dict[str, Any]:
    """Return the result for a machine; no account is in it, only counts."""
    proposal = look.proposal
    return {
        "file": str(proposal.path),
        "format": list(proposal.told),
        "rows": proposal.rows,
        "columns": [
            {"column": g.column, "meaning": g.meaning, "sure": g.sure.value, "reason": g.reason}
            for g in proposal.columns
        ],
        "dropped": [g.column for g in proposal.columns if g.meaning == DROPPED],
        "doubts": list(proposal.doubts),
        "missing": list(proposal.missing),
        "mapping": proposal.mapping,
        "reads_whole": look.whole,
        "refused": look.refused,
        "accounts": len(look.accounts),
        "statuses": look.statuses(),
        "not_said": list(look.not_said()),
        "product": look.product,
        "unclassified": [
            {"name": u.entitlement.name, "kind": u.entitlement.kind.value, "live_holders": u.live_holders}
            for u in look.unknown
        ],
        "written": written,
    }


def _columns(look: Look) -> list[str]:
    rows: list[tuple[str, ...]] = [("column", "is read as", "sure?", "because")]
    rows += [(shorten(g.column, 30).strip("`") or "(no name)", g.meaning, g.sure.value, g.reason)
             for g in look.proposal.columns]  # fmt: skip
    shown = rows[:60]
    lines = _table(shown)
    if len(rows) > len(shown):
        lines.append(f"… and {len(rows) - len(shown)} more columns")
    return [*lines, ""]


def _understood(look: Look) -> list[str]:
    if not look.whole:
        return []
    counts = ", ".join(f"{number} {status}" for status, number in look.statuses().items())
    lines = [f"read to its end: {len(look.accounts)} accounts ({counts})"]
    rows: list[tuple[str, ...]] = [("login", "name", "status", "last sign-in", "2nd factor", "holds")]
    rows += [_account(look, account) for account in look.accounts[:FIRST]]
    lines += _table(rows)
    if len(look.accounts) > FIRST:
        lines.append(f"… and {len(look.accounts) - FIRST} more")
    if unsaid := look.not_said():
        lines += _wrap(f"it does not say: {', '.join(unsaid)}; that is `not evaluated`, and never taken for no", "")
    return [*lines, ""]


def _account(look: Look, account: Account) -> tuple[str, ...]:
    assert look.collection is not None  # noqa: S101 - only called for a whole one
    held = sorted(g.entitlement for g in look.collection.grants if g.account == account.id)
    seen = account.last_login
    when = "" if seen is None else ("never" if isinstance(seen, Never) else seen.strftime("%Y-%m-%d %H:%M"))
    mfa = {True: "yes", False: "no", None: ""}[account.mfa]
    more = f" +{len(held) - 3}" if len(held) > 3 else ""
    name = _short(account.name, 24)
    return _short(account.login, 24), name, account.status.value, when, mfa, _short(", ".join(held[:3]), 40) + more


def _doubts(look: Look) -> list[str]:
    lines: list[str] = []
    dropped = [guess.column for guess in look.proposal.columns if guess.meaning == DROPPED]
    if dropped:
        names = ", ".join(shorten(name, 30) for name in dropped)
        lines += _wrap(f"looks like patient data, is not kept, and should not be in the export: {names}", "! ")
    for doubt in look.proposal.doubts:
        lines += _wrap(doubt, "? ")
    for gap in look.proposal.missing:
        lines += _wrap(f"not found: {gap}", "✗ ")
    if look.refused:
        reason, _, advice = look.refused.partition("\n")
        lines += _wrap(f"by this mapping the export is refused: {reason}", "✗ ")
        lines += _wrap(f"what to do: {advice}", "  ") if advice else []
    return [*lines, ""] if lines else []


def _next(look: Look, written: dict[str, str]) -> list[str]:
    lines: list[str] = []
    if look.unknown:
        lines.append(f"no catalog says what these {len(look.unknown)} give (live accounts that hold it):")
        lines += [f"  {u.live_holders:>5}  {_short(u.entitlement.name, 60)}" for u in look.unknown[:FIRST_UNKNOWN]]
        if len(look.unknown) > FIRST_UNKNOWN:
            lines.append(f"         … and {len(look.unknown) - FIRST_UNKNOWN} more")
        lines.append("")
    lines += [f"{what}: {path}" for what, path in written.items()]
    if not look.whole:
        lines.append("what to do: correct the mapping where it says so, or the export, and map it again")
        return lines
    lines += ["", "into auditor.yaml, once you have looked through the mapping:", ""]
    catalog = f"policies: {{catalogs: [{written['catalog']}]}}\n" if "catalog" in written else ""
    snippet = (
        f"{catalog}systems:\n  ehr:\n    kind: ehr\n    product: {look.product}\n    title: …\n    connector: table\n"
        f"    holds_phi: true\n    vendor: …\n    settings:\n      file: {look.proposal.path}\n"
        f"      mapping: {written.get('mapping', '…')}\n{_proof(look)}"
    )
    return lines + textwrap.indent(snippet, "  ").split("\n")


def _proof(look: Look) -> str:
    """What must stand beside a file that does not show by itself that nobody is missing."""
    if "total" in look.proposal.mapping:
        return "      # the report states its own total, which is checked"
    return (
        "      # the file states no total, so one of these two must stand here:\n"
        "      canary: …            # a login that must be in it: of whoever exports it, or one near its end\n"
        "      expect_accounts: …   # how many there are, as the product's own screen says"
    )


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(_clean(row[place])) for row in rows) for place in range(len(rows[0]))]
    rule = tuple("-" * width for width in widths)
    return [
        "  ".join(_clean(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (rows[0], rule, *rows[1:])
    ]


def _wrap(text: str, lead: str) -> list[str]:
    return textwrap.wrap(_clean(text), WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead)) or [lead]


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _clean(text: str) -> str:
    """Keep a hostile name from driving the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
