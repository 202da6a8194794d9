"""The judge of an AWS account: accounts of a collection, answered for by what their principals can effectively do."""

from collections.abc import Iterable, Iterator, Mapping

from connectors.cloud.aws.estate import AwsEstate
from connectors.facts import Entitlement, EntitlementKind, Grant
from policies.permissions.aws.access.effective import NOTHING, Effective, Possible
from policies.permissions.aws.access.role_chaining import RoleChain
from policies.permissions.aws.evaluation.request import Principal
from policies.permissions.contract import Part, Way

ROOT = "<root_account>"
"""The root user, as the credential report calls it."""
Gives = tuple[tuple[Entitlement, Possible], ...]


class AwsJudge:
    """Answers for IAM users, for people of Identity Center, and for the root user."""

    def __init__(self, estate: AwsEstate, system: str, entitlements: Mapping[str, Entitlement]) -> None:
        self._effective = Effective(estate)
        self._system, self._entitlements = system, entitlements
        self._roles = {role.arn: role for role in estate.roles}
        self._of_roles: dict[str, Gives] = {}

    def stopped(self, account: str) -> str:
        """Say that policies of the organization leave the root user nothing, where they do."""
        stopped = account == ROOT and self._effective.root_stopped
        return "service control policies of the organization leave the root user nothing" if stopped else ""

    def parts(self, account: str, grants: Iterable[Grant]) -> Iterator[Part]:
        """Sort grants by the user or role whose policies they are."""
        held: dict[str, list[Grant]] = {}
        holders: dict[str, Principal | None] = {}
        for grant in grants:
            holder = self._effective.holder(account, (*grant.path, grant.entitlement))
            name = holder.arn if holder else ""
            holders[name] = holder
            held.setdefault(name, []).append(grant)
        for name, found in held.items():
            yield Part(tuple(found), self._counts(holders[name], found))

    def ways(self, account: str) -> Iterator[Way]:
        """Give the resources whose policy lets the account in, and the roles that it can become."""
        effective = self._effective
        own = {principal.arn for principal in effective.principals(account)}
        for principal in effective.principals(account):
            for arn, possible in effective.let_in(principal):
                yield Way((), ((self._policy_of(arn), possible),))
            for arn, chain in sorted(effective.role_chaining.chains(principal).items()):
                if arn not in own:
                    yield self._way(chain)

    def unknown(self, account: str) -> Iterator[tuple[Entitlement, str]]:
        """Name the resources with PHI whose own policy was not read."""
        if self._effective.principals(account):
            for resource in self._effective.unread:
                yield self._policy_of(resource.arn), "its own policy was not read, and could let anybody in"

    def _counts(self, holder: Principal | None, grants: Iterable[Grant]) -> dict[str, Possible]:
        if holder is None:
            return {}
        found = {}
        for id_ in {grant.entitlement for grant in grants}:
            if self._entitlements[id_].kind is EntitlementKind.POLICY:
                possible = self._effective.of_policy(holder, id_.replace("#", "/policy/", 1))
                if possible is not None:
                    found[id_] = possible
        return found

    def _way(self, chain: RoleChain) -> Way:
        return Way(
            path=tuple(self._role(step.role) for step in chain.steps),
            gives=self._gives(chain.role),
            becoming=self._effective.becoming_counts(certain=chain.certain),
            notes=tuple((step.role, _told(step.keys)) for step in chain.steps if not step.certain),
        )

    def _gives(self, arn: str) -> Gives:
        """Return what a role can do, by policy; the same for whoever becomes it."""
        if arn not in self._of_roles:
            role, principal = self._roles[arn], self._effective.account.roles[arn]
            texts = {policy.name: policy.text for policy in role.inline}
            texts |= {policy: self._effective.estate.managed.get(policy, "") for policy in role.attached}
            self._of_roles[arn] = tuple(
                (self._policy(arn, name, text), self._effective.of_policy(principal, name) or NOTHING)
                for name, text in texts.items()
            )
        return self._of_roles[arn]

    def _policy(self, role: str, name: str, text: str) -> Entitlement:
        # Not the id of the policy itself, which the account may hold as well, and which then gives something else.
        id_, short, kind = f"{role}#{name}", name.rpartition("/")[2], EntitlementKind.POLICY
        return Entitlement(self._system, id_, short, kind, aliases=(name,), document=text or None)

    def _role(self, arn: str) -> Entitlement:
        known = self._entitlements.get(arn)
        name = arn.rpartition("/")[2]
        return known or Entitlement(self._system, arn, name, EntitlementKind.ROLE, container=True)

    def _policy_of(self, arn: str) -> Entitlement:
        return Entitlement(self._system, f"{arn}#policy", f"the policy of {arn}", EntitlementKind.POLICY)


def _told(keys: Iterable[str]) -> str:
    named = ", ".join(sorted(keys))
    return f"depends on {named}" if named else "depends on what is not known"
