"""
What is left to show that a list is whole, where its source proves no end.

A page that was full, a total that may count the page and the absence of a link prove nothing by themselves. Then only
what the practice knows from elsewhere can: the number that the product's own screen shows, or, weaker, an account that
must be there. A canary says nothing of a list that is exactly as long as a usual page.
"""

from collections.abc import Sequence

from connectors.errors import SourceTruncated
from connectors.facts import Collection, Complete, Evidence

USUAL_PAGES = frozenset(
    {10, 20, 25, 30, 40, 50, 60, 75, 80, 100, 150, 200, 250, 300, 400, 500, 1000, 2000, 5000, 10_000}
)
"""As many entries as products put on one page: a list of just that length looks like its first page."""


def like_a_page(read: int, *asked: int | None) -> bool:
    """Whether a list of this length may be one page of a longer one: a usual size, or what was asked for."""
    return read in USUAL_PAGES or read in asked


def shown_otherwise(
    system: str, name: str, read: int, *, expected: int | None, canary: str | None, asked: int | None = None
) -> str:
    """
    Return what shows that the list `name` of `read` entries is whole, though its source does not prove it.

    Raises `SourceTruncated` when nothing does.
    """
    if expected is not None and expected == read:
        return "as many as the product's own screen shows (`expect_accounts`)"
    if canary is not None and not like_a_page(read, asked):
        return "a canary alone: the source proves no end"
    remedy = "set `expect_accounts` to the number that the product's own screen shows"
    if like_a_page(read, asked):
        remedy += f" (a canary does not help: {read} is a usual length of a page)"
    elif canary is None:
        remedy += ", or `canary` to the login of an account that must be there, best the newest"
    raise SourceTruncated(
        f"`{system}` gave {read} entries of `{name}`, and nothing shows that there are no more: "
        "it ends in the same way after a first page",
        hint=f"{remedy}; or ask the vendor how to read the list to its end",
    )


def refuse_more(system: str, name: str, end: int, past: Sequence[object]) -> None:
    """Raise `SourceTruncated` when a list that ended after `end` entries gives others to whoever asks past its end."""
    if past:
        raise SourceTruncated(
            f"`{system}` says that `{name}` ended after {end} entries, but gives more to whoever asks past that end",
            hint="its total and its links are those of a page: update that product, or ask its vendor",
        )


def counted(system: str, read: int, expected: int | None) -> tuple[Evidence, ...]:
    """Compare with the number that is expected, if one is; raises `SourceTruncated` when they differ."""
    if expected is None:
        return ()
    if expected != read:
        raise SourceTruncated(
            f"`{system}` returned {read} accounts instead of the {expected} that `expect_accounts` states",
            hint="read the number from the product's own screen again; if it is right, some accounts are hidden from "
            "the auditor's account, or the list was cut",
        )
    return (Evidence("total", f"{expected} accounts expected, {read} read"),)


FILTER = "filter"
"""The evidence of a read that found only what a filter of the practice's own lets through."""
BASE = "base"
"""The evidence of a read of one part of a directory: whoever was moved out of that part is not in it."""
LEAVES_OUT = frozenset({FILTER, BASE})
"""The evidence of reads in which an account may be missing that is there."""


def filtered(collection: Collection) -> str:
    """Return by which filter a whole read may have left accounts out, in words; nothing when by none."""
    return _told(collection, FILTER)


def narrowed(collection: Collection) -> str:
    """Return to which part of a directory a whole read was bound, in words; nothing when to none."""
    return _told(collection, BASE)


def _told(collection: Collection, name: str) -> str:
    if not isinstance(collection.completeness, Complete):
        return ""
    return next((e.detail for e in collection.completeness.evidence if e.name == name), "")
