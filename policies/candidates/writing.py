"""
Names that cannot be compared, because their writings differ: `田中花子` on the roster, `htanaka` in a system.

Cyrillic and Greek letters are folded to Latin ones (`words.yaml`); for others no table is kept, because none is sure:
one Chinese, Arabic or Thai name has many Latin spellings. So it is asked, once for a person and a system.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.facts import Account, Person, PersonKind
from policies.candidates.fold import fold, words_of_login

if TYPE_CHECKING:
    from policies.engine.case import AccountKey, Case

LATIN = "LATIN"


def writings(name: str) -> frozenset[str]:
    """Return in which writings a name stands; in Latin letters only where they are two words, or all there is."""
    words = [word for word in re.split(r"[\W\d_]+", fold(name)) if word]
    other = {unicodedata.name(c, LATIN).split()[0] for word in words for c in word if not c.isascii() and c.isalpha()}
    latin = sum(word.isascii() for word in words)
    return frozenset(other | ({LATIN} if latin > 1 or (latin and not other) else set()))


def of_person(person: Person, also: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return in which writings a person is known: by name, former names, and an address of two words of a name."""
    email = words_of_login(person.email or "")
    found = writings(person.name).union(*(writings(name) for name in also))
    return found | {LATIN} if sum(len(word) > 1 and word.isascii() for word in email) > 1 else found


def of_account(account: Account) -> frozenset[str]:
    """Return in which writings an account tells of its user: by its name and by its log-in."""
    name = frozenset[str]() if fold(account.name) == fold(account.login) else writings(account.name)
    login = "".join(words_of_login(account.login))
    return name | writings(login) if not name or len(login) > 2 else name


def uncompared(case: "Case", asked: dict[str, set[str]]) -> "Iterator[tuple[str, str, tuple[AccountKey, ...]]]":
    """
    Yield VMA, system and the live accounts of nobody there whose names cannot be compared with the VMA's.

    Only of VMAs who have no account there that is known as theirs and of whom nothing is `asked` there already, by
    system.
    """
    by_writing: dict[tuple[str, frozenset[str]], list[AccountKey]] = defaultdict(list)
    for key, account in case.live_accounts.items():
        if not case.owners[key].people and not account.service and not case.policy.generic_names.matches(account.login):
            by_writing[key[0], of_account(account)].append(key)
    if not by_writing:
        return
    for vma, engagement in sorted(case.engagements.items()):
        person = case.people.get(vma)
        if person is None or person.kind is not PersonKind.VMA or engagement.start > case.today:
            continue
        mine = of_person(person, case.former_names.get(vma, frozenset()))
        there = {key[0] for key in case.accounts_of.get(vma, ())} | asked.get(vma, set())
        found: dict[str, list[AccountKey]] = defaultdict(list)
        for (system, theirs), keys in by_writing.items():
            if mine and theirs and not mine & theirs and system not in there:
                found[system] += [key for key in keys if vma not in case.not_theirs.get(key, ())]
        for system, keys in sorted(found.items()):
            if keys:
                yield vma, system, tuple(sorted(keys))
