"""Bringing a workbook in: every row is judged first, and then all that is decided in it is recorded, or nothing."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from auditor.ledger.persons import same_person
from auditor.review.desk import Desk, QuestionView
from auditor.review.outcomes import BECAUSE_OF_OTHERS, Done, NotYours, Outcome, Refused, Repeated, Stale
from auditor.review.wanted import Wanted, Who
from auditor.review_records import Campaign, Decision, DecisionKind
from auditor.review_sheet.layout import CHOICES, COLUMNS, COMPARED, NAME_ROW, START, shown, told
from auditor.review_sheet.reading import Filled, FilledRow, read_workbook
from auditor.review_sheet.writing import views_of
from connectors.errors import InputError, shorten
from connectors.inputs.files import read_bytes
from connectors.inputs.xlsx import MAX_FILE_BYTES
from reports.words import plural

_TITLES = {column.key: column.title for column in COLUMNS}
_FIELDS = {"kind": "decision"}
"""The columns of fields that the desk calls otherwise."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row cannot be as it is."""

    row: int
    question: str
    column: str
    found: str
    why: str

    def __str__(self) -> str:
        found = f": found {shorten(self.found)}" if self.found else ""
        about = f" ({self.question})" if self.question else ""
        return f"row {self.row}{about}, `{self.column}`{found}: {self.why}"


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of a workbook; with faults, nothing was recorded."""

    campaign: str
    reviewer: str
    recorded: int = 0
    unchanged: int = 0
    """Rows that say what was decided already."""
    undecided: int = 0
    """Questions that wait, as they did before: their rows are empty."""
    missing: int = 0
    """Own questions that have no row."""
    signed: bool = False
    not_signed: str = ""
    """Why the name that was typed did not sign."""
    faults: tuple[RowFault, ...] = ()


def bring_in(desk: Desk, path: Path, signed_in: str, only_of: str | None = None) -> Brought:
    """
    Judge a workbook and record what it decides.

    `signed_in` says who vouches for where it came from, beside its digest; `only_of`: a reviewer who brings the own one
    in. Raises `InputError` when the file is no workbook of an open review of this practice.
    """
    filled = read_workbook(path)
    campaign = _campaign(desk, path, filled, only_of)
    digest = hashlib.sha256(read_bytes(path, max_bytes=MAX_FILE_BYTES)).hexdigest()
    who = Who(filled.reviewer, f"sheet {digest}, {signed_in}")
    views = {view.question.question: view for view in views_of(desk, who, campaign)}
    judged = _Judged(desk, filled, views, digest)
    if judged.faults:
        return Brought(campaign.id, filled.reviewer, faults=tuple(judged.faults))
    outcomes = desk.decide_all(who, [wanted for _, wanted in judged.wanted]) if judged.wanted else ()
    if faults := _told(judged.wanted, outcomes):
        return Brought(campaign.id, filled.reviewer, faults=faults)
    signed, why = _sign(desk, who, campaign.id, filled.name, digest) if filled.name else (False, "")
    return Brought(
        campaign.id,
        filled.reviewer,
        recorded=sum(isinstance(outcome, Done) for outcome in outcomes),
        unchanged=judged.unchanged + sum(isinstance(outcome, Repeated) for outcome in outcomes),
        undecided=judged.undecided,
        missing=len(views.keys() - {row["question"] for row in filled.rows}),
        signed=signed,
        not_signed=why,
    )


def _campaign(desk: Desk, path: Path, filled: Filled, only_of: str | None) -> Campaign:
    """Return the review of a workbook; raises `InputError` when it is another's, closed, or not whole."""
    known = filled.reviewer in desk.settings.reviewers and only_of in (None, filled.reviewer)
    mine = desk.campaigns(Who(filled.reviewer, "brings a workbook")) if known else ()
    campaign = next((c for c in mine if c.id == filled.campaign), None)
    if campaign is None:
        raise InputError(
            path,
            "it is the workbook of no open review of this practice, or of another reviewer",
            found=f"{filled.campaign} {filled.reviewer}",
            hint="`auditor review status` names the open reviews; `auditor review sheets` writes their workbooks anew",
        )
    if campaign.population_digest != filled.population:
        raise InputError(
            path, "it was written for another population of this review", hint="write it anew: `auditor review sheets`"
        )
    return campaign


