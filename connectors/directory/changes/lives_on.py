"""What lives on in a directory after an account was disabled, deleted, or taken out of a group."""

OPEN_CONNECTION = (
    "an LDAP connection that it had open goes on reading until it is closed (seen): signing in anew is refused"
)
GROUPS = "programs that ask the directory only at sign-in keep what its groups gave until then"

BY_KIND = {
    "ad": (
        OPEN_CONNECTION,
        "a Kerberos ticket is good for up to 10 hours, with the groups of its sign-in, unless policy differs",
        "another domain controller refuses it only after replication",
    ),
    "openldap": (OPEN_CONNECTION, GROUPS),
    "389": (OPEN_CONNECTION, GROUPS),
    "freeipa": (
        OPEN_CONNECTION,
        "a Kerberos ticket is good for up to 24 hours, unless the realm's policy differs",
    ),
}
"""By `ServerType.attributes`. Seen with Samba 4.17, OpenLDAP 2.5 and 389 2.3; tickets: MS-KILE and MIT defaults."""
