"""The rule about what may be done in a cloud and never is."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.facts import Engagement, Grant, System
from policies.engine.aws import AboutAws, accounts_in_aws
from policies.engine.case import Case
from policies.engine.evidence import account_steps, grant_steps, listing
from policies.engine.finding import finding
from policies.engine.outcomes import Finding, Outcome, Step
from policies.engine.rule import Item, OfActive
from policies.engine.verdicts import concluded, satisfied
from policies.permissions.aws.actions.canonical_names import spelled

if TYPE_CHECKING:
    from policies.permissions.aws.access.effective import Effective
    from policies.permissions.aws.access.unused import UnusedPolicy, UnusedSecret


class UnusedAccess(AboutAws, OfActive):
    """
    What a VMA may do in the cloud, and has not done for longer than the role template says, is taken away.

    AWS tells when each service, and some actions, a key and a password were last used. An identity, an engagement or a
    memory of AWS that is younger than the period is "not evaluated". What a role did, anybody may have done who takes
    it: it counts as used.
    Source: 45 CFR 164.308(a)(4)(ii)(C) (addressable), 164.502(b)(1); NIST SP 800-53 AC-6(7). No rule names a number of
    days: 90 is our proposal.
    """

    id = "unused-access"
    title = "Access that is not used"
    question = "Does every VMA use what an AWS account lets the VMA do?"

    def items(self, case: Case) -> Iterator[Item]:
        """Every live account of active VMAs who are not on leave, in AWS."""
        return accounts_in_aws(case, on_leave=False)

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:
        """Every active VMA who is not on leave."""
        return super().about(case, engagement, system) and not engagement.on_leave

    def judge_account(self, case: Case, item: Item, judge: "Effective") -> Iterator[Outcome]:
        """Compare what each policy gives with what was used; then keys and password."""
        from policies.permissions.aws.access.unused import unused  # noqa: PLC0415 - an audit without AWS does not pay for it

        days = case.template(item.vma).controls.unused_after_days
        first = case.today - timedelta(days=days)
        started = case.here_since(item.vma)
        if started > first:
            # As for dormant accounts: who has not been here for a whole period has left nothing unused for one.
            yield satisfied(self, item, started + timedelta(days=days))
            return
        found = unused(judge, item.account[1], _midnight(case, first))
        secrets = found.secrets if self._in_use(case, item, first) else ()
        policies = [policy for policy in found.policies if _gives(case, item, policy)]
        yield from (self._policy(case, item, policy, days) for policy in policies)
        yield from (self._secret(case, item, secret, days) for secret in secrets)
        due = case.day_of(found.oldest) + timedelta(days=days + 1) if found.oldest else None
        yield from concluded(self, item, found=bool(policies or secrets), unknown=found.unknown, until=due)

    @staticmethod
    def _in_use(case: Case, item: Item, first: date) -> bool:
        """Whether the account is used at all: of one that is not, `dormant-account` tells."""
        last = case.accounts[item.account].last_login
        return not isinstance(last, datetime) or case.day_of(last) >= first

    def _policy(self, case: Case, item: Item, unused_: "UnusedPolicy", days: int) -> Finding:
        none, last = not unused_.used, case.day_of(unused_.last) if unused_.last else None
        said = [f"not used: {listing(unused_.services)}"] if unused_.services else []
        said += [f"not done: {listing(spelled(unused_.actions))}"] if unused_.actions else []
        said += [f"used: {listing(unused_.used)}"] if unused_.used else []
        return finding(
            self,
            case,
            item,
            way="nothing-of-a-policy" if none else "part-of-a-policy",
            what=f"policy|{unused_.identity}|{unused_.policy}",
            name=unused_.policy.rpartition("/")[2],
            days=str(days),
            said="; ".join(said),
            last=f"; last on {last}" if last else "",
            path=(*_path(case, item, unused_), *_services(unused_)),
            since=last + timedelta(days=days + 1) if none and last else None,
        )

    def _secret(self, case: Case, item: Item, secret: "UnusedSecret", days: int) -> Finding:
        last = f"last used on {case.day_of(secret.last)}" if secret.last else "never used"
        begin = secret.last or secret.created
        return finding(
            self,
            case,
            item,
            way="secret",
            what=f"secret|{secret.id}",
            name=secret.id,
            days=str(days),
            observed=last + (f", made on {case.day_of(secret.created)}" if secret.created else ""),
            path=(*account_steps(case, item.account), Step("secret", secret.id, f"{secret.id}: {last}")),
            since=case.day_of(begin) + timedelta(days=days + 1) if begin else None,
        )


def _gives(case: Case, item: Item, found: "UnusedPolicy") -> bool:
    """Whether a policy gives anything: one for the own password alone is nothing to take away."""
    masks = [mask for grant, mask in _grants(case, item, found)]
    return not masks or any(masks)


def _grants(case: Case, item: Item, found: "UnusedPolicy") -> Iterator[tuple[Grant, int]]:
    for assignment in case.holdings[item.account].assignments.values():
        for grant, mask in assignment.grants:
            if grant.entitlement.replace("#", "/policy/", 1) == found.policy:
                yield grant, mask


def _path(case: Case, item: Item, found: "UnusedPolicy") -> tuple[Step, ...]:
    """Return the steps from the person to the policy, through every group or role by which it is held."""
    for grant, _ in _grants(case, item, found):
        return (*account_steps(case, item.account), *grant_steps(case, item.account, grant))
    holder = () if "/policy/" in found.policy else (Step("identity", found.identity, found.identity),)
    name = found.policy.rpartition("/")[2]
    return (*account_steps(case, item.account), *holder, Step("policy", found.policy, f"{name} ({found.policy})"))


def _services(found: "UnusedPolicy") -> tuple[Step, ...]:
    steps = [Step("service", name, f"{name}: not used") for name in found.services[:6]]
    steps += [Step("action", name, f"{name}: not done") for name in spelled(found.actions[:6])]
    return tuple(steps)


def _midnight(case: Case, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(case.practice.timezone))


RULES = (UnusedAccess(),)
