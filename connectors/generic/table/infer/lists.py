"""Files that are no list of accounts: rosters, reports on activity, members of one group; by their headings."""

from collections.abc import Sequence
from pathlib import Path

from connectors.errors import InputError
from connectors.generic.table.dictionary import plain_heading, words
from connectors.generic.table.known import known
from connectors.generic.table.products import Product


def refuse_other_lists(path: Path, headings: Sequence[str], product: Product | None, *, named: bool) -> None:
    """Raise `InputError` for a file that lists something else; a roster may pass where somebody `named` a product."""
    if product is not None and product.refuse:
        raise InputError(path, product.refuse, expected="the list of users", hint=f"{product.title}: {product.instead}")
    if product is not None or named:
        return
    folded = [plain_heading(heading) for heading in headings]
    roster = known().roster
    work = [heading for heading, text in zip(headings, folded, strict=True) if text in roster.work]
    accounts = [text for text in folded if any(f" {word} " in f" {text} " for word in roster.accounts)]
    # With one such word, rights decide: a list of accounts says what they may do, or how they sign in.
    rights = any(kind.score(heading) for heading in headings for kind in words().entitlements.values())
    if not accounts and (len(work) >= roster.enough or (work and not rights)):
        raise InputError(
            path,
            "this looks like a roster (who works, and since when), and no column says what anybody signs in with",
            found=", ".join(heading[:24] for heading in work[:5]),
            expected="the list of users of a system",
            hint="name it under `roster: {file: …}` in auditor.yaml; if it is a list of accounts all the same, say of "
            "which product: `--product NAME`",
        )
