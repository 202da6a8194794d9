"""What a SCIM user says: the account, and what it carries itself (RFC 7643 §4.1, §4.3)."""

from dataclasses import dataclass

from connectors.errors import SourceMalformed
from connectors.facts import Account, Entitlement, EntitlementKind, Status
from connectors.generic.scim.resource import many
from connectors.inputs.fields import Fields

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


def decode_user(system: str, user: Fields) -> ScimUser:
    """Decode a user; raises `SourceMalformed` for one without `id` or `userName`, and for wrong types."""
    enterprise, meta = user.part(ENTERPRISE), user.part("meta")
    login = user.as_it_stands("userName").strip()
    account = Account(
        system=system,
        id=user.as_it_stands("id"),
        login=login,
        name=user.text_or_none("displayName") or _name(user) or login,
        status={True: Status.ACTIVE, False: Status.DISABLED, None: Status.UNKNOWN}[user.flag_or_none("active")],
        email=_email(user),
        employee_id=enterprise.text_or_none("employeeNumber") if enterprise else None,
        created=meta.instant("created") if meta else None,
    )
    held = {e.id: e for name in KINDS for e in _held(system, user, name)}
    groups = tuple(
        GroupOf(id_, group.text_or_none("display") or id_, _is_direct(group))
        for group, id_ in ((group, group.as_it_stands("value")) for group in many(user, "groups"))
    )
    return ScimUser(account, tuple(held.values()), groups, user.has("groups"))


def _held(system: str, user: Fields, attribute: str) -> list[Entitlement]:
    prefix, kind = KINDS[attribute]
    found = []
    for item in many(user, attribute):
        value = item.text_or_none("value") or item.text_or_none("display")
        if value is None:
            raise SourceMalformed(f"`{system}` gave a user with `{attribute}` without `value`", hint="ask its vendor")
        found.append(Entitlement(system, f"{prefix}:{value}", item.text_or_none("display") or value, kind))
    return found


def _name(user: Fields) -> str | None:
    name = user.part("name")
    if name is None:
        return None
    parts = (name.text_or_none("givenName"), name.text_or_none("familyName"))
    return name.text_or_none("formatted") or " ".join(part for part in parts if part) or None


def _email(user: Fields) -> str | None:
    """Return the primary address, else the one at work, else the first."""
    found = [
        (e.flag_or_none("primary") is True, e.text_or_none("type") == "work", e.text_or_none("value"))
        for e in many(user, "emails")
    ]
    best = max(((p, w, -i) for i, (p, w, value) in enumerate(found) if value), default=None)
    return found[-best[2]][2] if best else None


def _is_direct(group: Fields) -> bool:
    return (group.text_or_none("type") or "").casefold() != INDIRECT
