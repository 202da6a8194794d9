"""The rule about gaining more in a cloud than was given."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policies.engine.aws import AboutAws, accounts_in_aws, escalations
from policies.engine.case import Case
from policies.engine.evidence import account_steps, counted, listing
from policies.engine.finding import finding
from policies.engine.outcomes import Finding, Outcome, Step
from policies.engine.rule import Item, OfActive
from policies.engine.verdicts import concluded, not_evaluated, satisfied

if TYPE_CHECKING:
    from policies.permissions.aws.access.effective import Effective
    from policies.permissions.aws.escalation.escalation import EscalationPath

ADMINISTRATOR = "administrator"
ROOT = "<root_account>"
"""Can do everything to begin with: `forbidden` tells of it."""
MATTERS = ("organization", "identity-center", "account-access")
"""What can take a way off, or show another, and may be unread."""


class PrivilegeEscalation(AboutAws, OfActive):
    """
    No VMA can become an administrator in AWS, or act as an identity that holds more.

    Several rights that look harmless each may do it together: to hand a role to a service that runs code, to write a
    new version of a policy, to make keys for another, to change who is trusted. The way is told step by step. A way
    that depends on something that was not read is "not evaluated", with what it depends on. Who is an administrator
    without any detour is told of by `forbidden`.
    Source: 45 CFR 164.312(a)(1), 164.308(a)(4)(i); NIST SP 800-53 AC-6; the methods each name their own source.
    """

    id = "privilege-escalation"
    title = "A way to more rights"
    question = "Is every VMA unable to gain more in AWS than was given?"

    def items(self, case: Case) -> Iterator[Item]:
        """Every live account of active VMAs in AWS, also of those on leave."""
        return accounts_in_aws(case, on_leave=True)

    def judge_account(self, case: Case, item: Item, judge: "Effective") -> Iterator[Outcome]:
        """Ask for every way to an administrator, or to more; what is already known as certain is a finding."""
        id_ = item.account[1]
        if id_ == ROOT:
            yield satisfied(self, item)
            return
        principals = judge.principals(id_)
        if not principals:
            reason = "what it may do in AWS was not read: it is no user of the account and holds no role there"
            yield not_evaluated(self, item, reason)
            return
        ways = escalations(judge)
        person = id_ in {assignment.user for assignment in judge.estate.assignments}
        paths = list(ways.of_person(id_) if person else ways.of(principals[0].arn))
        sure, doubtful = [p for p in paths if p.certain], [p for p in paths if not p.certain]
        unread = {name: judge.estate.unread[name] for name in MATTERS if name in judge.estate.unread}
        yield from (self._finding(case, item, path, unread) for path in sure)
        unknown = [f"whether {_end(path)} can be reached depends on {listing(sorted(path.keys))}" for path in doubtful]
        unknown += [f"`{d.name}` cannot be read: {d.problem}" for p in principals for d in p.identity if d.problem]
        if person and not sure:
            # What else such a person holds here is not known: only a way that was found stands on its own.
            unknown += [f"{name} was not read: {why}" for name, why in unread.items() if name != "organization"]
        yield from concluded(self, item, found=bool(sure), unknown=unknown)

    def _finding(self, case: Case, item: Item, path: "EscalationPath", unread: dict[str, str]) -> Finding:
        # Policies above the account could only take the way off.
        limits = "; service control policies were not read" if "organization" in unread else ""
        return finding(
            self,
            case,
            item,
            way="whole" if path.whole else "in-part",
            what=ADMINISTRATOR if path.administrator else path.to,
            end=_end(path),
            count=counted(len(path.steps), "step"),
            steps=listing(step.title for step in path.steps),
            limits=limits,
            name=listing(_policies(path)),
            path=(
                *account_steps(case, item.account),
                *(Step("escalation", step.method, step.text) for step in path.steps),
                Step("identity", path.to, f"{_end(path)}{'' if path.whole else ', in part'}"),
            ),
        )


def _end(path: "EscalationPath") -> str:
    return "an administrator of the account" if path.administrator else path.to.rpartition(":")[2]


def _policies(path: "EscalationPath") -> Iterator[str]:
    return (name.rpartition("/")[2] for name in path.policies)


RULES = (PrivilegeEscalation(),)
