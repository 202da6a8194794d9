"""
A practice of several people as data, written to files, audited twice by the real pipeline, and told in one plain form.

Relations between two practices (renamed, permuted, split, moved in time) compare what both tell; see
`tests/properties/test_metamorphic.py`.
"""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from auditor import pipeline
from auditor.audit.inputs import read_inputs
from auditor.audit.result import AuditResult
from auditor.config import Config, load_config
from auditor.figures.controls import controls
from auditor.gates.history import past_of
from auditor.gates.offboard import offboard
from auditor.gates.onboard import onboard
from auditor.gates.subject import SubjectFacts
from auditor.lag.controls import SHIPPED, By, clock, load_controls
from auditor.lag.report import lag_report
from auditor.ledger.statements import Statement, StatementKind
from auditor.store import Store
from policies.engine.evaluate import judge
from tests.quick_audits import room
from tests.small_practice import CATALOG, HARBOR, MAPPING

T = TypeVar("T")
ZONE = ZoneInfo("America/Chicago")
BILLING = "charge.read, ledger.read, claim.read, claim.submit, coverage.read, demographics.read"
ROSTER = ("vma_id", "name", "email", "agency", "employment", "roles", "start", "end", "status", "logins")
TABLE = ("Id", "Login", "Name", "Email", "Status", "Last", "Created", "MFA", "Role")
WORDS = ("local-accounts", "handover", "device-return", "exit-reminder", "phi-returned", "sessions-ended",
         "shared-secrets", "service-secrets", "offshore", "identity", "screening", "confidentiality", "workstation",
         "training", "supervisor", "device", "logging")  # fmt: skip
"""Everything that people attest, so that what systems show alone decides a gate."""


@dataclass(frozen=True)
class Who:
    """One VMA of the roster; several periods are several rows."""

    id: str
    name: str
    periods: tuple[tuple[date, date | None], ...]
    role: str = "scheduler"
    agency: str = HARBOR
    status: str = "active"


@dataclass(frozen=True)
class Login:
    """One account; `of` is whose it is in truth, and `shows` what of them it carries."""

    id: str
    of: str
    shows: str
    """`name`, `email`, `login` (nothing but a log-in made of the name), or `stated` (the roster names it)."""
    role: str = "Scheduling"
    status: str = "Active"
    mfa: str = "yes"
    last: date | None = None
    created: date | None = None
    system: str = "ehr"
    name: str | None = None
    """How the account spells the name, where that is not how the roster does."""
    first_audit: bool = True
    """Whether the first audit saw it already."""


@dataclass(frozen=True)
class World:
    """Everything that is written."""

    people: tuple[Who, ...]
    accounts: tuple[Login, ...]
    audits: tuple[date, ...] = (date(2026, 11, 10), date(2026, 11, 24))
    agreed: date = date(2026, 1, 1)
    agencies: tuple[str, ...] = (HARBOR,)
    headcount: int | None = None
    named: tuple[str, ...] | None = None
    """Whom the agreement of the first agency names; `None`: everybody."""
    systems: tuple[str, ...] = ("ehr",)
    cut: frozenset[str] = frozenset()
    """Systems whose tables lack the line that proves that they were read whole."""
    order: tuple[int, ...] = ()
    """Seeds of the order of people, accounts, columns of the roster, columns of tables, agreements."""
    blank: frozenset[str] = frozenset()
    """Columns of the tables that are left empty."""


def plain(name: str) -> str:
    """Return the letters of a name without marks, in lower case, for log-ins and addresses."""
    text = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in text if c.isascii() and (c.isalpha() or c == " "))


def login_of(name: str) -> str:
    """Return the first initial and the last word, as most offices make log-ins."""
    words = plain(name).split()
    return words[0][0] + words[-1]


def ordered(things: Sequence[T], world: World, number: int) -> list[T]:
    """Return things in the order that the world asks for."""
    if not world.order:
        return list(things)
    left, seed, found = list(things), world.order[number], []
    while left:
        seed, at = divmod(seed, len(left))
        found.append(left.pop(at))
    return found


