"""SCIM 2.0 (RFC 7643, RFC 7644)."""

CONNECTORS = {"scim": "connector"}
"""By the name that the configuration gives, the module of this package."""
