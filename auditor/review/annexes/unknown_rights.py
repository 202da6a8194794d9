"""What of rights is not known: entitlements in no catalog, and clouds of which only the documents were stored."""

from collections import defaultdict
from collections.abc import Mapping

from auditor.review.annexes.facts import AnnexFacts
from connectors.facts import Complete, SystemKind
from connectors.unproven import LEAVES_OUT
from policies.engine.evidence import listing
from reports.annexes import NotLookedAt
from reports.words import plural


def holders_unclassified(facts: AnnexFacts) -> Mapping[str, list[str]]:
    """Return by system the live accounts that hold something which no catalog can read, by log-in."""
    found: dict[str, list[str]] = defaultdict(list)
    for key, account in facts.case.live_accounts.items():
        if facts.case.holdings[key].unclassified:
            found[key[0]].append(account.login)
    return found


def unclassified(facts: AnnexFacts) -> tuple[NotLookedAt, ...]:
    """Return, by system, whose rights are not wholly known."""
    return tuple(
        NotLookedAt(
            f"{plural(len(logins), 'account')} in {facts.title(system)}",
            f"no catalog says what {listing(sorted(logins))} may do by something held; whether that is privileged is "
            "not known",
            system,
        )
        for system, logins in sorted(holders_unclassified(facts).items())
    )


_OF_RIGHTS = frozenset({"not read", "unread", "hidden-members", "members-not-looked-up", "members-elsewhere", "gap"})
"""Evidence that some rights, or who holds them, were not read."""
_OF_NO_RIGHTS = ("access-keys:", "login-profiles:", "mfa-devices:")
"""How that evidence begins where what was not read gives nobody a right."""


def rights_not_read(facts: AnnexFacts, system: str) -> tuple[str, ...]:
    """Return what of a system that was read whole may hold rights, or accounts, and is not known, in words."""
    said = facts.case.collections[system].completeness
    if not isinstance(said, Complete):
        return ()
    stored = not_stored(facts, system)
    return (*((stored,) if stored else ()), *_left_unread(said))


def _left_unread(said: Complete) -> tuple[str, ...]:
    return tuple(
        f"{one.name}: {one.detail}"
        for one in said.evidence
        if (one.name in _OF_RIGHTS and not one.detail.startswith(_OF_NO_RIGHTS)) or one.name in LEAVES_OUT
    )


def perhaps_more(facts: AnnexFacts) -> tuple[NotLookedAt, ...]:
    """Return, by system, what may give more rights than are known."""
    return tuple(
        NotLookedAt(f"all rights in {facts.title(system)}", why, system)
        for system in facts.case.systems
        for why in rights_not_read(facts, system)
    )


_NOT_STORED = (
    "rights are judged by the policies that were stored: who could become another role, what limits the whole account, "
    "and which ways in from outside were not read, only the report of that day tells"
)


def not_stored(facts: AnnexFacts, system: str) -> str:
    """Say what of a cloud's rights a stored audit does not tell; empty where it tells all."""
    cloud = facts.case.systems[system].kind is SystemKind.CLOUD
    return _NOT_STORED if facts.recalled and cloud else ""
