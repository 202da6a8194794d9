"""
A catalog that is ready to fill: every entitlement of a system that no catalog classifies, most held first.

A line that is not filled in says nothing: its entitlement stays unclassified, and is never taken for harmless.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import indent

import yaml

from connectors.errors import shorten
from connectors.facts import Collection, Entitlement
from connectors.unread import is_unread
from policies.catalogs.catalog import Catalogs, Unclassified
from policies.engine.holdings import Holdings
from policies.vocabulary import Vocabulary

MAX_HINTS = 8
STEM = 5
"""So many first letters make two words of one family: `Scheduling` and `schedule`."""

HEAD = """\
# What each entitlement of this system lets a person do. Fill in `gives` and `why` of each line, then name this file in
# auditor.yaml:
#
#   policies: {catalogs: [FILE]}
#
# - `gives` takes the capabilities of policies/capabilities.yaml, such as [schedule.read, schedule.write].
# - `gives: []` with a `why` says that it is known to be harmless.
# - `gives: []` with an empty `why` is not filled in: the entitlement stays unclassified.
# The words after `perhaps` come from its name alone: look it up in the product.
"""


@dataclass(frozen=True, slots=True)
class UnknownEntitlement:
    """One entitlement that no catalog classifies."""

    entitlement: Entitlement
    reason: str
    live_holders: int
    """How many live accounts hold it."""
    holders: int
    """How many accounts hold it, live or not."""


def unclassified(collection: Collection, catalogs: Catalogs) -> tuple[UnknownEntitlement, ...]:
    """
    List the entitlements of a system that no catalog classifies: most held first, then by name.

    Also what nobody holds is listed, where the system described it.
    """
    system = collection.system
    holdings = Holdings({system.id: collection}, catalogs)
    reasons: dict[str, str] = {}
    holders: Counter[str] = Counter()
    live: Counter[str] = Counter()
    for account in collection.accounts:
        for id_, (reason, _) in holdings[system.id, account.id].unclassified.items():
            reasons.setdefault(id_, reason)
            holders[id_] += 1
            live[id_] += account.live
    held = {grant.entitlement for grant in collection.grants}
    for id_, entitlement in collection.entitlements.items():
        if id_ not in held:
            reading = catalogs.read(system, [entitlement])[id_]
            if isinstance(reading, Unclassified):
                reasons[id_] = reading.reason
    found = [UnknownEntitlement(collection.entitlements[id_], reasons[id_], live[id_], holders[id_]) for id_ in reasons]
    return tuple(sorted(found, key=lambda u: (-u.live_holders, -u.holders, u.entitlement.name, u.entitlement.id)))


def catalog_skeleton(collection: Collection, catalogs: Catalogs, *, every_system: bool = False) -> str:
    """
    Return the catalog to fill in for a system, as YAML; empty when everything is classified.

    It speaks of this system alone, or of `every_system` of the product, where the system has no id yet. Ids that differ
    only in their case share one line, because a catalog compares names whatever their case.
    """
    unknown = unclassified(collection, catalogs)
    if not unknown:
        return ""
    vocabulary = Vocabulary.load()
    system = collection.system
    live = sum(account.live for account in collection.accounts)
    parts = [HEAD, _dump({"product": system.product, "title": f"{system.title}, to be filled in", "version": 1})]
    parts.append(_dump({"source": "to be filled in: who decided it, when, and from what"}))
    if not every_system:
        parts.append(_dump({"systems": [system.id]}))
    parts.append("\nentitlements:\n")
    seen: set[str] = set()
    for one in unknown:
        key = one.entitlement.id.casefold()
        if key not in seen:
            seen.add(key)
            parts.append(indent(_entry(one, live, vocabulary), "  "))
    return "".join(parts)


def suggest(name: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the capabilities whose words are in a name; only a hint for the person who looks it up."""
    stems = {word[:STEM] for word in _words(name) if len(word) >= STEM}
    if not stems:
        return ()
    found = [c.id for c in vocabulary.capabilities if stems & {w[:STEM] for w in _words(f"{c.id} {c.title}")}]
    return tuple(found[:MAX_HINTS])


def _entry(one: UnknownEntitlement, live: int, vocabulary: Vocabulary) -> str:
    entitlement = one.entitlement
    lines = [f"# {entitlement.kind.value}, held by {one.live_holders} of {live} live accounts"]
    if one.holders > one.live_holders:
        lines[0] += f" and by {one.holders - one.live_holders} that are not live"
    if entitlement.name != entitlement.id:
        lines.append(f"# its name: {shorten(entitlement.name)}")
    hints = suggest(entitlement.name, vocabulary)
    if is_unread(entitlement.id):
        lines.append("# these were not read: leave the line as it is, and let the connector read them")
    elif hints:
        lines.append(f"# perhaps: [{', '.join(hints)}]")
    return "".join(f"{line}\n" for line in lines) + _line(entitlement.id)


def _line(key: str) -> str:
    """Return one entry that is not filled in."""
    if key.isprintable():
        return _dump({key: {"gives": [], "why": ""}})
    # The writer leaves some breaks as they are, which the reader then folds; escaped, the key survives.
    quoted = yaml.safe_dump(key, default_style='"', width=10_000).strip()
    return f"? {quoted}\n:\n  gives: []\n  why: ''\n"


def _dump(data: object) -> str:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10_000)


def _words(text: str) -> Iterable[str]:
    return re.findall(r"[a-z]+", text.casefold())
