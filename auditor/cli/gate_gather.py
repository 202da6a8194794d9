"""What the gates judge: the practice now, read anew, or as an audit stored it."""

from dataclasses import dataclass
from datetime import datetime

from auditor.audit.case import make_case
from auditor.audit.collecting import collect_all
from auditor.audit.inputs import Inputs, read_inputs
from auditor.cli.progress import Stages
from auditor.config import Config
from auditor.gates.history import Past, past_of
from auditor.gates.subject import SubjectFacts
from auditor.history.projection import asked_day, load_baseline, project, require_store
from auditor.instants.asking import ask_logs, keeping_logs
from auditor.ledger.statements import Statement
from auditor.store import Store
from connectors.audit_log import LogAnswer, LogUnread
from connectors.collect import utc_now
from policies.engine.case import Case
from policies.engine.evaluate import judge


@dataclass(frozen=True)
class Gathered:
    """One VMA's case with all that the store knows besides."""

    case: Case
    statements: tuple[Statement, ...]
    seen: datetime | None
    """The last audit whose roster had the VMA."""
    past: Past

    def facts(self, case: Case, vma: str) -> SubjectFacts:
        """Judge a case, and return what is said of the VMA."""
        return SubjectFacts(case, judge(case), vma, self.statements, case.day_of(self.seen) if self.seen else None)


def gather(config: Config, vma: str, as_of: str | None) -> Gathered:
    """
    Read every system and judge now; with `as_of`, a day or an audit, take what that audit stored and read no system.

    Of a past day, facts are those of the last audit up to its end, and nothing counts that was stated later.
    """
    if as_of is not None:
        require_store(config)
        inputs = read_inputs(config)
        with Store.look(config.store) as store:
            return _then(config, inputs, store, vma, as_of)
    progress = Stages()
    with progress.stage("read"):
        inputs = read_inputs(config)
        collections = collect_all(config, progress, utc_now)
    at = utc_now().replace(microsecond=0)
    if not config.store.exists():
        return Gathered(make_case(config, inputs, collections, at, None), (), None, Past())
    with Store.look(config.store) as store:
        case = make_case(config, inputs, collections, at, store)
        statements = store.statements(config.practice.id)
        seen = store.last_seen(config.practice.id, vma)
        told = _ask(config, progress, case, store, vma)
        return Gathered(case, statements, seen, past_of(store, config.practice.id, vma, now=told))


def _ask(config: Config, progress: Stages, case: Case, store: Store, vma: str) -> tuple[LogAnswer | LogUnread, ...]:
    """Ask the systems' own records what changed of the VMA's accounts since they were asked last."""
    connectors = keeping_logs({id_: source.connector for id_, source in config.sources.items()})
    if not connectors:
        return ()
    with progress.stage("records"):
        return tuple(ask_logs(case, connectors, store.last(config.practice.id), store, vma=vma).values())


def _then(config: Config, inputs: Inputs, store: Store, vma: str, as_of: str) -> Gathered:
    base = load_baseline(config, inputs, store, as_of)
    case = base.case
    if (day := asked_day(as_of)) is not None:
        case = project(case, day)
    seen = base.audit.at if vma in case.engagements and vma not in case.former else None
    if vma in case.former:
        seen = store.last_seen(config.practice.id, vma)
    return Gathered(case, base.statements, seen, past_of(store, config.practice.id, vma, base.audit.id))
