"""Which account holds which group: collects groups as they come, then answers for one account at a time."""

from collections.abc import Iterable
from dataclasses import replace

from connectors.directory.schema.decode import DirectoryUser
from connectors.directory.schema.dn import first_value, fold, normalise
from connectors.directory.schema.doors import member_doors
from connectors.directory.schema.foreign_principals import (
    ForeignPrincipal,
    account_of,
    elsewhere,
    everybody,
    foreign_principal,
    identity_of,
)
from connectors.directory.schema.group import EVERYBODY_HERE, DirectoryGroup, place
from connectors.errors import SourceError, SourceMalformed, shorten
from connectors.facts import Account, Door, Entitlement, EntitlementKind, Evidence, Grant
from connectors.group_closure import Path, transitive_groups
from connectors.unread import GROUPS, Unread, unread_id

MAX_STEPS = 10_000_000
"""Bound on grants and the steps of their paths: hostile nesting must not eat the memory of the auditor."""


GROUPS_NOT_READ = unread_id("ldap", GROUPS)
COMPUTED_NOT_READ = unread_id("ldap", "computed-members")
MEMBERS_NOT_READ = unread_id("ldap", "members")
NAMED = 3
"""How many are named where many could be."""
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
        self._called: dict[str, list[str]] = {}  # cn: key -> ids
        self._holding: dict[str, list[str]] = {}  # member key -> ids of the groups that list it
        self._unmet: set[str] = set()  # member keys that no entry has answered to, after `settle`
        self._private: set[str] = set()
        self._unknown_primaries: set[str] = set()
        self._claims: dict[str, tuple[str, ...]] = {}  # id -> DNs of the groups that AD says the group is in
        self._elsewhere: set[str] = set()  # keys of groups that somebody is in, and that were not read
        self._everybody: frozenset[str] = frozenset()
        self._outsiders = 0
        self.doors: tuple[Door, ...] = ()
        """After `outsiders`: a way in for each of them, by each group that lists them."""
        self._hidden = 0
        self._computed: list[str] = []
        self._listing = 0
        self.unread = Unread(system)
        """Rights that were not read; complete it before `settle`."""
        self._mfa_id: str | None = None
        self._reached: dict[frozenset[str], dict[str, Path]] = {}
        self._steps = 0

    def add(self, group: DirectoryGroup) -> list[Entitlement]:
        """
        Take in one group; return its entitlement, unless it only stands for one person.

        Where a search that was not run decides who is in it, everybody holds that as not read. Raises `SourceMalformed`
        when it stands twice.
        """
        entitlement = group.entitlement
        if group.private:
            self._private.update(group.keys)
            return []
        if entitlement.id in self._groups:
            raise SourceMalformed(f"`{self._system}` listed the group `{entitlement.id}` twice", hint="read it again")
        if group.searches or group.unclear:
            self._computed.append(entitlement.name)
        elif not any(key.startswith("gid:") for key in group.keys):
            self._listing += 1  # those of Unix may have members by their number alone
        self._groups[entitlement.id] = entitlement.name
        if group.within:
            self._claims[entitlement.id] = group.within
        for key in group.keys:
            self._named[key] = entitlement.id
        self._called.setdefault(f"cn:{fold(entitlement.name)}", []).append(entitlement.id)
        for member in group.members:
            self._holding.setdefault(member, []).append(entitlement.id)
        return [entitlement]

    def knows(self, key: str) -> bool:
        """Whether a group of this normalised DN was taken in."""
        return key in self._groups

    def settle(self) -> list[Entitlement]:
        """
        Close the list of groups; return what every account holds because groups hold everybody.

        Raises `SourceError` when the MFA group was not among the groups.
        """
        self._note_unread()
        self._join_by_name()
        self._unmet = self._holding.keys() - self._groups.keys()
        if self._mfa_name is not None:
            self._mfa_id = self._find(self._mfa_name)
        identities = [key for key in self._holding if identity_of(key)]
        shared = [found for key in identities if (found := everybody(self._system, key))]
        self._everybody = frozenset(found.id for found in shared).union(self._holding.pop(EVERYBODY_HERE, ()))
        self._unmet.difference_update(identities, [EVERYBODY_HERE])
        return shared + self._settle_claims() + list(self.unread.entitlements)

    def _note_unread(self) -> None:
        if self._computed:
            named = ", ".join(shorten(name) for name in sorted(self._computed)[:NAMED])
            more = ", …" if len(self._computed) > NAMED else ""
            self.unread.add(
                COMPUTED_NOT_READ,
                f"members that a search decides, which was not run, of {len(self._computed)} groups: {named}{more}",
            )
        if self._listing and not self._holding:
            self.unread.add(MEMBERS_NOT_READ, f"members of groups: not one of {self._listing} groups shows any")

    def _join_by_name(self) -> None:
        """Put groups into those that name them by their name alone (netgroups, rules of sudo)."""
        for key in [key for key in self._holding if key.startswith("cn:") and key in self._called]:
            for group in self._called[key]:
                self._holding.setdefault(group, []).extend(self._holding[key])
            del self._holding[key]

    def _settle_claims(self) -> list[Entitlement]:
        """Put groups into those that they say they are in, though these do not list them; return what was not read."""
        found: dict[str, Entitlement] = {}
        for group, claimed in self._claims.items():
            for key in set(claimed).difference(self._holding.get(group, ()), [group]):
                if key not in self._groups:
                    found[key] = elsewhere(self._system, key)
                elif key in transitive_groups([group], self._holding):
                    continue  # 389 names the groups around those that list it as well
                self._holding.setdefault(group, []).append(key)
        self._elsewhere.update(found)
        return list(found.values())

    def outsiders(self) -> tuple[list[Account], list[Grant]]:
        """Return, after `settle`, the accounts of other domains that groups name, and what they hold through them."""
        found = [
            who for key in self._holding.keys() - self._groups.keys() if (who := foreign_principal(key, self._home))
        ]
        self._outsiders = len(found)
        self.doors = member_doors(found, self._holding, self._groups)
        return self._not_seen(found)

    @property
    def unmet(self) -> frozenset[str]:
        """After the last user: the DNs, normalised, that groups name and that no group or account bears."""
        return frozenset(key for key in self._unmet if not key.startswith(("?", "uid:", "mail:", "cn:", "sid:")))

    def hidden(self, keys: Iterable[str], why: str) -> tuple[list[Account], list[Grant]]:
        """Return the accounts that groups name by these DNs and that were not seen; each may be live."""
        found = [ForeignPrincipal(key, key, f"{first_value(key)[1]}, {why}") for key in sorted(keys)]
        self._hidden += len(found)
        return self._not_seen(found)

    def explain(self, keys: Iterable[str]) -> None:
        """Note that these DNs are known to be neither accounts nor groups."""
        self._unmet.difference_update(keys)

    def _not_seen(self, people: list[ForeignPrincipal]) -> tuple[list[Account], list[Grant]]:
        accounts, grants = [], []
        for person in people:
            self._unmet.discard(person.key)
            accounts.append(account_of(self._system, person))
            grants += self._granted(person.id, self._reach_from(frozenset(self._holding[person.key])))
            grants += self.unread.grants(person.id)
        return accounts, grants

    def account(self, user: DirectoryUser) -> Account:
        """Return the account, with its MFA state when there is an MFA group to tell it."""
        if self._mfa_id is None:
            return user.account  # FreeIPA says it itself, and AD of whoever needs a smart card.
        found = user.smart_card or self._mfa_id in self._reach(user)
        # Whoever may be in groups that were not read may be in this one.
        return replace(user.account, mfa=found or (None if self.unread else False))

    def grants(self, user: DirectoryUser) -> list[Grant]:
        """Return a grant for every group that the account is in, directly or through groups, and for its roles."""
        id_ = user.account.id
        held = self._granted(id_, self._reach(user)) + [Grant(id_, role) for role in user.roles]
        return [*held, *self.unread.grants(id_)] if self.unread else held

    def roles(self, user: DirectoryUser) -> list[Entitlement]:
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
        if self._hidden:
            told.append(
                Evidence("hidden-members", f"{self._hidden} members of groups were not shown: each may be an account")
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

    def _reach(self, user: DirectoryUser) -> dict[str, Path]:
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
        same = self._everybody.union(direct, not_read)
        reached = self._reach_from(same)
        # Groups that it says it is in, and that do not list it: their members are hidden, or computed.
        unlisted = [key for key in user.within if key not in reached]
        return self._reach_from(same.union(unlisted)) if unlisted else reached

    def _not_read(self, user: DirectoryUser) -> frozenset[str]:
        """Return the keys of groups that the account itself names, and that were not among the groups."""
        if not (user.primaries or user.within):
            return frozenset()
        primaries = {key for key in user.primaries if key.startswith("sid:") and key not in self._named}
        return frozenset(primaries.union(key for key in user.within if key not in self._groups))

    def _reach_from(self, same: frozenset[str]) -> dict[str, Path]:
        reached = self._reached.get(same)
        if reached is None:
            if len(self._reached) >= MAX_KEPT:
                self._reached.clear()
            reached = self._reached[same] = transitive_groups(same, self._holding)
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
