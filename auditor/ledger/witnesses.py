"""
Who may state what about whom: nobody states what concerns themselves, and two people are two.

Source: NIST SP 800-53 AC-5 (separation of duties), CA-5 and PM-4 (why a weakness is left).
"""

from collections.abc import Iterable

from auditor.ledger.persons import may_be, same_person
from auditor.ledger.statements import Statement, StatementKind
from connectors.errors import AuditorError, shorten
from connectors.facts import Person

MIN_WORDS, MIN_LETTERS = 4, 20
"""Of a reason that says something."""


def refuse_self(statement: Statement, people: Iterable[Person]) -> None:
    """Refuse what somebody whom it concerns states or asks for, in whatever spelling; raises `AuditorError`."""
    # Who asks for access may be who gets it (`approve`); everything else that two people say is said by two others.
    asked = (statement.by, "" if statement.kind is StatementKind.REQUEST else statement.requested_by or "")
    for person in people:
        for said in asked:
            if said.strip() and may_be(said, person):
                raise AuditorError(
                    f"{shorten(said)} may be whom it concerns and cannot state this about themselves: {person.id}",
                    hint="let somebody else state it with `--by`, by the whole name (NIST SP 800-53 AC-5)",
                )


def lacks_witness(statement: Statement) -> str:
    """Say what a statement lacks that takes a reason and two people; empty where it has both."""
    reason = statement.reason
    if len(reason.split()) < MIN_WORDS or len("".join(reason.split())) < MIN_LETTERS:
        return f"the reason is too short: {shorten(reason)}"
    asked = (statement.requested_by or "").strip()
    if not asked:
        return "it is said by two people: one asks, another decides"
    if same_person(asked, statement.by):
        return f"{shorten(asked)} and {shorten(statement.by)} may be one person, and it is said by two people"
    return ""


WITNESS_HINT = (
    f"say in a sentence how that is known with `--reason` ({MIN_WORDS} words or more), and who asks for it with "
    "`--requested-by`, somebody else than `--by`, by their whole names"
)


def check_critical(statement: Statement) -> None:
    """Refuse to accept a critical finding in passing: it takes a reason that says something, and two people."""
    if lacking := lacks_witness(statement):
        raise AuditorError(f"a critical finding is not accepted in passing: {lacking}", hint=WITNESS_HINT)
