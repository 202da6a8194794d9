"""Directories from an LDIF file (RFC 2849), with the proof of its end that its writer left."""

CONNECTORS = {"ldif": "connector"}
"""By the name that the configuration gives, the module of this package."""
