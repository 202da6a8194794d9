"""
Saved answers of Google's Directory API: one answer, or the answers of one question page by page.

A page that is not the last carries `nextPageToken`; an empty list is left out of an answer, which then still says of
which `kind` it is. Source: Admin SDK, Directory API v1, users, groups, members, roles, roleAssignments: list.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.directory.google.rows import AssignmentRow, GroupRow, MemberRow, RoleRow, UserRow
from connectors.directory.saved.pages import AGAIN, load_pages, next_page
from connectors.errors import InputError, SourceTruncated
from connectors.facts import NEVER, Never, Status
from connectors.inputs.fields import Fields, FromFile

NEXT = "nextPageToken"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""What Google gives as the last sign-in of who never did (users resource)."""


def read_answers(path: Path, key: str, kind: str, what: str) -> list[Fields]:
    """
    Return the entries of all pages, which are in the list `key` of answers of this `kind`.

    Raises `SourceTruncated` when the last page says that there is more, `InputError` for what is no such answer.
    """
    pages = load_pages(path)
    entries: list[Fields] = []
    tokens: set[str] = set()
    for number, page in enumerate(pages, 1):
        values = _values(path, number, page, key, kind)
        token = next_page(path, page, NEXT, expected="a token", number=number, of=len(pages))
        if token in tokens:
            raise SourceTruncated(f"{path}: page {number} gives the token of a page before it again", hint=AGAIN)
        tokens.add(token or "")
        entries += [Fields(FromFile(path), f"{what} {len(entries) + n}", value) for n, value in enumerate(values, 1)]
    return entries


def one_page(path: Path) -> bool:
    """Whether a file holds a single page, of which nothing but the missing token says that it is the last."""
    return len(load_pages(path)) == 1


def users(path: Path) -> Iterator[tuple[UserRow | None, int]]:
    """Yield the users, `None` for one that is deleted, each with its place."""
    for number, entry in enumerate(read_answers(path, "users", "admin#directory#users", "user"), 1):
        if entry.holds("deletionTime"):
            yield None, number
            continue
        email, name = entry.text("primaryEmail"), entry.part("name")
        yield (
            UserRow(
                id=entry.text("id"),
                email=email,
                name=(name.text_or_none("fullName") if name else None) or email,
                status=status(entry.flag_or_none("suspended"), entry.flag_or_none("archived")),
                employee_id=_employee(entry),
                created=entry.instant("creationTime"),
                last_login=never(entry.instant("lastLoginTime")),
                mfa=entry.flag_or_none("isEnrolledIn2Sv"),
                enforced=entry.flag_or_none("isEnforcedIn2Sv"),
                super_admin=entry.flag_or_none("isAdmin"),
                delegated_admin=entry.flag_or_none("isDelegatedAdmin"),
                mailbox=entry.flag_or_none("isMailboxSetup"),
                aliases=(*entry.texts("aliases"), *entry.texts("nonEditableAliases")),
            ),
            number,
        )


def groups(path: Path) -> Iterator[GroupRow]:
    """Yield the groups."""
    for entry in read_answers(path, "groups", "admin#directory#groups", "group"):
        email = entry.text("email")
        aliases = (*entry.texts("aliases"), *entry.texts("nonEditableAliases"))
        name = entry.text_or_none("name") or email
        yield GroupRow(entry.text("id"), email, name, aliases, entry.written_number_or_none("directMembersCount"))


def members(path: Path, group: str) -> Iterator[MemberRow]:
    """Yield the members of one group."""
    for entry in read_answers(path, "members", "admin#directory#members", "member"):
        id_, email = entry.text_or_none("id") or "", entry.text_or_none("email") or ""
        if not (id_ or email):
            entry.refuse("id", "missing", "an id or an `email`")
        yield MemberRow(group, id_, email, entry.text("type"), entry.text_or_none("status") or "")


def roles(path: Path) -> Iterator[RoleRow]:
    """Yield the admin roles with their privileges."""
    for entry in read_answers(path, "items", "admin#directory#roles", "role"):
        listed = entry.entries("rolePrivileges", "privilege", optional=True)
        yield RoleRow(
            id=entry.text("roleId"),
            name=entry.text("roleName"),
            system=entry.flag_or_none("isSystemRole") or False,
            super_admin=entry.flag_or_none("isSuperAdminRole") or False,
            privileges=tuple((p.text("serviceId"), p.text("privilegeName")) for p in listed),
        )


def assignments(path: Path) -> Iterator[AssignmentRow]:
    """Yield who was given which role."""
    for entry in read_answers(path, "items", "admin#directory#roleAssignments", "assignment"):
        scope_type = entry.text_or_none("scopeType") or "CUSTOMER"
        if scope_type not in ("CUSTOMER", "ORG_UNIT"):
            entry.refuse("scopeType", "not a known one", "`CUSTOMER` or `ORG_UNIT`")
        yield AssignmentRow(
            role=entry.text("roleId"),
            holder=entry.text("assignedTo"),
            scope=entry.text("orgUnitId") if scope_type == "ORG_UNIT" else "",
            condition=entry.text_or_none("condition") or "",
            # `user` is not taken for certain: the id may be that of a service account.
            kind="group" if (entry.text_or_none("assigneeType") or "").lower() == "group" else "",
        )


def status(suspended: bool | None, archived: bool | None) -> Status:
    """Return whether somebody can sign in: neither a suspended nor an archived user can."""
    if suspended or archived:
        return Status.DISABLED
    return Status.UNKNOWN if suspended is None else Status.ACTIVE


def never(moment: datetime | None) -> datetime | Never | None:
    """Return the last sign-in; the year 1970 stands for "never"."""
    return NEVER if moment is not None and moment.year == EPOCH.year else moment


def _employee(entry: Fields) -> str | None:
    for item in entry.entries("externalIds", "external id", optional=True):
        if item.text_or_none("type") == "organization" and (value := item.text_or_none("value")):
            return value
    return None


def _values(path: Path, number: int, page: Any, key: str, kind: str) -> list[Any]:
    if isinstance(page, dict) and "error" in page:
        raise InputError(
            path,
            f"page {number} is a refusal of Google, not an answer",
            expected=f"an answer with `{key}`",
            hint="see which right is missing (`auditor connect` lists them), and save it again",
        )
    values = page.get(key) if isinstance(page, dict) else None
    if values is None and isinstance(page, dict) and page.get("kind") == kind:
        return []
    if not isinstance(page, dict) or not isinstance(values, list):
        raise InputError(
            path,
            f"page {number} has no list `{key}`",
            expected=f"the answer of Google as it came (`{kind}`), or a list of such answers",
            hint="save whole answers, not parts of them",
        )
    return values
