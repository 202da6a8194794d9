"""Whom a statement concerns: the person that it names, and everybody whose the account could be of which it speaks."""

from collections.abc import Iterator, Mapping

from auditor.config import Config
from auditor.ledger.persons import fitting
from auditor.ledger.statements import Statement, StatementKind
from auditor.settled import named
from auditor.store import Store
from connectors.facts import Account, Person, PersonKind
from connectors.roster.csv_file import read_staff


def everybody(config: Config) -> dict[str, Person]:
    """Return everybody of the roster, the staff file and earlier audits, by id; raises `AuditorError`."""
    people = {p.id: p for p in config.roster.read().roster.people}
    people |= {p.id: p for p in (read_staff(config.staff, config.sources) if config.staff else ())}
    if config.store.exists():
        with Store.look(config.store) as store:
            people |= {p.id: p for p, _, _ in store.former_engagements(config.practice.id, set(people))}
    return people


def whose(account: Account, people: Mapping[str, Person]) -> list[Person]:
    """Return everybody whose an account could be by what it says of its user."""
    return fitting(account, [p for p in people.values() if p.kind in (PersonKind.VMA, PersonKind.STAFF)])


def concerned_by(statement: Statement, store: Store, people: Mapping[str, Person]) -> Iterator[Person]:
    """Yield whom a recorded statement concerns."""
    about = statement.about
    if statement.kind is StatementKind.EXCEPTION and (found := store.finding(about, statement.practice)) is not None:
        about = found.finding.vma or ""
    if about in people:
        yield people[about]
    if statement.kind is StatementKind.CONFIRMATION and (last := store.last(statement.practice)) is not None:
        for key, account in last.snapshot.accounts.items():
            if named(key) == statement.account:
                yield from whose(account, people)
