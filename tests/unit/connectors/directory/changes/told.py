"""What the tests of records share: an account that is asked for, and what writes mean for it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.directory.changes.answer import Found, answer_of
from connectors.directory.changes.names import Names
from connectors.directory.changes.write import Writes
from connectors.facts import Account, Status

NOW = datetime(2026, 12, 1, tzinfo=UTC)
VA, VA_DN = "11111111-2222-4333-8444-555555555555", "uid=va05,ou=people,dc=t"
GROUP = "cn=g1,ou=groups,dc=t"


def account(id_: str = VA, login: str = "va05") -> Account:
    return Account("directory", id_, login, login, Status.ACTIVE)


def told(
    *writes: Writes,
    keys: Mapping[str, str] | None = None,
    held: Mapping[str, frozenset[str]] | None = None,
    one: Account | None = None,
) -> LogAnswer:
    """Return the answer for one account; `keys` are DNs of those that are there, by id."""
    asked = one or account()
    question = LogQuestion((asked,), held=held or {})
    found = Found("directory", question, writes=list(writes), covers_from=writes[0].covers_from)
    return answer_of(found, Names.of([asked], {VA: VA_DN} if keys is None else keys), NOW)


def kinds(answer: LogAnswer) -> list[str]:
    return [str(e.kind) + (f" {e.entitlement}" if e.entitlement else "") for e in answer.events]
