"""
Who owns which work, and whose access does not fit it: every question of the work map, each with its answer.

What concerns people and systems is judged by the rules, so it is in every audit too; what concerns the organization
(work without owner, work with two, coordination) is only told here. Pure: a case in, sections out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from policies.engine.case import Case
from policies.engine.evaluate import judge
from policies.engine.evidence import listing
from policies.engine.ownership import named, stand_in, why_absent
from policies.engine.rule import all_rules
from policies.engine.work_scope import needed_access, unneeded_access
from policies.work.assignments import Piece, TaskAssignments

GENERALIST = "generalist"
"""The shipped role that is a bounded union of others."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is not as it should be."""

    text: str
    detail: str = ""
    """What it rests on, with the line of the work map where there is one."""
    remedy: str = ""
    finding: str | None = None
    """The id of the finding, where a rule judged it."""


@dataclass(frozen=True, slots=True)
class Section:
    """One question, and everything that answers it."""

    id: str
    question: str
    points: tuple[Issue, ...]
    notes: tuple[str, ...] = ()
    """What is worth knowing, and nothing to act on at once."""
    not_evaluated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkReport:
    """The answers."""

    practice: str
    day: date
    pieces: tuple[Piece, ...]
    sections: tuple[Section, ...]
    vmas: int
    """How many VMAs are at work today."""

    @property
    def headline(self) -> str:
        """One sentence of arithmetic: work that is owned by one, by two, by nobody."""
        doubled = sum(piece.doubled for piece in self.pieces)
        unowned = sum(not piece.owners for piece in self.pieces)
        one = len(self.pieces) - doubled - unowned
        return (
            f"{len(self.pieces)} pieces of work, {self.vmas} VMAs at work: {one} owned, {unowned} unowned, "
            f"{doubled} with two owners"
        )


def work_report(case: Case) -> WorkReport:
    """Answer every question; raises `ValueError` for a case without a work map."""
    duties = case.duties
    if duties is None:
        raise ValueError("the case has no work map")
    judged = _judged(case)
    along = tuple(_along(case, duties))
    sections = (
        Section("unowned-work", "Does all work have an owner who is there?", tuple(_unowned(case, duties))),
        Section("two-owners", "Does every piece of work have one owner?", tuple(_doubled(case, duties))),
        judged("owner-lacks-capability"),
        judged("outside-lane", along),
        judged("outside-scope"),
        judged("cloned-access"),
        Section(
            "undifferentiated-generalist", "Does every VMA have a lane of their own?", tuple(_generalists(case, duties))
        ),
        judged("owner-gone", _unregistered(case)),
        judged("few-administrators"),
        judged("fewer-accounts-than-people"),
        Section("single-coordination", "Is there a single point of coordination?", tuple(_uncoordinated(case, duties))),
        Section("span", "Is nobody's span of coordination above the limit?", tuple(_spans(case, duties))),
    )
    at_work = sum(duties.present(e.vma) for e in case.active)
    return WorkReport(case.practice.name, case.today, duties.pieces, sections, at_work)


def _judged(case: Case) -> Callable[..., Section]:
    """Return what makes a section of a rule."""
    by_id = {rule.id: rule for rule in all_rules()}

    def section(id_: str, notes: tuple[str, ...] = ()) -> Section:
        rule = by_id[id_]
        said = judge(case, [rule])
        points = tuple(Issue(f.title, f.observed, f.remedy, f.identity(case.practice.id)) for f in said.findings)
        unknown = tuple(
            f"{n.subject.name}{f' in {case.systems[n.system].title}' if n.system else ''}: {n.reason}"
            for n in said.not_evaluated
        )
        return Section(rule.id, rule.question, points, notes, unknown)

    return section


def _unowned(case: Case, duties: TaskAssignments) -> Iterator[Issue]:
    for piece in duties.pieces:
        if piece.owners:
            continue
        entry = piece.entries[0]
        why = "; ".join(why_absent(duties, piece)) or "the map names no owner"
        yield Issue(
            f"{named(piece)} has no owner",
            f"{why}; {stand_in(case, piece)} ({_at(duties, entry.line)})",
            "name somebody whose role fits, or hire for it: `auditor plan` says what must be in place first",
        )


def _doubled(case: Case, duties: TaskAssignments) -> Iterator[Issue]:
    for piece in duties.pieces:
        if piece.doubled:
            names = listing(case.people[person].name for person in piece.owners)
            lines = listing(f"line {entry.line}" for entry in piece.entries)
            reason = "named side by side" if len(piece.claims) > 1 else "the work is dedicated, and the role has a pool"
            yield Issue(
                f"{named(piece)} has {len(piece.owners)} owners: {names}",
                f"{reason} ({duties.work.source} {lines})",
                "name one, and the other as backup; or split it by location or provider; or let a pool do it "
                "(`centralized`) with a coordinator who hands it out",
            )


