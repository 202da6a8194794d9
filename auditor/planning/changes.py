"""A plan, read from YAML or from `--hire`, and checked against roster and policy."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from auditor.history.projection import project
from auditor.planning.model import MAX_HIRES, Lead, Leave, NewRoles, Plan, new_ids, through, unknown_agency
from connectors.errors import AuditorError, shorten
from connectors.facts import Employment, Engagement
from connectors.inputs.dates import YEARS
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import Document, Key, load_yaml
from policies.engine.case import Case


def _day(value: object) -> object:
    """Take a YAML date, or ISO text; a number is no day, though pydantic would make one of it."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        value = date.fromisoformat(value)
    if not isinstance(value, date) or isinstance(value, datetime) or value.year not in YEARS:
        raise ValueError("a day such as 2027-03-01")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Word = Annotated[str, Field(min_length=1, max_length=200)]
Roles = Annotated[list[Word], Field(min_length=1, max_length=20)]


class _Strict(Strict):
    model_config = ConfigDict(populate_by_name=True)


class _Hire(_Strict):
    hire: Annotated[int, Field(strict=True, ge=1, le=MAX_HIRES)]
    roles: Roles
    agency: Word | None
    employment: Employment
    start: Day
    end: Day | None = None
    locations: Annotated[list[Word], Field(max_length=100)] = []
    hours: Annotated[float, Field(gt=0, le=168)] | None = None


class _Leave(_Strict):
    leave: Word
    end: Day


class _Role(_Strict):
    role: Word
    roles: Roles
    start: Annotated[Day, Field(alias="from")]


_LEAD = Lead()


class _Lead(_Strict):
    agreement: Annotated[int, Field(strict=True, ge=0, le=365)] = _LEAD.agreement
    attestation: Annotated[int, Field(strict=True, ge=0, le=365)] = _LEAD.attestation
    accounts: Annotated[int, Field(strict=True, ge=0, le=365)] = _LEAD.accounts


class _File(_Strict):
    changes: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_HIRES)]
    lead_days: _Lead = _Lead()


_KINDS: Mapping[str, type[_Strict]] = {"hire": _Hire, "leave": _Leave, "role": _Role}


def load_plan(path: Path, case: Case, today: date) -> Plan:
    """
    Read a plan.

    Raises `InputError` naming file, line and key for an unknown key, a role without template, somebody who is not on
    the roster, a change in the past, or two changes that contradict each other.
    """
    document = load_yaml(path)
    file = document.validate(_File)
    reader = _Reader(document, case, today)
    for place in range(len(file.changes)):
        reader.add(place)
    lead = file.lead_days
    return Plan(
        tuple(reader.hires), tuple(reader.leaves), tuple(reader.roles), Lead(**lead.model_dump()), tuple(reader.assumed)
    )


