"""
Words that are one slip apart: a letter too many, too few, another, or two that changed places.

Looked up by what is left when a letter is taken out, so that no word is compared with every other.
Source: F. J. Damerau, A technique for computer detection and correction of spelling errors, CACM 7 (1964).
"""

from collections.abc import Iterator

SHORTEST = 5
"""A shorter word is too often a slip away from another name."""
LONGEST = 40


def keys_of(word: str) -> Iterator[str]:
    """Yield the keys by which words that are a slip apart find each other: all, and all but one, of the letters."""
    if SHORTEST <= len(word) <= LONGEST:
        yield word
        for place in range(len(word)):
            yield word[:place] + word[place + 1 :]


def one_slip(one: str, other: str) -> bool:
    """Whether two words are exactly one slip apart."""
    if one == other:
        return False
    short, long = sorted((one, other), key=len)
    place = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[place:] == long[place + 1 :]
    swapped = short[place + 1 : place + 2] + short[place : place + 1]
    return short[place + 1 :] == long[place + 1 :] or (
        swapped == long[place : place + 2] and short[place + 2 :] == long[place + 2 :]
    )
