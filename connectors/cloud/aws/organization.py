"""
Organizations: where the account stands, and the policies that limit it from above.

Source: Organizations API Reference; "SCP evaluation" and "Resource control policies" in the Organizations User Guide.
"""

from collections.abc import Mapping
from typing import Any

from connectors.cloud.aws.calls import Call, CallAccount
from connectors.cloud.aws.estate import Gap, Level, MemberAccount, OrganizationPath, PolicyText
from connectors.cloud.aws.responses import ResponseSource, malformed, one, record, records, text

QUESTION = "organization"
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
MAX_DEPTH = 10
"""Organizational units nest at most five deep (Quotas for AWS Organizations)."""


def _call(operation: str, items: str = "", by: tuple[str, ...] = (), **more: Any) -> Call:
    more_at = "NextToken" if items else ""
    return Call("organizations", operation, QUESTION, by, items, more_at, place=CallAccount.ORGANIZATION, **more)


ORGANIZATION = _call("DescribeOrganization", absent=frozenset(["AWSOrganizationsNotInUseException"]))
ROOTS = _call("ListRoots", "Roots")
UNITS = _call("ListOrganizationalUnitsForParent", "OrganizationalUnits", ("ParentId",))
CHILDREN = _call("ListAccountsForParent", "Accounts", ("ParentId",))
ACCOUNTS = _call("ListAccounts", "Accounts")
POLICIES = _call("ListPoliciesForTarget", "Policies", ("TargetId", "Filter"))
POLICY = _call("DescribePolicy", by=("PolicyId",))
CALLS = (ORGANIZATION, ROOTS, UNITS, CHILDREN, ACCOUNTS, POLICIES, POLICY)


def read_organization(answers: ResponseSource, account: str) -> tuple[OrganizationPath | None, tuple[Gap, ...]]:
    """
    Read the path from the root to the account, with the policies of each level.

    `None` where the account is in no organization. The accounts of the list and those of the tree must be the same:
    they are read once more where they differ, and what still differs is a gap. Raises `Refused`.
    """
    answer = one(answers, ORGANIZATION)
    if answer is None:
        return None, ()
    organization = record(ORGANIZATION, answer, "Organization")
    reading = _Reading(answers)
    for again in (False, True):
        reading.walk()
        listed = {text(ACCOUNTS, a, "Id"): a for a in records(answers, ACCOUNTS)}
        if listed.keys() == reading.parents.keys() or again:
            break
    gaps = [
        Gap("account-outside-tree", one_, "only the list of accounts, or only the tree, has it")
        for one_ in sorted(listed.keys() ^ reading.parents.keys())
    ]
    if account not in reading.parents:
        gaps.append(Gap("account-outside-tree", account, "the audited account itself is not in the tree"))
    path = OrganizationPath(
        id=text(ORGANIZATION, organization, "Id"),
        management_account=text(ORGANIZATION, organization, "MasterAccountId"),
        levels=reading.levels(account, listed),
        scps_enabled=SCP in reading.enabled,
        rcps_enabled=RCP in reading.enabled,
        accounts=tuple(_member(a) for _, a in sorted(listed.items())),
    )
    gaps += [
        Gap("account-suspended", a.id, a.state)
        for a in path.accounts
        if a.id == account and a.state not in ("ACTIVE", "")
    ]
    return path, tuple(dict.fromkeys(gaps))


class _Reading:
    """The tree of one organization."""

    def __init__(self, answers: ResponseSource) -> None:
        self._answers = answers
        self._texts: dict[str, str] = {}
        self.enabled: frozenset[str] = frozenset()
        self.parents: dict[str, tuple[tuple[str, str], ...]] = {}
        """For each account: id and name of each level above it, the root first."""

    def walk(self) -> None:
        """Read the whole tree."""
        self.parents = {}
        roots = records(self._answers, ROOTS)
        if len(roots) != 1:
            raise malformed(ROOTS, "Roots")
        self.enabled = frozenset(_enabled(roots[0]))
        waiting: list[tuple[tuple[str, str], ...]] = [((text(ROOTS, roots[0], "Id"), str(roots[0].get("Name", ""))),)]
        while waiting:
            path = waiting.pop()
            if len(path) > MAX_DEPTH:
                raise malformed(UNITS, "OrganizationalUnits")
            parent = path[-1][0]
            for account in records(self._answers, CHILDREN, ParentId=parent):
                self.parents[text(CHILDREN, account, "Id")] = path
            units = records(self._answers, UNITS, ParentId=parent)
            waiting += ((*path, (text(UNITS, unit, "Id"), str(unit.get("Name", "")))) for unit in units)

    def levels(self, account: str, listed: Mapping[str, Mapping[str, Any]]) -> tuple[Level, ...]:
        """Return the levels above an account and the account itself, with their policies."""
        if account not in self.parents:
            return ()
        own = (account, str(listed.get(account, {}).get("Name", "")))
        return tuple(
            Level(id_, name, scps=self._policies(id_, SCP), rcps=self._policies(id_, RCP))
            for id_, name in (*self.parents[account], own)
        )

    def _policies(self, target: str, kind: str) -> tuple[PolicyText, ...]:
        if kind not in self.enabled:
            return ()
        found = records(self._answers, POLICIES, TargetId=target, Filter=kind)
        ids = {text(POLICIES, p, "Id"): text(POLICIES, p, "Arn") for p in found}
        return tuple(sorted((PolicyText(arn, self._text(id_)) for id_, arn in ids.items()), key=lambda p: p.name))

    def _text(self, id_: str) -> str:
        if id_ not in self._texts:
            policy = record(POLICY, one(self._answers, POLICY, PolicyId=id_) or {}, "Policy")
            self._texts[id_] = text(POLICY, policy, "Content")
        return self._texts[id_]


def _enabled(root: Mapping[str, Any]) -> list[str]:
    types = root.get("PolicyTypes", [])
    if not isinstance(types, list) or not all(isinstance(kind, dict) for kind in types):
        raise malformed(ROOTS, "PolicyTypes")
    # One that is being switched off still holds until it is off.
    return [str(kind.get("Type")) for kind in types if kind.get("Status") in ("ENABLED", "PENDING_DISABLE")]


def _member(account: Mapping[str, Any]) -> MemberAccount:
    # `Status` ends in September 2026 in favour of `State` (Organizations API Reference, Account).
    state = account.get("State") or account.get("Status") or ""
    return MemberAccount(text(ACCOUNTS, account, "Id"), str(account.get("Name", "")), str(state))
