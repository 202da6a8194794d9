"""On which people's words an answer rests: who said that an account is not a VMA's which by its looks could be."""

from collections.abc import Iterator

from auditor.gates.subject import SubjectFacts
from auditor.identity import Identified
from auditor.ledger.statements import Statement, StatementKind
from auditor.settled import THEIRS, confirmations, doubted, looks, named
from connectors.facts import Account
from policies.candidates.matching import matches
from policies.engine.candidates import index_of
from policies.engine.case import AccountKey, Case


def rests_on(facts: SubjectFacts) -> tuple[str, ...]:
    """Return each such word: the account, what of it could be the VMA's, who said what and when, and why."""
    newest = confirmations(facts.statements, facts.case.today)
    ended = {s.about: s for s in facts.statements if s.kind is StatementKind.WITHDRAWAL and s.on <= facts.case.today}
    taken_back = [s for s in facts.statements if s.id in ended and s.about == facts.vma and s.topic == THEIRS]
    if not newest and not taken_back:
        return ()
    accounts = {named(key): key for key in facts.case.accounts}
    people = Identified(facts.case.people.values())
    words: list[str] = []
    for statement in sorted(newest.values(), key=lambda s: (s.account or "", s.id)):
        if (key := accounts.get(statement.account or "")) is not None:
            words += _words(facts, key, statement, people)
    for statement in taken_back:
        key = accounts.get(statement.account or "")
        if key is not None and (statement.account, facts.vma) not in newest:
            end = ended[statement.id]
            told = f"{_account(facts.case, key)}: that it is theirs ({statement.id}, {statement.by}) was withdrawn"
            words.append(f"{told} on {end.on} by {end.by}{_why(end)}")
    return tuple(words)


def _words(facts: SubjectFacts, key: AccountKey, statement: Statement, people: Identified) -> Iterator[str]:
    case, vma = facts.case, facts.vma
    account = case.accounts[key]
    mine, theirs = statement.about == vma, statement.topic == THEIRS
    if mine == theirs or (not theirs and statement.looks != looks(account)):
        return  # said to be the VMA's, or not to be somebody else's; or of an account that looked otherwise
    why = _speaks_for(case, account, vma, people)
    if not why and not mine:
        return
    person = case.people.get(statement.about)
    whose = "not theirs" if mine else f"{person.name if person else statement.about}'s ({statement.about})"
    asked = f", asked for by {statement.requested_by}" if statement.requested_by else ""
    by = f"by {statement.by}'s word of {statement.on} it is {whose} ({statement.id}{asked}){_why(statement)}"
    told = f"{_account(case, key)}{f' could be theirs, because {why}' if why else ''}; {by}"
    doubt = doubted(statement, account, people)
    yield f"{told}. This does not count: {doubt}" if doubt else told


def _speaks_for(case: Case, account: Account, vma: str, people: Identified) -> str:
    found = people.whose(account)
    if vma in found:
        return f"the account carries {found[vma]} of theirs"
    said = matches(account, index_of(case), case.policy.generic_names)
    return next((match.reason for match in said if match.person == vma), "")


def _account(case: Case, key: AccountKey) -> str:
    return f"`{case.accounts[key].login}` in {case.systems[key[0]].title}"


def _why(statement: Statement) -> str:
    return f": {statement.reason}" if statement.reason.strip() else ", without a reason"
