"""Rules that compare what a VMA holds with the templates of the VMA's roles."""

from collections.abc import Iterator

from policies.engine.candidates_wording import told
from policies.engine.case import AccountKey, Case, EvaluationScope
from policies.engine.doubt import perhaps_asleep, supplying
from policies.engine.evidence import (
    assignment_path,
    capability_steps,
    listing,
    template_step,
    unread_of,
    vma_step,
    vma_subject,
)
from policies.engine.finding import finding
from policies.engine.holdings import Assignment
from policies.engine.indivisible import unsplit
from policies.engine.outcomes import Finding, NotEvaluated, Outcome, Satisfied, Severity, Step
from policies.engine.rule import Bounded, Individual, Item, Reads
from policies.roles.separation import Conflict
from policies.vocabulary import Risk


def _vma_systems(case: Case) -> Iterator[Item]:
    for engagement in case.active:
        for system in case.systems_of(engagement.vma):
            yield Item(vma_subject(case, engagement.vma), system, engagement.vma)


def _assignments(case: Case, item: Item) -> Iterator[tuple[AccountKey, Assignment]]:
    for key in case.live_accounts_of(item.vma, item.system):
        for _, assignment in sorted(case.holdings[key].assignments.items()):
            yield key, assignment


def _native(case: Case, key: AccountKey, assignment: Assignment) -> tuple[str, str]:
    """Return the native name of an assignment, and the account and id that make its identity."""
    name = case.holdings.entitlement(key[0], assignment.id).name
    # Escaped, so that no choice of native ids makes two findings one.
    account = key[1].replace("\\", "\\\\").replace("|", "\\|")
    return name, f"{account}|{assignment.id}"


class Excess(Bounded):
    """
    A VMA holds nothing in a system beyond what the role templates allow.

    Source: 45 CFR 164.502(b)(1), minimum necessary; 164.308(a)(4)(i); for the practice's own workforce 164.514(d)(2).
    """

    id = "excess"
    title = "Access beyond the role"
    question = "Does every VMA hold only what the role allows?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA in every system where the VMA has a live account."""
        return _vma_systems(case)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Held − allowed, by assignment; what is forbidden is told by its own rule."""
        permitted = case.template(item.vma).allows | case.forbidden(item.vma)
        found = False
        for key, assignment in _assignments(case, item):
            excess = assignment.mask & ~permitted
            if excess and (excess := excess & ~unsplit(case, item.vma, key, assignment)):
                found = True
                yield self._finding(case, item, key, assignment, excess)
        if not found:
            yield Satisfied(self.id, item.subject, item.system)

    def _finding(self, case: Case, item: Item, key: AccountKey, assignment: Assignment, excess: int) -> Finding:
        system, account = case.systems[key[0]], case.accounts[key]
        name, what = _native(case, key, assignment)
        vocabulary = case.policy.vocabulary
        severity = Severity.HIGH if vocabulary.risk(excess) is not Risk.LOW and system.holds_phi else Severity.MEDIUM
        needed = assignment.mask & case.template(item.vma).allows
        remedy = case.policy.remedies.text("remove-entitlement", system, login=account.login, name=name)
        if needed:
            remedy += (
                f"; the role does need part of it ({listing(vocabulary.names(needed))}): give that by something finer"
            )
        return finding(
            self,
            case,
            item,
            severity,
            what=what,
            title=f"{name} gives {case.people[item.vma].name} more than the role allows in {system.title}",
            observed=f"can {listing(vocabulary.titles(excess))}",
            expected=f"only what {listing(case.engagements[item.vma].roles)} allows",
            remedy=remedy,
            path=assignment_path(case, item.vma, key, assignment, excess),
        )


class Forbidden(Bounded):
    """
    No VMA ever holds what the never-list names, or what the role itself rules out.

    Source: 45 CFR 164.312(a)(1), 164.308(a)(4)(i), 164.514(d)(5); the list is the practice's to approve.
    """

    id = "forbidden"
    title = "Forbidden access"
    question = "Is every VMA without the access that no VMA may have?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA in every system where the VMA has a live account."""
        return _vma_systems(case)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Held & forbidden, by assignment."""
        forbidden = case.forbidden(item.vma)
        found = False
        for key, assignment in _assignments(case, item):
            # What the product cannot split off is asked of the product: `product-cannot-split`.
            held = assignment.mask & forbidden
            if held and (held := held & ~unsplit(case, item.vma, key, assignment)):
                found = True
                yield self._finding(case, item, key, assignment, held)
        if not found:
            yield Satisfied(self.id, item.subject, item.system)

    def _finding(self, case: Case, item: Item, key: AccountKey, assignment: Assignment, mask: int) -> Finding:
        system, account = case.systems[key[0]], case.accounts[key]
        name, what = _native(case, key, assignment)
        vocabulary = case.policy.vocabulary
        person, roles = case.people[item.vma].name, listing(case.engagements[item.vma].roles)
        banned = "no VMA may" if mask & case.policy.never.mask else f"the role {roles} rules out"
        return finding(
            self,
            case,
            item,
            what=what,
            title=f"{name} lets {person} do what {banned} in {system.title}",
            observed=f"can {listing(vocabulary.titles(mask))}",
            expected=f"never: {listing(vocabulary.names(mask))}",
            remedy="today: " + case.policy.remedies.text("remove-entitlement", system, login=account.login, name=name),
            path=assignment_path(case, item.vma, key, assignment, mask),
        )


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
        for engagement in case.active:
            if not engagement.on_leave:
                yield Item(vma_subject(case, engagement.vma), vma=engagement.vma)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Required − held, over all systems; an unread system might hold the rest, and an account may not work."""
        required = case.template(item.vma).requires
        missing = required & ~case.held(item.vma)
        if not missing and (asleep := perhaps_asleep(case, item.vma, required)):
            reason = f"what gives it may not work: no source says whether {asleep} does"
            yield NotEvaluated(self.id, item.subject, None, reason)
        elif not missing:
            yield Satisfied(self.id, item.subject)
        elif case.incomplete:
            reason = f"{listing(case.incomplete)} was not read, and might give what is missing elsewhere"
            yield NotEvaluated(self.id, item.subject, None, reason)
        elif unread := unread_of(case, item.vma):
            reason = f"no catalog says what {unread} gives, which might be what is missing elsewhere"
            yield NotEvaluated(self.id, item.subject, None, reason)
        elif perhaps := supplying(case, item.vma, missing):
            yield NotEvaluated(self.id, item.subject, None, told(case, perhaps))
        else:
            yield self._finding(case, item, missing)

    def peers(self, before: Case, after: Case, moved: EvaluationScope) -> tuple[str, ...] | None:  # noqa: ARG002
        """The advice names what somebody else holds, so anybody's may be different when that is no longer the same."""
        return () if before.holdings.choices(before.systems) == after.holdings.choices(after.systems) else None

    def _finding(self, case: Case, item: Item, missing: int) -> Finding:
        engagement = case.engagements[item.vma]
        accounts = listing(case.systems[s].title for s in case.systems_of(item.vma)) or "no system at all"
        return finding(
            self,
            case,
            item,
            title=f"{case.people[item.vma].name} lacks access that the role requires",
            observed=f"cannot {listing(case.policy.vocabulary.titles(missing))}; has live accounts in {accounts}",
            expected=f"what {listing(engagement.roles)} requires",
            remedy=_advice(case, item.vma, missing),
            path=(vma_step(case, item.vma), *capability_steps(case, missing), template_step(case, item.vma, missing)),
        )


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