def write(world: World, folder: Path, day: date, *, first: bool) -> Path:
    """Write all files as they are on a day of audit."""
    at = datetime.combine(day, time(12), ZONE)
    names = {who.id: who.name for who in world.people}
    seen = [a for a in world.accounts if a.first_audit or not first]
    rows = [_person(who, period, seen, world) for who in world.people for period in who.periods]
    _table(folder / "roster.csv", ordered(ROSTER, world, 2), ordered(rows, world, 0))
    for system in world.systems:
        lines = [_account(a, names, world) for a in seen if a.system == system]
        reader = {"Id": "reader", "Login": "reader", "Name": "Audit Reader", "Status": "Active", "Role": "Nothing"}
        lines += [] if system in world.cut else [reader]
        _table(folder / f"{system}.csv", ordered(TABLE, world, 3), ordered(lines, world, 1))
    (folder / "agreements.yaml").write_text(json.dumps({"agreements": ordered(_agreements(world), world, 4)}))
    (folder / "mapping.yaml").write_text(MAPPING)
    (folder / "catalog.yaml").write_text(CATALOG.replace("BILLING", BILLING))
    config = {
        "practice": {"id": "small", "name": "Small Practice", "timezone": str(ZONE)},
        "roster": {"file": "roster.csv"},
        "agreements": "agreements.yaml",
        "policies": {"catalogs": ["catalog.yaml"]},
        "systems": {system: _system(system, at) for system in world.systems},
        "store": "auditor.db",
        "report": "report.html",
    }
    path = folder / "auditor.yaml"
    path.write_text(json.dumps(config))
    return path


def _system(id_: str, at: datetime) -> dict[str, Any]:
    settings = {"file": f"{id_}.csv", "mapping": "mapping.yaml", "canary": "reader"}
    return {"kind": "ehr", "product": "small-ehr", "title": id_.upper(), "connector": "table", "holds_phi": True,
            "vendor": "self", "exported": at.astimezone(UTC).isoformat(), "settings": settings}  # fmt: skip


def _person(who: Who, period: tuple[date, date | None], seen: list[Login], world: World) -> dict[str, str]:
    stated = [f"{a.system}:{_login(a, who.name)}" for a in seen if a.of == who.id and a.shows == "stated"]
    return {
        "vma_id": who.id, "name": who.name, "email": _email(who.name), "agency": who.agency, "employment": "employee",
        "roles": who.role, "start": str(period[0]), "end": str(period[1] or ""), "status": who.status,
        "logins": ";".join(ordered(stated, world, 1)),
    }  # fmt: skip


def _login(account: Login, name: str) -> str:
    """Return the log-in; nobody has one twice in a system, so a second account (`b`) has one with a number."""
    if account.shows not in ("login", "stated"):
        return f"{account.id}00"
    return login_of(name) + ("2" if account.id.endswith("b") else "")


def _email(name: str) -> str:
    return f"{'.'.join(plain(name).split())}@staff.example.test"


def _account(account: Login, names: dict[str, str], world: World) -> dict[str, str]:
    name = names.get(account.of, account.of)
    shows = account.shows
    login = _login(account, name)
    spelled = (account.name or name) if shows == "name" else ""
    values = {
        "Id": account.id, "Login": login, "Name": spelled, "Email": _email(name) if shows == "email" else "",
        "Status": account.status, "Last": str(account.last or ""), "Created": str(account.created or ""),
        "MFA": account.mfa, "Role": account.role,
    }  # fmt: skip
    return {column: "" if column in world.blank else value for column, value in values.items()}


