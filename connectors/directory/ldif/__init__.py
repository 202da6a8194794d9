"""Directories from an LDIF file (RFC 2849)."""

CONNECTORS = {"ldif": "connector"}
"""By the name that the configuration gives, the module of this package."""
