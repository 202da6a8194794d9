"""What to do for a plan, in order and with dates: agreements before accounts, accounts before the first day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from auditor.gates.checklist import load_checklist
from auditor.planning.model import Plan
from auditor.planning.team import Team
from connectors.facts import Engagement
from policies.engine.evidence import listing
from policies.engine.outcomes import Finding
from policies.engine.ownership import Lost

DAY = timedelta(days=1)
AGREEMENT_RULES = frozenset(
    {"no-agreement", "agreement-person", "agreement-headcount", "agreement-system", "agreement-phi", "vendor-agreement"}
)
AGREE, ENLIST, ATTEST, DECIDE, REMOVE, GRANT, CHECK, BEGIN, AFTER = range(9)
"""The order of what falls on one day: every control stands before what it controls."""


class Capped(Protocol):
    """An agreement for a number of people, and how many would work under it."""

    @property
    def cap(self) -> int:
        """How many it covers."""

    @property
    def after(self) -> int:
        """How many would work under it."""


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do."""

    day: date
    """Until when."""
    rank: int
    text: str
    whom: tuple[str, ...] = ()
    late: date | None = None
    """When it should have been done, where that is over already."""


def todo_list(
    team: Team,
    new: Sequence[tuple[date, Sequence[Finding]]],
    caps: Mapping[str, Capped],
    spans: Mapping[str, tuple[date, int, int]],
    unowned: Sequence[tuple[date, Lost]],
    *,
    today: date,
) -> tuple[Todo, ...]:
    """
    Return everything to do, in order.

    `new` is what is found because of the plan, by the day of the change; `spans` are the coordinators whom it puts
    above the limit: since when, how many VMAs, and the limit; `unowned` is the work that loses its owner, with the day.
    """
    found = [*_from_findings(team, new, caps)]
    for coordinator, (day, many, limit) in spans.items():
        text = f"make somebody else coordinate a part: {coordinator} would coordinate {many} VMAs, at most {limit}"
        found.append(Todo(day - timedelta(days=team.plan.lead.accounts), DECIDE, text, (coordinator,)))
    for day, work in unowned:
        text = f"name who does it from {day}, in the work map: {work.what}; {work.stands_in}"
        found.append(Todo(day - timedelta(days=team.plan.lead.accounts), DECIDE, text, work.whom))
    for entry in team.plan.hires:
        found += _hire(team, entry)
    for change in team.plan.roles:
        found += _role(team, change.vma, change.start)
    for leave in team.plan.leaves:
        found += _leave(leave.vma, leave.end)
    todos = [t if t.day >= today else Todo(today, t.rank, t.text, t.whom, late=t.day) for t in found]
    return tuple(sorted(dict.fromkeys(todos), key=lambda t: (t.day, t.rank, t.whom, t.text)))


def _from_findings(
    team: Team, new: Sequence[tuple[date, Sequence[Finding]]], caps: Mapping[str, Capped]
) -> Iterator[Todo]:
    """Put what is found into things to do; what one deed puts right for several people is one thing."""
    together: dict[tuple[date, int, str], list[str]] = {}
    for day, findings in new:
        for finding in findings:
            due, rank, text = _deed(team.plan, finding, day, caps)
            whom = together.setdefault((due, rank, text), [])
            if finding.vma and finding.vma not in whom:
                whom.append(finding.vma)
    for (due, rank, text), whom in together.items():
        yield Todo(due, rank, text, tuple(whom))


def _deed(plan: Plan, finding: Finding, day: date, caps: Mapping[str, Capped]) -> tuple[date, int, str]:
    hires = {e.vma for e in plan.joining}
    if finding.rule in AGREEMENT_RULES:
        due = day - timedelta(days=plan.lead.agreement)
        if finding.rule == "agreement-headcount":
            ids = [s.id for s in finding.path if s.kind == "agreement" and s.id in caps]
            numbers = "; ".join(f"{i} covers {caps[i].cap}, {caps[i].after} will work under it" for i in ids)
            return due, AGREE, f"{finding.remedy}: {numbers}"
        if finding.rule == "no-agreement":
            return due, AGREE, f"sign {finding.expected}, before {day}"
        return due, AGREE, finding.remedy
    if finding.rule == "active-after-end" or finding.vma in {leave.vma for leave in plan.leaves}:
        return day - DAY, REMOVE, f"by the end of the day: {finding.remedy}"
    if finding.vma in {r.vma for r in plan.roles}:
        return day, (GRANT if finding.rule == "missing" else REMOVE), f"{finding.title}: {finding.remedy}"
    due = day - timedelta(days=plan.lead.accounts)
    wanted = finding.expected if finding.vma in hires else finding.remedy
    return due, DECIDE, f"{finding.title}: {wanted}"


