"""What is to be mended on a page, with a link to each field; and what changed while a page was open, both ways."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.review.outcomes import Stale, Standing
from auditor.review_page.views import DECIDED, Answer, Ask, Words

TITLES = {
    "kind": "the answer",
    "why": "the reason",
    "to": "what instead",
    "until": "the last day",
    "meanwhile": "what protects meanwhile",
    "only": "what of it",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend."""

    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class StaleLine:
    """One question that changed while its page was open."""

    title: str
    wanted: str
    shown: str
    now: str


def problems(asks: Iterable[Ask], nothing: str) -> tuple[Problem, ...]:
    """Return what is to be mended, in the order of the page."""
    asks = tuple(asks)
    found = [
        Problem(f"{'choice' if name == 'kind' else name}-{ask.id}", f"{ask.legend} — {TITLES[name]}: {text}")
        for ask in asks
        for name, text in ask.answer.wrong.items()
    ]
    if nothing and asks:
        found.insert(0, Problem(f"choice-{asks[0].id}", nothing))
    return tuple(found)


def stale_lines(
    stale: Sequence[Stale], answers: Mapping[str, Answer], words: Words, title: Callable[[str], str]
) -> tuple[StaleLine, ...]:
    """Return both states of each question, and what was wanted of it."""
    return tuple(
        StaleLine(
            title(one.question),
            _wanted(answers.get(one.question)),
            _standing(one.shown, words),
            _standing(one.now, words),
        )
        for one in stale
    )


def _wanted(answer: Answer | None) -> str:
    if answer is None:
        return ""
    kinds = {kind.value: word for kind, (_, word) in DECIDED.items()}
    parts = (kinds.get(answer.kind, ""), answer.to, answer.until, answer.meanwhile, answer.why)
    return ": ".join(part for part in parts if part)


def _standing(one: Standing, words: Words) -> str:
    if one.closed:
        return f"closed: {one.closed}"
    if one.decision is None:
        by = f", taken back by {one.by}" if one.by and one.at else ""
        return f"not decided{by}{_at(one, words) if by else ''}"
    reason = f": {one.reason}" if one.reason else ""
    return f"{DECIDED[one.decision][1]}, by {one.by}{_at(one, words)}{reason}"


def _at(one: Standing, words: Words) -> str:
    return f" on {words.moment(one.at)}" if one.at is not None else ""
