"""Whether the next audit of a practice can be whole, apart from its systems: files, store, ledger, clock."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from auditor.audit.freshness import age_told
from auditor.audit.inputs import read_inputs, read_work, refuse_unknown_roles, refuse_unknown_systems
from auditor.audit.output_path import practice_of
from auditor.config import Config, ConfiguredSystem
from auditor.connecting.checks import Check, CheckState, failure
from auditor.connecting.settings import how_to_set, is_set, variables
from auditor.connecting.trial import counted
from auditor.doctor_accounts import check_accounts
from auditor.lag.controls import load_controls
from auditor.ledger.anew import is_lost
from auditor.ledger.keys import public_path
from auditor.ledger.verify import StoreVerdict, verify
from auditor.naming import Names, questions
from auditor.store import Store
from auditor.watch.outbox import deliveries_of
from connectors.errors import AuditorError
from connectors.inputs.files import MAX_KEY_BYTES, read_bytes
from connectors.roster.csv_file import read_staff
from policies.agreements.register import load_agreements
from policies.engine.rule import all_rules
from policies.policy import Policy, load_policy

MIN_FREE_BYTES = 200 * 2**20
"""Below this an audit may not find the room to be stored whole."""


def check_practice(
    config: Config, data: Mapping[str, Any], clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[Check]:
    """
    Yield what each check said; nothing is written, and the store is not even opened for writing.

    `data` is the configuration as it stands in the file, for the variables that it names outside of its systems.
    """
    yield Check("configuration", CheckState.OK, f"valid, {counted(len(config.sources), 'system')}")
    policy = None
    for check, loaded in _policies(config):
        policy = loaded
        yield check
    yield from _variables({key: value for key, value in data.items() if key != "systems"})
    yield _tried("roster", lambda: _roster(config, policy))
    if config.staff is not None:
        staff = config.staff
        yield _tried("staff", lambda: counted(len(read_staff(staff, config.sources)), "line"))
    if policy is not None:
        yield _tried("agreements", lambda: _agreements(config, policy))
        yield from _names(config, policy)
        if config.controls is not None:
            own = config.controls
            yield _tried("controls", lambda: _controls(own))
        if config.work is not None:
            check = _tried("work map", lambda: _work_map(config))
            # The store, which is not opened here, may know of somebody on an earlier roster.
            unsure = check.state is CheckState.FAILED and config.store.is_file()
            yield replace(check, state=CheckState.WARNING) if unsure else check
        yield from _catalogs(config, policy)
    yield from _place(config)
    yield from _history(config, clock())
    yield from check_accounts(config)
    yield from _watch(config)


def _watch(config: Config) -> Iterator[Check]:
    """Yield whether everybody was told whom the watch should tell."""
    if config.watch is None:
        return
    try:
        deliveries = deliveries_of(config)
    except AuditorError as error:
        yield failure("watch", error)
        return
    for delivery in deliveries:
        if delivery.failing:
            found = f"`{delivery.recipient}` was not told {counted(delivery.open, 'message')}: {delivery.problem}"
            advice = "set it right, then `auditor watch --test-message`; what waits is sent by itself"
            yield Check("watch", CheckState.WARNING, found, advice)
    if not any(delivery.failing for delivery in deliveries):
        yield Check("watch", CheckState.OK, f"{counted(len(config.watch.recipients), 'recipient')}, nobody left untold")


def _tried(step: str, run: Callable[[], str]) -> Check:
    try:
        return Check(step, CheckState.OK, run())
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks are worth having
        return failure(step, error)


def _policies(config: Config) -> Iterator[tuple[Check, Policy | None]]:
    try:
        policy = load_policy(config.catalogs, config.roles)
        all_rules()
    except Exception as error:  # noqa: BLE001 - see above
        yield failure("policies", error), None
        return
    roles = len(policy.templates.ids)
    yield (
        Check("policies", CheckState.OK, f"{roles} role templates, {len(policy.catalogs.products())} catalogs"),
        policy,
    )


def _variables(data: Mapping[str, Any]) -> Iterator[Check]:
    for key, variable in variables(data).items():
        if is_set(variable):
            yield Check("variables", CheckState.OK, f"set: {variable} ({key})")
        else:
            yield Check(
                "variables",
                CheckState.FAILED,
                f"not set in the environment: `{variable}` ({key})",
                how_to_set(variable),
            )


def _roster(config: Config, policy: Policy | None) -> str:
    read = config.roster.read()
    refuse_unknown_systems(config, read)
    if policy is not None:
        refuse_unknown_roles(read, policy)
    roster = read.roster
    return f"{counted(len(roster.engagements), 'engagement')}, from {roster.source}"


def _agreements(config: Config, policy: Policy) -> str:
    agreements = load_agreements(config.agreements, policy.vocabulary, frozenset(config.sources), config.practice.name)
    return f"{len(agreements)} in the register"


def _names(config: Config, policy: Policy) -> Iterator[Check]:
    """Yield a question for each name that only one file knows; what cannot be read was told before."""
    try:
        names = Names(
            config.practice.name,
            config.roster.read().roster,
            load_agreements(config.agreements, policy.vocabulary, frozenset(config.sources), config.practice.name),
            [source.connector.system for source in config.sources.values()],
            read_staff(config.staff, config.sources) if config.staff else (),
        )
    except Exception:  # noqa: BLE001 - the checks before have said what
        yield Check("names", CheckState.SKIPPED, "roster or register cannot be read")
        return
    asked = list(questions(names))
    for question in asked:
        meant = f"did you mean `{question.meant}`? write one name everywhere" if question.meant else ""
        yield Check("names", CheckState.WARNING if meant else CheckState.OK, question.text, meant)
    if not asked:
        yield Check("names", CheckState.OK, "every party, agency and vendor is named by another file too")


def _controls(path: Path) -> str:
    return f"{counted(len(load_controls(path)), 'control')} with clocks of the practice's own"


def _work_map(config: Config) -> str:
    inputs = read_inputs(config)
    work = read_work(config, inputs, frozenset(p.id for p in (*inputs.staff, *inputs.roster.people)))
    clusters, tasks = (len(work.clusters), len(work.tasks)) if work else (0, 0)
    return f"{counted(tasks, 'task')} in {counted(clusters, 'cluster')}"


def _catalogs(config: Config, policy: Policy) -> Iterator[Check]:
    for id_, source in config.sources.items():
        product = source.connector.system.product
        if not policy.catalogs.has(product):
            yield Check(
                "catalogs",
                CheckState.FAILED,
                f"no catalog explains `{product}`, the product of `{id_}`",
                f"`auditor catalog check --system {id_} --write FILE` makes one that is ready to fill",
                usage=True,
            )


def check_age(system: str, source: ConfiguredSystem, now: datetime) -> Iterator[Check]:
    """Yield whether an export is young enough for an audit of today; nothing for a system that is read live."""
    try:
        told = age_told(system, source, now)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks are worth having
        yield failure("age", error)
    else:
        if told:
            yield Check("age", CheckState.OK, told)


def _place(config: Config) -> Iterator[Check]:
    for step, path in (("store", config.store), ("report", config.report)):
        folder = _existing(path.parent)
        if path.is_dir():
            yield Check(step, CheckState.FAILED, f"`{path}` is a folder", "give it the name of a file", usage=True)
        elif not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
            yield Check(
                step,
                CheckState.FAILED,
                f"`{path}` cannot be written",
                "give the auditor the right to write it and its folder",
            )
        elif step == "report" and (other := practice_of(path)) not in (None, config.practice.id):
            told = f"`{path}` is the report of another practice, `{other}`"
            own = f"give each its own, such as `report: report-{config.practice.id}.html`"
            yield Check(step, CheckState.FAILED, told, own, usage=True)
        else:
            yield Check(step, CheckState.OK, f"{path.name} can be written")
    free = shutil.disk_usage(_existing(config.store.parent)).free
    size = config.store.stat().st_size if config.store.is_file() else 0
    enough = free >= MIN_FREE_BYTES + size
    yield Check(
        "disk",
        CheckState.OK if enough else CheckState.FAILED,
        f"{free / 2**30:,.1f} GiB free beside the store",
        "" if enough else "make room: an audit that cannot be stored whole is not stored",
    )


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.resolve().parents) if path.exists())


def _history(config: Config, now: datetime) -> Iterator[Check]:
    if is_lost(config.store, config.store.with_suffix(".key")):
        found = f"there is a key, and no store `{config.store.name}`: an earlier one is missing"
        yield Check(
            "ledger", CheckState.FAILED, found, "put it back from the backup; docs/configuration.md says what else"
        )
        return
    if not config.store.is_file():
        yield Check("ledger", CheckState.SKIPPED, "there was no audit yet")
        yield Check("clock", CheckState.OK, f"{now:%Y-%m-%d %H:%M} UTC")
        return
    yield _key(config.store.with_suffix(".key"))
    public = public_path(config.store.with_suffix(".key"))
    verdict: StoreVerdict | None = None
    if not public.is_file():
        yield Check(
            "ledger",
            CheckState.WARNING,
            f"`{public.name}` is not beside the store",
            "put it back, or verify with the key of a report: `auditor verify`",
        )
    else:
        try:
            verdict = verify(config.store, read_bytes(public, max_bytes=MAX_KEY_BYTES).decode(errors="replace"))
            yield _ledger(verdict)
        except Exception as error:  # noqa: BLE001 - see above
            yield failure("ledger", error)
    yield _clock(_last(config, verdict), now)


def _key(path: Path) -> Check:
    if not path.is_file():
        return Check(
            "key", CheckState.FAILED, f"`{path.name}` is missing", "put it back from the backup: it signs the ledger"
        )
    if os.name != "nt" and path.stat().st_mode & 0o077:
        return Check("key", CheckState.FAILED, f"others may read `{path.name}`", f"run `chmod 600 {path}`")
    return Check("key", CheckState.OK, f"{path.name} is there, and only its owner may read it")


def _ledger(verdict: StoreVerdict) -> Check:
    if not verdict.ok:
        more = f", and {len(verdict.problems) - 1} more" if len(verdict.problems) > 1 else ""
        return Check(
            "ledger",
            CheckState.FAILED,
            f"does not verify: {verdict.problems[0]}{more}",
            "`auditor verify` lists everything; put the store back from the backup, and find out who changed it",
        )
    return Check("ledger", CheckState.OK, f"{verdict.valid} of {verdict.entries} entries are valid")


def _last(config: Config, verdict: StoreVerdict | None) -> datetime | None:
    """Return when the last audit was, as it stands after corrections; of a store that cannot be asked, as signed."""
    try:
        with Store.look(config.store) as store:
            return max((one.at for one in store.audits()), default=None)
    except AuditorError:
        return verdict.last_at if verdict else None


def _clock(last: datetime | None, now: datetime) -> Check:
    told = f"{now:%Y-%m-%d %H:%M} UTC"
    if last is not None and last > now:
        return Check(
            "clock",
            CheckState.FAILED,
            f"here it is {told}, and the last audit is of {last:%Y-%m-%d %H:%M} UTC",
            "set the clock of this machine; where it ran ahead then, `auditor correct-time` says when that audit was",
        )
    return Check("clock", CheckState.OK, told)