def _hire(team: Team, entry: tuple[Engagement, ...]) -> Iterator[Todo]:
    lead, one, whom = team.plan.lead, entry[0], tuple(e.vma for e in entry)
    names, start = listing(whom), one.start
    case, grants = team.people_on(start), team.grants[one.vma]
    word = case.policy.vocabulary.names
    yield Todo(
        start - timedelta(days=lead.agreement),
        ENLIST,
        f"put them on the roster with ids of their own, from {start}, as {', '.join(one.roles)}",
        whom,
    )
    topics = [i.attested for i in load_checklist("onboarding").items if i.attested and i.when == "before"]
    text = f"have it attested: {', '.join(topics)} (`auditor attest`)"
    yield Todo(start - timedelta(days=lead.attestation), ATTEST, text, whom)
    due = start - timedelta(days=lead.accounts)
    for system, chosen in grants.by_system.items():
        title, access = case.systems[system].title, ", ".join(c.name for c in chosen)
        text = f"have it approved: `auditor approve ID '{system}: {access}' --by … --requested-by …`"
        yield Todo(due, ATTEST, text, whom)
        yield Todo(due, GRANT, f"in {title}, make an account for each and grant {access}; disabled until {start}", whom)
    if grants.nowhere and grants.unclassified:
        counts = listing(f"{n} of {case.systems[system].title}" for system, n in grants.unclassified.items())
        text = f"say what the entitlements give that no catalog knows ({counts}: `auditor catalog check`)"
        yield Todo(due, DECIDE, f"{text}: what the role requires may be among them", whom)
    for problem, mask in (
        ("no system here gives what the role requires", 0 if grants.unclassified else grants.nowhere),
        ("only together with something forbidden can be given", grants.advice.impossible),
        ("comes along beyond the role, because nothing here is finer", grants.advice.excess),
    ):
        if mask:
            yield Todo(due, DECIDE, f"{problem}: {', '.join(word(mask))}; make a finer entitlement first", whom)
    for system, rights in grants.finer.items():
        text = (
            f"make a group in {case.systems[system].title} with only {', '.join(c.name for c in rights)}, and grant it"
        )
        yield Todo(due, DECIDE, text, whom)
    for system in case.incomplete:
        text = f"{case.systems[system].title} was not read: `auditor audit` must read it before this can be planned"
        yield Todo(due, DECIDE, text, whom)
    yield Todo(start - DAY, CHECK, f"`auditor onboard` says READY for {names}", whom)
    yield Todo(start, BEGIN, f"{names} begin", whom)
    yield Todo(start, AFTER, "`auditor audit`", ())


def _role(team: Team, vma: str, start: date) -> Iterator[Todo]:
    """Remove first, then add: what may stay is not named."""
    case, grants = team.people_on(start), team.grants[vma]
    for system, chosen in grants.by_system.items():
        held = {a for key in case.live_accounts_of(vma, system) for a in case.holdings[key].assignments}
        lacking = [c for c in chosen if c.id.partition("/")[2] not in held]
        if lacking:
            access = ", ".join(c.name for c in lacking)
            text = f"have it approved: `auditor approve {vma} '{system}: {access}' --by … --requested-by …`"
            yield Todo(start - timedelta(days=team.plan.lead.accounts), ATTEST, text, (vma,))
            yield Todo(start, GRANT, f"in {case.systems[system].title}, grant {access}", (vma,))
    yield Todo(start, BEGIN, f"change the roles of {vma} on the roster", (vma,))
    yield Todo(start, AFTER, "`auditor audit`", ())


def _leave(vma: str, end: date) -> Iterator[Todo]:
    yield Todo(end, ENLIST, f"put {end} as the last day of {vma} on the roster", (vma,))
    yield Todo(end + DAY, AFTER, f"`auditor audit`, then `auditor offboard {vma}` says GONE", (vma,))
