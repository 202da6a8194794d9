"""By which ways an account in AWS leads to more than was given, step by step."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policies.engine.answers import Broken, Unknown
from policies.engine.aws import escalations
from policies.engine.case import Case
from policies.engine.evidence import account_steps, counted, listing
from policies.engine.outcomes import Step
from policies.engine.rule import Item

if TYPE_CHECKING:
    from policies.permissions.aws.access.effective import Effective
    from policies.permissions.aws.escalation.escalation import EscalationPath

ADMINISTRATOR = "administrator"
MATTERS = ("organization", "identity-center", "account-access")
"""What can take a way off, or show another, and may be unread."""


def ways_to_more(case: Case, item: Item, judge: "Effective") -> Iterator[Broken | Unknown]:
    """Yield the ways that are certain, then on what others depend, and what of the account cannot be read."""
    id_, ways = item.account[1], escalations(judge)
    principals = judge.principals(id_)
    person = id_ in {assignment.user for assignment in judge.estate.assignments}
    paths = list(ways.of_person(id_) if person else ways.of(principals[0].arn))
    unread = {name: judge.estate.unread[name] for name in MATTERS if name in judge.estate.unread}
    sure = [path for path in paths if path.certain]
    yield from (_way(case, item, path, unread) for path in sure)
    for path in paths:
        if not path.certain:
            yield Unknown(f"whether {_end(path)} can be reached depends on {listing(sorted(path.keys))}")
    yield from (Unknown(f"`{d.name}` cannot be read: {d.problem}") for p in principals for d in p.identity if d.problem)
    if person and not sure:
        # What else such a person holds here is not known: only a way that was found stands on its own.
        yield from (Unknown(f"{name} was not read: {why}") for name, why in unread.items() if name != "organization")


def _way(case: Case, item: Item, path: "EscalationPath", unread: dict[str, str]) -> Broken:
    end = Step("identity", path.to, f"{_end(path)}{'' if path.whole else ', in part'}")
    return Broken(
        "whole" if path.whole else "in-part",
        what=ADMINISTRATOR if path.administrator else path.to,
        end=_end(path),
        count=counted(len(path.steps), "step"),
        steps=listing(step.title for step in path.steps),
        # Policies above the account could only take the way off.
        limits="; service control policies were not read" if "organization" in unread else "",
        name=listing(name.rpartition("/")[2] for name in path.policies),
        path=(
            *account_steps(case, item.account),
            *(Step("escalation", step.method, step.text) for step in path.steps),
            end,
        ),
    )


def _end(path: "EscalationPath") -> str:
    return "an administrator of the account" if path.administrator else path.to.rpartition(":")[2]
