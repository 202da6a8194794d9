"""What a SCIM user says: the account, and what it carries itself (RFC 7643 §4.1, §4.3)."""

from dataclasses import dataclass

from connectors.any.scim.resource import ScimResource
from connectors.errors import SourceMalformed
from connectors.facts import Account, Entitlement, EntitlementKind, Status

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER_ATTRIBUTES = (
    *("userName", "displayName", "name", "active", "emails", "groups", "roles", "entitlements"),
    *("meta.created", f"{ENTERPRISE}:employeeNumber"),
)
KINDS = {"roles": ("role", EntitlementKind.ROLE), "entitlements": ("entitlement", EntitlementKind.PRIVILEGE)}
INDIRECT = "indirect"


@dataclass(frozen=True, slots=True)
class GroupOf:
    """A group as a user carries it."""

    id: str
    name: str
    direct: bool


@dataclass(frozen=True, slots=True)
class ScimUser:
    """One user."""

    account: Account
    held: tuple[Entitlement, ...]
    """Roles and entitlements that the user carries."""
    groups: tuple[GroupOf, ...]
    says_groups: bool


def decode_user(system: str, user: ScimResource) -> ScimUser:
    """Decode a user; raises `SourceMalformed` for one without `id` or `userName`, and for wrong types."""
    enterprise, meta = user.one(ENTERPRISE), user.one("meta")
    login = user.required("userName").strip()
    account = Account(
        system=system,
        id=user.required("id"),
        login=login,
        name=user.text("displayName") or _name(user) or login,
        status={True: Status.ACTIVE, False: Status.DISABLED, None: Status.UNKNOWN}[user.flag("active")],
        email=_email(user),
        employee_id=enterprise.text("employeeNumber") if enterprise else None,
        created=meta.instant("created") if meta else None,
    )
    held = {e.id: e for name in KINDS for e in _held(system, user, name)}
    groups = tuple(
        GroupOf(group.required("value"), group.text("display") or group.required("value"), _is_direct(group))
        for group in user.many("groups")
    )
    return ScimUser(account, tuple(held.values()), groups, user.has("groups"))


def _held(system: str, user: ScimResource, attribute: str) -> list[Entitlement]:
    prefix, kind = KINDS[attribute]
    found = []
    for item in user.many(attribute):
        value = item.text("value") or item.text("display")
        if value is None:
            raise SourceMalformed(f"`{system}` gave a user with `{attribute}` without `value`", hint="ask its vendor")
        found.append(Entitlement(system, f"{prefix}:{value}", item.text("display") or value, kind))
    return found


def _name(user: ScimResource) -> str | None:
    name = user.one("name")
    if name is None:
        return None
    parts = (name.text("givenName"), name.text("familyName"))
    return name.text("formatted") or " ".join(part for part in parts if part) or None


def _email(user: ScimResource) -> str | None:
    """Return the primary address, else the one at work, else the first."""
    found = [(e.flag("primary") is True, e.text("type") == "work", e.text("value")) for e in user.many("emails")]
    best = max(((p, w, -i) for i, (p, w, value) in enumerate(found) if value), default=None)
    return found[-best[2]][2] if best else None


def _is_direct(group: ScimResource) -> bool:
    return (group.text("type") or "").casefold() != INDIRECT
