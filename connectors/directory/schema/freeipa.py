"""
What FreeIPA says about its users in other entries than theirs: ways to sign in, tokens, lock-out, tracking of sign-ins.

Sources: FreeIPA design pages V4/OTP and "Disable Stale Users"; its schema (60basev2, 61kerberos, 70ipaotp) and default
permissions. `docs/connect-ldap.md` says which of them need a permission that a plain user does not have.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from connectors.directory.schema.dn import member_key
from connectors.directory.schema.entry import Entry
from connectors.directory.schema.times import generalized_time, integer
from connectors.errors import SourceDenied

_NEEDS_SECOND = frozenset({"otp", "passkey"})
"""A one-time password beside the password; a security key, which the user unlocks."""
_WITHOUT_SECOND = frozenset({"password", "hardened"})
"""A password alone; `hardened` only protects how it travels."""
_NO_LAST_SUCCESS = "kdc:disable last success"
"""The value of ipaConfigString, set on every new installation, with which sign-ins are not recorded."""


class DirectoryReader(Protocol):
    """Reads whole answers; an entry that is not there, or that may not be read, gives none."""

    def read_entry(self, dn: str, attributes: tuple[str, ...]) -> Entry | None:
        """Read one entry."""

    def read_all(self, base: str, search_filter: str, attributes: tuple[str, ...]) -> list[Entry]:
        """Read all entries below a base."""


@dataclass(frozen=True, slots=True)
class LockOut:
    """One password policy: how many failures lock, and for how long."""

    failures: int
    seconds: int
    """0: until an administrator unlocks it."""


@dataclass(frozen=True, slots=True)
class FreeIpaSite:
    """What holds for all users of one FreeIPA installation."""

    default_ways: frozenset[str] | None = None
    """How users sign in whose own entry does not say it; `None`: that may not be read."""
    own_ways: bool = True
    """Whether what a user's own entry says counts."""
    tokens: Mapping[str, bool] = field(default_factory=dict)
    """Owner's DN -> whether one of the tokens works; empty: none may be read."""
    policies: Mapping[str, LockOut] = field(default_factory=dict)
    """Policy's DN -> when it locks; `""` is the one that holds for everybody."""
    knows_sign_ins: bool = False
    """The server that was asked records every sign-in, because it records them and there is no other."""

    def second_factor(self, entry: Entry, key: str) -> bool | None:
        """
        Tell whether a sign-in takes a second factor; each of the ways that an account has suffices alone.

        Somebody for whom one-time passwords are required, but who has no token yet, signs in with the password alone;
        tokens can be read with a permission of their own only, so without it that is unknown.
        """
        own = frozenset(way.casefold() for way in entry.texts("ipauserauthtype")) if self.own_ways else frozenset()
        ways = own or self.default_ways
        if ways is None:
            return None
        if ways & _WITHOUT_SECOND:
            return False
        if not ways <= _NEEDS_SECOND:
            return None  # RADIUS, an external provider or a certificate decides, and does not say it here.
        if "otp" not in ways:
            return True
        return self.tokens.get(key, False) if self.tokens else None

    def locked(self, entry: Entry, now: datetime) -> bool:
        """Tell whether failed sign-ins lock the account on the server that was asked; others count for themselves."""
        failures = entry.read("krbloginfailedcount", integer)
        last = entry.read("krblastfailedauth", generalized_time)
        policy = self.policies.get(member_key(entry.text("krbpwdpolicyreference") or "")) or self.policies.get("")
        if failures is None or last is None or policy is None or not 0 < policy.failures <= failures:
            return False
        unlocked = entry.read("krblastadminunlock", generalized_time)
        if unlocked is not None and unlocked >= last:
            return False
        return policy.seconds == 0 or last + timedelta(seconds=policy.seconds) > now


def read_site(reader: DirectoryReader, root: str, now: datetime) -> FreeIpaSite:
    """Read what holds for all users of the installation with this root; raises `BadValue` and `SourceError`."""
    config = reader.read_entry(f"cn=ipaConfig,cn=etc,{root}", ("ipaUserAuthType", "ipaConfigString", "cn"))
    masters = reader.read_entry(f"cn=ipaservers,cn=hostgroups,cn=accounts,{root}", ("member",))
    ways = None
    recorded = False
    if config is not None:
        ways = frozenset(way.casefold() for way in config.texts("ipauserauthtype"))
        recorded = _NO_LAST_SUCCESS not in {text.casefold() for text in config.texts("ipaconfigstring")}
    return FreeIpaSite(
        default_ways=None if ways is None else (ways - {"disabled"}) or frozenset({"password"}),
        own_ways=ways is None or "disabled" not in ways,
        tokens=_tokens(reader, root, now),
        policies=_policies(reader, root),
        knows_sign_ins=recorded and masters is not None and len(masters.texts("member")) == 1,
    )


def _tokens(reader: DirectoryReader, root: str, now: datetime) -> dict[str, bool]:
    wanted = ("ipatokenOwner", "ipatokenDisabled", "ipatokenNotBefore", "ipatokenNotAfter")
    tokens: dict[str, bool] = {}
    for token in _visible(reader, f"cn=otp,{root}", "(objectClass=ipaToken)", wanted):
        owner = member_key(token.text("ipatokenowner") or "")
        start = token.read("ipatokennotbefore", generalized_time)
        end = token.read("ipatokennotafter", generalized_time)
        off = (token.text("ipatokendisabled") or "").casefold() == "true"
        works = not off and (start is None or start <= now) and (end is None or now < end)
        tokens[owner] = tokens.get(owner, False) or works
    return tokens


def _policies(reader: DirectoryReader, root: str) -> dict[str, LockOut]:
    wanted = ("cn", "krbPwdMaxFailure", "krbPwdLockoutDuration")
    policies: dict[str, LockOut] = {}
    for policy in _visible(reader, f"cn=kerberos,{root}", "(objectClass=krbPwdPolicy)", wanted):
        rule = LockOut(
            policy.read("krbpwdmaxfailure", integer) or 0, policy.read("krbpwdlockoutduration", integer) or 0
        )
        policies[member_key(policy.dn)] = rule
        if (policy.text("cn") or "").casefold() == "global_policy":
            policies[""] = rule
    return policies


def _visible(reader: DirectoryReader, base: str, search_filter: str, wanted: tuple[str, ...]) -> list[Entry]:
    """Return what may be seen; what may not is unknown, and is never taken for absent."""
    try:
        return reader.read_all(base, search_filter, wanted)
    except SourceDenied:
        return []
