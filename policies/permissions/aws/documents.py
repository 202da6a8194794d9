"""
What IAM policy documents let one account do.

Where the evaluator knows the whole account (`effective`), a policy counts for what it effectively gives. Where only the
documents are there, this reading is generous on purpose: it ignores `Resource` and `Condition` of what is allowed, and
honours a denial only when it is unconditional and for all resources. So of what these documents give, an account may be
said to do more than it can, never less. Service control policies and session policies, which take away, and resource
and trust policies, which can give more, are then not read.
Source: IAM User Guide, "Policy evaluation logic" and "Permissions boundaries for IAM entities".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.facts import Entitlement, EntitlementKind
from policies.permissions.aws.access.effective import Possible
from policies.permissions.aws.actions.index import LEVELS, ActionIndex, Service
from policies.permissions.aws.reading import Reading, read_document
from policies.permissions.documents import Classified, Key, Unreadable, Verdict

MAX_CACHED = 20_000
"""Documents and verdicts that are kept; identical documents are read once."""

GIVES_RIGHTS = ("iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:PutUserPolicy", "iam:PutRolePolicy")
"""Who holds every right, and after all limits one of these, is an administrator: limits take away single actions."""

_ACTION_KEY = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9*?-]+")


@dataclass(frozen=True, slots=True)
class _Group:
    """Actions of one service that one key of the catalog explains; without a `mask`, none does."""

    key: str
    actions: int
    mask: int | None


class AwsDocuments:
    """
    Judges documents with a catalog: what each service and access level, or single action, gives.

    Keys are `s3:Read` (service and level), `s3:DeleteObject` or `s3:GetBucket*` (actions; they override the level, and
    the longest pattern that fits wins), `*:Read` (services without an entry of their own) and `*` (every action of AWS,
    such as AdministratorAccess). An action that AWS lists under several levels counts under each.
    Raises `ValueError` for a key of another shape.
    """

    def __init__(self, capabilities_of: Mapping[str, int], phi: int = 0, index: ActionIndex | None = None) -> None:
        """Take the catalog, the set of all capabilities that reach PHI, and the numbers of actions."""
        self._index = index or ActionIndex()
        self._phi = phi
        self._masks: dict[str, Key] = {}
        self._patterns: dict[str, list[str]] = {}
        """By service: the keys that name actions."""
        for key, mask in capabilities_of.items():
            normal = _normal(key)
            self._masks[normal] = (key, mask)
            if normal == normal.lower():
                self._patterns.setdefault(normal.partition(":")[0], []).append(normal)
        self._groups: dict[str, tuple[_Group, ...]] = {}
        self._readings: dict[str, Reading] = {}
        self._verdicts: dict[tuple[str | None, int, int | None], Verdict] = {}

    def read(self, held: Sequence[Entitlement], effective: Mapping[str, Possible] | None = None) -> dict[str, Verdict]:
        """
        Judge all policies and boundaries that one account holds, by entitlement id.

        Those in `effective` count for what the evaluator says; a reading by documents alone is left for the others.
        Denials count whichever document holds them; a boundary gives nothing and limits the others, unless it is
        unreadable. Entitlements without a document are `Unreadable`.
        """
        documents = [e for e in held if e.kind in (EntitlementKind.POLICY, EntitlementKind.BOUNDARY)]
        denied, limit = 0, None
        for entitlement in documents:
            reading = self._reading(entitlement.document)
            denied |= reading.denied
            if entitlement.kind is EntitlementKind.BOUNDARY and not reading.problem:
                limit = reading.allowed if limit is None else limit & reading.allowed
        judged = {} if effective is None else effective
        return {
            e.id: self._effective(e, judged[e.id], denied, limit) if e.id in judged else self._verdict(e, denied, limit)
            for e in documents
        }

    def gives(self, possible: Possible, *, everything: bool = False) -> Verdict:
        """
        Judge what is given by something that no account holds, such as the policy of a bucket.

        `everything`: its document allows every action that there is, before limits take away single ones.
        """
        return self._counted(possible, possible.problem, everything=everything and "*" in self._masks)

    def _effective(self, entitlement: Entitlement, possible: Possible, denied: int, limit: int | None) -> Verdict:
        reading = self._reading(entitlement.document)
        actions = reading.allowed & ~denied & (-1 if limit is None else limit)
        everything = "*" in self._masks and self._index.complete and actions == self._index.everything()
        return self._counted(possible, reading.problem or possible.problem, everything=everything)

    def _counted(self, possible: Possible, problem: str, *, everything: bool) -> Verdict:
        found: dict[str, int] = {}
        notes: dict[str, str] = {}
        actions = possible.anywhere & self._index.everything() if possible.anywhere < 0 else possible.anywhere
        for group in self._given_groups(actions):
            if group.mask is None:
                problem = problem or f"no catalog entry for `{group.key}`"
                continue
            given = group.mask if possible.phi & group.actions else group.mask & ~self._phi
            if given:
                found[group.key] = given
                if not possible.certain & group.actions and (keys := possible.depends(actions & group.actions)):
                    notes[group.key] = f"depends on {', '.join(sorted(keys))}"
        if everything and any((self._index.expand(action) or 0) & actions for action in GIVES_RIGHTS):
            found["*"] = self._masks["*"][1]
        return _verdict(found, problem, tuple(sorted(notes.items())))

    def _given_groups(self, actions: int) -> Iterator[_Group]:
        for service in self._index.services_in(actions):
            yield from (group for group in self._groups_of(service) if actions & group.actions)

    def unknown_keys(self) -> list[str]:
        """List the keys of the catalog that name no service or action of AWS, which would never apply."""
        unknown = []
        for normal, (key, _) in self._masks.items():
            service, _, name = normal.partition(":")
            if service == "*":
                continue
            if self._index.expand(f"{service}:*" if name in LEVELS else normal) is None:
                unknown.append(key)
        return unknown

    def _reading(self, document: str | None) -> Reading:
        if document is None:
            return Reading(0, problem="its document was not in what was read")
        if document not in self._readings:
            if len(self._readings) >= MAX_CACHED:
                self._readings.clear()
            self._readings[document] = read_document(document, self._index)
        return self._readings[document]

    def _verdict(self, entitlement: Entitlement, denied: int, limit: int | None) -> Verdict:
        reading = self._reading(entitlement.document)
        if entitlement.kind is EntitlementKind.BOUNDARY:
            return Unreadable(reading.problem) if reading.problem else Classified(0)
        at = (entitlement.document, denied, limit)
        if at not in self._verdicts:
            if len(self._verdicts) >= MAX_CACHED:
                self._verdicts.clear()
            self._verdicts[at] = self._judge(reading, denied, limit)
        return self._verdicts[at]

    def _judge(self, reading: Reading, denied: int, limit: int | None) -> Verdict:
        actions = reading.allowed & ~denied
        if limit is not None:
            actions &= limit
        problem, found = reading.problem, {}
        for group in self._given_groups(actions):
            if group.mask is None:
                problem = problem or f"no catalog entry for `{group.key}`"
            elif group.mask:
                found[group.key] = group.mask
        if "*" in self._masks and self._index.complete and actions == self._index.everything():
            found["*"] = self._masks["*"][1]
        return _verdict(found, problem, unknown=reading.unknown)

    def _groups_of(self, service: Service) -> tuple[_Group, ...]:
        """Sort the actions of a service by the key of the catalog that explains them, once."""
        if service.name not in self._groups:
            actions: dict[str, int] = {}
            masks: dict[str, int | None] = {}
            singles = self._singles_of(service)
            by_levels = {levels: self._keys_of(service.name, levels) for levels in set(service.levels)}
            for number, (name, levels) in enumerate(zip(service.actions, service.levels, strict=True)):
                for key, mask in [singles[name]] if name in singles else by_levels[levels]:
                    actions[key] = actions.get(key, 0) | 1 << number
                    masks[key] = mask
            self._groups[service.name] = tuple(
                _Group(key, numbers << service.base, masks[key]) for key, numbers in actions.items()
            )
        return self._groups[service.name]

    def _keys_of(self, service: str, levels: tuple[str, ...]) -> list[tuple[str, int | None]]:
        return [
            self._masks.get(f"{service}:{level}") or self._masks.get(f"*:{level}") or (f"{service}:{level}", None)
            for level in levels
        ]

    def _singles_of(self, service: Service) -> dict[str, Key]:
        """Find the key that names each action of a service, alone or by a pattern; exact names win."""
        patterns = self._patterns.get(service.name, [])
        patterns.sort(key=lambda key: ("*" not in key and "?" not in key, len(key), key))
        found: dict[str, Key] = {}
        for pattern in patterns:
            actions = (self._index.expand(pattern) or 0) >> service.base
            for number, name in enumerate(service.actions):
                if actions >> number & 1:
                    found[name] = self._masks[pattern]
        return found


def _verdict(
    found: Mapping[str, int], problem: str, notes: tuple[tuple[str, str], ...] = (), unknown: str = ""
) -> Verdict:
    keys = tuple(sorted(found.items()))
    mask = 0
    for _, given in keys:
        mask |= given
    return Unreadable(problem, mask, keys, notes) if problem else Classified(mask, keys, notes, unknown)


def _normal(key: str) -> str:
    """Bring a key to the form in which it is looked up; raises `ValueError` when it is none."""
    service, _, name = key.partition(":")
    if key == "*" or (service and name in LEVELS):
        return key if key == "*" else f"{service.lower()}:{name}"
    if not _ACTION_KEY.fullmatch(key):
        raise ValueError(f"`{key}` is neither `service:level`, `service:Action`, `*:level` nor `*`")
    return key.lower()
