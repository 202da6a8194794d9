"""OpenEMR: its database, live or as saved tables, and its log."""

CONNECTORS = {"openemr": "connector", "openemr-export": "export"}
"""By the name that the configuration gives, the module of this package."""
