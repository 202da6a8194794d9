"""Directories over LDAP v3 (RFC 4511)."""

CONNECTORS = {"ldap": "connector"}
"""By the name that the configuration gives, the module of this package."""
