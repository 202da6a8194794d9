"""What methods can be about in one account, whoever uses them: targets, circumstances, and what belongs to roles."""

from functools import cached_property

from connectors.cloud.aws.estate import Role, User
from policies.permissions.aws.access.by_action import ActionEvaluator, Reached
from policies.permissions.aws.access.trust import Trusts
from policies.permissions.aws.escalation.identities import NumberedIdentities
from policies.permissions.aws.escalation.methods import PASS_ROLE, RELATED, TARGET, Gain, Kind, Method, methods

_SETS_PREFIX = "permissionSet/"


class MethodTargets:
    """One account."""

    def __init__(self, identities: NumberedIdentities, trusts: Trusts) -> None:
        self._identities, self._trusts = identities, trusts

    def reach(self, method: Method) -> ActionEvaluator:
        """Return the reach over what a method is about."""
        if method.target is Kind.GROUP:
            return self._identities.over_groups
        return self._identities.over_policies if method.target is Kind.POLICY else self._identities.over_identities

    def every(self, method: Method) -> Reached:
        """Return all identities, groups or policies."""
        every = self.reach(method).targets.all
        return Reached(every, every)

    @cached_property
    def targets(self) -> dict[str, Reached]:
        """By method: what it can be about at all, whoever uses it."""
        return {method.id: self._possible_targets(method) for method in methods().methods}

    def _possible_targets(self, method: Method) -> Reached:
        one = self._identities
        if method.target in (Kind.GROUP, Kind.POLICY):
            return self.every(method)
        roles = one.existing & ~one.user_bits
        sets = sum(1 << (one.first_role + i) for i, role in enumerate(one.roles) if role.permission_set)
        new = method.gains in (Gain.RAISE, Gain.UNBIND)
        bits = {
            Kind.USER: one.user_bits | (one.new_users if new else 0),
            Kind.ROLE: roles | (one.new_roles if new else 0),
            Kind.NEW_USER: one.new_users,
            Kind.NEW_ROLE: one.new_roles,
            Kind.SET_ROLE: sets,
        }[method.target]
        if any(
            TARGET in need.places and need.name.startswith("iam:") and need.name != PASS_ROLE for need in method.needs
        ):
            bits &= ~one.unchangeable
        if method.gains is Gain.UNBIND:
            bits &= one.bounded
        if method.gains is Gain.STRIP:
            bits &= one.denials[method.strips]
        if not method.trusts:
            return Reached(bits, bits)
        certain, possible = self._services.get(method.trusts, (0, 0))
        return Reached(bits & (certain << one.first_role), bits & (possible << one.first_role))

    @cached_property
    def _services(self) -> dict[str, tuple[int, int]]:
        return dict(self._trusts.services())

    @cached_property
    def circumstances(self) -> dict[str, tuple[int, int]]:
        """By circumstance: of whom it is known to hold, and of whom nobody said."""
        names = {one.id for method in methods().methods for one in method.given}
        return {name: self._circumstance(name) for name in names}

    def _circumstance(self, name: str) -> tuple[int, int]:
        known = unknown = 0
        for number, one in enumerate(self._identities.described):
            holds = _holds(name, one)
            known |= (holds is True) << number
            unknown |= (holds is None) << number
        return known, unknown

    @cached_property
    def relations(self) -> dict[str, tuple[ActionEvaluator, list[int]]]:
        """By kind: what belongs to roles (providers, permission sets), and to which."""
        found: dict[str, dict[str, int]] = {place: {} for place in RELATED}
        for i, role in enumerate(self._identities.roles):
            if role.permission_set:
                bit = 1 << (self._identities.first_role + i)
                instance = role.permission_set.replace(_SETS_PREFIX, "instance/").rpartition("/")[0]
                for place, arn in (("permission-set", role.permission_set), ("sso-instance", instance)):
                    found[place][arn] = found[place].get(arn, 0) | bit
        for name, (_, possible) in self._services.items():
            if ":saml-provider/" in name:
                found["saml-provider"][name] = possible << self._identities.first_role
        return {place: (self._identities.over(by_arn), list(by_arn.values())) for place, by_arn in found.items()}


def _holds(name: str, one: User | Role) -> bool | None:
    """Whether a circumstance holds of an identity; `None` when nobody said."""
    if isinstance(one, Role):
        return bool(one.instance_profiles) if name == "in-instance-profile" else None
    match name:
        case "free-access-key":
            return None if one.keys is None else len(one.keys) < 2
        case "has-password":
            return one.console
        case "no-password":
            return None if one.console is None else not one.console
        case "no-mfa":
            return None if one.mfa is None else not one.mfa
    return None
