"""
A roster from a directory: the people of an organizational unit, or the members of a group.

Fields are LDAP attributes; `memberOf` gives the groups, which `words` turns into roles (with `others: ignore`, because
people are in groups of every kind). Somebody who is a member but stands outside `base_dn` is an error, not a leaver.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from connectors.directory.ldap import connector as ldap
from connectors.directory.ldap.people import entries, logins, members
from connectors.directory.ldap.scope import ReadScope
from connectors.directory.ldap.settings import Settings as DirectorySettings
from connectors.directory.schema.coverage import part_read
from connectors.directory.schema.decode import dn_key
from connectors.directory.schema.entry import BadValue
from connectors.errors import SourceMalformed, SourceTruncated, shorten
from connectors.facts import System, SystemKind
from connectors.roster.columns import RosterColumns, record_of
from connectors.roster.people import RosterRead, build_roster

if TYPE_CHECKING:
    from connectors.directory.ldap.wire import LdapConnection

PEOPLE = System("the roster", SystemKind.DIRECTORY, "ldap", "the roster", holds_phi=False)


class Settings(DirectorySettings):
    """As for the connector `ldap`, with `base_dn` the unit of the VMAs; and where each column comes from."""

    user_filter: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    """LDAP filter for the people of the roster; left out: every account below `base_dn` but those of machines."""
    group: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    """DN of a group: only its members, and those of the groups in it, are on the roster."""
    columns: RosterColumns
    """Where each column of the roster comes from."""


def read(settings: Settings, folder: Path) -> RosterRead:
    """Read a roster to its end; raises `SourceError`, or `InputError` naming record and field."""
    with ldap.connect(PEOPLE, settings, folder) as directory:
        try:
            wire, scope = directory.opened()
            found, wanted = _found(settings, wire, scope)
        except BadValue as error:
            raise SourceMalformed(
                f"`{PEOPLE.id}`: the entry {shorten(error.dn, 200)} has a wrong value: {error}",
                hint="correct the entry in the directory",
            ) from None
    people = list(_chosen(found, wanted, settings.base_dn))
    source = f"{settings.url}, {settings.group or settings.base_dn}"
    sha256 = hashlib.sha256(json.dumps(people, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    records = (
        record_of(settings.columns, source, number, person, line=False) for number, person in enumerate(people, 1)
    )
    built = build_roster(source, records, source=source, sha256=sha256)
    return replace(built, roster=replace(built.roster, part=_part(settings, scope)))


def _part(settings: Settings, scope: ReadScope) -> str:
    """Tell by what somebody may have fallen out of the roster who has not left; nothing where all are asked for."""
    if settings.group:  # a member whom base or filter leave out is an error
        return (
            f"the roster is of whoever is a member of {shorten(settings.group)}, and they may only have been taken out"
        )
    told = [f"stands under {shorten(settings.base_dn)}"] if part_read(settings.base_dn, scope.flavour.roots) else []
    told += [f"is found by {shorten(settings.user_filter)}"] if settings.user_filter else []
    if not told:
        return ""
    return f"the roster is of whoever {' and '.join(told)}, and they may only have fallen out of that"


def _found(
    settings: Settings, wire: "LdapConnection", scope: ReadScope
) -> tuple[dict[str, dict[str, list[str]]], frozenset[str] | None]:
    """Return the fields of everybody below the base by DN, and who of them is meant; raises `BadValue`."""
    wanted = members(PEOPLE.id, wire, scope, settings.group) if settings.group else None
    fields = settings.columns.fields()
    found: dict[str, dict[str, list[str]]] = {}
    seen = settings.canary is None
    for entry in entries(PEOPLE.id, wire, scope, fields):
        found[dn_key(entry)] = {name: entry.texts(name.lower()) for name in fields}
        seen = seen or (settings.canary or "").casefold() in logins(entry)
    if not seen:
        raise SourceTruncated(
            f"`{PEOPLE.id}` did not return the account `{settings.canary}`, which is known to be on it",
            hint="check `base_dn`, `user_filter` and the rights of the auditor's account",
        )
    return found, wanted


def _chosen(
    found: Mapping[str, dict[str, list[str]]], wanted: frozenset[str] | None, base: str
) -> Iterator[dict[str, list[str]]]:
    """Yield the people in the order of their DNs, so that the same people give the same sum."""
    if wanted is not None and (outside := wanted - set(found)):
        raise SourceTruncated(
            f"{len(outside)} members of the group are not among the people below `{base}`",
            hint="widen `base_dn` or `user_filter`, or take them out of the group",
        )
    for dn in sorted(found if wanted is None else wanted):
        yield found[dn]
