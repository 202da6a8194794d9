"""Generic sign-in names: names of a desk, a task or nobody, where a person's name should stand."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml

SHIPPED = Path(__file__).parents[1] / "generic_names.yaml"
LONGEST_LOGIN = 256
"""More is no login; the rest of a hostile name is not looked at."""

Word = Annotated[str, StringConstraints(pattern=r"^[a-z]+$")]


class _File(Strict):
    version: int = Field(ge=1)
    anywhere: list[Word] = Field(min_length=1)
    alone: list[Word] = Field(min_length=1)


class GenericNames:
    """Knows words that name no person."""

    def __init__(self, anywhere: Iterable[str], alone: Iterable[str]) -> None:
        self._anywhere = frozenset(anywhere)
        self._all = self._anywhere | frozenset(alone)

    @classmethod
    def load(cls, path: Path | None = None) -> "GenericNames":
        """Load the words, by default the shipped ones; raises `InputError` for one that stands twice."""
        return _shipped() if path is None else _load(path)

    def matches(self, login: str) -> str | None:
        """
        Return the word by which a login is generic, or `None`.

        Whole words count, without digits: `frontdesk2` and `front.desk` match, `billingsley` does not. Words that a
        person's login may carry too, such as `va` or `billing`, count only when nothing else stands beside them.
        """
        words = _words(login)
        for first in range(len(words)):
            for last in range(first + 1, min(first + 3, len(words)) + 1):
                joined = "".join(words[first:last])
                if joined in self._anywhere:
                    return joined
        joined = "".join(words)
        if joined in self._all:
            return joined
        return words[0] if words and all(word in self._all for word in words) else None


def _words(login: str) -> list[str]:
    """Split a login: without domain (`CLINIC\\name`, `name@clinic`), digits and signs, in lower case."""
    name = login[:LONGEST_LOGIN].rpartition("\\")[2].partition("@")[0]
    return [word.casefold() for word in re.split(r"[\W\d_]+", name) if word]


@lru_cache(maxsize=1)
def _shipped() -> GenericNames:
    return _load(SHIPPED)


def _load(path: Path) -> GenericNames:
    document = load_yaml(path)
    file = document.validate(_File)
    seen: set[str] = set()
    for key, words in (("anywhere", file.anywhere), ("alone", file.alone)):
        for place, word in enumerate(words):
            if word in seen:
                document.refuse((key, place), "the word stands twice", found=word, expected="each word once")
            seen.add(word)
    return GenericNames(file.anywhere, file.alone)
