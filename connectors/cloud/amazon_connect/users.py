"""
The people of one Amazon Connect instance, their security profiles, and what those permit, from live or saved answers.

Connect has no state of a user: whoever is listed can sign in, so leavers must be deleted there. It tells neither the
last sign-in nor a second factor: that is with whoever signs people in (`sign_in`).
Source: Amazon Connect API Reference, ListUsers, DescribeUser, ListSecurityProfiles, ListSecurityProfilePermissions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.cloud.aws.calls import Call
from connectors.cloud.aws.responses import ResponseSource, items, malformed, one, record, records, text
from connectors.connector import Page
from connectors.errors import SourceTruncated
from connectors.facts import Account, Entitlement, EntitlementKind, Evidence, Grant, Status

INSTANCE_ARN = r"^arn:aws[a-z-]*:connect:[a-z0-9-]+:\d{12}:instance/[0-9a-f-]{36}$"
INSTANCE = Call("connect", "DescribeInstance")
USERS = Call("connect", "ListUsers", items="UserSummaryList", more_at="NextToken")
USER = Call("connect", "DescribeUser", by=("UserId",), absent=frozenset(["ResourceNotFoundException"]))
PROFILES = Call("connect", "ListSecurityProfiles", items="SecurityProfileSummaryList", more_at="NextToken")
PERMISSIONS = Call(
    "connect", "ListSecurityProfilePermissions", by=("SecurityProfileId",), items="Permissions", more_at="NextToken"
)
CALLS = (INSTANCE, USERS, USER, PROFILES, PERMISSIONS)


@dataclass
class InstanceReading:
    """One read of one instance."""

    system: str
    answers: ResponseSource
    instance: str
    """Its id."""
    _profiles: dict[str, tuple[str, ...]] | None = None

    def see(self) -> str:
        """Return what the instance says of itself."""
        status = record(INSTANCE, self._instance(), "Instance").get("InstanceStatus")
        return f"the instance is `{str(status)[:40]}`"

    def page(self, token: str | None) -> Page:
        """Read one page of users; before the first, the security profiles. Raises `SourceError`, `InputError`."""
        described: tuple[Entitlement, ...] = ()
        if self._profiles is None:
            described, self._profiles = self._read_profiles()
        answered = self.answers.page(USERS, {"InstanceId": self.instance}, token)
        listed = (answered.answer or {}).get(USERS.items)
        if not isinstance(listed, list) or not all(isinstance(user, dict) for user in listed):
            raise malformed(USERS, USERS.items)
        users = [user for user in (self._describe(text(USERS, found, "Id")) for found in listed) if user is not None]
        end = Evidence("end", "no `NextToken` on the last page of users and of security profiles")
        return Page(
            accounts=tuple(self._account(user) for user in users),
            entitlements=described,
            grants=tuple(grant for user in users for grant in self._grants(user, self._profiles)),
            next_token=answered.more,
            evidence=() if answered.more else (end,),
        )

    def _describe(self, id_: str) -> Mapping[str, Any] | None:
        """Read one user; `None` when somebody deleted it since the list was read."""
        answer = one(self.answers, USER, InstanceId=self.instance, UserId=id_)
        return None if answer is None else record(USER, answer, "User")

    def _read_profiles(self) -> tuple[tuple[Entitlement, ...], dict[str, tuple[str, ...]]]:
        found: dict[str, Entitlement] = {}
        profiles: dict[str, tuple[str, ...]] = {}
        for profile in records(self.answers, PROFILES, InstanceId=self.instance):
            id_, name = text(PROFILES, profile, "Id"), text(PROFILES, profile, "Name")
            permissions = items(self.answers, PERMISSIONS, InstanceId=self.instance, SecurityProfileId=id_)
            if not all(isinstance(permission, str) and permission for permission in permissions):
                raise malformed(PERMISSIONS, PERMISSIONS.items)
            profiles[id_] = tuple(sorted(set(permissions)))
            found[id_] = Entitlement(self.system, id_, name, EntitlementKind.ROLE, container=True)
            for permission in profiles[id_]:
                found[permission] = Entitlement(self.system, permission, permission, EntitlementKind.PRIVILEGE)
        return tuple(found.values()), profiles

    def _account(self, user: Mapping[str, Any]) -> Account:
        person = record(USER, user, "IdentityInfo")
        login = text(USER, user, "Username")
        name = " ".join(str(person[key]) for key in ("FirstName", "LastName") if person.get(key))
        return Account(
            system=self.system,
            id=text(USER, user, "Id"),
            login=login,
            name=name or login,
            status=Status.ACTIVE,
            email=str(person["Email"]) if person.get("Email") else None,
        )

    def _grants(self, user: Mapping[str, Any], profiles: Mapping[str, tuple[str, ...]]) -> list[Grant]:
        id_, held = text(USER, user, "Id"), user.get("SecurityProfileIds", [])
        if not isinstance(held, list):
            raise malformed(USER, "SecurityProfileIds")
        grants = []
        for profile in held:
            if profile not in profiles:
                raise SourceTruncated(
                    f"`{self.system}` says that somebody has the security profile `{profile}`, but did not list it",
                    hint="read again; a profile may have been made while it was read",
                )
            grants.append(Grant(id_, profile))
            grants += (Grant(id_, permission, (profile,)) for permission in profiles[profile])
        return grants

    def _instance(self) -> Mapping[str, Any]:
        return one(self.answers, INSTANCE, InstanceId=self.instance) or {}
