"""
The open questions of a case: accounts that could be a person's, and log-ins of theirs that no read has shown.

While one is open, not all accounts of the person are known: nobody is gone, ready or covered because of it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from shlex import quote

from connectors.facts import Account, Person, PersonKind
from policies.candidates.fold import fold
from policies.candidates.matching import every_match, matches, strongest
from policies.candidates.people import People
from policies.candidates.seen import FoldedAccount, Match, Of, Strength
from policies.candidates.writing import uncompared
from policies.engine.case import AccountKey, Case, Owner, derived
from policies.roles.generic_logins import GenericNames

STATED = "the roster or staff file names this log-in"
BY_ID = "the account carries the person's id"
BY_EMAIL = "the account has the person's e-mail address"
BY_LOGIN = "the log-in is the person's e-mail address or its first part"
BY_NAME = "the account has the person's full name, which nobody else has"
CONTRADICTED = "the roster and the account contradict each other"
"""How the reason begins of an account that cannot be its stated user's by what it carries, or by when it was made."""
LIKELY = frozenset({BY_LOGIN, BY_NAME})
"""The reasons of an owner that are only likely: somebody else whom the account fits as well may be meant."""
SURE = frozenset({STATED, BY_ID, BY_EMAIL})
"""Those that are sure, while the account does not carry the name of somebody else."""


@dataclass(frozen=True, slots=True)
class Open:
    """One question that is open about one person, in one system."""

    person: str
    system: str
    login: str
    account: AccountKey | None
    """The live account that could be theirs; `None`: a log-in that the roster states, and that no read has shown."""
    reason: str
    """Why it could be theirs, in plain words."""
    among: "tuple[AccountKey, ...]" = ()
    """Live accounts of nobody, where it is asked which is theirs because the names cannot be compared."""

    @property
    def command(self) -> str:
        """How to answer, that it is theirs; empty where the roster must."""
        if self.account is None:
            return ""
        return f"auditor confirm {quote(self.person)} {quote(f'{self.system}:{self.login}')} --is-theirs --by …"


def commands(questions: "Iterable[Open]") -> str:
    """List how to settle some questions."""
    return "; ".join(f"`{question.command}`, or `--is-not-theirs`" for question in questions if question.command)


@dataclass(frozen=True, slots=True)
class Index:
    """An index with what it was made of."""

    of: object
    people: People


@dataclass(frozen=True)
class Candidates:
    """Every open question, by account and by person, each in a stable order."""

    by_account: Mapping["AccountKey", tuple[Open, ...]] = field(default_factory=dict)
    by_person: Mapping[str, tuple[Open, ...]] = field(default_factory=dict)
    index: "Index | None" = field(default=None, compare=False, repr=False)
    """Everybody by all keys, for the next case in which they are the same."""

    def of(self, person: str, system: str | None = None) -> tuple[Open, ...]:
        """Return what is open about one person, in one system or in all."""
        found = self.by_person.get(person, ())
        return found if system is None else tuple(question for question in found if question.system == system)


@derived
def candidates_of(case: Case) -> Candidates:
    """Return what is open in a case: accounts that could be a person's, and log-ins that no read has shown."""
    return find_candidates(case)


def find_candidates(case: Case, earlier: Candidates | None = None) -> Candidates:
    """
    Return what is open in a case, in the systems that were read whole: of the others nothing is known anyway.

    `earlier` is what was open in the case before: while the people are the same, they are not indexed again.
    """
    index = earlier.index if earlier else None
    by_account: dict[AccountKey, tuple[Open, ...]] = {}
    by_person: dict[str, list[Open]] = defaultdict(list)
    doubtful = [key for key, account in case.live_accounts.items() if in_doubt(account, case.owners[key], case.people)]
    if doubtful:
        index = _index(case, index)
        for key in doubtful:
            if found := tuple(_open(case, key, index.people)):
                by_account[key] = found
                for question in found:
                    by_person[question.person].append(question)
    for question in _never_seen(case):
        by_person[question.person].append(question)
    asked = {person: {question.system for question in found} for person, found in by_person.items()}
    for vma, system, keys in uncompared(case, asked):
        by_person[vma].append(Open(vma, system, "", None, "the names cannot be compared", keys))
    return Candidates(by_account, {person: tuple(found) for person, found in sorted(by_person.items())}, index)


def used_since(case: Case, person: str, since: datetime) -> tuple[Open, ...]:
    """
    Ask of accounts that work no longer, could be a person's, and may have been signed in with at an instant or later.

    One of which nobody knows when that was last may have been, too. Nobody can sign in with them today, so they ask no
    question of access; whether somebody did they leave open.
    """
    used = [
        key
        for key, account in case.accounts.items()
        if key not in case.live_accounts
        and (account.last_login is None or (isinstance(account.last_login, datetime) and account.last_login >= since))
        and in_doubt(account, case.owners[key], case.people)
    ]
    if not used:
        return ()
    people = index_of(case)
    return tuple(question for key in used for question in _open(case, key, people) if question.person == person)


def in_doubt(account: Account, owner: "Owner", people: Mapping[str, Person]) -> bool:
    """
    Whether an account has no owner, one by a reason that is only likely, or one whose name it does not carry.

    A log-in that is the whole address is as good as the address itself. What somebody confirmed is settled.
    """
    if not owner.people or owner.reason == BY_NAME:
        return True
    known = [people[id_] for id_ in owner.people if id_ in people]
    if owner.reason == BY_LOGIN and fold(account.login) not in {fold(person.email or "") for person in known}:
        return True
    if owner.reason not in SURE and owner.reason != BY_LOGIN:
        return False
    carried = _words(account.name)
    return len(carried) > 1 and len(known) == len(owner.people) and carried not in [_words(p.name) for p in known]


