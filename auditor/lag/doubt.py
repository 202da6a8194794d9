"""When it was not settled whose an account was: nothing that depends on a VMA's accounts was in place for sure then."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from auditor.identity import Identified
from auditor.lag.spans import Span
from auditor.lag.unproven import SpanClock, Unproven
from auditor.ledger.statements import Statement
from auditor.settled import THEIRS, confirmations, doubted, looks, named
from auditor.store import Store
from auditor.store.records import ACCOUNT, ENGAGEMENT, OWNER
from connectors.facts import Account, Person
from policies.candidates.people import People
from policies.engine.candidates import LIKELY, could_be, in_doubt
from policies.engine.case import Owner
from policies.intervals import intersection, union
from policies.roles.generic_logins import GenericNames


def doubtful(store: Store, practice: str, clock: SpanClock, statements: Iterable[Statement], day: date) -> Unproven:
    """
    Return when a live account could have been each VMA's, or no read had shown a log-in that the roster states.

    What people have stated by `day` of an account that looked then as it does counts for all the time.
    """
    owners: dict[str, list[tuple[Span, Owner]]] = defaultdict(list)
    for first, after, owned in store.intervals(practice, OWNER):
        if (span := clock.span(first, after)) is not None:
            owners[named((owned.system, owned.account))].append((span, owned.owner))
    accounts = [
        (span, account)
        for first, after, account in store.intervals(practice, ACCOUNT)
        if (span := clock.span(first, after)) is not None
    ]
    people = _people(store, practice, clock)
    doubt = _Doubt.of(people.values(), _logins(people.values(), accounts, owners), statements, day)
    found: dict[str, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for span, account in accounts:
        if account.live:
            for during, owner in owners[named((account.system, account.id))]:
                if both_ := intersection((span,), (during,)):
                    for person in doubt.whose(account, owner):
                        found[person][account.system] += both_
    _never_shown(people.values(), accounts, found)
    return {vma: {system: union(spans) for system, spans in each.items()} for vma, each in found.items()}


def _people(store: Store, practice: str, clock: SpanClock) -> dict[str, Person]:
    """Return the VMAs of every roster, as known last."""
    found = {}
    for first, after, line in store.intervals(practice, ENGAGEMENT):
        if clock.span(first, after) is not None:
            found[line.person.id] = line.person
    return found


def _logins(
    people: Iterable[Person],
    accounts: Iterable[tuple[Span, Account]],
    owners: Mapping[str, list[tuple[Span, Owner]]],
) -> dict[str, dict[str, str]]:
    """Return the log-ins that are surely somebody's in one system, and may be theirs in another, by person."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for person in people:
        for _, login in person.logins:
            found[person.id].setdefault(login, "the roster")
    for _, account in accounts:
        for _, owner in owners[named((account.system, account.id))]:
            if len(owner.people) == 1 and owner.reason not in LIKELY:
                found[owner.people[0]].setdefault(account.login, account.system)
    return found


@dataclass(frozen=True)
class _Doubt:
    """Everybody by all keys, and what people have stated."""

    people: People
    known: Mapping[str, Person]
    generic: GenericNames
    said: Mapping[str, tuple[Statement, ...]]
    """By account, what was confirmed of it."""
    identified: Identified

    @classmethod
    def of(
        cls,
        people: Iterable[Person],
        logins: Mapping[str, Mapping[str, str]],
        statements: Iterable[Statement],
        day: date,
    ) -> "_Doubt":
        everybody, generic = list(people), GenericNames.load()
        said: dict[str, tuple[Statement, ...]] = {}
        for (account, _), s in confirmations(statements, day).items():
            said[account or ""] = (*said.get(account or "", ()), s)
        known = {person.id: person for person in everybody}
        return cls(People.of(everybody, logins, generic), known, generic, said, Identified(everybody))

    def whose(self, account: Account, owner: Owner) -> set[str]:
        """Return whose an account could have been beside its owner; whose it is by what was said later, too."""
        if not in_doubt(account, owner, self.known):
            return set()
        said = [
            s
            for s in self.said.get(named((account.system, account.id)), ())
            if not doubted(s, account, self.identified)
        ]
        if theirs := {s.about for s in said if s.topic == THEIRS}:
            return theirs & self.known.keys() - set(owner.people)
        refused = {s.about for s in said if s.looks == looks(account)}
        return could_be(account, owner, self.people, self.generic).keys() - refused


def _never_shown(
    people: Iterable[Person],
    accounts: Iterable[tuple[Span, Account]],
    found: Mapping[str, dict[str, list[Span]]],
) -> None:
    """Add the time until the first read that showed a log-in which the roster states."""
    shown: dict[tuple[str, str], int] = {}
    begin: dict[str, int] = {}
    end = 0
    for span, account in accounts:
        key = account.system, account.login.casefold()
        shown[key] = min(span[0], shown.get(key, span[0]))
        begin[account.system] = min(span[0], begin.get(account.system, span[0]))
        end = max(end, span[1])
    for person in people:
        for system, login in person.logins:
            if system in begin and begin[system] < (first := shown.get((system, login.casefold()), end)):
                found[person.id][system].append((begin[system], first))