class _Judged:
    """The rows of a workbook, each judged alone."""

    def __init__(self, desk: Desk, filled: Filled, views: Mapping[str, QuestionView], digest: str) -> None:
        self._campaign, self._views, self._digest = filled.campaign, views, digest
        self.faults: list[RowFault] = []
        self.wanted: list[tuple[FilledRow, Wanted]] = []
        self.unchanged = 0
        self.undecided = len(views)
        self._decided: set[str] = set()
        times = Counter(row["question"] for row in filled.rows)
        for row in filled.rows:
            if times[row["question"]] > 1:
                self._fault(row, "question", "this row stands there more than once")
            elif (view := views.get(row["question"])) is None:
                self._fault(row, "question", "this is no open question of this reviewer")
            elif not self._edited(row, view):
                self._take(row, view)
        self._check_name(filled, desk.settings.reviewers[filled.reviewer].name)

    def _fault(self, row: FilledRow, key: str, why: str) -> None:
        self.faults.append(RowFault(row.row, row["question"], _TITLES[key], row[key], why))

    def _edited(self, row: FilledRow, view: QuestionView) -> bool:
        sent = shown(0, view)
        edited = [column.key for column in COMPARED if row[column.key] != told(sent[column.key])]
        for key in edited:
            self._fault(row, key, f"it was {shorten(told(sent[key]))}: only the yellow cells are yours to fill in")
        return bool(edited)

    def _take(self, row: FilledRow, view: QuestionView) -> None:
        if not row["decision"]:
            self._leave(row, view)
            return
        self._decided.add(row["question"])
        kind = next((one for one in CHOICES if one.value == row["decision"].casefold()), None)
        expires = _day(row["expires"])
        if kind is None:
            self._fault(row, "decision", f"choose one of: {', '.join(CHOICES)}")
        elif row["expires"] and expires is None:
            self._fault(row, "expires", "write the day as 2027-03-31")
        elif not (row["version"].isascii() and row["version"].isdigit() and len(row["version"]) < 10):
            self._fault(row, "version", f"it was `{view.state.version}`, or less: only the yellow cells are yours")
        elif view.decision is not None and view.state.decision and _says(row, kind, expires) == _said(view.decision):
            self.unchanged += 1
            self.undecided -= 1
        else:
            self.undecided -= 1
            self.wanted.append((row, self._wanted(row, kind, expires)))

    def _leave(self, row: FilledRow, view: QuestionView) -> None:
        """Take an empty row: it decides nothing, and takes nothing back."""
        if others := [key for key in ("reason", "change_to", "expires", "compensating") if row[key]]:
            self._fault(row, "decision", f"`{_TITLES[others[0]]}` is filled in and nothing is decided")
        elif view.state.decision and row["version"] == str(view.state.version):
            self._fault(row, "decision", "it is decided; undo it on the page, an empty cell takes nothing back")
        elif view.state.decision:
            self.undecided -= 1

    def _wanted(self, row: FilledRow, kind: DecisionKind, expires: date | None) -> Wanted:
        return Wanted(
            self._campaign,
            row["question"],
            int(row["version"]),
            kind,
            f"sheet {self._digest} {row['question']}",
            reason=row["reason"],
            expires=expires,
            compensating=row["compensating"],
            change_to=row["change_to"],
        )

    def _check_name(self, filled: Filled, name: str) -> None:
        """Whoever signs has decided every row, here: what was decided elsewhere is not what this workbook shows."""
        if not filled.name:
            return
        why = ""
        if not same_person(filled.name, name):
            why = f"the reviewer of this workbook is {name}"
        elif left := len(self._views.keys() - self._decided):
            why = f"{plural(left, 'question')} without a decision in this workbook: silence is never a yes"
        if why:
            self.faults.append(RowFault(NAME_ROW + 1, "", f"{START}: Your full name, to sign", filled.name, why))


def _says(row: FilledRow, kind: DecisionKind, expires: date | None) -> tuple[object, ...]:
    return kind, row["reason"], expires, row["compensating"], row["change_to"]


def _said(d: Decision) -> tuple[object, ...]:
    return d.kind, told(d.reason), d.expires, told(d.compensating), told(d.change_to)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.removesuffix("T00:00:00"))
    except ValueError:
        return None


def _told(wanted: list[tuple[FilledRow, Wanted]], outcomes: tuple[Outcome, ...]) -> tuple[RowFault, ...]:
    """Say what the desk refused; those that were only not recorded because of others are no faults."""
    faults = []
    for (row, one), outcome in zip(wanted, outcomes, strict=True):
        match outcome:
            case Done() | Repeated():
                continue
            case Refused(why, field, _):
                if why == BECAUSE_OF_OTHERS:
                    continue
                key = _FIELDS.get(field, field) if field in {*_TITLES, *_FIELDS} else "decision"
                faults.append(RowFault(row.row, one.question, _TITLES[key], row[key], why))
            case Stale(_, _, now):
                decided = f"decided {now.decision.value} by {now.by}" if now.decision else "not decided"
                why = f"it changed since this workbook was written: now {decided}; write the workbook anew"
                faults.append(RowFault(row.row, one.question, _TITLES["version"], row["version"], why))
            case NotYours():
                why = "this is no open question of this reviewer"
                faults.append(RowFault(row.row, one.question, _TITLES["question"], row["question"], why))
    return tuple(faults)


def _sign(desk: Desk, who: Who, campaign: str, name: str, digest: str) -> tuple[bool, str]:
    summary = desk.summary(who, campaign)
    if summary is None:
        return False, "the review is closed"
    match desk.sign(who, campaign, name=name, mark=summary.mark, key=f"sheet {digest} sign"):
        case Done() | Repeated():
            return True, ""
        case Refused(why, _, _):
            return False, why
        case Stale() | NotYours():
            return False, "something was decided in the same moment: look at it on the page and sign there"
