"""What both sources of facts ask of the store: the past of leavers and movers, clocks, titles of old findings."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from auditor.config import Config
from auditor.gates.history import pasts_of
from auditor.instants.log import AccessLog
from auditor.lag.controls import SHIPPED, By, clock, load_controls
from auditor.ledger.statements import Statement, StatementKind
from auditor.review.annexes.facts import AnnexFacts
from auditor.review.annexes.leavers import leavers_of, movers_of
from auditor.snapshot import Snapshot
from auditor.store import Store
from connectors.facts import Complete
from policies.engine.case import Case


def completed(
    facts: AnnexFacts, config: Config, store: Store, until: int | None, records: Mapping[str, AccessLog]
) -> AnnexFacts:
    """Return the facts with the practice's clocks, the past of whoever left or moved, and the names of old findings."""
    controls = load_controls(config.controls or SHIPPED)
    practice = facts.case.practice.id
    concerned = (*leavers_of(facts), *movers_of(facts))
    return replace(
        facts,
        clock_end=clock(controls, By.STOPPED),
        clock_move=clock(controls, By.AUDITS),
        pasts=pasts_of(store, practice, concerned, until, records=records) if concerned else {},
        seen_on=_seen_on(facts.case, store, concerned),
        titles=_titles(store, practice, facts.statements, facts.findings),
    )


def _seen_on(case: Case, store: Store, people: Iterable[str]) -> dict[str, date]:
    found = {}
    for vma in people:
        seen = store.last_seen(case.practice.id, vma) if vma in case.former else case.at
        if seen is not None:
            found[vma] = case.day_of(seen)
    return found


def _titles(store: Store, practice: str, statements: Iterable[Statement], known: Iterable[str]) -> dict[str, str]:
    """Return how the findings are called that exceptions are about and that stand open no more."""
    wanted = {s.about for s in statements if s.kind is StatementKind.EXCEPTION} - set(known)
    found = {id_: store.finding(id_, practice) for id_ in sorted(wanted)}
    return {id_: one.finding.title for id_, one in found.items() if one is not None}


def new_to_us(before: Snapshot, case: Case) -> dict[str, str]:
    """Return the systems that no earlier audit read whole: what came there since is not known."""
    seen = {system for system, _ in before.accounts} | before.known
    return {
        system: "no earlier audit had read it whole, so what it held before is not known"
        for system, collection in case.collections.items()
        if system not in seen and isinstance(collection.completeness, Complete)
    }
