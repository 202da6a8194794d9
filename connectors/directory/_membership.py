"""Which account holds which group: collects groups as they come, then answers for one account at a time."""

from dataclasses import replace

from connectors.directory._decode import User
from connectors.directory._dn import first_value, normalise
from connectors.directory._foreign import account_of, elsewhere, everybody, identity_of, outsider
from connectors.directory._group import Group, place
from connectors.errors import SourceError, SourceMalformed
from connectors.facts import Account, Entitlement, EntitlementKind, Evidence, Grant
from connectors.nesting import Path, resolve

MAX_STEPS = 10_000_000
"""Bound on grants and the steps of their paths: hostile nesting must not eat the memory of the auditor."""


MAX_KEPT = 2_000
"""For how many sets of groups it is kept where they lead: few in a practice, and as many as users at worst."""


class Memberships:
    """
    The groups of one directory.

    First `add` every group, then `settle`, then ask for `account`, `grants` and `roles` of each user. It keeps member
    keys and group ids only; users are never kept.
    """

    def __init__(self, system: str, mfa_group: str | None = None, home: tuple[str, ...] = ()) -> None:
        self._system, self._mfa_name, self._home = system, mfa_group, home
        self._groups: dict[str, str] = {}  # id -> cn
        self._named: dict[str, str] = {}  # SID or gid -> id
        self._holding: dict[str, list[str]] = {}  # member key -> ids of the groups that list it
        self._unmet: set[str] = set()  # member keys that no entry has answered to, after `settle`
        self._private: set[str] = set()
        self._unknown_primaries: set[str] = set()
        self._claims: dict[str, tuple[str, ...]] = {}  # id -> DNs of the groups that AD says the group is in
        self._elsewhere: set[str] = set()  # keys of groups that somebody is in, and that were not read
        self._everybody: frozenset[str] = frozenset()
        self._outsiders = 0
        self._mfa_id: str | None = None
        self._reached: dict[frozenset[str], dict[str, Path]] = {}
        self._steps = 0

    def add(self, group: Group) -> list[Entitlement]:
        """
        Take in one group; return its entitlement, unless it only stands for one person.

        Raises `SourceError` when it stands twice or does not list its members.
        """
        entitlement = group.entitlement
        if group.private:
            self._private.update(group.keys)
            return []
        if entitlement.id in self._groups:
            raise SourceMalformed(f"`{self._system}` listed the group `{entitlement.id}` twice", hint="read it again")
        if group.computed:
            raise SourceError(
                f"`{self._system}`: the members of the group `{entitlement.id}` are computed by a search, not listed",
                hint="let the server expand it (OpenLDAP: overlay `dynlist`), or leave it out with `group_filter`",
            )
        self._groups[entitlement.id] = entitlement.name
        if group.within:
            self._claims[entitlement.id] = group.within
        for key in group.keys:
            self._named[key] = entitlement.id
        for member in group.members:
            self._holding.setdefault(member, []).append(entitlement.id)
        return [entitlement]

    def settle(self) -> list[Entitlement]:
        """
        Close the list of groups; return what every account holds because groups hold everybody.

        Raises `SourceError` when the MFA group was not among the groups.
        """
        self._unmet = self._holding.keys() - self._groups.keys()
        if self._mfa_name is not None:
            self._mfa_id = self._find(self._mfa_name)
        identities = [key for key in self._holding if identity_of(key)]
        shared = [found for key in identities if (found := everybody(self._system, key))]
        self._everybody = frozenset(found.id for found in shared)
        self._unmet.difference_update(identities)
        return shared + self._settle_claims()

    def _settle_claims(self) -> list[Entitlement]:
        """Put groups into those that AD says they are in and that were not read; return these."""
        found: dict[str, Entitlement] = {}
        for group, claimed in self._claims.items():
            for key in claimed:
                if key not in self._groups:
                    self._holding.setdefault(group, []).append(key)
                    found[key] = elsewhere(self._system, key)
        self._elsewhere.update(found)
        return list(found.values())

    def outsiders(self) -> tuple[list[Account], list[Grant]]:
        """Return, after `settle`, the accounts of other domains that groups name, and what they hold through them."""
        accounts, grants = [], []
        for key in self._holding.keys() - self._groups.keys():
            person = outsider(key, self._home)
            if person:
                self._unmet.discard(key)
                accounts.append(account_of(self._system, person))
                grants += self._granted(person.id, self._reach_from(frozenset(self._holding[key])))
        self._outsiders = len(accounts)
        return accounts, grants

    def account(self, user: User) -> Account:
        """Return the account, with its MFA state when there is an MFA group to tell it."""
        if self._mfa_id is None:
            return user.account  # FreeIPA says it itself, and AD of whoever needs a smart card.
        return replace(user.account, mfa=user.smart_card or self._mfa_id in self._reach(user))

    def grants(self, user: User) -> list[Grant]:
        """Return a grant for every group that the account is in, directly or through groups, and for its roles."""
        return self._granted(user.account.id, self._reach(user)) + [Grant(user.account.id, r) for r in user.roles]

    def roles(self, user: User) -> list[Entitlement]:
        """Describe the roles of an account, and the groups that it is in and that were not read."""
        return [elsewhere(self._system, key) for key in sorted(self._not_read(user))] + [
            Entitlement(
                self._system, key, first_value(key)[1], EntitlementKind.ROLE, aliases=tuple(filter(None, [place(key)]))
            )
            for key in user.roles
        ]

    def _granted(self, account: str, reached: dict[str, Path]) -> list[Grant]:
        self._steps += len(reached) + sum(map(len, reached.values()))
        if self._steps > MAX_STEPS:
            raise SourceMalformed(
                f"`{self._system}` nests its groups so deeply that there are more than {MAX_STEPS} steps",
                hint="narrow `base_dn`, or look for groups that hold each other",
            )
        return [Grant(account, group, path) for group, path in reached.items()]

    def evidence(self) -> tuple[Evidence, ...]:
        """Tell, after the last user, what was named but not read."""
        unknown = len(self._unmet)
        told = [Evidence("groups", f"{len(self._groups)} read")]
        if self._outsiders:
            told.append(
                Evidence("foreign-members", f"{self._outsiders} accounts or groups of other domains are members")
            )
        if self._private:
            told.append(Evidence("private-groups", f"{len(self._private)} that stand for one user each are left out"))
        if unknown:
            told.append(Evidence("unknown-members", f"{unknown} member values name no entry that was read"))
        if self._elsewhere:
            told.append(
                Evidence(
                    "groups-elsewhere", f"{len(self._elsewhere)} are held and were not read: hidden, or outside of it"
                )
            )
        if self._unknown_primaries:
            told.append(Evidence("unknown-groups", f"{len(self._unknown_primaries)} primary groups were not read"))
        return tuple(told)

    def _reach(self, user: User) -> dict[str, Path]:
        direct: set[str] = set()
        for key in user.keys:
            if key in self._holding:
                self._unmet.discard(key)
                direct.update(self._holding[key])
        for key in user.primaries:
            if key in self._named:
                direct.add(self._named[key])
            elif key.startswith("gid:") and key not in self._private:
                self._unknown_primaries.add(key)
        not_read = self._not_read(user)
        self._elsewhere |= not_read
        return self._reach_from(self._everybody.union(direct, not_read))

    def _not_read(self, user: User) -> frozenset[str]:
        """Return the keys of groups of AD that the account itself names, and that were not among the groups."""
        if not (user.primaries or user.within):
            return frozenset()
        primaries = {key for key in user.primaries if key.startswith("sid:") and key not in self._named}
        return frozenset(primaries.union(key for key in user.within if key not in self._groups))

    def _reach_from(self, same: frozenset[str]) -> dict[str, Path]:
        reached = self._reached.get(same)
        if reached is None:
            if len(self._reached) >= MAX_KEPT:
                self._reached.clear()
            reached = self._reached[same] = resolve(same, self._holding)
        return reached

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
