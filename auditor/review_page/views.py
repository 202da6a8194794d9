"""What the pages show of a campaign, in words: built from the desk's views, and nothing is decided here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from auditor.review.desk import PersonView, QuestionView
from auditor.review.wanted import needs_reason
from auditor.review_page.addresses import question_path
from auditor.review_records import (
    Advice,
    Campaign,
    Decision,
    DecisionKind,
    HeldThen,
    Question,
    QuestionKind,
    ReviewItem,
)
from connectors.inputs.dates import day_of
from reports.words import day_text, plural

MOST_ITEMS = 100
"""Items of one question that are listed; the rest is counted."""
MOST_CAPABILITIES = 12
MOST_QUESTIONS = 40
"""Questions about one person on one page, the riskiest; a form of a browser holds no more fields than are read."""

BADGES = {
    QuestionKind.LEFT: ("bad", "Has left"),
    QuestionKind.NOT_STARTED: ("bad", "Not started yet"),
    QuestionKind.FORBIDDEN: ("bad", "No VMA may"),
    QuestionKind.SEPARATION: ("bad", "Two duties in one hand"),
    QuestionKind.NOBODY: ("bad", "Belongs to nobody"),
    QuestionKind.DOOR: ("bad", "Way in from outside"),
    QuestionKind.PRIVILEGED: ("high", "Privileged"),
    QuestionKind.EXCESS: ("high", "Beyond the role"),
    QuestionKind.UNCLASSIFIED: ("unknown", "Nobody knows what it does"),
    QuestionKind.SHARED: ("high", "Shared"),
    QuestionKind.UNSPLIT: ("medium", "Cannot be given apart"),
    QuestionKind.DORMANT: ("medium", "Not used"),
    QuestionKind.SERVICE: ("plain", "Service or vendor"),
    QuestionKind.FINDING: ("medium", "Found by the audit"),
    QuestionKind.EXPLAINED: ("good", "Explained by the role"),
}
ADVICE = {
    Advice.KEEP: "Keep it",
    Advice.REMOVE: "Remove it",
    Advice.CHANGE: "Change it",
    Advice.EXCEPTION: "Keep it for now, as an exception",
    Advice.ASK: "Ask first",
}
DECIDED = {
    DecisionKind.KEEP: ("good", "Keep"),
    DecisionKind.REMOVE: ("bad", "Remove"),
    DecisionKind.CHANGE: ("medium", "Change"),
    DecisionKind.EXCEPTION: ("unknown", "Exception"),
    DecisionKind.UNDONE: ("plain", "Not decided"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers to a question."""

    value: str
    label: str
    hint: str
    needs: bool
    """Whether a reason has to be given."""


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One thing that is held, with where it stands."""

    id: int
    name: str
    where: str
    facts: tuple[str, ...]


@dataclass(slots=True)
class Answer:
    """What a form said of one question; it is shown again where something is to be mended."""

    kind: str = ""
    why: str = ""
    to: str = ""
    until: str = ""
    meanwhile: str = ""
    only: frozenset[str] = frozenset()
    wrong: dict[str, str] = field(default_factory=dict)
    """By field: what is to be mended."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question, as it stands on a page."""

    view: QuestionView
    legend: str
    tone: str
    badge: str
    new: str
    """Said where it came during the period; empty otherwise."""
    where: str
    capabilities: tuple[str, ...]
    more_capabilities: int
    items: tuple[ItemLine, ...]
    more_items: int
    advice: str
    choices: tuple[Choice, ...]
    answer: Answer
    decided: "Settled | None"

    @property
    def question(self) -> Question:
        """The question itself."""
        return self.view.question

    @property
    def lead(self) -> str:
        """What the legend says before the question's own words: the person, where those do not begin with it."""
        return self.legend.removesuffix(self.question.title)

    @property
    def id(self) -> str:
        """Its id, which begins the ids and names of its fields."""
        return self.question.question

    @property
    def hand_over(self) -> str:
        """Where it is handed over."""
        return question_path(self.question.campaign, self.id, "hand-over")


@dataclass(frozen=True, slots=True)
class Settled:
    """A decision that stands, or why none is needed."""

    tone: str
    word: str
    lines: tuple[str, ...]
    undo: bool
    amend: bool


