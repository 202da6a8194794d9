"""
Rights of a kind that exist, or may exist, and were not read: groups, roles, permissions.

Whoever may hold such rights holds an entitlement that no catalog knows, so the account is unclassified until they are
read, and nobody takes it for holding nothing. Every connector tells it in this way.
"""

import re
from dataclasses import dataclass, field

from connectors.facts import Entitlement, EntitlementKind, Grant

GROUPS, ROLES = "groups", "roles"
UNEXPLAINED = "not explained yet"
"""The name of an evidence that says what of a source nobody has explained."""
STATE_UNEXPLAINED, FACTOR_UNEXPLAINED = "state not explained yet", "second factor not explained yet"
"""The same of whether accounts work, and of their second factor: the rules about these do not pass by it."""
ALL_UNEXPLAINED = frozenset((UNEXPLAINED, STATE_UNEXPLAINED, FACTOR_UNEXPLAINED))

_UNREAD = re.compile(r"[a-z0-9]+:[a-z0-9-]+-not-read", re.IGNORECASE | re.ASCII)


def unread_id(product: str, what: str) -> str:
    """Return the id of rights that were not read: `unread_id("scim", GROUPS)` is `scim:groups-not-read`."""
    return f"{product}:{what}-not-read"


def is_unread(id_: str) -> bool:
    """Whether an entitlement stands for rights that were not read, and is no right of its own."""
    return _UNREAD.fullmatch(id_) is not None


@dataclass(slots=True)
class Unread:
    """The kinds of rights of one system that were not read, and who may hold them."""

    system: str
    _kinds: dict[str, Entitlement] = field(default_factory=dict)

    def add(self, id_: str, name: str) -> None:
        """Note once that rights of a kind were not read; `name` says which and why, for people."""
        self._kinds.setdefault(id_, Entitlement(self.system, id_, name, EntitlementKind.ROLE))

    def __contains__(self, id_: object) -> bool:
        return id_ in self._kinds

    def __bool__(self) -> bool:
        return bool(self._kinds)

    @property
    def entitlements(self) -> tuple[Entitlement, ...]:
        """Return what stands for the rights, to be told with the other entitlements."""
        return tuple(self._kinds.values())

    def grants(self, account: str, *ids: str) -> set[Grant]:
        """Return that the account may hold them: all that were noted, or only those of `ids` that were."""
        return {Grant(account, id_) for id_ in ids or self._kinds if id_ in self._kinds}
