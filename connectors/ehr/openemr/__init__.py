"""OpenEMR: its database, live or as saved tables."""

CONNECTORS = {"openemr": "connector", "openemr-export": "export"}
"""By the name that the configuration gives, the module of this package."""
