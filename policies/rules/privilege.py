"""Rules that compare what a VMA holds with the templates of the VMA's roles."""

from collections.abc import Iterator

from policies.engine.by_assignment import ByAssignment, assignment_finding
from policies.engine.candidates_wording import told
from policies.engine.case import AccountKey, Case, EvaluationScope
from policies.engine.doubt import perhaps_asleep, supplying
from policies.engine.evidence import capability_steps, listing, template_step, unread_of, vma_step
from policies.engine.finding import finding
from policies.engine.holdings import Assignment
from policies.engine.indivisible import unsplit
from policies.engine.outcomes import Finding, Outcome, Severity
from policies.engine.populations import at_work, people
from policies.engine.rule import Individual, Item, Reads
from policies.engine.verdicts import not_evaluated, satisfied
from policies.vocabulary import Risk


class Excess(ByAssignment):
    """
    A VMA holds nothing in a system beyond what the role templates allow.

    Source: 45 CFR 164.502(b)(1), minimum necessary; 164.308(a)(4)(i); for the practice's own workforce 164.514(d)(2).
    """

    id = "excess"
    title = "Access beyond the role"
    question = "Does every VMA hold only what the role allows?"

    def of_assignment(self, case: Case, item: Item, key: AccountKey, assignment: Assignment) -> Finding | None:
        """Held − allowed; what is forbidden is told by its own rule."""
        allowed = case.template(item.vma).allows
        excess = assignment.mask & ~(allowed | case.forbidden(item.vma))
        if not excess or not (excess := excess & ~unsplit(case, item.vma, key, assignment)):
            return None
        risky = case.policy.vocabulary.risk(excess) is not Risk.LOW and case.systems[item.system].holds_phi
        needed = listing(case.policy.vocabulary.names(assignment.mask & allowed))
        severity, way = Severity.HIGH if risky else Severity.MEDIUM, "needed-in-part" if needed else ""
        return assignment_finding(
            self, case, item, key, assignment, mask=excess, severity=severity, way=way, needed=needed
        )


class Forbidden(ByAssignment):
    """
    No VMA ever holds what the never-list names, or what the role itself rules out.

    Source: 45 CFR 164.312(a)(1), 164.308(a)(4)(i), 164.514(d)(5); the list is the practice's to approve.
    """

    id = "forbidden"
    title = "Forbidden access"
    question = "Is every VMA without the access that no VMA may have?"

    def of_assignment(self, case: Case, item: Item, key: AccountKey, assignment: Assignment) -> Finding | None:
        """Held & forbidden; what the product cannot split off is asked of the product: `product-cannot-split`."""
        held = assignment.mask & case.forbidden(item.vma)
        if not held or not (held := held & ~unsplit(case, item.vma, key, assignment)):
            return None
        way = "" if held & case.policy.never.mask else "by-the-role"
        return assignment_finding(self, case, item, key, assignment, mask=held, way=way)


class Missing(Individual):
    """
    A VMA holds what the role requires, so that nobody needs to borrow an account to work.

    Source: 45 CFR 164.308(a)(3)(i): appropriate access; a VMA without it shares somebody's log-in.
    """

    id = "missing"
    title = "Access missing for the role"
    question = "Does every VMA hold what the role requires?"
    reads = Reads.ALL

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA who is not on leave."""
        return people(case, at_work)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Required − held, over all systems; an unread system might hold the rest, and an account may not work."""
        required = case.template(item.vma).requires
        missing = required & ~case.held(item.vma)
        if not missing and (asleep := perhaps_asleep(case, item.vma, required)):
            reason = f"what gives it may not work: no source says whether {asleep} does"
            yield not_evaluated(self, item, reason)
        elif not missing:
            yield satisfied(self, item)
        elif case.incomplete:
            reason = f"{listing(case.incomplete)} was not read, and might give what is missing elsewhere"
            yield not_evaluated(self, item, reason)
        elif unread := unread_of(case, item.vma):
            reason = f"no catalog says what {unread} gives, which might be what is missing elsewhere"
            yield not_evaluated(self, item, reason)
        elif perhaps := supplying(case, item.vma, missing):
            yield not_evaluated(self, item, told(case, perhaps))
        else:
            yield self._finding(case, item, missing)

    def peers(self, before: Case, after: Case, moved: EvaluationScope) -> tuple[str, ...] | None:  # noqa: ARG002
        """The advice names what somebody else holds, so anybody's may be different when that is no longer the same."""
        return () if before.holdings.choices(before.systems) == after.holdings.choices(after.systems) else None

    def _finding(self, case: Case, item: Item, missing: int) -> Finding:
        accounts = listing(case.systems[s].title for s in case.systems_of(item.vma)) or "no system at all"
        path = (vma_step(case, item.vma), *capability_steps(case, missing), template_step(case, item.vma, missing))
        advice = _advice(case, item.vma, missing)
        return finding(self, case, item, mask=missing, accounts=accounts, remedy=advice, path=path)


def _advice(case: Case, vma: str, missing: int) -> str:
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


RULES = (Excess(), Forbidden(), Missing())
