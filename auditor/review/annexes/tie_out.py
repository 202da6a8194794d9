"""Roster against accounts, both ways: every account has its person, and every VMA was seen or is explained."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.reporting.lines import system_lines
from auditor.review.annexes.facts import AnnexFacts
from auditor.review.annexes.making import About, made
from connectors.facts import Engagement
from policies.engine.candidates import candidates_of
from policies.engine.candidates_wording import how_to_settle, seems
from policies.engine.evidence import listing
from reports.annexes import Annex, AnnexRow, LookedAt, RowState
from reports.words import plural

ABOUT = About(
    "tie-out",
    "roster against accounts",
    "Does every account belong to somebody on a list, and was everybody on the roster looked at?",
    "45 CFR 164.308(a)(4)(ii)(C), 164.312(a)(2)(i); auditors ask it as the test of completeness both ways",
)
ACCOUNT, PERSON = "account without a person", "VMA without an account"


@dataclass(frozen=True, slots=True)
class Unmatched(AnnexRow):
    """A live account of nobody known, or a VMA at work of whom no live account was seen."""

    what: str
    system: str
    login: str
    person: str
    why: str
    to_do: str


def tie_out(facts: AnnexFacts) -> Annex:
    """Return the annex; accounts = of VMAs + of others + of nobody, by the report's own figures."""
    case = facts.case
    lines = [line for line in system_lines(case) if line.complete]
    rows = [*_accounts(facts), *_people(facts)]
    total, matched = sum(x.accounts for x in lines), sum(x.of_vmas + x.of_others for x in lines)
    seen = sum(bool(case.live_accounts_of(e.vma)) for e in case.active)
    counts = Counter(row.what for row in rows)
    told = f"{matched} of {plural(total, 'account')} belong to somebody known, and {seen} of "
    told += f"{plural(len(case.active), 'active VMA')} have a live account"
    told += f"; {plural(counts[ACCOUNT], 'live account')} of nobody known" if counts[ACCOUNT] else ""
    looked_at = (
        LookedAt("accounts in the systems that were read whole", total),
        LookedAt("of them, of VMAs", sum(x.of_vmas for x in lines)),
        LookedAt("of them, of the practice's own people, services and vendors", sum(x.of_others for x in lines)),
        LookedAt("of them, of nobody known", sum(x.of_nobody for x in lines)),
        LookedAt("active VMAs", len(case.active)),
        LookedAt("of them, seen with a live account", seen),
    )
    notes = (f"The roster is only a part: {case.roster_part}.",) if case.roster_part else ()
    return made(ABOUT, Unmatched, rows, told, looked_at=looked_at, not_evaluated=facts.unread, notes=notes)


def _accounts(facts: AnnexFacts) -> Iterator[Unmatched]:
    case, asked = facts.case, candidates_of(facts.case).by_account
    for key in case.live_of(None):
        questions = asked.get(key, ())
        accepted = not facts.open_about(key) and facts.about(key)
        yield Unmatched(
            state=RowState.UNKNOWN if questions else RowState.TOLD if accepted else RowState.OPEN,
            what=ACCOUNT,
            system=facts.title(key[0]),
            login=case.accounts[key].login,
            person=listing(facts.name(question.person) for question in questions),
            why="; ".join(q.reason for q in questions) or case.owners[key].reason,
            to_do="; ".join(how_to_settle(question) for question in questions),
        )


def _people(facts: AnnexFacts) -> Iterator[Unmatched]:
    case = facts.case
    lacking = {f.subject.id: identity for identity, f in facts.of_rule("missing").findings.items()}
    for engagement in case.active:
        if not case.live_accounts_of(engagement.vma):
            state, why, to_do = _explained(facts, engagement, lacking.get(engagement.vma, ""))
            yield Unmatched(state, PERSON, "", "", facts.name(engagement.vma), why, to_do)


def _explained(facts: AnnexFacts, engagement: Engagement, finding: str) -> tuple[RowState, str, str]:
    """Say why a VMA at work was not seen with a live account."""
    case, vma = facts.case, engagement.vma
    questions = candidates_of(case).of(vma)
    if questions:
        why = "; ".join(seems(case, question) for question in questions)
        return RowState.UNKNOWN, why, "; ".join(how_to_settle(question) for question in questions)
    if case.incomplete:
        return RowState.UNKNOWN, f"{listing(case.systems[s].title for s in case.incomplete)} was not read whole", ""
    if engagement.on_leave:
        return RowState.IN_ORDER, "on leave, and every account is disabled or gone", ""
    if not case.template(vma).requires:
        return RowState.IN_ORDER, "the role requires no access", ""
    state = RowState.TOLD if finding in facts.accepted else RowState.OPEN
    why = f"the role requires access, and no account of theirs was seen{f' ({finding})' if finding else ''}"
    return state, why, "find out with whose account they work, or since when they do not work"
