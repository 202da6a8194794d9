"""
A roster from a SCIM 2.0 server: the users of an HR system or an identity provider (RFC 7643, RFC 7644).

Fields are SCIM attributes: `userName`, `name.formatted`, `groups.display`, and those of an extension behind its URN,
such as `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from connectors.errors import SourceTruncated
from connectors.generic.scim.lists import ACCEPT, Lists
from connectors.http.client import Web
from connectors.http.sign_in import HttpSignIn, SignInSettings
from connectors.inputs.fields import Fields
from connectors.roster.columns import RosterColumns, field_of, record_of
from connectors.roster.people import RosterRead, build_roster
from connectors.roster.whole import NAME, refuse_unproven


class Settings(SignInSettings):
    """How to reach the server, and as whom; and where each column comes from."""

    page_size: Annotated[int, Field(ge=1, le=10_000)] = 200
    """How many users to ask for at once."""
    whole: bool = False
    """Whoever runs the server says that it answers with everybody; for one that proves no end of its list."""
    columns: RosterColumns
    """Where each column of the roster comes from."""


def read(settings: Settings, folder: Path) -> RosterRead:
    """Read a roster to its end; raises `SourceError`, or `InputError` naming record and field."""
    web = Web(NAME, settings, folder, headers={"accept": ACCEPT})
    try:
        HttpSignIn(NAME, settings, folder, web).authorize()
        people = list(_people(web, settings))
    finally:
        web.close()
    sha256 = hashlib.sha256(json.dumps(people, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    records = (
        record_of(settings.columns, settings.url, number, person, line=False) for number, person in enumerate(people, 1)
    )
    return build_roster(settings.url, records, source=settings.url, sha256=sha256)


def _people(web: Web, settings: Settings) -> Iterator[dict[str, str | list[str]]]:
    fields = settings.columns.fields()
    lists = Lists(NAME, web, settings.page_size)
    lists.service()
    token: str | None = None
    seen: set[str] = set()
    number = 0
    while True:
        page = lists.page("Users", "a user", tuple(map(_attribute, fields)), token)
        for user in page.resources:
            number += 1
            yield {name: _field(user, name, settings.url, number) for name in fields}
        token = page.next
        if token is None:
            if not (page.proof or settings.whole):
                refuse_unproven(number)
            return
        if token in seen:
            raise SourceTruncated(f"{NAME} gave the same page twice", hint="try again later")
        seen.add(token)


def _attribute(field: str) -> str:
    """Return what to ask for: the attribute without what is inside its values."""
    return field if field.startswith("urn:") else field.split(".", maxsplit=1)[0]


def _field(user: Fields, name: str, source: str, number: int) -> str | list[str]:
    if not name.startswith("urn:"):
        head, dot, rest = name.partition(".")
        return field_of(user.values, f"{head.casefold()}{dot}{rest}", source, number)
    schema, _, attribute = name.rpartition(":")
    extension = user.part(schema)
    return field_of(extension.values, attribute.casefold(), source, number) if extension else []
