"""Questions in plain words: what somebody can do, what speaks for and against it, and what the tool advises."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from auditor.ledger.statements import Statement, StatementKind
from auditor.review.grouping import Draft
from auditor.review_records import Advice, QuestionKind
from connectors.facts import Never, PersonKind
from policies.engine.case import AccountKey, Case
from policies.engine.evidence import counted, listing
from policies.vocabulary import Risk

USED_DAYS = 90
"""A privileged or service account that was not used for so long is not advised to be kept."""
FEW = 3


@dataclass(frozen=True, slots=True)
class Words:
    """What a question says."""

    title: str
    why: tuple[str, ...]
    advice: Advice
    advice_why: str


def can(case: Case, mask: int) -> str:
    """Say what a set of capabilities lets somebody do, the riskiest first, the rest counted."""
    words = case.policy.vocabulary
    found = sorted((words.capability(n) for n in words.names(mask)), key=lambda c: (-c.risk.rank, c.id))
    shown = [c.title for c in found[:FEW]]
    more = len(found) - len(shown)
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


class Wording:
    """Words the questions of one case."""

    def __init__(self, case: Case, approvals: tuple[Statement, ...], accepted: dict[str, Statement]) -> None:
        self._case, self._accepted = case, accepted
        self._approvals = [s for s in approvals if s.kind is StatementKind.REQUEST]

    def words(self, draft: Draft) -> Words:
        """Return what a question says."""
        why = tuple(dict.fromkeys(self._why(draft)))
        advice, because = self._advice(draft)
        return Words(self._title(draft), why, advice, because)

    def _title(self, draft: Draft) -> str:
        """Fill the words of the kind; where no capability says it, the finding does."""
        places = self._places(draft)
        text = _TITLES[draft.kind]
        if "{what}" in text and not places["what"]:
            text = "{first}"
        return text.format_map(places)

    def _places(self, draft: Draft) -> dict[str, str]:
        case, holder = self._case, draft.holder
        engagements = [case.engagements[u] for u in holder.users if u in case.engagements]
        ends = [e.end for e in engagements if e.end is not None and e.end < case.today]
        first = next(iter(draft.findings.values()), None)
        roles = listing(dict.fromkeys(role for e in engagements for role in e.roles))
        owner = case.people[holder.users[0]].owner if holder.users else None
        answers = f"{case.people[owner].name if owner in case.people else owner} answers" if owner else "nobody answers"
        systems = dict.fromkeys(t.key[0] for t in draft.things)
        return {
            "what": can(case, draft.mask),
            "roles": roles,
            "where": listing(case.systems[s].title for s in systems if s in case.systems),
            "accounts": counted(len({t.key for t in draft.things}), "account"),
            "things": counted(sum(bool(t.given) for t in draft.things), "thing"),
            "given": listing(dict.fromkeys(self._given(t.key, t.given) for t in draft.things if t.given)),
            "first": first.finding.title if first else f"The access of {holder.name}",
            "holder": holder.name,
            "kind": holder.kind,
            "ended": f" on {max(ends)}" if ends else "",
            "starts": f" on {min(e.start for e in engagements)}" if engagements else "",
            "beyond": f"beyond the {roles} role" if any(t.beyond for t in draft.things) else "not needed for the work",
            "answers": answers,
            "never": "no VMA may" if draft.mask & case.policy.never.mask else f"the {roles} role rules it out",
        }

    def _given(self, key: AccountKey, id_: str) -> str:
        return self._case.holdings.entitlement(key[0], id_).name if id_ else self._case.accounts[key].login

    def _why(self, draft: Draft) -> Iterator[str]:
        """Yield what helps to decide first: use, peers, who approved it; then what the audit found."""
        yield from self._use(draft)
        if draft.kind not in (QuestionKind.EXPLAINED, QuestionKind.LEFT, QuestionKind.NOT_STARTED):
            yield from self._peers(draft)
            yield from self._approved(draft)
        for id_, placed in draft.findings.items():
            f = placed.finding
            yield f"{f.title} ({f.severity.value}): {f.observed}"
            if (s := self._accepted.get(id_)) is not None:
                yield f"Accepted by {s.by} on {s.on}, until {s.expires}: {s.reason}"

    def _use(self, draft: Draft) -> Iterator[str]:
        seen: set[AccountKey] = set()
        for thing in draft.things:
            if thing.key in seen or thing.key not in self._case.accounts:
                continue
            seen.add(thing.key)
            login, title = self._case.accounts[thing.key].login, self._case.systems[thing.key[0]].title
            yield f"{login} in {title}: {used(self._case, thing.key)}"

    def _peers(self, draft: Draft) -> Iterator[str]:
        case = self._case
        if not draft.mask or len(draft.holder.users) != 1 or draft.holder.users[0] not in case.engagements:
            return
        vma = draft.holder.users[0]
        roles = set(case.engagements[vma].roles)
        peers = {p for role in roles for p in case.by_role.get(role, ())} - {vma}
        if not peers:
            yield "Nobody else has the role, so there is nobody to compare with."
            return
        names = case.policy.vocabulary
        most = max(names.names(draft.mask), key=lambda n: (names.capability(n).risk.rank, n))
        holding = sum(bool(case.held(p) & names.mask([most])) for p in peers)
        yield f"{holding} of {counted(len(peers), 'other')} with the role can {names.capability(most).title}."

    def _approved(self, draft: Draft) -> Iterator[str]:
        found = list(dict.fromkeys(self._approvals_of(draft)))
        for s in found:
            yield f"Approved by {s.by} on {s.on} ({s.topic})" + (f": {s.reason}" if s.reason else "") + "."
        if not found and any(t.given for t in draft.things) and draft.kind in _WANTS_APPROVAL:
            yield "No approval of it is recorded."

    def _approvals_of(self, draft: Draft) -> Iterator[Statement]:
        """Yield who approved something of it, by its native name or id."""
        for thing in draft.things:
            names = {thing.given.casefold(), self._given(thing.key, thing.given).casefold()} if thing.given else set()
            for s in self._approvals:
                system, _, wanted = (part.strip() for part in s.topic.partition(":"))
                asked = {name.strip().casefold() for name in wanted.split(",")}
                if s.about in draft.holder.users and system == thing.key[0] and names & asked:
                    yield s

    def _advice(self, draft: Draft) -> tuple[Advice, str]:
        if draft.kind in _ADVICE:
            return _ADVICE[draft.kind]
        faults = [p.finding.title for p in draft.findings.values()]
        if draft.kind in (QuestionKind.SERVICE, QuestionKind.PRIVILEGED):
            if faults:
                return Advice.ASK, f"something is wrong with it: {faults[0]}"
            if draft.holder.kind != PersonKind.VMA.value:
                return self._in_use(draft, "somebody at the practice answers for it, and it is in use")
            return Advice.ASK, "whoever can give access should be few: ask whether it is needed for the work"
        if draft.kind is QuestionKind.EXCESS and any(self._approvals_of(draft)):
            return Advice.ASK, "somebody approved it, though it is not for the role: ask whether the reason still holds"
        return self._take_away(draft, _TAKE_AWAY[draft.kind])

    def _take_away(self, draft: Draft, why: str) -> tuple[Advice, str]:
        """Advise to remove, or to change where the same thing also brings what the role needs."""
        case, allowed = self._case, 0
        for user in draft.holder.users:
            if user in case.engagements:
                allowed |= case.template(user).allows & ~case.forbidden(user)
        if any(t.given and t.mask & allowed and t.beyond for t in draft.things):
            return (
                Advice.CHANGE,
                f"{why}; what brings it also brings what the role needs, so give that by something finer",
            )
        return Advice.REMOVE, why

    def _in_use(self, draft: Draft, why: str) -> tuple[Advice, str]:
        case, told = self._case, []
        for key in dict.fromkeys(t.key for t in draft.things):
            last = case.accounts[key].last_login
            if last is None:
                told.append(f"{case.systems[key[0]].title} does not say when {case.accounts[key].login} was used")
            elif isinstance(last, Never) or (case.at - last).days > USED_DAYS:
                told.append(f"{case.accounts[key].login} was not used for {USED_DAYS} days")
        return (Advice.ASK, f"{listing(told)}: ask whether it is still needed") if told else (Advice.KEEP, why)


_TITLES = {
    QuestionKind.LEFT: "Left{ended}, and {accounts} can still be used",
    QuestionKind.NOT_STARTED: "Starts only{starts}, and {accounts} can be used already",
    QuestionKind.FORBIDDEN: "Can {what}: {never}",
    QuestionKind.SEPARATION: "Can {what}, together with duties that somebody else must have",
    QuestionKind.NOBODY: "Belongs to nobody whom the practice knows",
    QuestionKind.DOOR: "{first}",
    QuestionKind.PRIVILEGED: "Can {what}: privileged access in {where}",
    QuestionKind.EXCESS: "Can {what}: {beyond}",
    QuestionKind.UNCLASSIFIED: "Holds {given} in {where}, and nobody has said what it lets people do",
    QuestionKind.SHARED: "{first}",
    QuestionKind.UNSPLIT: "Can {what}: more than the {roles} role needs, which {where} cannot give apart",
    QuestionKind.DORMANT: "Does not use {accounts} in {where}",
    QuestionKind.SERVICE: "{accounts} of a {kind} in {where}; {answers} for it",
    QuestionKind.FINDING: "{first}",
    QuestionKind.EXPLAINED: "{things} in {where} that the {roles} role explains",
}
assert set(_TITLES) == set(QuestionKind)  # noqa: S101 - a kind that is added must be given its words

_ADVICE = {
    QuestionKind.LEFT: (
        Advice.REMOVE,
        "whoever left needs no access; while it works, anybody who knows the password has it",
    ),
    QuestionKind.NOT_STARTED: (Advice.REMOVE, "nobody works before the first day: it can be switched on then"),
    QuestionKind.NOBODY: (
        Advice.REMOVE,
        "nobody can say who uses it; if somebody can, say whose it is with `auditor confirm`",
    ),
    QuestionKind.DOOR: (
        Advice.REMOVE,
        "nobody whom the practice knows, under an agreement in force, stands behind it",
    ),
    QuestionKind.UNCLASSIFIED: (
        Advice.ASK,
        "nobody knows what it lets people do: ask whoever made it, and remove it if nobody knows",
    ),
    QuestionKind.SHARED: (Advice.CHANGE, "each person needs an account of their own: one log-in of many is nobody's"),
    QuestionKind.UNSPLIT: (Advice.EXCEPTION, "it cannot be taken away without the work; say what protects meanwhile"),
    QuestionKind.DORMANT: (
        Advice.REMOVE,
        "what nobody uses is missed by nobody, and found by whoever looks for a way in",
    ),
    QuestionKind.FINDING: (Advice.ASK, "the audit found fault with it"),
    QuestionKind.EXPLAINED: (Advice.KEEP, "the role allows all of it, and the audit found no fault with it"),
}
_TAKE_AWAY = {
    QuestionKind.FORBIDDEN: "no VMA may hold it, whatever the work",
    QuestionKind.SEPARATION: "one person who can do both can hide what was done",
    QuestionKind.EXCESS: "the role does not need it",
}
assert not set(QuestionKind) - {*_ADVICE, *_TAKE_AWAY, QuestionKind.SERVICE, QuestionKind.PRIVILEGED}  # noqa: S101

_WANTS_APPROVAL = (
    *(QuestionKind.EXCESS, QuestionKind.FORBIDDEN, QuestionKind.SEPARATION),
    *(QuestionKind.PRIVILEGED, QuestionKind.UNCLASSIFIED),
)


def used(case: Case, key: AccountKey) -> str:
    """Say when an account was used last."""
    last = case.accounts[key].last_login
    match last:
        case None:
            return "the system does not say when it was last used"
        case datetime():
            days = (case.today - case.day_of(last)).days
            ago = "a day that was still to come" if days < 0 else f"{counted(days, 'day')} before the audit"
            return f"last used on {case.day_of(last)}, {ago}"
        case _:
            return "never used"


def high_risk(case: Case, mask: int) -> bool:
    """Whether a set of capabilities can do more harm than everyday work."""
    return case.policy.vocabulary.risk(mask) is not Risk.LOW
