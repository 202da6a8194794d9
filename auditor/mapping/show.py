"""What was understood of an export, for a person."""

import textwrap

from auditor.mapping.look import Look
from connectors.errors import shorten
from connectors.facts import Account, Never, SystemKind
from connectors.generic.table.infer.proposal import ColumnVerdict
from connectors.generic.table.infer.propose import DROPPED, NOT_KEPT, SECRET
from connectors.generic.table.unread import ASKED, EMPTY, RIGHTS
from reports.safe import visible_line

FIRST = 5
"""So many accounts are shown as they were understood."""
FIRST_UNKNOWN = 10
NOT_SAID = {RIGHTS: "(not in this file)", ASKED: "(asked below)", EMPTY: "(empty: asked below)"}
WIDTH = 110


def as_text(look: Look, written: dict[str, str]) -> str:
    """Return the result as a person reads it; `written` says which files were made, by what they are."""
    lines = [f"{look.proposal.path.name}: {'; '.join(look.proposal.told)}; {look.proposal.rows} rows", ""]
    lines += _columns(look)
    lines += _understood(look)
    lines += _doubts(look)
    lines += _questions(look)
    lines += _next(look, written)
    return "\n".join(visible_line(line) for line in lines).rstrip() + "\n"


def _columns(look: Look) -> list[str]:
    rows: list[tuple[str, ...]] = [("column", "is read as", "sure?", "because")]
    harmless: dict[str, list[str]] = {}
    for g in look.proposal.columns:
        name = shorten(g.column, 30).strip("`") or "(no name)"
        if g.verdict is ColumnVerdict.HARMLESS and g.meaning == NOT_KEPT:
            harmless.setdefault(g.reason, []).append(name)
        else:
            rows.append((name, g.meaning, g.sure.value, g.reason))
    shown = rows[:60]
    lines = _table(shown)
    if len(rows) > len(shown):
        lines.append(f"… and {len(rows) - len(shown)} more columns")
    if harmless:
        lines += ["", "not kept, because it means nothing for access:"]
        for reason, names in harmless.items():
            more = f" and {len(names) - 6} more" if len(names) > 6 else ""
            lines += _wrap(f"{', '.join(names[:6])}{more}: {reason}", "- ")
    return [*lines, ""]


def _understood(look: Look) -> list[str]:
    if not look.whole:
        return []
    counts = ", ".join(f"{number} {status}" for status, number in look.statuses().items())
    assert look.collection is not None  # noqa: S101 - it is whole
    made = look.collection.as_of
    lines = [f"read to its end: {len(look.accounts)} accounts ({counts})"]
    lines.append(f"how things stood on {made:%Y-%m-%d %H:%M} UTC, {look.dated}")
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
    held = [*(name for name in held if name not in NOT_SAID), *(NOT_SAID[name] for name in held if name in NOT_SAID)]
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
    secret = [guess.column for guess in look.proposal.columns if guess.meaning == SECRET]
    if secret:
        names = ", ".join(shorten(name, 30) for name in secret)
        lines += _wrap(
            f"holds secrets or private data, which are not kept: {names}. Whoever has this file has them: export it "
            "without them, delete this one, and change the secrets",
            "! ",
        )
    for doubt in look.proposal.doubts:
        lines += _wrap(doubt, "? ")
    for gap in look.proposal.missing:
        lines += _wrap(f"not found: {gap}", "✗ ")
    if look.refused:
        reason, _, advice = look.refused.partition("\n")
        lines += _wrap(f"by this mapping the export is refused: {reason}", "✗ ")
        lines += _wrap(f"what to do: {advice}", "  ") if advice else []
    return [*lines, ""] if lines else []


def _questions(look: Look) -> list[str]:
    asked = look.proposal.asked
    if not asked:
        return []
    number = "one question" if len(asked) == 1 else f"{len(asked)} questions"
    lines = [f"{number} that only you can answer; write the answer into the mapping (exit code 2 until then):", ""]
    for place, question in enumerate(asked, 1):
        lines += _wrap(question.text, f"{place:>3}. ")
        lines += [f"       {_short(visible_line(answer), WIDTH - 7)}" for answer in question.answers]
    if any(question.about in ("rights", "sheet") for question in asked):
        lines += ["", *_wrap("until these are answered, an audit does not judge what the accounts may do", "  ")]
    return [*lines, ""]


def _next(look: Look, written: dict[str, str]) -> list[str]:
    lines: list[str] = []
    if look.unknown:
        these = "this gives" if len(look.unknown) == 1 else f"these {len(look.unknown)} give"
        lines.append(f"no catalog says what {these} (live accounts that hold it):")
        lines += [f"  {u.live_holders:>5}  {_short(u.entitlement.name, 60)}" for u in look.unknown[:FIRST_UNKNOWN]]
        if len(look.unknown) > FIRST_UNKNOWN:
            lines.append(f"         … and {len(look.unknown) - FIRST_UNKNOWN} more")
        lines.append("")
    if look.proposal.product is not None and look.proposal.product.better:
        lines += [*_wrap(look.proposal.product.better, "→ "), ""]
    lines += [f"{what}: {path}" for what, path in written.items()]
    if not look.whole:
        lines.append(
            "what to do: answer the questions, correct the mapping where it says so, or the export, and map it again"
        )
        return lines
    lines += ["", "into auditor.yaml, once you have looked through the mapping:", ""]
    catalog = f"policies: {{catalogs: [{written['catalog']}]}}\n" if "catalog" in written else ""
    kind, phi = look.kind.value, "true" if look.kind is SystemKind.EHR else "…"
    snippet = (
        f"{catalog}systems:\n  {kind}:\n    kind: {kind}\n    product: {look.product}\n    title: …\n"
        f"    connector: table\n    holds_phi: {phi}\n    vendor: …\n    settings:\n"
        f"      file: {look.proposal.path}\n      mapping: {written.get('mapping', '…')}\n{_proof(look)}"
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
    widths = [max(len(visible_line(row[place])) for row in rows) for place in range(len(rows[0]))]
    rule = tuple("-" * width for width in widths)
    return [
        "  ".join(visible_line(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (rows[0], rule, *rows[1:])
    ]


def _wrap(text: str, lead: str) -> list[str]:
    return textwrap.wrap(visible_line(text), WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead)) or [lead]


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
