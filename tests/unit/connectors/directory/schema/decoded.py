"""Entries as each directory writes them, and the accounts that they are."""

from datetime import UTC, datetime

from connectors.directory.schema.decode import decode_user
from connectors.directory.schema.entry import Entry
from connectors.facts import Account

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


SID = bytes.fromhex("01 05 000000000005 15000000 01000000 02000000 03000000 50040000")  # S-1-5-21-1-2-3-1104


NO_END = "9223372036854775807"


def ticks(moment: datetime) -> str:
    return str(int((moment - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000)


def entry(dn: str = "CN=VA One,OU=Staff,DC=t", **attributes: str | bytes | list[str]) -> Entry:
    """Build an entry; `_` in a name stands for `-`."""
    values = {}
    for name, value in attributes.items():
        listed = value if isinstance(value, list) else [value]
        values[name.lower().replace("_", "-")] = [v.encode() if isinstance(v, str) else v for v in listed]
    return Entry(dn, values)


def ad(**attributes: str | bytes | list[str]) -> Account:
    base = {"objectClass": ["top", "person", "user"], "sAMAccountName": "va1", "cn": "VA One", "objectSid": SID}
    return decode_user("dir", entry(**{**base, **attributes}), NOW).account


def openldap(**attributes: str) -> Account:
    base = {"objectClass": "inetOrgPerson", "uid": "va1", "entryUUID": "a-b"}
    return decode_user("dir", entry("uid=va1,dc=t", **{**base, **attributes}), NOW).account
