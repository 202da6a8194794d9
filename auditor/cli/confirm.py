"""`auditor confirm`: whose an account is, recorded."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from auditor.cli.formats import Format
from auditor.cli.progress import Stages
from auditor.cli.statements import record, show_recorded
from auditor.concerned import everybody, whose
from auditor.config import Config, load_config
from auditor.exit_codes import IN_STEP
from auditor.identity import Identified
from auditor.ledger.statements import Statement, StatementKind
from auditor.ledger.witnesses import WITNESS_HINT, lacks_witness, refuse_self
from auditor.settled import NOT_THEIRS, THEIRS, looks, named
from auditor.store import Store
from connectors.collect import collect, utc_now
from connectors.errors import AuditorError, SourceError, shorten
from connectors.facts import Account, Partial, Person
from connectors.inputs.dates import day_of
from policies.candidates.fold import fold


def run_confirm(
    path: Path,
    person: str,
    account: str,
    *,
    theirs: bool,
    by: str,
    reason: str,
    requested_by: str | None,
    store: Path | None,
    output: Format,
) -> int:
    """
    Look up the person and the account, and record what is stated of them.

    Raises `AuditorError` for somebody whom nobody knows, an account that is not there, what the roster or the staff
    file contradicts, whoever states what concerns themselves, and one person alone where the account carries an id, an
    address or a log-in that says otherwise.
    """
    config = load_config(path, store=store)
    people = everybody(config)
    whom = _person(people, person)
    found = _account(config, account)
    stated = {(system, login.casefold()) for system, login in whom.logins}
    if not theirs and (found.system, found.login.casefold()) in stated:
        raise AuditorError(
            f"the roster or the staff file says that {shorten(account)} is {whom.id}'s",
            hint="take the log-in out of `logins` there; then this need not be stated",
        )
    now = datetime.now(UTC)
    statement = Statement(
        practice=config.practice.id,
        kind=StatementKind.CONFIRMATION,
        about=whom.id,
        topic=THEIRS if theirs else NOT_THEIRS,
        by=by,
        on=day_of(now, config.practice.timezone),
        reason=reason,
        requested_by=requested_by,
        account=named((found.system, found.id)),
        login=found.login,
        looks=looks(found),
    )
    refuse_self(statement, [whom, *whose(found, people)])
    against = Identified(people.values()).against(found, whom.id, theirs=theirs)
    if against and (lacking := lacks_witness(statement)):
        raise AuditorError(
            f"{shorten(account)} says otherwise: {against}, and {lacking}",
            hint=f"{WITNESS_HINT}; or mend the roster, the staff file or the account",
        )
    show_recorded(record(config, statement, now), output=output)
    return IN_STEP


def _person(people: Mapping[str, Person], id_: str) -> Person:
    if id_ not in people:
        raise AuditorError(
            f"there is nobody with the id {shorten(id_)} on the roster, in the staff file or in an earlier audit",
            hint=f"one of: {', '.join(sorted(people)[:40])}",
        )
    return people[id_]


def _account(config: Config, text: str) -> Account:
    """Return the account that a person means: as the last audit saw it, else as the system is now."""
    system, colon, login = text.partition(":")
    if not colon or not login or system not in config.sources:
        raise AuditorError(
            f"{shorten(text)} names no account", hint=f"system:log-in, with one of: {', '.join(config.sources)}"
        )
    accounts = _stored(config, system)
    if not (found := _called(accounts, login)):
        accounts = _read(config, system)
        found = _called(accounts, login)
    if not found:
        near = [a.login for a in accounts if fold(login) in fold(a.login) or fold(a.login) in fold(login)]
        hint = f"did you mean: {', '.join(near[:5])}?" if near else "write it as the system does"
        raise AuditorError(f"`{system}` has no account with the log-in {shorten(login)}", hint=hint)
    if len(found) > 1:
        ids = ", ".join(f"{system}:{a.id}" for a in found[:5])
        raise AuditorError(f"{len(found)} accounts have the log-in {shorten(login)}", hint=f"name one by its id: {ids}")
    return found[0]


def _called(accounts: list[Account], login: str) -> list[Account]:
    """Return the accounts of a log-in; one that is written just so, or has it for its native id, goes first."""
    exact = [a for a in accounts if a.id == login] or [a for a in accounts if a.login == login]
    return exact or [a for a in accounts if a.login.casefold() == login.casefold()]


def _stored(config: Config, system: str) -> list[Account]:
    if not config.store.exists():
        return []
    with Store.look(config.store) as store:
        last = store.last(config.practice.id)
    return [a for key, a in last.snapshot.accounts.items() if key[0] == system] if last else []


def _read(config: Config, system: str) -> list[Account]:
    source, progress = config.sources[system], Stages()
    with progress.stage("read"):
        collection = collect(
            source.connector,
            clock=utc_now,
            time_limit_s=source.time_limit_s,
            progress=lambda count: progress.reading(system, count),
        )
    if isinstance(collection.completeness, Partial):
        raise SourceError(collection.completeness.reason, hint=collection.completeness.hint)
    return list(collection.accounts)