def _agreements(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number, agency in enumerate(world.agencies):
        one = {"id": f"B{number}", "kind": "baa", "between": ["practice", agency], "signed_by_both": True,
               "from": str(world.agreed)}  # fmt: skip
        if number == 0 and world.headcount is not None:
            one["headcount"] = world.headcount
        if number == 0 and world.named is not None:
            one["people"] = ordered(world.named, world, 0)
        found.append(one)
    return found


def _table(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    lines = [",".join(f'"{row.get(name, "")}"' for name in columns) for row in rows]
    path.write_text("\n".join([",".join(columns), *lines]) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Told:
    """What the last audit of a world, and what is asked after it, says; nothing of it is meant for eyes only."""

    findings: frozenset[tuple[str, ...]]
    """Rule, subject, system, what, VMA, severity."""
    satisfied: frozenset[tuple[str, ...]]
    unknown: frozenset[tuple[str, ...]]
    figures: dict[tuple[str, str], str]
    """By control and VMA, the standing."""
    headline: str
    exit_code: int
    owners: dict[str, tuple[str, ...]]
    gone: dict[str, dict[str, str]]
    """By VMA, the answer of each item, and under the empty name the outcome."""
    ready: dict[str, dict[str, str]]
    """The same of the first gate, of those who have not left."""
    events: tuple[tuple[str, ...], ...]
    """Kind and VMA."""
    changes: tuple[tuple[str, ...], ...]
    """Kind, account, what was given, cause."""
    lags: tuple[tuple[Any, ...], ...]
    """VMA, control, state, days."""
    days: tuple[Fraction, Fraction]
    """VMA-days, and those of them with a control not in place."""
    identities: frozenset[str]


def tell(world: World) -> Told:
    """Write and audit a world at each of its days, then ask the gates and the lag; say it plainly."""
    with TemporaryDirectory(dir=room()) as place:
        folder = Path(place)
        for day in world.audits:
            config = load_config(write(world, folder, day, first=day == world.audits[0]))
            at = datetime.combine(day, time(12), ZONE).astimezone(UTC)
            audited = pipeline.audit(config, pipeline.Options(at=at))
        with Store.look(config.store) as store:
            return _told(world, config, store, audited)


def _told(world: World, config: Config, store: Store, audited: pipeline.Audited) -> Told:
    judged, case = audited.judged, audited.judged.case
    gone, ready = _gates(world, store, judged)
    report = lag_report(config, read_inputs(config), store, now=case.at, since=None)
    found = judged.judgment
    return Told(
        frozenset(
            (f.rule, f.subject.kind, f.subject.id, f.system or "", f.what, f.vma or "", f.severity.value)
            for f in found.findings
        ),
        frozenset((s.rule, s.subject.kind, s.subject.id, s.system or "") for s in found.satisfied),
        frozenset((n.rule, n.subject.kind, n.subject.id, n.system or "") for n in found.not_evaluated),
        {(f.control, vma): standing.value for f in controls(judged) for vma, standing in f.standings.items()},
        audited.report.headline.sentence,
        audited.exit_code,
        {f"{system}:{id_}": owner.people for (system, id_), owner in case.owners.items()},
        gone,
        ready,
        tuple(sorted((e.kind.value, e.vma) for e in judged.drift.events)) if judged.drift else (),
        tuple(
            sorted((t.change.kind.value, t.change.account, t.change.given, t.cause.value) for t in judged.attributed)
        ),
        tuple(sorted((x.duty.vma, x.duty.control, x.state.value, _whole_days(x.hours)) for x in report.lags)),
        (report.lockstep.vma_days, report.lockstep.exposure),
        frozenset(judged.findings),
    )


def _whole_days(hours: float) -> int:
    """
    Round hours to days, so that the hour of a clock that was changed meanwhile never makes a day.

    Duties begin at midnight and audits are at noon: lags are whole days or end in a half, far from a quarter.
    """
    return round(hours / 24 + 0.25)


def _gates(
    world: World, store: Store, judged: AuditResult
) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    case, gone, ready = judged.case, {}, {}
    due = clock(load_controls(SHIPPED), By.STOPPED)
    assert due is not None
    for vma in sorted(case.engagements):
        said = words(vma, case.today, world.systems)
        now = SubjectFacts(case, judged.judgment, vma, said, case.today)
        left = offboard(case, now, past_of(store, "small", vma), due)
        gone[vma] = {a.item.id: a.answer.value for a in left.items} | {"": left.outcome.value}
        end = case.engagements[vma].end
        if vma not in case.former and (end is None or end >= case.today):
            gate = onboard(
                case, lambda then, vma=vma, said=said: SubjectFacts(then, judge(then), vma, said, case.today), vma
            )
            ready[vma] = {a.item.id: a.answer.value for a in gate.items} | {"": "READY" if gate.ready else "NOT READY"}
    return gone, ready


def words(vma: str, day: date, systems: Sequence[str]) -> tuple[Statement, ...]:
    """Return everything that a person could attest of somebody, so that only what systems show is left to decide."""
    kind = StatementKind.ATTESTATION
    said = [Statement("small", kind, vma, topic, "Dana Ortiz", day) for topic in WORDS]
    ask = StatementKind.REQUEST
    said += [Statement("small", ask, vma, f"{s}: Scheduling", "Dana Ortiz", day, requested_by="Lee") for s in systems]
    return tuple(said)