def _along(case: Case, duties: TaskAssignments) -> Iterator[str]:
    """Tell what comes along with something that the lane needs: the product cannot give it finer, or nobody did."""
    for engagement in case.active:
        vma = engagement.vma
        if not duties.present(vma) or not duties.of(vma):
            continue
        needed, spare = needed_access(case, vma), unneeded_access(case, vma)
        for key in case.live_accounts_of(vma):
            for id_, assignment in sorted(case.holdings[key].assignments.items()):
                if assignment.mask & spare and assignment.mask & needed:
                    name = case.holdings.entitlement(key[0], id_).name
                    extra = listing(case.policy.vocabulary.names(assignment.mask & spare))
                    yield (
                        f"{name} in {case.systems[key[0]].title} brings {case.people[vma].name} {extra} "
                        "along with what the work needs"
                    )


def _generalists(case: Case, duties: TaskAssignments) -> Iterator[Issue]:
    limit = duties.work.limits.clusters
    for engagement in case.active:
        vma = engagement.vma
        if not duties.present(vma):
            continue
        owned = list(dict.fromkeys(d.task.cluster for d in duties.of(vma) if not d.backup))
        titles = listing(duties.work.cluster(cluster).title for cluster in owned)
        name = case.people[vma].name
        if len(owned) > limit:
            yield Issue(
                f"{name} owns work in {len(owned)} clusters, more than {limit}",
                titles,
                "give whole clusters away until the lane is one that a template describes",
            )
        elif GENERALIST in engagement.roles and len(owned) != 1:
            yield Issue(
                f"{name} is a generalist whose work is {titles or 'not in the map'}",
                f"role {listing(engagement.roles)}",
                "give the VMA a lane: own work in the map, and the role of that work",
            )
        elif not duties.of(vma):
            yield Issue(
                f"{name} has no work in the map",
                f"role {listing(engagement.roles)}",
                "give the VMA work in the map, or ask what the access is for",
            )


def _unregistered(case: Case) -> tuple[str, ...]:
    """Tell which agreements nobody answers for, so that silence about them is not taken for an answer."""
    named = {answer.id for answer in case.work.answers if answer.kind == "agreement"} if case.work else set()
    missing = [a.id for a in case.agreements if a.id not in named]
    return (f"the map says of no one that they answer for {listing(missing)}",) if missing else ()


def _coordinator(duties: TaskAssignments, cluster: str) -> str | None:
    return duties.work.cluster(cluster).coordinator or duties.work.coordinator


def _uncoordinated(case: Case, duties: TaskAssignments) -> Iterator[Issue]:
    work = duties.work
    for cluster in work.clusters:
        coordinator = _coordinator(duties, cluster.id)
        if coordinator is None:
            yield Issue(f"nobody coordinates {cluster.title}", _at(duties, cluster.line), "name a coordinator")
        elif absent := duties.absence(coordinator):
            name = case.people[coordinator].name
            yield Issue(
                f"{name}, who coordinates {cluster.title}, {absent}", _at(duties, cluster.line), "name another one"
            )
    named = list(dict.fromkeys(c.coordinator for c in work.clusters if c.coordinator))
    if work.coordinator is None and len(named) > 1:
        names = listing(case.people[person].name for person in named)
        yield Issue(
            f"{len(named)} people coordinate, and nobody above them: {names}",
            f"{work.source} has no `coordinator` of its own",
            "name one `coordinator` for the whole map, to whom the others report",
        )


def _spans(case: Case, duties: TaskAssignments) -> Iterator[Issue]:
    spans: dict[str, set[str]] = {}
    for engagement in case.active:
        for duty in duties.of(engagement.vma):
            coordinator = _coordinator(duties, duty.task.cluster)
            if coordinator is not None and coordinator != engagement.vma and not duty.backup:
                spans.setdefault(coordinator, set()).add(engagement.vma)
    limit = duties.work.limits.span
    for coordinator, vmas in sorted(spans.items()):
        if len(vmas) > limit:
            yield Issue(
                f"{case.people[coordinator].name} coordinates {len(vmas)} VMAs, more than {limit}",
                listing(case.people[vma].name for vma in sorted(vmas)),
                "make a team lead of a cluster its coordinator",
            )


def _at(duties: TaskAssignments, line: int) -> str:
    return f"{duties.work.source} line {line}"
