"""
Seeded check items: questions about access that nobody holds, to see whether somebody looks; off unless configured.

What they say beside the claim is true: how many with the role can do it, that nobody approved it. They have no items,
so no order can follow from them, they count for nobody as a review, and the close discloses each.
"""

import base64
import hashlib
from dataclasses import replace
from itertools import islice

from auditor.review.asking import Asked
from auditor.review_records import Advice, Question, QuestionKind
from connectors.facts import PersonKind
from policies.engine.case import Case
from policies.engine.evidence import counted


def with_checks(asked: Asked, case: Case, count: int) -> Asked:
    """Return what is asked with `count` check items for each reviewer who has so many people, in its order."""
    if not count:
        return asked
    kinds = {p.person: p.kind for p in asked.people}
    by_reviewer: dict[str, list[Question]] = {}
    for q in asked.questions:
        if q.kind is QuestionKind.EXPLAINED and kinds[q.person] == PersonKind.VMA.value:
            by_reviewer.setdefault(q.reviewer, []).append(q)
    checks: list[Question] = []
    for _, mine in sorted(by_reviewer.items()):
        made = (_check(q, case) for q in sorted(mine, key=_shuffled))
        checks += islice((check for check in made if check is not None), count)
    questions = sorted((*asked.questions, *checks), key=lambda q: (-q.risk, q.person, q.question))
    return replace(asked, questions=tuple(questions))


def _shuffled(q: Question) -> str:
    return hashlib.sha256(f"check\x00{q.campaign}\x00{q.question}".encode()).hexdigest()


def _check(q: Question, case: Case) -> Question | None:
    """Return a check about the person of a question; `None` where they hold whatever no VMA may."""
    words, vma = case.policy.vocabulary, q.person
    free = words.names(case.policy.never.mask & ~case.held(vma) & ~case.policy.privileged.mask)
    if not free:
        return None
    digest = hashlib.sha256(f"{q.campaign}\x00{q.question}".encode()).digest()
    name = free[digest[0] % len(free)]
    roles = set(case.engagements[vma].roles)
    peers = {p for role in roles for p in case.by_role.get(role, ())} - {vma}
    holding = sum(bool(case.held(p) & words.mask([name])) for p in peers)
    title = words.capability(name).title
    return replace(
        q,
        question="Q-" + base64.b32encode(digest).decode()[:10],
        kind=QuestionKind.FORBIDDEN,
        capabilities=(name,),
        title=f"Can {title}: no VMA may",
        why=(
            f"{holding} of {counted(len(peers), 'other')} with the role can {title}.",
            "No approval of it is recorded.",
        ),
        findings=(),
        advice=Advice.REMOVE,
        advice_why="no VMA may hold it, whatever the work",
        risk=q.risk + 12_500,
        bulk=False,
        seeded=True,
    )