@dataclass(frozen=True)
class Words:
    """Words things of one campaign for its pages."""

    timezone: str
    titles: Mapping[str, str]
    closed: bool = False

    def moment(self, at: datetime) -> str:
        """Return an instant on the practice's clock, to the minute: `21 Nov 2026, 09:00 CST`."""
        local = at.astimezone(ZoneInfo(self.timezone))
        return f"{day_text(local.date())}, {local:%H:%M %Z}"

    def asks(self, view: PersonView, answers: Mapping[str, Answer] | None = None) -> tuple[Ask, ...]:
        """Return the questions about a person in their order."""
        answers = answers or {}
        return tuple(
            self.ask(one, view.campaign, view.person.name, answers.get(one.question.question)) for one in view.questions
        )

    def ask(self, view: QuestionView, campaign: Campaign, name: str, answer: Answer | None = None) -> Ask:
        """Return one question."""
        q = view.question
        tone, badge = BADGES[q.kind]
        capabilities = tuple(dict.fromkeys(self.titles.get(id_, id_) for id_ in q.capabilities))
        systems = tuple(dict.fromkeys(item.system_title for item in view.items))
        where = ", ".join(systems) + (f" ({len(systems)} systems, one decision)" if len(systems) > 1 else "")
        return Ask(
            view=view,
            legend=q.title if q.title.startswith(name) else f"{name}: {q.title}",
            tone=tone,
            badge=badge,
            new=self._new(view, campaign),
            where=where,
            capabilities=capabilities[:MOST_CAPABILITIES],
            more_capabilities=max(0, len(capabilities) - MOST_CAPABILITIES),
            items=tuple(self._item(item, campaign) for item in view.items[:MOST_ITEMS]),
            more_items=max(0, len(view.items) - MOST_ITEMS),
            advice=ADVICE[q.advice],
            choices=tuple(choices(q)),
            answer=answer or Answer(),
            decided=self._settled(view),
        )

    def _new(self, view: QuestionView, campaign: Campaign) -> str:
        came = [item for item in view.items if item.held_before is HeldThen.NOT_HELD]
        if not came or view.question.kind is QuestionKind.EXPLAINED:
            return ""
        what = "New" if len(came) == len(view.items) else f"{len(came)} of {len(view.items)} new"
        return f"{what} since {day_text(campaign.period_from)}"

    def _item(self, item: ReviewItem, campaign: Campaign) -> ItemLine:
        what = item.name if item.entitlement else f"Signing in as {item.login}"
        facts = [f"account {item.login}"] if item.entitlement else []
        if item.given and item.given_name and item.given_name != item.name:
            facts.append(f"through {item.given_name}")
        facts += [self._used(item.last_used), self._since(item, campaign)]
        return ItemLine(item.id or 0, what, item.system_title, tuple(facts))

    def _used(self, last: str | None) -> str:
        if last is None:
            return "the system does not say when the account was used"
        if last == "never":
            return "account never used"
        try:
            day = day_of(datetime.fromisoformat(last), self.timezone)
        except ValueError:
            return f"account last used {last}"
        return f"account last used {day_text(day)}"

    def _since(self, item: ReviewItem, campaign: Campaign) -> str:
        if item.held_before is HeldThen.HELD:
            return f"held before {day_text(campaign.period_from)} already"
        if item.held_before is HeldThen.NOT_HELD:
            seen = f", first seen {day_text(item.held_since)}" if item.held_since else ""
            return f"not held on {day_text(campaign.period_from)}{seen}"
        return f"whether it was held on {day_text(campaign.period_from)} is not known"

    def _settled(self, view: QuestionView) -> Settled | None:
        if view.decision is not None:
            tone, word = DECIDED[view.decision.kind]
            lines = tuple(self.decided(view.decision, len(view.items)))
            signed = view.state.signed
            return Settled(tone, word, lines, undo=not signed and not self.closed, amend=signed or self.closed)
        if view.state.closed is not None:
            return Settled("good", "Nothing left to decide", (view.state.closed,), undo=False, amend=False)
        return None

    def decided(self, decision: Decision, items: int) -> Iterator[str]:
        """Yield what was decided, in a line each."""
        if decision.items:
            yield f"{len(decision.items)} of {plural(items, 'item')}; the others stay"
        if decision.change_to:
            yield f"Instead: {decision.change_to}"
        if decision.expires:
            yield f"Until {day_text(decision.expires)}; meanwhile: {decision.compensating}"
        if decision.reason:
            yield f"Why: {decision.reason}"
        signed = ", after the signature" if decision.amends else ""
        yield f"{decision.reviewer_name}, {self.moment(decision.at)}{signed}"


def choices(question: Question) -> Iterable[Choice]:
    """Yield the answers that a question has, always in one order: none of them is chosen beforehand."""

    def choice(kind: DecisionKind, label: str, hint: str) -> Choice:
        return Choice(kind.value, label, hint, needs_reason(question, kind))

    if question.bulk:
        yield choice(DecisionKind.KEEP, "I looked: all of it is needed", "One decision for all of it.")
        yield choice(DecisionKind.REMOVE, "Some of it should go", "Tick what; an order goes out.")
        yield choice(DecisionKind.CHANGE, "Some of it should change", "Tick what, and say to what.")
        return
    yield choice(DecisionKind.REMOVE, "Remove", "An order goes out; the systems must prove it.")
    yield choice(DecisionKind.KEEP, "Keep", "It stays as it is.")
    yield choice(DecisionKind.CHANGE, "Change to…", "Something else instead.")
    yield choice(DecisionKind.EXCEPTION, "Exception until…", "It stays for now, and is asked again.")
