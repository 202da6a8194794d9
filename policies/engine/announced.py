"""What the roster says of a claim: the one place that weighs a notice against it, for rules and gates."""

from collections.abc import Iterable
from datetime import date

from connectors.facts import Engagement
from policies.agreements.days import after
from policies.agreements.organisations import Organisations, person_key, trade_names, words_of
from policies.engagements import on
from policies.engine.case import Case
from policies.engine.evidence import listing
from policies.engine.outcomes import Step
from policies.notices import Claim, ClaimKind


def roster_says(case: Case, claim: Claim) -> str:
    """Return what the roster says instead of a claim; empty where it says the same."""
    says = _instead(case, claim)
    other = "" if claim.ours or not says else through_another(case.known.get(claim.vma, ()), claim.sender_name)
    return f"{says}; {other}" if other else says


def through_another(engagements: Iterable[Engagement], sender: str) -> str:
    """Say through whom the roster has a VMA of whom another agency gives notice; empty where it may be the same one."""
    through = list(engagements)
    agencies = list(dict.fromkeys(name for one in through for name in one.agencies))
    names = Organisations([sender, *agencies])
    mine = {names.key(name) for name in (sender, *trade_names(sender))}
    same = any(
        mine & {names.key(n) for n in (agency, *trade_names(agency))} or names.doubtful(agency, sender)
        for agency in agencies
    )
    if not through or same:
        return ""
    has = f"through {listing(agencies)}" if agencies else "without an agency"
    return f"the roster has {through[0].vma} {has}, and not through {sender}: ask both sides"


def _instead(case: Case, claim: Claim) -> str:
    if claim.vma not in case.engagements:
        return f"the roster names nobody of this id{_of_that_name(case, claim)}"
    if other := _another_name(case, claim):
        return other
    known, day = case.known.get(claim.vma, ()), claim.day(case.practice.timezone)
    if agrees(known, claim, day):
        return ""
    return _no_end(case, claim.vma, known, day) if claim.kind is ClaimKind.LEAVE else _no_such_line(known, claim, day)


def _no_such_line(known: tuple[Engagement, ...], claim: Claim, day: date) -> str:
    there = _there(known, claim, day)
    if there is not None:
        return f"the roster has the role {listing(there.roles)} on {day}"
    if claim.kind is ClaimKind.START:
        return f"the roster has them start on {listing(str(e.start) for e in known)}"
    return f"the roster does not have them at work on {day}"


def agrees(known: tuple[Engagement, ...], claim: Claim, day: date) -> bool:
    """Whether lines of the roster say of a VMA what a notice says for a day of the practice."""
    if claim.kind is ClaimKind.LEAVE:
        return any(e.end == day for e in known)
    there = _there(known, claim, day)
    return there is not None and (not claim.roles or set(there.roles) == set(claim.roles))


def _there(known: tuple[Engagement, ...], claim: Claim, day: date) -> Engagement | None:
    """Return the line that begins on the day, or, for a change of role, that holds on it."""
    return next((e for e in known if e.start == day), None) if claim.kind is ClaimKind.START else on(known, day)


def _of_that_name(case: Case, claim: Claim) -> str:
    """Name whoever on the roster is called as the notice says: an agency may not know the practice's id of somebody."""
    key = person_key(claim.name) if claim.name else ""
    found = [vma for vma in sorted(case.engagements) if key and person_key(case.people[vma].name) == key]
    return f"; {claim.name} is {listing(found)} there: is it the same person?" if found else ""


def _another_name(case: Case, claim: Claim) -> str:
    """Say that a notice calls a VMA what nobody ever called them: then the id may be a slip of the pen."""
    names = {case.people[claim.vma].name, *case.former_names.get(claim.vma, ())}
    words = {word for name in names for word in words_of(name)}
    if not claim.name or words & set(words_of(claim.name)):
        return ""
    return f"the roster calls {claim.vma} {case.people[claim.vma].name}, and the notice {claim.name}"


def _no_end(case: Case, vma: str, known: tuple[Engagement, ...], day: date) -> str:
    """Return what the roster says of a VMA who is said to have left after a day; empty where that is their last day."""
    if vma in case.former:
        return ""  # whoever is no longer on the roster is gone, and the roster gives no day
    running = on(known, after(day))
    if running is not None:
        return f"the roster has them at work after {day}" + (f", until {running.end}" if running.end else "")
    ends = [e.end for e in known if e.end is not None]
    return f"the roster gives {ends[-1]} as the last day" if ends else f"the roster has them start on {known[0].start}"


def notice_step(case: Case, claim: Claim) -> Step:
    """Return the step that says what came, when, from whom."""
    came = "made here" if claim.ours else f"received {claim.received_at:%Y-%m-%d %H:%M} UTC"
    told = f"{claim.sender_name}, number {claim.number}: {claim.says(case.practice.timezone)}; {came}"
    return Step("notice", claim.id, told)


def claimed_of(case: Case, claim: Claim) -> dict[str, str]:
    """Return who claims what of whom, and when that was told, by place of the words of a finding."""
    person = case.people.get(claim.vma)
    called = person.name if person else f"{claim.name} ({claim.vma})" if claim.name else claim.vma
    told = "made here" if claim.ours else f"received on {case.day_of(claim.received_at)}"
    claimed = claim.says(case.practice.timezone)
    return {"person": called, "claimed": claimed, "sender": claim.sender_name, "told": told}
