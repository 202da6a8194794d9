"""The second factor, system by system: what each says of its accounts, and what the rule `no-mfa` finds of VMAs."""

from collections import Counter
from dataclasses import dataclass

from auditor.review.annexes.facts import AnnexFacts, OutcomesOf
from auditor.review.annexes.making import About, made
from policies.engine.evidence import listing
from reports.annexes import Annex, AnnexRow, LookedAt, RowState
from reports.words import plural

RULE = "no-mfa"
ABOUT = About(
    "second-factor",
    "second factor for each system",
    "Where does signing in take a second factor, and for whom does it not?",
    "45 CFR 164.312(d), person or entity authentication; the rule in force does not name a second factor",
)


@dataclass(frozen=True, slots=True)
class SystemFactor(AnnexRow):
    """One system."""

    system: str
    live_accounts: int | None
    with_second_factor: int | None
    without: int | None
    not_said: int | None
    """Of how many the system does not say it."""
    signs_in_through: str
    vmas_in_place: int
    """Checks of VMAs whose role asks for it, and who have it."""
    vmas_without: tuple[str, ...]
    vmas_not_known: int
    why: str


def second_factor(facts: AnnexFacts) -> Annex:
    """Return the annex; what it says of VMAs are the outcomes of the rule."""
    said = facts.of_rule(RULE)
    rows = [_row(facts, said, system) for system in facts.case.systems]
    lacking, unknown = sum(len(row.vmas_without) for row in rows), sum(row.vmas_not_known for row in rows)
    told = f"{said.satisfied} of {plural(said.population, 'check')} of VMAs in place, {lacking} without"
    told += f", of {unknown} it is not known" if unknown else ""
    looked_at = (
        LookedAt("systems", len(rows)),
        LookedAt("live accounts", len(facts.case.live_accounts)),
        LookedAt("checks of VMAs whose role asks for it", said.population),
    )
    return made(ABOUT, SystemFactor, rows, told, looked_at=looked_at, not_evaluated=facts.unread)


def _row(facts: AnnexFacts, said: OutcomesOf, system: str) -> SystemFactor:
    case = facts.case
    title, through = facts.title(system), case.systems[system].sign_in
    where = facts.title(through) if through else ""
    found = {id_: f for id_, f in said.findings.items() if f.system == system}
    without = tuple(f"{f.subject.name} ({id_})" for id_, f in found.items())
    open_ = [id_ for id_ in found if id_ not in facts.accepted]
    if system in case.incomplete:
        why = f"it was not read whole: {case.incomplete[system].reason}"
        return SystemFactor(RowState.UNKNOWN, title, None, None, None, None, where, 0, without, 1, why)
    answers = Counter(account.mfa for key, account in case.live_accounts.items() if key[0] == system)
    reasons = Counter(one.reason for one in said.unknown if one.system == system)
    satisfied = sum(one.rule == RULE and one.system == system for one in facts.judgment.satisfied)
    if open_:
        state = RowState.OPEN
    elif reasons:
        state = RowState.UNKNOWN
    else:
        whole = not answers[False] and (not answers[None] or bool(through))
        state = RowState.IN_ORDER if whole else RowState.TOLD
    return SystemFactor(
        state,
        title,
        live_accounts=sum(answers.values()),
        with_second_factor=answers[True],
        without=answers[False],
        not_said=answers[None],
        signs_in_through=where,
        vmas_in_place=satisfied,
        vmas_without=without,
        vmas_not_known=sum(reasons.values()),
        why=listing(sorted(reasons)),
    )