@lru_cache(maxsize=1 << 16)
def _words(name: str) -> tuple[str, ...]:
    # A name is asked of each account that carries it, and of its person, at each judgment.
    return tuple(sorted(re.split(r"[\W_]+", fold(name).strip(" .,"))))


def could_be(account: Account, owner: "Owner", people: People, generic: GenericNames) -> dict[str, Match]:
    """
    Return whose else an account in doubt could be, by person id.

    Beside a likely owner, only by what is strong; beside a sure one, only by a whole name that is nobody's of the
    owners: whoever the list names, the account speaks of somebody else.
    """
    if owner.people and owner.reason not in LIKELY:
        if not FoldedAccount.of(account, generic).personal:
            return {}
        named = strongest(match for match in every_match(account, people, generic) if match.of is Of.NAME)
        if named.keys() & set(owner.people):
            return {}
        listed = f"though {owner.reason}: that is {' and '.join(owner.people)}"
        return {person: replace(match, reason=f"{match.reason}, {listed}") for person, match in named.items()}
    return {
        match.person: match
        for match in matches(account, people, generic)
        if match.person not in owner.people and (not owner.people or match.strength is Strength.STRONG)
    }


def index_of(case: Case) -> People:
    """Return everybody of a case by all keys."""
    return _index(case, candidates_of(case).index).people


def _index(case: Case, earlier: Index | None) -> Index:
    """Index whoever signs in as a person; a log-in that is surely somebody's in one system may be theirs in another."""
    logins: dict[str, dict[str, str]] = defaultdict(dict)
    for person in case.people.values():
        for system, login in person.logins:
            where = case.systems[system].title if system in case.systems else system
            logins[person.id].setdefault(login, f"the roster or staff file, for {where}")
    for key, account in case.accounts.items():
        owner = case.owners[key]
        if len(owner.people) == 1 and owner.reason not in LIKELY:
            logins[owner.people[0]].setdefault(account.login, f"what {case.systems[key[0]].title} says")
    everybody = {id_: person for id_, person in case.people.items() if _signs_in(person)}
    made_of = everybody, dict(logins), dict(case.former_names)
    if earlier is not None and earlier.of == made_of:
        return earlier
    return Index(made_of, People.of(everybody.values(), logins, case.policy.generic_names, case.former_names))


def _signs_in(person: Person) -> bool:
    return person.kind in (PersonKind.VMA, PersonKind.STAFF)


def _open(case: Case, key: "AccountKey", people: People) -> "list[Open]":
    account, owner = case.accounts[key], case.owners[key]
    found = could_be(account, owner, people, case.policy.generic_names)
    for person in case.once.get(key, ()):
        if person in people.known:
            found[person] = Match(person, "an earlier audit knew it as theirs", Strength.STRONG)
    if owner.reason.startswith(CONTRADICTED):
        found |= {p: Match(p, why, Strength.STRONG) for p, why in _contradicting(case, account).items()}
    refused = {*owner.people, *case.not_theirs.get(key, ())}
    return [
        Open(person, key[0], account.login, key, found[person].reason)
        for person in sorted(found)
        if person not in refused
    ]


def _contradicting(case: Case, account: Account) -> dict[str, str]:
    """Return whom the roster states for an account, and whose address or id it carries, each with that."""
    said = case.owners[account.system, account.id].reason.partition(", ")[2]
    keys = _carried(case)
    found = {}  # what the roster states counts before an address, and that before an id
    if account.employee_id:
        for person in keys.ids.get(fold(account.employee_id), ()):
            found[person] = "the account carries their id, and the roster names somebody else"
    for person in keys.addresses.get(fold(account.email or ""), ()):
        found[person] = "the account carries their e-mail address, and the roster names somebody else"
    for person in keys.logins.get((account.system, fold(account.login)), ()):
        found[person] = f"the roster names this log-in, and {said}"
    return found


@dataclass(frozen=True, slots=True)
class _Keys:
    """Everybody of a case, staff too, by what an account may carry of them."""

    ids: dict[str, list[str]]
    addresses: dict[str, list[str]]
    logins: dict[tuple[str, str], list[str]]


@derived
def _carried(case: Case) -> _Keys:
    keys = _Keys(defaultdict(list), defaultdict(list), defaultdict(list))
    for person in case.people.values():
        keys.ids[fold(person.id)].append(person.id)
        if person.email:
            keys.addresses[fold(person.email)].append(person.id)
        for system, login in person.logins:
            keys.logins[system, fold(login)].append(person.id)
    return keys


def _never_seen(case: Case) -> "list[Open]":
    """
    Return the log-ins that the roster states for a VMA and that no read of the system, now or earlier, has shown.

    Only of those whose work has begun: before that, an account that is still to be made is nothing to wonder at.
    """
    stated = [
        (person.id, system, login)
        for id_, engagement in sorted(case.engagements.items())
        if engagement.start <= case.today and (person := case.people.get(id_)) is not None
        for system, login in person.logins
        if system in case.systems and system not in case.incomplete
    ]
    if not stated:
        return []
    there = {(key[0], account.login.casefold()) for key, account in case.accounts.items()}
    reason = "the roster states this log-in, and no read of the system has ever shown it"
    return [
        Open(person, system, login, None, reason)
        for person, system, login in stated
        if (system, login.casefold()) not in there and (system, login.casefold()) not in case.seen_logins
    ]
