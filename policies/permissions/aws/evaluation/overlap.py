"""
Patterns against patterns: whether two can mean the same thing, and whether one means all that the other means.

Both err to one side only. `overlap` may say yes too often, so it is asked of what allows; `covers` may say no too
often, so it is asked of what takes away.
"""

import re
from functools import lru_cache

from policies.permissions.aws.evaluation.patterns import matches

ANYTHING = "*"
_ANY_TEXT, _ANY_CHARACTER = "\ue010", "\ue011"
_WILD = re.compile(r"[*?]")


@lru_cache(maxsize=65_536)
def overlap(one: str, other: str) -> bool:
    """Whether something may fit both patterns."""
    if ANYTHING in (one, other) or one == other:
        return True
    if not _WILD.search(one):
        return matches(other, one)
    if not _WILD.search(other):
        return matches(one, other)
    return _ends_agree(one, other) and _ends_agree(one[::-1], other[::-1])


@lru_cache(maxsize=65_536)
def covers(wide: str, narrow: str) -> bool:
    """Whether all that fits `narrow` certainly fits `wide`."""
    if wide in (ANYTHING, narrow):
        return True
    if _ANY_TEXT in wide or _ANY_CHARACTER in wide or ("?" in wide and "*" in narrow):
        return False
    # No text of `wide` has these characters, so only its wildcards can stand for those of `narrow`.
    return matches(wide, narrow.replace("*", _ANY_TEXT).replace("?", _ANY_CHARACTER))


def meet(one: str, other: str) -> str | None:
    """Return a pattern for what fits both, as narrow as it is easily found; `None` when nothing does."""
    if covers(one, other):
        return other
    if covers(other, one):
        return one
    return other if overlap(one, other) else None


def _ends_agree(one: str, other: str) -> bool:
    """Whether the texts before the first wildcard of each can be the start of one text."""
    left, right = _WILD.split(one, maxsplit=1)[0], _WILD.split(other, maxsplit=1)[0]
    return left.startswith(right) or right.startswith(left)
