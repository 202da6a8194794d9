"""One read of an LDIF export: record by record, and at its end whether it was whole."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from connectors.connector import Page
from connectors.directory.ldif.parse import LdifReader, LdifRecord
from connectors.directory.ldif.settings import Settings
from connectors.directory.schema.coverage import left_out_by_export, left_out_by_searches, part_exported, part_read
from connectors.directory.schema.decode import DirectoryUser, decode_user, dn_key, is_account, kind_of
from connectors.directory.schema.dn import below, first_value, normalise, parent_of
from connectors.directory.schema.doors import TRUST_CLASSES, trust_of
from connectors.directory.schema.entry import BadValue, Entry, join_range
from connectors.directory.schema.group import decode_group, is_group
from connectors.directory.schema.inactivity import with_inactivity
from connectors.directory.schema.membership import GROUPS_NOT_READ, Memberships
from connectors.directory.schema.server_type import ignorable_uri
from connectors.directory.schema.times import integer
from connectors.errors import InputError, SourceMalformed, SourceTruncated, shorten
from connectors.facts import Door, Entitlement, Evidence
from connectors.unproven import BASE, FILTER
from connectors.unread import ROLES, unread_id

FREEIPA_PLACES = (",cn=users,cn=accounts,", ",cn=users,cn=compat,")
"""Where users of FreeIPA stand, and where they stand a second time, for machines that know no other form."""
KINDS = 5
"""How many kinds of other entries are named."""


class LdifRead:
    """One pass over one file."""

    def __init__(self, system: str, settings: Settings, path: Path, now: datetime) -> None:
        self._system, self._settings, self._path, self._now = system, settings, path, now
        self._base = normalise(settings.base_dn) if settings.base_dn else ""
        self._group_base = normalise(settings.group_base_dn) if settings.group_base_dn else self._base
        self._reader = LdifReader(path)
        self._memberships = Memberships(system, settings.mfa_group)
        self._groups: list[Entitlement] = []
        self._users: list[DirectoryUser] = []
        self._policies: dict[str, int] = {}
        self._keys: dict[str, int] = {}
        self._groups_outside = self._accounts_outside = 0
        self._trusts: dict[str, Door] = {}
        self._places: set[str] = set()
        self._group_classes: set[str] = set()
        self._computes_roles = self._shows_roles = False
        self._others: Counter[str] = Counter()

    def page(self) -> Page:
        """Read it to its end; raises `InputError` for a broken line, `SourceTruncated` for a part of an export."""
        for record in self._records():
            try:
                self._take(record)
            except BadValue as error:
                raise InputError(
                    self._path,
                    "an attribute has a wrong value",
                    line=record.line,
                    field=error.attribute,
                    found=error.found,
                    expected=error.expected,
                    hint=f"the line is the first of the record {shorten(error.dn, 200)}",
                ) from None
        if len(self._places) == len(FREEIPA_PLACES):
            raise SourceMalformed(
                f"{self._path}: this is FreeIPA, whose users stand a second time below `cn=compat,…`",
                hint="set `base_dn` to `cn=accounts,` and the suffix, as `base_dn: cn=accounts,dc=practice,dc=test`",
            )
        self._note_unread()
        shared = self._memberships.settle()
        outsiders, held = self._memberships.outsiders()
        users = [with_inactivity(user, self._policies, self._now) for user in self._users]
        accounts = [self._memberships.account(user) for user in users]
        grants = [grant for user in users for grant in self._memberships.grants(user)]
        hidden, through = self._memberships.hidden(self._absent(), "named by a group and not in the file")
        roles = [role for user in users for role in self._memberships.roles(user)]
        return Page(
            accounts=(*accounts, *outsiders, *hidden),
            entitlements=(*self._groups, *shared, *roles),
            grants=(*grants, *held, *through),
            total=self._settings.expect_accounts,
            doors=(*self._memberships.doors, *self._trusts.values()),
            evidence=self._evidence(),
        )

    def _note_unread(self) -> None:
        """Say which groups the file cannot hold, before anybody is said to hold none."""
        unread, searches = self._memberships.unread, self._reader.trailer.searches
        if self._groups_outside and not (self._group_base.startswith("cn=accounts,")):
            unread.add(GROUPS_NOT_READ, f"{self._groups_outside} groups of the file outside of `base_dn`")
        elif searches or not any(first_value(key)[0] in {"dc", "o", "c"} for key in self._tops()):
            why = left_out_by_searches(searches, self._group_classes)
            if why:
                unread.add(GROUPS_NOT_READ, why)
        if self._computes_roles and not self._shows_roles:
            unread.add(unread_id("ldap", ROLES), "roles that the server computes, and that are not in the file")

    def _tops(self) -> Iterator[str]:
        """Yield the keys of the entries whose parent is not in the file."""
        for key in self._keys:
            parent = parent_of(key)
            if parent not in self._keys:
                yield key

    def _absent(self) -> set[str]:
        """Return the members that AD names and that are not in a file which should hold everything: they are hidden."""
        unmet = self._memberships.unmet
        self._memberships.explain(unmet & self._keys.keys())
        filters = {asked.filter.lower() for asked in self._reader.trailer.searches}
        if not filters <= {"", "(objectclass=*)"} or not any(user.is_ad for user in self._users):
            return set()
        tops = {key for key in self._tops() if key.startswith("dc=")}
        return {key for key in unmet - self._keys.keys() if any(below(key, top) for top in tops)}

    def _records(self) -> Iterator[LdifRecord]:
        """Yield the records under the base; refuse an entry that stands twice, and references to elsewhere."""
        for record in self._reader:
            try:
                key = dn_key(record.entry)
            except BadValue as error:
                raise InputError(
                    self._path, "this is no DN", line=record.line, field="dn", expected=error.expected
                ) from None
            if key in self._keys:
                raise InputError(
                    self._path,
                    f"the entry of line {self._keys[key]} stands twice",
                    line=record.line,
                    expected="each entry once",
                    hint="exports that overlap were joined: export again in one go",
                )
            self._keys[key] = record.line
            yield record
        for uri in self._reader.references:
            if not ignorable_uri(uri):
                self._elsewhere()
        self._check_whole()

    def _take(self, record: LdifRecord) -> None:
        entry = record.entry
        key = dn_key(entry)
        if "referral" in entry.classes and below(key, self._base):
            self._elsewhere()
        if "accountpolicy" in entry.classes:
            self._policies[key] = entry.read("accountinactivitylimit", integer) or 0
        if entry.classes & TRUST_CLASSES:
            door = trust_of(entry, key.partition(",cn=system,")[2] or self._base or key)
            self._trusts.update({door.id: door} if door else {})
        self._computes_roles |= bool(entry.classes & {"nsfilteredroledefinition", "nsnestedroledefinition"})
        self._shows_roles |= "nsrole" in entry.attributes
        group = is_group(entry)
        if group and below(key, self._group_base):
            self._group_classes |= entry.classes
            self._groups += self._memberships.add(decode_group(self._system, self._whole(record)))
        elif group:
            self._groups_outside += 1
        if not below(key, self._base):
            self._others["outside of the base"] += 1
            self._accounts_outside += is_account(entry)
        elif is_account(entry):
            self._places.update(place for place in FREEIPA_PLACES if place in key)
            self._users.append(decode_user(self._system, entry, self._now))
        elif not group:
            self._others[kind_of(entry)] += 1

    def _whole(self, record: LdifRecord) -> Entry:
        entry = record.entry
        values, following = join_range(entry.attributes, "member")
        if following is not None:
            raise SourceTruncated(
                f"{self._path}, line {record.line}: only the first {following} members of the group are in the file",
                hint="export with `ldifde`, or read the directory live with the connector `ldap`",
            )
        return Entry(entry.dn, {**entry.attributes, "member": values})

    def _elsewhere(self) -> None:
        raise SourceTruncated(
            f"{self._path}: part of the directory is on another server and not in this file",
            hint="export that part as a system of its own, and set `base_dn` to what this file holds",
        )

    def _check_whole(self) -> None:
        """Raise `SourceTruncated` unless the file, or whoever made it, says how much must be in it."""
        trailer, expected = self._reader.trailer, self._settings.expect_entries
        if expected is not None and expected != trailer.entries:
            raise SourceTruncated(
                f"{self._path}: `expect_entries` is {expected}, and the file holds {trailer.entries} entries",
                hint="it was cut, filtered or edited: export again, or correct the number",
            )
        if not (trailer.proven or trailer.closed):
            raise SourceTruncated(
                f"{self._path}: the last record is not closed by an empty line",
                hint="the file may be cut short: export again",
            )
        if not (trailer.proven or expected):
            # A number of accounts would not do: groups may stand below the place where a file was cut.
            raise SourceTruncated(
                f"{self._path}: the file does not say how its export ended, so nothing shows that it is whole",
                hint="export with `ldapsearch` without `-L`, or state `expect_entries`: the number that `ldifde` or "
                "`db2ldif` reported, or that was counted where the file was made",
            )

    def _evidence(self) -> tuple[Evidence, ...]:
        trailer = self._reader.trailer
        if trailer.proven:
            end = f"result 0 of the search, which counted {trailer.counted} entries, all in the file"
        else:
            end = f"end of the file after {trailer.entries} entries, as many as `expect_entries` states"
        told = [Evidence("end", end), Evidence("sha256", self._reader.sha256)]
        if trailer.scopes:
            told.append(Evidence("scope", "; ".join(shorten(s.removeprefix("# ")) for s in trailer.scopes)))
        if why := left_out_by_export(trailer.searches):
            told.append(Evidence(FILTER, why))
        if why := self._part():
            told.append(Evidence(BASE, why))
        kinds = ", ".join(f"{n} {shorten(kind)}" for kind, n in self._others.most_common(KINDS))
        more = ", …" if len(self._others) > KINDS else ""
        others = f"{self._others.total()} that are neither account nor group"
        told.append(Evidence("other-entries", f"{others}: {kinds}{more}" if kinds else others))
        return (*told, *self._memberships.evidence())

    def _part(self) -> str:
        """Tell which part of the directory counts, as far as the file and `base_dn` tell; nothing for a whole tree."""
        if self._accounts_outside:
            base = shorten(self._settings.base_dn or "")
            return (
                f"only what stands under {base} counts; {self._accounts_outside} accounts of the file stand elsewhere"
            )
        searches = self._reader.trailer.searches
        if searches:
            return part_exported(searches)
        tops = list(self._tops())
        if not all(part_read(top, ()) for top in tops):
            return ""
        return "the file holds no top of a directory, so that an account may have been moved out of what was exported"
