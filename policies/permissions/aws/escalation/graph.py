"""The graph of escalation of one account: identities, what they can do to each other, and who is an administrator."""

from functools import cached_property

from policies.permissions.aws.access.by_action import numbers
from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.escalation.administrators import AdminStatus, AdminStatuses
from policies.permissions.aws.escalation.edges import Edge, EdgeFinder, Edges
from policies.permissions.aws.escalation.identities import NumberedIdentities, PrincipalState
from policies.permissions.aws.evaluation.account import AwsAccount

NOTHING = Edges()


class Graph:
    """One account."""

    def __init__(self, account: AwsAccount, index: ActionIndex | None = None) -> None:
        self.identities = NumberedIdentities(account)
        self.finder = EdgeFinder(self.identities)
        self._statuses = AdminStatuses(index)
        self._status: dict[PrincipalState, AdminStatus] = {}

    def edges(self, state: PrincipalState, *, certain: bool) -> Edges:
        """Return what an identity can do to others; of an administrator it goes without saying."""
        if self.status(state).certain:
            return NOTHING
        return self.finder.edges(state, certain=certain)

    def status(self, state: PrincipalState) -> AdminStatus:
        """Return whether an identity is an administrator."""
        if state not in self._status:
            self._status[state] = self._statuses.of(self.identities.principal(state))
        return self._status[state]

    def administrators(self, *, certain: bool) -> int:
        """Return the administrators among the identities of the account."""
        return self._administrators[0 if certain else 1]

    def active(self, *, certain: bool) -> int:
        """Return the identities with which a way can go on or end."""
        return self._active[0 if certain else 1]

    def partly(self) -> tuple[tuple[int, Edge], ...]:
        """Return who can become somebody in part, for certain."""
        return tuple(
            (number, edge)
            for number in numbers(self.identities.existing)
            for edge in self.edges(PrincipalState(number), certain=True).partly
        )

    @cached_property
    def _administrators(self) -> tuple[int, int]:
        certain = possible = 0
        for number in numbers(self.identities.existing):
            status = self.status(PrincipalState(number))
            certain |= status.certain << number
            possible |= status.possible << number
        return certain, possible

    @cached_property
    def _active(self) -> tuple[int, int]:
        found = list(self._administrators)
        for number in numbers(self.identities.all):
            for i, certain in enumerate((True, False)):
                found[i] |= bool(self.edges(PrincipalState(number), certain=certain)) << number
        return found[0], found[1]
