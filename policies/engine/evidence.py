"""Subjects and the steps of a path, worded once for all rules."""

from collections.abc import Iterable

from connectors.facts import Grant
from policies.agreements.chain import Leg, engagement_type
from policies.agreements.register import PRACTICE, Agreement
from policies.citations import Citation
from policies.engine.case import AccountKey, Case
from policies.engine.holdings import Assignment
from policies.engine.outcomes import Step, Subject

MOST_MEANT = 2
"""How many names that may be meant are asked about in one sentence."""
MANY = 6
"""How many names are listed before the rest is counted."""


def listing(names: Iterable[str]) -> str:
    """List names as people do, the rest counted."""
    items = list(names)
    shown = ", ".join(items[:MANY])
    return f"{shown} and {len(items) - MANY} more" if len(items) > MANY else shown


def counted(count: int, word: str) -> str:
    """Say how many of something there are: `1 day`, `2 days`."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def vma_subject(case: Case, vma: str) -> Subject:
    """Name a VMA as a subject."""
    return Subject("vma", vma, case.people[vma].name)


def account_subject(case: Case, key: AccountKey) -> Subject:
    """Name an account as a subject; the login is for people, the native id for the identity."""
    return Subject.within("account", key, case.accounts[key].login)


def system_subject(case: Case, system: str) -> Subject:
    """Name a system as a subject."""
    return Subject("system", system, case.systems[system].title)


def unread_of(case: Case, vma: str, system: str | None = None) -> str:
    """List what a VMA holds, in one system or in all, that no catalog can read; empty when there is none."""
    found = {(key[0], id_) for key in case.live_accounts_of(vma, system) for id_ in case.holdings[key].unclassified}
    return listing(case.holdings.entitlement(*each).name for each in sorted(found))


def cite(case: Case, rule: str, vma: str | None = None, leg: Leg | None = None) -> tuple[Citation, ...]:
    """
    Return the citations of a rule for the kind of engagement that a VMA has.

    Where a paper is concerned, `leg` says whose duty it is: the practice's own, or that of whoever gives PHI on.
    """
    kind = engagement_type(case.engagements[vma]) if vma and vma in case.engagements else "system"
    if leg is not None and leg.giver != PRACTICE:
        kind = "subcontractor"
    return case.policy.citations.for_rule(rule, kind)


def vma_step(case: Case, vma: str) -> Step:
    """Return the step that says who, in which role, through whom."""
    engagement = case.engagements[vma]
    through = f" through {engagement.agency}" if engagement.agency else ", engaged by the practice"
    return Step("vma", vma, f"{case.people[vma].name}, {listing(engagement.roles)}{through}")


def leg_key(leg: Leg) -> str:
    """Name a leg of a chain by its two parties, for an identity; a party is the same in whatever case."""
    return f"{leg.giver}>{leg.receiver}".casefold()


def one_or_two(leg: Leg, doubtful: Iterable[Agreement]) -> str:
    """Ask whether papers whose parties differ in the legal form only are with the company that a leg names."""
    papers = listing(f"{a.id} is between {a.giver} and {a.receiver}" for a in doubtful)
    return (
        f"it needs a {leg.text}; {papers}: whether that is the same company or another cannot be told from the legal "
        "form; write one name everywhere if it is one"
    )


def meant(near: Iterable[tuple[str, Agreement]]) -> str:
    """Ask whether a paper with somebody of a near name is the one that is missed; empty when there is none."""
    found = list(near)
    if not found:
        return ""
    papers = " or ".join(f"`{name}`, of {paper.id}" for name, paper in found[:MOST_MEANT])
    return (
        f"did you mean {papers}? If it is the same company, write one name everywhere, or the other one under "
        "`also_known_as` of the agreement; if it is another: "
    )


def paper_steps(case: Case, agreements: Iterable[Agreement]) -> tuple[Step, ...]:
    """Return a step for each agreement that there is, with its state."""
    return tuple(Step("agreement", a.id, f"{a.kind.value}, {a.state(case.today)}") for a in agreements)


def papers_stated(case: Case, agreements: Iterable[Agreement], none: str = "the register has none") -> str:
    """List agreements, each with its state; where there is none, say so."""
    return listing(f"{a.id} {a.state(case.today)}" for a in agreements) or none


def seats_stated(case: Case, agreements: Iterable[Agreement]) -> str:
    """Say of agreements for a number of people how many work under each."""
    taken = ((a, case.coverage.seats_used(a, case.today)) for a in agreements)
    return "; ".join(f"{a.id} covers {a.headcount}, {used} work under it" for a, used in taken)


def chain_steps(case: Case, vma: str, leg: Leg, agreements: Iterable[Agreement]) -> tuple[Step, ...]:
    """Return VMA → what the chain needs → each agreement that there is, with its state."""
    chain = Step("chain", leg_key(leg), f"needs a {leg.text}")
    return (vma_step(case, vma), chain, *paper_steps(case, agreements))


def account_steps(case: Case, key: AccountKey) -> tuple[Step, ...]:
    """Return the steps from the person to the account, with the reason why it is theirs."""
    owner = case.owners[key]
    account = case.accounts[key]
    people = tuple(vma_step(case, p) for p in owner.people if p in case.engagements)
    text = f"{account.login} in {case.systems[key[0]].title}: {account.status.value}; {owner.reason}"
    return (*people, Step("account", account.login, text))


def grant_steps(case: Case, key: AccountKey, grant: Grant) -> tuple[Step, ...]:
    """Return the steps from the account to the entitlement, through every group."""
    steps = []
    for id_ in (*grant.path, grant.entitlement):
        entitlement = case.holdings.entitlement(key[0], id_)
        text = entitlement.name if entitlement.name == id_ else f"{entitlement.name} ({id_})"
        if note := case.holdings[key].notes.get(id_):
            text += f": {note}"
        steps.append(Step(entitlement.kind.value, id_, text))
    return tuple(steps)


def capability_steps(case: Case, mask: int) -> tuple[Step, ...]:
    """Return the step that says what can be done, in the words of the vocabulary."""
    vocabulary = case.policy.vocabulary
    ids, titles = vocabulary.names(mask), vocabulary.titles(mask)
    return (Step("capability", ", ".join(ids), f"can {listing(titles)}"),)


def assignment_path(case: Case, vma: str, key: AccountKey, assignment: Assignment, mask: int) -> tuple[Step, ...]:
    """Return the whole path from a VMA to the capabilities of `mask`, by the grant that gives most of them."""
    best = max(assignment.grants, key=lambda g: ((g[1] & mask).bit_count(), g[0].entitlement, g[0].path))[0]
    reading = case.holdings[key].readings[best.entitlement]
    notes = dict(reading.notes)
    texts = {name: f"{name}: {notes[name]}" if name in notes else name for name, _ in reading.keys}
    native = tuple(Step("action", name, texts[name]) for name, gives in reading.keys if gives & mask)[:MANY]
    return (
        *account_steps(case, key),
        *grant_steps(case, key, best),
        *native,
        *capability_steps(case, mask),
        template_step(case, vma, mask),
    )


def template_step(case: Case, vma: str, mask: int) -> Step:
    """Return the step that says what the role templates, by file and line, or the never-list say of capabilities."""
    combined = case.template(vma)
    said = []
    for id_ in case.policy.vocabulary.names(mask):
        stated = combined.stated_at(id_)
        if stated:
            said.append(f"{id_}: {stated[0]} line {stated[1]}")
        elif mask_of(case, id_) & case.policy.never.mask:
            said.append(f"{id_}: on the never-list, {case.policy.never.why(id_)}")
    titles = "; ".join(f"{t.title}, version {t.version}" for t in combined.templates)
    files = listing(t.source for t in combined.templates)
    return Step(
        "template", ", ".join(combined.roles), f"{titles}: {shortened(said) if said else f'{files} names none of it'}"
    )


def shortened(texts: list[str]) -> str:
    """Show the first two of many texts, the rest counted."""
    rest = f"; and {len(texts) - 2} more" if len(texts) > 2 else ""
    return "; ".join(texts[:2]) + rest


def mask_of(case: Case, capability: str) -> int:
    """Return the bit of one capability."""
    return 1 << case.policy.vocabulary.capability(capability).bit