class _Reader:
    """Checks one change after the other, each against those before it."""

    def __init__(self, document: Document, case: Case, today: date) -> None:
        self._document, self._case, self._today = document, case, today
        self._ids = new_ids(case)
        self.hires: list[tuple[Engagement, ...]] = []
        self.leaves: list[Leave] = []
        self.roles: list[NewRoles] = []
        self.assumed: list[str] = []

    def add(self, place: int) -> None:
        key: Key = ("changes", place)
        named = [name for name in _KINDS if name in self._document.value(key)]
        if len(named) != 1:
            found = ", ".join(named) or ", ".join(map(str, self._document.value(key))) or "nothing"
            self._document.refuse(
                key, "what sort of change is this?", found=found, expected="`hire`, `leave` or `role`"
            )
        match self._document.validate(_KINDS[named[0]], key):
            case _Hire() as hire:
                self._hire(hire, key)
            case _Leave() as leave:
                self._leave(leave, key)
            case _Role() as role:
                self._role(role, key)

    def _hire(self, raw: _Hire, key: Key) -> None:
        self._templates(raw.roles, key)
        self._not_past(raw.start, (*key, "start"))
        if raw.end is not None and raw.end < raw.start:
            expected = f"a day on or after `start` ({raw.start})"
            self._document.refuse(
                (*key, "end"), "the work would end before it begins", found=raw.end, expected=expected
            )
        if sum(len(entry) for entry in self.hires) + raw.hire > MAX_HIRES:
            self._document.refuse(
                (*key, "hire"), "too many hires in one plan", expected=f"at most {MAX_HIRES} together"
            )
        agency = through(self._case, raw.agency or "")
        self.assumed += unknown_agency(self._case, agency)
        known = {place for e in self._case.periods for place in e.locations}
        for place in raw.locations:
            if known and place not in known:
                self.assumed.append(f"`{place}` is a new location: nobody on the roster works there yet")
        self.hires.append(
            tuple(
                Engagement(
                    next(self._ids),
                    agency,
                    raw.employment,
                    tuple(raw.roles),
                    raw.start,
                    raw.end,
                    tuple(raw.locations),
                    raw.hours,
                )
                for _ in range(raw.hire)
            )
        )

    def _leave(self, raw: _Leave, key: Key) -> None:
        engagement = self._engagement(raw.leave, (*key, "leave"), raw.end, (*key, "end"))
        if any(other.vma == raw.leave for other in self.leaves):
            self._document.refuse((*key, "leave"), "this VMA leaves twice", found=raw.leave, expected="one last day")
        if engagement.end is not None and engagement.end < raw.end:
            self.assumed.append(f"{raw.leave} stays longer than the roster says, which is until {engagement.end}")
        self.leaves.append(Leave(raw.leave, raw.end))
        self._order(raw.leave, key)

    def _role(self, raw: _Role, key: Key) -> None:
        self._templates(raw.roles, key)
        self._engagement(raw.role, (*key, "role"), raw.start, (*key, "from"))
        if any((other.vma, other.start) == (raw.role, raw.start) for other in self.roles):
            expected = "all roles of a day in one entry"
            self._document.refuse((*key, "from"), "two changes of role on one day", found=raw.start, expected=expected)
        self.roles.append(NewRoles(raw.role, tuple(raw.roles), raw.start))
        self._order(raw.role, key)

    def _order(self, vma: str, key: Key) -> None:
        ends = [leave.end for leave in self.leaves if leave.vma == vma]
        if ends and any(r.vma == vma and r.start > ends[0] for r in self.roles):
            expected = f"changes of role up to {ends[0]}, the last day"
            self._document.refuse(key, "a role would change after the VMA has left", found=vma, expected=expected)

    def _engagement(self, vma: str, key: Key, day: date, day_key: Key) -> Engagement:
        case = project(self._case, day)
        if vma not in case.engagements or vma in case.former:
            near = get_close_matches(vma, case.engagements, n=3) or sorted(set(case.engagements) - case.former)[:12]
            self._document.refuse(key, "there is no such VMA on the roster", found=vma, expected=", ".join(near))
        self._not_past(day, day_key)
        engagement = case.engagements[vma]
        over = engagement.end is not None and engagement.end < (self._today if key[-1] == "leave" else day)
        if engagement.start > day or over:
            span = f"{engagement.start} to {engagement.end}" if engagement.end else f"{engagement.start} on"
            self._document.refuse(day_key, "the VMA does not work then", found=day, expected=f"a day from {span}")
        return engagement

    def _templates(self, roles: Iterable[str], key: Key) -> None:
        known = self._case.policy.templates
        for place, role in enumerate(roles):
            if role not in known:
                near = get_close_matches(role, known.ids, n=3) or known.ids
                self._document.refuse(
                    (*key, "roles", place),
                    "there is no template for this role",
                    found=role,
                    expected=f"one of: {', '.join(near)}",
                    hint="a role needs its template before anybody holds it: docs/policies.md shows how to write one",
                )

    def _not_past(self, day: date, key: Key) -> None:
        if day < self._today:
            self._document.refuse(key, "this day is over", found=day, expected=f"a day from {self._today} on")


def parse_hires(texts: Iterable[str], case: Case, today: date) -> Plan:
    """
    Return the plan of `--hire COUNT:ROLE:START[:AGENCY]`.

    Where no agency is named, it is that of most VMAs, which is told as an assumption, as is that agencies employ
    their people. Raises `AuditorError` for anything that cannot be meant.
    """
    ids = new_ids(case)
    hires: list[tuple[Engagement, ...]] = []
    assumed: list[str] = []
    for text in texts:
        many, role, day, *named = [part.strip() for part in text.split(":", 3)] + [""] * (3 - len(text.split(":", 3)))
        try:
            number, start = int(many), date.fromisoformat(day)
        except ValueError:
            number, start = 0, today
        if (
            not 1 <= number <= MAX_HIRES
            or sum(len(entry) for entry in hires) + number > MAX_HIRES
            or start.year not in YEARS
        ):
            hint = f"COUNT:ROLE:START, such as 2:scheduler:{today}; at most {MAX_HIRES} together"
            raise AuditorError(f"`--hire` cannot be read: {shorten(text)}", hint=hint)
        if start < today:
            raise AuditorError(f"`--hire` starts on {start}, which is over", hint=f"give a day from {today} on")
        _ = case.policy.templates[role]
        agency = through(case, named[0]) if named and named[0] else _usual_agency(case)
        assumed += unknown_agency(case, agency)
        if not named or not named[0]:
            assumed.append(f"hired through {agency or 'the practice itself'}, as most are, as its employee")
        hires.append(tuple(Engagement(next(ids), agency, Employment.EMPLOYEE, (role,), start) for _ in range(number)))
    return Plan(tuple(hires), (), (), assumed=tuple(dict.fromkeys(assumed)))


def _usual_agency(case: Case) -> str | None:
    found = Counter(e.agency for e in case.active)
    return min(found, key=lambda agency: (-found[agency], agency or "")) if found else None
