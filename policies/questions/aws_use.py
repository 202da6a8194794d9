"""What an account in AWS may do, and has not done for longer than a period."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.facts import Grant
from policies.engine.answers import Broken, Unknown
from policies.engine.case import Case
from policies.engine.evidence import account_steps, grant_steps, listing
from policies.engine.outcomes import Step
from policies.engine.rule import Item
from policies.permissions.aws.actions.canonical_names import spelled
from policies.questions.sign_ins import used_on

if TYPE_CHECKING:
    from policies.permissions.aws.access.effective import Effective
    from policies.permissions.aws.access.unused import UnusedPolicy, UnusedSecret


def unused_since(case: Case, item: Item, judge: "Effective", days: int) -> tuple[list[Broken | Unknown], date | None]:
    """Return what was not used for `days`, and the first day on which time alone may make something unused."""
    from policies.permissions.aws.access.unused import unused  # noqa: PLC0415 - an audit without AWS does not pay for it

    first = case.today - timedelta(days=days)
    found = unused(judge, item.account[1], datetime.combine(first, time(), ZoneInfo(case.practice.timezone)))
    last = used_on(case, case.accounts[item.account])
    # Of an account that is not used at all, `dormant-account` tells.
    secrets = found.secrets if last is None or last >= first else ()
    told: list[Broken | Unknown] = [
        _policy(case, item, each, days) for each in found.policies if _gives(case, item, each)
    ]
    told += (_secret(case, item, each, days) for each in secrets)
    told += (Unknown(why) for why in found.unknown)
    return told, case.day_of(found.oldest) + timedelta(days=days + 1) if found.oldest else None


def _policy(case: Case, item: Item, found: "UnusedPolicy", days: int) -> Broken:
    none, last = not found.used, case.day_of(found.last) if found.last else None
    said = [f"not used: {listing(found.services)}"] if found.services else []
    said += [f"not done: {listing(spelled(found.actions))}"] if found.actions else []
    said += [f"used: {listing(found.used)}"] if found.used else []
    return Broken(
        "nothing-of-a-policy" if none else "part-of-a-policy",
        what=f"policy|{found.identity}|{found.policy}",
        name=found.policy.rpartition("/")[2],
        days=str(days),
        said="; ".join(said),
        last=f"; last on {last}" if last else "",
        path=(*_path(case, item, found), *_services(found)),
        since=last + timedelta(days=days + 1) if none and last else None,
    )


def _secret(case: Case, item: Item, secret: "UnusedSecret", days: int) -> Broken:
    last = f"last used on {case.day_of(secret.last)}" if secret.last else "never used"
    begin = secret.last or secret.created
    return Broken(
        "secret",
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
