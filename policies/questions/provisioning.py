"""How much it matters that somebody holds too much, and what to give to somebody who lacks something."""

from policies.engine.case import Case
from policies.engine.evidence import listing
from policies.engine.outcomes import Severity
from policies.vocabulary import Risk


def by_risk(case: Case, system: str, mask: int) -> Severity:
    """Return how soon somebody must take capabilities away: by what they can do, and whether there is PHI."""
    risky = case.policy.vocabulary.risk(mask) is not Risk.LOW and case.systems[system].holds_phi
    return Severity.HIGH if risky else Severity.MEDIUM


def advice(case: Case, vma: str, missing: int) -> str:
    """Name the one entitlement that gives most of what is missing, with the least excess and breaking no other rule."""
    allowed, forbidden, held = case.template(vma).allows, case.forbidden(vma), case.held(vma)
    best: tuple[int, int, tuple[str, str]] | None = None
    for mask, choice in case.holdings.choices(case.systems).items():
        gain = (mask & missing).bit_count()
        candidate = ((mask & ~allowed).bit_count(), -gain, choice)
        if gain and not mask & forbidden and (best is None or candidate < best):
            if any(c.broken_by(held | mask) and not c.broken_by(held) for c in case.policy.conflicts):
                continue
            best = candidate
    if best is None:
        return "no entitlement that was read gives it without breaking another rule; create a finer one"
    _, _, (system, id_) = best
    mask = case.holdings.offers(system)[id_]
    name = case.holdings.entitlement(system, id_).name
    logins = [case.accounts[key].login for key in case.live_accounts_of(vma, system)]
    if logins:
        text = case.policy.remedies.text("grant-entitlement", case.systems[system], login=logins[0], name=name)
    else:
        text = f"create an account for {case.people[vma].name} in {case.systems[system].title}, and give it {name}"
    words = case.policy.vocabulary
    if mask & ~allowed:
        text += f"; it also gives {listing(words.names(mask & ~allowed))}, which the role does not allow"
    rest = missing & ~mask
    return text + (f"; then still missing: {listing(words.names(rest))}" if rest else "")
