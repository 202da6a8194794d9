"""Which account holds which group: collects groups as they come, then answers for one account at a time."""

from dataclasses import replace

from connectors.directory._decode import Group, User
from connectors.directory._dn import normalise
from connectors.directory._nesting import Path, resolve
from connectors.errors import SourceError, SourceMalformed
from connectors.facts import Account, Evidence, Grant

MAX_STEPS = 10_000_000
"""Bound on grants and the steps of their paths: hostile nesting must not eat the memory of the auditor."""


class Memberships:
    """
    The groups of one directory.

    First `add` every group, then `settle`, then ask for `account` and `grants` of each user. It keeps member keys
    and group ids only; users are never kept.
    """

    def __init__(self, system: str, mfa_group: str | None = None) -> None:
        self._system, self._mfa_name = system, mfa_group
        self._groups: dict[str, str] = {}  # id -> cn
        self._named: dict[str, str] = {}  # SID or gid -> id
        self._holding: dict[str, list[str]] = {}  # member key -> ids of the groups that list it
        self._met: set[str] = set()
        self._unknown_primaries: set[str] = set()
        self._mfa_id: str | None = None
        self._reached: dict[frozenset[str], dict[str, Path]] = {}
        self._steps = 0

    def add(self, group: Group) -> None:
        """Take in one group; raises `SourceError` when it stands twice or does not list its members."""
        entitlement = group.entitlement
        if entitlement.id in self._groups:
            raise SourceMalformed(f"`{self._system}` listed the group `{entitlement.id}` twice", hint="read it again")
        if group.computed:
            raise SourceError(
                f"`{self._system}`: the members of the group `{entitlement.id}` are computed by a search, not listed",
                hint="let the server expand it (OpenLDAP: overlay `dynlist`), or leave it out with `group_filter`",
            )
        self._groups[entitlement.id] = entitlement.name
        for key in group.keys:
            self._named[key] = entitlement.id
        for member in group.members:
            self._holding.setdefault(member, []).append(entitlement.id)

    def settle(self) -> None:
        """Close the list of groups; raises `SourceError` when the MFA group is not among them."""
        self._met.update(self._groups.keys() & self._holding.keys())
        if self._mfa_name is not None:
            self._mfa_id = self._find(self._mfa_name)

    def account(self, user: User) -> Account:
        """Return the account, with its MFA state when there is an MFA group to tell it."""
        if self._mfa_id is None:
            return user.account
        return replace(user.account, mfa=self._mfa_id in self._reach(user))

    def grants(self, user: User) -> list[Grant]:
        """Return a grant for every group that the account is in, directly or through groups."""
        reached = self._reach(user)
        self._steps += len(reached) + sum(map(len, reached.values()))
        if self._steps > MAX_STEPS:
            raise SourceMalformed(
                f"`{self._system}` nests its groups so deeply that there are more than {MAX_STEPS} steps",
                hint="narrow `base_dn`, or look for groups that hold each other",
            )
        return [Grant(user.account.id, group, path) for group, path in reached.items()]

    def evidence(self) -> tuple[Evidence, ...]:
        """Tell, after the last user, what was named but not read."""
        unknown = len(self._holding.keys() - self._met)
        told = [Evidence("groups", f"{len(self._groups)} read")]
        if unknown:
            told.append(Evidence("unknown-members", f"{unknown} member values name no entry that was read"))
        if self._unknown_primaries:
            told.append(Evidence("unknown-groups", f"{len(self._unknown_primaries)} primary groups were not read"))
        return tuple(told)

    def _reach(self, user: User) -> dict[str, Path]:
        direct: set[str] = set()
        for key in user.keys:
            if key in self._holding:
                self._met.add(key)
                direct.update(self._holding[key])
        for key in user.primaries:
            if key in self._named:
                direct.add(self._named[key])
            else:
                self._unknown_primaries.add(key)
        same = frozenset(direct)
        if same not in self._reached:
            self._reached[same] = resolve(same, self._holding)
        return self._reached[same]

    def _find(self, name: str) -> str:
        """Find a group by DN or by cn."""
        try:
            key = normalise(name)
        except ValueError:
            key = ""
        if key in self._groups:
            return key
        found = sorted(i for i, cn in self._groups.items() if cn.casefold() == name.casefold())
        if len(found) != 1:
            raise SourceError(
                f"`{self._system}`: {len(found)} groups are called `{name}`, which `mfa_group` names",
                hint="write the DN of the group; it must lie under `base_dn` and be readable",
            )
        return found[0]
