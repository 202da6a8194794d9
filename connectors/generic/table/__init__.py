"""Any product's user-access report, by a mapping of its columns; `infer` proposes the mapping."""

CONNECTORS = {"table": "connector"}
"""By the name that the configuration gives, the module of this package."""