class SeparationOfDuties(Bounded):
    """
    No one person holds both halves of what two people must do, over all systems together.

    Source: NIST SP 800-53 AC-5; 45 CFR 164.308(a)(4)(i). What is not split can hide theft of payments or of records.
    """

    id = "separation-of-duties"
    title = "Duties not separated"
    question = "Is every pair of duties that must be separate held by different people?"
    reads = Reads.ALL

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA."""
        for engagement in case.active:
            yield Item(vma_subject(case, engagement.vma), vma=engagement.vma)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Something held of every side; what is broken by what was read stays broken, whatever else there is."""
        held = case.held(item.vma)
        broken = [c for c in case.policy.conflicts if c.broken_by(held)]
        for conflict in broken:
            vocabulary = case.policy.vocabulary
            halves = [listing(vocabulary.titles(side & held)) for side in conflict.sides]
            yield finding(
                self,
                case,
                item,
                Severity(conflict.severity),
                what=conflict.id,
                title=f"{case.people[item.vma].name} alone can {' and '.join(halves)}",
                observed=f"{conflict.title}; {_where(case, item.vma, conflict.sides)}",
                expected="two people",
                remedy=_split(case, item.vma, conflict),
                path=(vma_step(case, item.vma), *_sides(case, item.vma, conflict.sides)),
            )
        if not broken:
            yield Satisfied(self.id, item.subject)

    def unproven(self, case: Case, item: Item) -> str:
        """An unread system, or an unread right, might give the other half."""
        if case.incomplete:
            return f"{listing(case.incomplete)} was not read, and might give the other half"
        why = super().unproven(case, item)
        return f"{why}, which might be the other half" if why else ""


def _split(case: Case, vma: str, conflict: Conflict) -> str:
    """Say what to do; where the work needs every right that gives a half, nobody is told to take one away."""
    allows, whole = case.template(vma).allows, {}
    free = False
    for side in conflict.sides:
        for key in case.live_accounts_of(vma):
            for id_, assignment in sorted(case.holdings[key].assignments.items()):
                if assignment.mask & side:
                    beyond = unsplit(case, vma, key, assignment)
                    free |= bool(assignment.mask & side & ~(allows | beyond))
                    if beyond:
                        whole[case.holdings.entitlement(key[0], id_).name] = case.systems[key[0]].title
    if whole and not free:
        titles = listing(dict.fromkeys(whole.values()))
        return f"{titles} cannot split {listing(whole)}, which the work needs: {conflict.mitigation}"
    return f"take one half away; if the practice is too small to split it: {conflict.mitigation}"


def _where(case: Case, vma: str, sides: tuple[int, ...]) -> str:
    """Say where each half comes from."""
    parts = []
    for side in sides:
        names = [
            f"{case.holdings.entitlement(key[0], a.id).name} in {case.systems[key[0]].title}"
            for key in case.live_accounts_of(vma)
            for _, a in sorted(case.holdings[key].assignments.items())
            if a.mask & side
        ]
        parts.append(f"{listing(case.policy.vocabulary.names(side & case.held(vma)))} by {listing(names)}")
    return "; ".join(parts)


def _sides(case: Case, vma: str, sides: tuple[int, ...]) -> Iterator[Step]:
    """Yield, for each half, the account and the entitlement that give it, and the capability."""
    for side in sides:
        for key in case.live_accounts_of(vma):
            found = [a for _, a in sorted(case.holdings[key].assignments.items()) if a.mask & side]
            if found:
                yield from assignment_path(case, vma, key, found[0], side & found[0].mask)[1:-1]
                break


RULES = (Excess(), Forbidden(), Missing(), SeparationOfDuties())
