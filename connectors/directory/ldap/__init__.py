"""
Directories over LDAP v3 (RFC 4511): the wire, the sign-in, the reading of groups, people and records of changes.

`connector` is the way in; what an attribute means stands in `connectors.directory.schema`.
"""

CONNECTORS = {"ldap": "connector"}
"""By the name that the configuration gives, the module of this package."""
