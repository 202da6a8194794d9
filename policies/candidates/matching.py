"""Whose an account could be, by its name, its log-in and its address; with the reason, in plain words."""

from collections.abc import Iterable, Iterator

from connectors.facts import Account
from policies.candidates.by_login import by_login, by_text, of_forms
from policies.candidates.by_name import misspelt, named
from policies.candidates.fold import fold, joined
from policies.candidates.forms import Form, forms_of
from policies.candidates.people import People
from policies.candidates.seen import FoldedAccount, Match, Of, Strength
from policies.roles.generic_logins import GenericNames


def matches(account: Account, people: People, generic: GenericNames) -> tuple[Match, ...]:
    """
    Return everybody whose an account could be, the strongest reason for each, in the order of their ids.

    A log-in that the account's own name explains says nothing of somebody whose name that is not: `dcalloway` of Diana
    Calloway is not Denise's. Costs a few look-ups, however many people there are.
    """
    found = strongest(every_match(account, people, generic))
    return tuple(found[person] for person in sorted(found))


def strongest(said: Iterable[Match]) -> dict[str, Match]:
    """Return the first of the strongest matches with each person, by person id."""
    found: dict[str, Match] = {}
    for match in said:
        best = found.get(match.person)
        if best is None or match.strength < best.strength:
            found[match.person] = match
    return found


def every_match(account: Account, people: People, generic: GenericNames) -> Iterator[Match]:
    """Yield everything of an account that speaks for somebody, several times the same person."""
    seen = FoldedAccount.of(account, generic)
    yield from _by_rule(account, people)
    yield from _by_name(seen, people)
    yield from by_login(account, seen, people)
    yield from _by_address(account, seen, people)


def _by_rule(account: Account, people: People) -> Iterator[Match]:
    """Yield whom a rule names, and would make the owner if another did not contradict it."""
    for person in people.by_statement.get((account.system, account.login.casefold()), ()):
        yield Match(person, "the roster or staff file names this log-in", Strength.STRONG, Of.RULE)
    for person in people.by_id.get((account.employee_id or "").casefold(), ()):
        yield Match(person, "the account carries their id", Strength.STRONG, Of.RULE)


def _by_name(seen: FoldedAccount, people: People) -> Iterator[Match]:
    for name in seen.names:
        said = list(named(name, people))
        for person, reason, strength in said:
            yield Match(person, f"the name {reason}", strength, Of.NAME)
        if not any(strength is Strength.STRONG for _, _, strength in said):
            for person in misspelt(name, people):
                yield Match(person, "the name is theirs but for one slip of writing", Strength.WEAK, Of.NAME)
        if len(name.full) == 1:  # `DeniseCalloway`, or a log-in where the name should stand
            yield from of_forms(name.full[0], seen, people, Of.NAME)


def _by_address(account: Account, seen: FoldedAccount, people: People) -> Iterator[Match]:
    if seen.address:
        for person in people.by_address.get(seen.address, ()):
            same = fold(account.email or "").strip() == fold(people.known[person].person.email or "").strip()
            reason = f"the e-mail address is theirs{'' if same else ' but for what follows a plus'}"
            yield Match(person, reason, Strength.STRONG, Of.ADDRESS)
    plain = joined(seen.local)
    if not seen.explains(plain):
        for person in people.by_local.get(plain, ()):
            yield Match(person, "the e-mail address begins as theirs does", Strength.WEAK, Of.ADDRESS)
    yield from by_text(seen.local, seen, people, Of.ADDRESS)
    yield from _married(seen, people)


def _married(seen: FoldedAccount, people: People) -> Iterator[Match]:
    """Yield whose e-mail address is made of the account's name, where a word agrees: the name before a marriage."""
    for name in seen.names:
        units = {unit for unit, _, _ in name.units}
        for text, form in forms_of(name).items():
            if form is not Form.PART:
                for person in people.by_local.get(text, ()):
                    if any(units & {unit for unit, _, _ in own.units} for own in people.known[person].names):
                        reason = "their e-mail address is made of the account's name"
                        yield Match(person, reason, Strength.WEAK, Of.ADDRESS)
