"""`auditor drift`."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.text import Text

from auditor.between import Between, Cause, Owed, Told, compare
from auditor.cli.out import say
from auditor.cli.show import show
from auditor.config import load_config
from auditor.drift import Change
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.gather import read_inputs
from auditor.recall import choose, day_of, last_quarter, recall
from auditor.reporting.changes import change_text
from auditor.snapshot import AuditSummary
from auditor.store import Store
from connectors.errors import AuditorError
from policies.case import Case


def run_drift(path: Path, since: str | None, until: str | None, *, quarter: bool, as_json: bool) -> int:
    """
    Compare two stored audits and print every change with its one cause; nothing is read from the systems.

    Returns 0 when all is explained and nothing is owed, 1 when not, 2 when a system was not read.
    """
    config = load_config(path)
    if not config.store.exists():
        hint = "`auditor audit` makes one; drift needs two audits"
        raise AuditorError(f"there is no store `{config.store}`", hint=hint)
    inputs = read_inputs(config)
    with Store.open(config.store) as store:
        audits = store.audits(config.practice.id)
        first, last = _chosen(audits, since, until, config.practice.timezone, quarter=quarter)
        before, case_before = recall(config, inputs, store, first.id)
        _, after = recall(config, inputs, store, last.id)
        result = compare(before, case_before, after, store.statements(config.practice.id))
    if as_json:
        say(json.dumps(_data(result, first, last, after), indent=2, ensure_ascii=False) + "\n")
    else:
        _show(result, first, last, after)
    if result.not_read:
        return NOT_EVALUABLE
    return FINDINGS if result.owed or any(t.cause is Cause.UNEXPLAINED for t in result.told) else IN_STEP


def _chosen(
    audits: tuple[AuditSummary, ...], since: str | None, until: str | None, timezone: str, *, quarter: bool
) -> tuple[AuditSummary, AuditSummary]:
    if len(audits) < 2:
        raise AuditorError(f"there are {len(audits)} audits in the store", hint="drift is the difference of two")
    if quarter:
        start, end = last_quarter(day_of(datetime.now(UTC), timezone))
        since, until = since or start.isoformat(), until or end.isoformat()
    last = choose(audits, until, timezone) if until else audits[-1]
    earlier = tuple(a for a in audits if a.id < last.id)
    if since is None and not earlier:
        raise AuditorError(f"audit {last.id} is the first", hint="there is nothing to compare it with")
    first = choose(audits, since, timezone) if since else earlier[-1]
    if first.id >= last.id:
        raise AuditorError(
            f"`--from` is audit {first.id} and `--to` is audit {last.id}", hint="name two audits, the earlier one first"
        )
    return first, last


def _show(result: Between, first: AuditSummary, last: AuditSummary, case: Case) -> None:
    show(Text(f"audit {first.id} ({first.at:%Y-%m-%d}) to audit {last.id} ({last.at:%Y-%m-%d})", style="bold"))
    counts = Counter(t.cause for t in result.told)
    parts = ", ".join(f"{counts[cause]} {cause.value}" for cause in Cause if counts[cause])
    show(f"{len(result.told)} changes of access" + (f": {parts}" if parts else ""))
    _section("headcount", "bold", [f"{_name(case, e.vma)} {e.kind.value}: {e.detail}" for e in result.events])
    for cause in (Cause.UNEXPLAINED, Cause.EVENT, Cause.REQUEST, Cause.EXCEPTION):
        style = "bold red" if cause is Cause.UNEXPLAINED else "bold"
        mine = [f"{change_text(case, t.change)}{_because(t)}" for t in result.told if t.cause is cause]
        _section(f"{cause.value}: {len(mine)}", style, mine)
    _section(f"owed: {len(result.owed)}", "bold red", [_owed(case, o) for o in result.owed])
    outside = [f"{change_text(case, t.change)} — {t.by or t.cause.value}" for t in result.outside_offboarding]
    _section("removed or changed outside an offboarding", "bold", outside)
    for system, partial in result.not_read.items():
        told = ["what changed there is not known; nothing counts as removed"]
        _section(f"not read: {case.systems[system].title}: {partial.reason}", "bold yellow", told)


def _section(title: str, style: str, lines: list[str]) -> None:
    if lines:
        show("", Text(title, style=style), *(f"  {line}" for line in lines))


def _because(told: Told) -> str:
    return f"\n    ← {told.by}" if told.by else ""


def _owed(case: Case, owed: Owed) -> str:
    where = f" ({owed.login} in {case.systems[owed.system].title})" if owed.system else ""
    return f"{_name(case, owed.event.vma)}, {owed.event.kind.value}: {owed.what}{where}"


def _name(case: Case, vma: str) -> str:
    return f"{case.people[vma].name} ({vma})" if vma in case.people else vma


def _data(result: Between, first: AuditSummary, last: AuditSummary, case: Case) -> dict[str, Any]:
    counts = Counter(t.cause for t in result.told)
    vocabulary = case.policy.vocabulary
    return {
        "from": {"audit": first.id, "at": first.at.isoformat()},
        "to": {"audit": last.id, "at": last.at.isoformat()},
        "events": [{"vma": e.vma, "kind": e.kind.value, "detail": e.detail} for e in result.events],
        "changes": {"total": len(result.told), **{cause.value: counts[cause] for cause in Cause}},
        "told": [_told(t) for t in result.told],
        "owed": [
            {"vma": o.event.vma, "event": o.event.kind.value, "system": o.system, "login": o.login, "what": o.what}
            for o in result.owed
        ],
        "outside_offboarding": [_told(t) for t in result.outside_offboarding],
        "not_read": {system: partial.reason for system, partial in result.not_read.items()},
        "by_vma_and_system": [
            {
                "vma": line.vma,
                "system": line.system,
                "accounts": line.accounts,
                "entitlements": line.entitlements,
                "gained": list(vocabulary.names(line.gained)),
                "lost": list(vocabulary.names(line.lost)),
                "phi_gained": list(line.phi_gained),
                "phi_lost": list(line.phi_lost),
                "by_cause": {cause.value: count for cause, count in line.by_cause.items()},
            }
            for line in result.lines
        ],
    }


def _told(told: Told) -> dict[str, Any]:
    change: Change = told.change
    return {
        "kind": change.kind.value,
        "system": change.system,
        "login": change.login,
        "people": list(change.people),
        "assignment": change.assignment,
        "cause": told.cause.value,
        "by": told.by,
    }
