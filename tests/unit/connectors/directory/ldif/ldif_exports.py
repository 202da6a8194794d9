"""Exports to read, entry by entry, and what is read of them."""

import re
from pathlib import Path

from connectors.collect import collect
from connectors.directory.ldif import connector as ldif
from connectors.facts import Account, Collection, Complete, System, SystemKind

SYSTEM = System("directory", SystemKind.DIRECTORY, "ldap", "Directory", holds_phi=False)


TOP = "dn: dc=t\nobjectClass: domain\ndc: t\n\n"


NO_GROUPS = "groups, of which there is none in the file"


def export(folder: Path, content: str, **options: object) -> Collection:
    file = folder / "export.ldif"
    file.write_text(content)
    if "# extended LDIF" not in content and "# returned" not in content:
        options.setdefault("expect_entries", len(re.findall(r"^dn:", content, re.MULTILINE)))
    collection = collect(ldif.connect(SYSTEM, ldif.Settings.model_validate({"file": file, **options}), folder))
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def accounts(collection: Collection) -> dict[str, Account]:
    return {a.login: a for a in collection.accounts}


def held(collection: Collection, login: str) -> set[str]:
    id_ = accounts(collection)[login].id
    return {collection.entitlements[g.entitlement].name for g in collection.grants if g.account == id_}


def evidence(collection: Collection) -> dict[str, str]:
    assert isinstance(collection.completeness, Complete)
    return {e.name: e.detail for e in collection.completeness.evidence}


def header(
    base: str = "dc=t", search_filter: str = "(objectClass=*)", asked: str = "* + ", scope: str = "subtree"
) -> str:
    return (
        f"# extended LDIF\n#\n# LDAPv3\n# base <{base}> with scope {scope}\n# filter: {search_filter}\n"
        f"# requesting: {asked}\n#\n\n"
    )


def end(entries: int) -> str:
    return f"# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: {entries + 1}\n# numEntries: {entries}\n"


def person(uid: str, extra: str = "", base: str = "ou=people,dc=t") -> str:
    return f"dn: uid={uid},{base}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid}\nsn: x\n{extra}\n"


GROUP = "dn: cn=billing,ou=groups,dc=t\nobjectClass: groupOfNames\ncn: billing\nmember: uid=va1,ou=people,dc=t\n\n"
