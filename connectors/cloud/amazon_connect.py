"""
Amazon Connect: the people of one contact centre, their security profiles, and what those permit.

One system for each instance. Connect has no state of a user: whoever is listed can sign in, so leavers must be deleted
there. It tells neither the last sign-in nor a second factor: that is with whoever signs people in (`sign_in`).
Source: Amazon Connect API Reference, ListUsers, DescribeUser, ListSecurityProfiles, ListSecurityProfilePermissions.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from connectors.cloud._aws_access import Access, Sessions, endpoint
from connectors.cloud._aws_answers import Answers, items, malformed, one, record, records, text
from connectors.cloud._aws_calls import Call
from connectors.cloud._aws_live import LiveAnswers
from connectors.cloud._aws_policy import Document, document
from connectors.cloud._aws_setup import steps_text
from connectors.connector import Endpoint, Page, Step
from connectors.errors import SourceTruncated
from connectors.facts import Account, Entitlement, EntitlementKind, Evidence, Grant, Status, System

INSTANCE = Call("connect", "DescribeInstance")
USERS = Call("connect", "ListUsers", items="UserSummaryList", more_at="NextToken")
USER = Call("connect", "DescribeUser", by=("UserId",), absent=frozenset(["ResourceNotFoundException"]))
PROFILES = Call("connect", "ListSecurityProfiles", items="SecurityProfileSummaryList", more_at="NextToken")
PERMISSIONS = Call(
    "connect", "ListSecurityProfilePermissions", by=("SecurityProfileId",), items="Permissions", more_at="NextToken"
)
CALLS = (INSTANCE, USERS, USER, PROFILES, PERMISSIONS)


class Settings(Access):
    """Which instance, in which account, and as whom."""

    instance_arn: str = Field(pattern=r"^arn:aws[a-z-]*:connect:[a-z0-9-]+:\d{12}:instance/[0-9a-f-]{36}$")
    """The ARN of the instance: Amazon Connect console, Instance alias, Account overview."""
    canary: str | None = None
    """A login that must be in the answer."""


def connect(system: System, settings: Settings, folder: Path) -> "AmazonConnect":  # noqa: ARG001 - no files
    """Return a connector; nothing is read yet."""
    return AmazonConnect(system, settings)


def setup(system: System, settings: Settings) -> str:
    """Return the exact policy, on that instance alone."""
    roles = [settings.role_arn] if settings.role_arn else []
    return steps_text(system.title, [("the auditor's user or role", policy(settings))], roles, settings.external_id)


def policy(settings: Settings) -> Document:
    """Return the rights that it needs."""
    actions = sorted(call.action for call in CALLS)
    arn = settings.instance_arn
    resources = [arn, f"{arn}/agent/*", f"{arn}/security-profile/*"]
    return document([{"Sid": "AccessGovernanceConnect", "Effect": "Allow", "Action": actions, "Resource": resources}])


class AmazonConnect:
    """Reads one instance, one page of users at a time."""

    def __init__(self, system: System, settings: Settings) -> None:
        self._system = system
        self._settings = settings
        self._instance = settings.instance_arn.rpartition("/")[2]
        self._region = settings.region or settings.instance_arn.split(":")[3]
        account = settings.account_id or settings.instance_arn.split(":")[4]
        own = settings.model_copy(update={"region": self._region, "account_id": account})
        self._sessions = Sessions(system.id, own)
        self._answers: Answers = LiveAnswers(system.id, self._sessions, settings.call_limit_s)
        self._profiles: dict[str, tuple[str, ...]] | None = None

    @property
    def system(self) -> System:
        """The system that it reads."""
        return self._system

    @property
    def source(self) -> str:
        """The instance that it reads."""
        return f"Amazon Connect, {self._settings.instance_arn}"

    @property
    def canary(self) -> str | None:
        """A login that must be in the answer."""
        return self._settings.canary

    @property
    def endpoint(self) -> Endpoint:
        """Where Connect answers in that region."""
        return endpoint(self._settings, f"connect.{self._region}.amazonaws.com")

    def steps(self) -> Sequence[Step]:
        """Try the sign-in, and the right to see the instance."""
        return (Step("sign-in", self._sign_in), Step("rights", self._see))

    def close(self) -> None:
        """Close the connections."""
        self._sessions.close()

    def read_page(self, token: str | None) -> Page:
        """Read one page of users; before the first, the security profiles. Raises `SourceError`."""
        described: tuple[Entitlement, ...] = ()
        if self._profiles is None:
            if self._settings.role_arn:
                self._sessions.identity()  # a role that cannot be taken is told as such
            self._see()
            described, self._profiles = self._read_profiles()
        answered = self._answers.page(USERS, {"InstanceId": self._instance}, token)
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
        answer = one(self._answers, USER, InstanceId=self._instance, UserId=id_)
        return None if answer is None else record(USER, answer, "User")

    def _read_profiles(self) -> tuple[tuple[Entitlement, ...], dict[str, tuple[str, ...]]]:
        found: dict[str, Entitlement] = {}
        profiles: dict[str, tuple[str, ...]] = {}
        for profile in records(self._answers, PROFILES, InstanceId=self._instance):
            id_, name = text(PROFILES, profile, "Id"), text(PROFILES, profile, "Name")
            permissions = items(self._answers, PERMISSIONS, InstanceId=self._instance, SecurityProfileId=id_)
            if not all(isinstance(permission, str) and permission for permission in permissions):
                raise malformed(PERMISSIONS, PERMISSIONS.items)
            profiles[id_] = tuple(sorted(set(permissions)))
            found[id_] = Entitlement(self._system.id, id_, name, EntitlementKind.ROLE, container=True)
            for permission in profiles[id_]:
                found[permission] = Entitlement(self._system.id, permission, permission, EntitlementKind.PRIVILEGE)
        return tuple(found.values()), profiles

    def _account(self, user: Mapping[str, Any]) -> Account:
        person = record(USER, user, "IdentityInfo")
        login = text(USER, user, "Username")
        name = " ".join(str(person[key]) for key in ("FirstName", "LastName") if person.get(key))
        return Account(
            system=self._system.id,
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
                    f"`{self._system.id}` says that somebody has the security profile `{profile}`, but did not list it",
                    hint="read again; a profile may have been made while it was read",
                )
            grants.append(Grant(id_, profile))
            grants += (Grant(id_, permission, (profile,)) for permission in profiles[profile])
        return grants

    def _sign_in(self) -> str:
        account, arn = self._sessions.identity()
        return f"account {account}, as {arn.rpartition(':')[2]}"

    def _see(self) -> str:
        answer = one(self._answers, INSTANCE, InstanceId=self._instance) or {}
        status = record(INSTANCE, answer, "Instance").get("InstanceStatus")
        return f"the instance is `{str(status)[:40]}`"
