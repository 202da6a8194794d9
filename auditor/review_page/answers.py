"""From a form to decisions: each about exactly the question that was shown, in the version in which it was shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from auditor.review.outcomes import BECAUSE_OF_OTHERS, Outcome, Refused, Stale
from auditor.review.wanted import Wanted
from auditor.review_page.views import Answer, Ask
from auditor.review_records import DecisionKind
from auditor.web.forms import Form

VERSION = "version:"
_NUMBER = re.compile(r"\d{1,12}")
_KINDS = {kind.value: kind for kind in DecisionKind if kind is not DecisionKind.UNDONE}

FIELDS = {"reason": "why", "change_to": "to", "expires": "until", "compensating": "meanwhile", "items": "only"}
"""The desk's names of what is to be mended, and the fields of the page; anything else is said beside the answers."""
CHOOSE = "Choose an answer: you wrote something, but nothing is chosen."
NOTHING = "Nothing was chosen yet. Choose an answer for at least one of them, or skip this person for now."
NO_DAY = "Give the last day, such as 2027-03-31."
TICK = "Tick what should go or change; if it is all of it, tick everything."


@dataclass(frozen=True, slots=True)
class Answered:
    """What a form says."""

    answers: Mapping[str, Answer]
    """By question, of those that the form was about."""
    wanted: tuple[Wanted, ...]

    @property
    def wrong(self) -> bool:
        """Whether something is to be mended before anything is asked of the desk."""
        return any(answer.wrong for answer in self.answers.values())


def read_answers(form: Form, asks: Mapping[str, Ask]) -> Answered | None:
    """
    Return what a form says of some questions; `None` where it is about one that is not among them.

    Only fields of the answer that was chosen count. Raises `Refused` (400) for what no browser sends.
    """
    answers: dict[str, Answer] = {}
    wanted: list[Wanted] = []
    for name in form.names():
        if not name.startswith(VERSION):
            continue
        id_ = name.removeprefix(VERSION)
        version = form.text(name, max_length=12)
        if id_ not in asks or not _NUMBER.fullmatch(version):
            return None
        answer = answers[id_] = _answer(form, id_)
        one = _wanted(form, asks[id_], answer, int(version))
        if one is not None:
            wanted.append(one)
    return Answered(answers, tuple(wanted))


def _answer(form: Form, id_: str) -> Answer:
    def text(name: str) -> str:
        return " ".join(form.text(f"{name}:{id_}", default="").split())

    only = frozenset(form.texts(f"only:{id_}", max_length=20))
    return Answer(text("kind"), text("why"), text("to"), text("until"), text("meanwhile"), only)


def _wanted(form: Form, ask: Ask, answer: Answer, version: int) -> Wanted | None:
    """Return the decision, or write into the answer what is to be mended."""
    if not answer.kind:
        if answer.why or answer.to or answer.until or answer.meanwhile or answer.only:
            answer.wrong["kind"] = CHOOSE
        return None
    kind = _KINDS.get(answer.kind)
    if kind is None or kind.value not in {choice.value for choice in ask.choices}:
        answer.wrong["kind"] = "This is not one of the answers."
        return None
    expires = _day(answer.until) if kind is DecisionKind.EXCEPTION else None
    if kind is DecisionKind.EXCEPTION and expires is None:
        answer.wrong["until"] = NO_DAY
    some = kind in (DecisionKind.REMOVE, DecisionKind.CHANGE)
    if some and ask.question.bulk and not answer.only and len(ask.items) > 1:
        answer.wrong["only"] = TICK
    if not all(_NUMBER.fullmatch(number) for number in answer.only):
        answer.wrong["only"] = TICK
    if answer.wrong:
        return None
    chosen = frozenset(int(number) for number in answer.only) if some else frozenset()
    return Wanted(
        campaign=ask.question.campaign,
        question=ask.id,
        version=version,
        kind=kind,
        key=f"{form.key}:{ask.id}",
        reason=answer.why,
        expires=expires,
        compensating=answer.meanwhile if kind is DecisionKind.EXCEPTION else "",
        change_to=answer.to if kind is DecisionKind.CHANGE else "",
        # Everything is the same as no list: what comes to it later, as an addition, is a question of its own.
        items=() if len(chosen) == len(ask.view.items) else tuple(sorted(chosen)),
        served_at=form.served_at,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def mend(answered: Answered, outcomes: tuple[Outcome, ...]) -> tuple[Stale, ...]:
    """Write into the answers why the desk refused them; return those whose question has changed meanwhile."""
    stale = []
    for one, outcome in zip(answered.wanted, outcomes, strict=True):
        answer = answered.answers[one.question]
        if isinstance(outcome, Stale):
            stale.append(outcome)
        elif isinstance(outcome, Refused) and outcome.why != BECAUSE_OF_OTHERS:
            answer.wrong[FIELDS.get(outcome.field, "kind")] = sentence(outcome.why)
    return tuple(stale)


def sentence(text: str) -> str:
    """Return what the desk says as a sentence of a page."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "…")) else ".")
