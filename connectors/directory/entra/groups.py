"""Groups of Entra ID and who is in them, from saved answers of Graph."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from connectors.directory.entra.answers import identifier, read_answers
from connectors.directory.saved.groups import Nested
from connectors.errors import InputError, SourceDenied, SourceTruncated
from connectors.facts import Entitlement, EntitlementKind, Evidence
from connectors.inputs.fields import Fields
from connectors.unproven import like_a_page

MEMBERS = "group-members"
_TYPE = "@odata.type"
_GRAPH = "#microsoft.graph."
# From: Microsoft Graph, group: list members; types that are neither a person nor a group.
_NO_PEOPLE = frozenset({"device", "orgContact", "servicePrincipal"})
_LIKE_A_KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}.*|user-type:.*", re.IGNORECASE)
_AGAIN = "save users, groups and members again in one go"


class EntraGroups:
    """The groups of a directory, and the ids of the users and service principals that are in them."""

    def __init__(self, system: str, users: Collection[str], *, hidden_read: bool) -> None:
        self.nested = Nested(system)
        self.services: set[str] = set()
        """Service principals that are in a group."""
        self.counted = False
        self.contacts: list[tuple[str, str, str]] = []
        """Mail contacts in groups: the id, the address or id, the name of the group."""
        self._public: list[str] = []
        self._system, self._users, self._hidden_read = system, users, hidden_read
        self._hidden: set[str] = set()
        self._others: Counter[str] = Counter()
        self._synced = 0

    def read(self, path: Path, folder: Path, members: Mapping[str, Path] | None) -> None:
        """
        Read the groups, then the members of each from a file of its own.

        Raises `InputError` for a file that cannot be used, `SourceTruncated` when groups or members are missing.
        """
        answers = read_answers(path, "group")
        self.counted = answers.stated is not None
        if answers.pages == 1 and not self.counted and like_a_page(len(answers.entries)):
            raise SourceTruncated(
                f"{path} holds {len(answers.entries)} groups, a usual length of a page, and nothing says how many",
                hint="save the groups again with `$count=true`, and the members of each",
            )
        for entry in answers.entries:
            self._add(path, entry)
        files = {stem.lower(): file for stem, file in (members or {}).items()}
        if missing := self.nested.groups.keys() - files.keys():
            raise SourceTruncated(
                f"{folder}: the members of {len(missing)} of {len(self.nested.groups)} groups are not saved",
                hint=f"one of them is `{min(missing)}`; {_AGAIN}",
            )
        if surplus := files.keys() - self.nested.groups.keys():
            raise SourceTruncated(
                f"{folder} has members of {len(surplus)} groups that are not in {path.name}",
                hint=f"one of them is `{min(surplus)}`; {_AGAIN}, into an empty folder",
            )
        for group in self.nested.groups:
            self._read_members(group, files[group])

    def evidence(self) -> tuple[Evidence, ...]:
        """Tell how many groups there are, and which members are no people."""
        told = [Evidence("groups", f"{len(self.nested.groups)} read, with the members of each")]
        if self._synced:
            told.append(Evidence("on-premises-groups", f"{self._synced} groups come from a directory on premises"))
        if self._public:
            names = ", ".join(sorted(self._public)[:5]) + (", …" if len(self._public) > 5 else "")
            told.append(Evidence("open-groups", f"{len(self._public)} are public: every user may join them: {names}"))
        if self._others:
            counts = ", ".join(f"{count} {name}" for name, count in sorted(self._others.items()))
            told.append(Evidence("other-members", f"{counts}: members that are neither people nor groups"))
        return tuple(told)

    def _add(self, path: Path, entry: Fields) -> None:
        id_ = identifier(entry, "id")
        if id_ in self.nested.groups:
            raise InputError(path, "a group stands twice", field=id_, expected="each group once", hint=_AGAIN)
        name = shown(entry.text_or_none("displayName") or id_)
        self.nested.groups[id_] = Entitlement(self._system, id_, name, EntitlementKind.GROUP)
        self._synced += bool(entry.flag_or_none("onPremisesSyncEnabled"))
        if entry.text_or_none("visibility") == "HiddenMembership":
            self._hidden.add(id_)
        if (entry.text_or_none("visibility") or "").casefold() == "public":
            self._public.append(name)

    def _read_members(self, group: str, path: Path) -> None:
        seen: set[str] = set()
        for entry in read_answers(path, "member").entries:
            member = identifier(entry, "id")
            if member in seen:
                raise InputError(path, "a member stands twice", field=member, expected="each once", hint=_AGAIN)
            seen.add(member)
            self._take(group, member, entry, path)
        if group in self._hidden and not seen and not self._hidden_read:
            # Graph answers with an empty list, and success, when the right to see them is missing.
            raise SourceDenied(
                f"{path}: the group `{group}` hides its members, so an empty list does not prove that it has none",
                hint="grant `Member.Read.Hidden`, save again, and set `hidden_members_read: true`",
            )

    def _take(self, group: str, member: str, entry: Fields, path: Path) -> None:
        kind = (entry.text_or_none(_TYPE) or "").removeprefix(_GRAPH)
        if member in self._users or member in self.nested.groups:
            self.nested.add_member(group, member)
        elif kind == "servicePrincipal":
            self.services.add(member)
            self.nested.add_member(group, member)
        elif kind in _NO_PEOPLE:
            self._others[kind] += 1
            if kind == "orgContact":
                address = entry.text_or_none("mail") or f"the mail contact {member}"
                self.contacts.append((member, address, self.nested.groups[group].name))
        elif kind in ("user", "group", ""):
            raise SourceTruncated(
                f"{path} names the {kind or 'member'} `{member}`, which is not in the saved {kind or 'user'}s",
                hint=f"they were cut short, or it was created in between: {_AGAIN}",
            )
        else:
            self._others[kind] += 1


def shown(name: str) -> str:
    """
    Return a name that cannot be taken for a key of the catalog.

    Whoever creates a group could otherwise give it the template id of a harmless role for a name.
    """
    return f"“{name}”" if _LIKE_A_KEY.fullmatch(name.strip()) else name
