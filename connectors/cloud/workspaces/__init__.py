"""Amazon WorkSpaces, live or from saved answers: who has a desktop."""

CONNECTORS = {"workspaces": "connector", "workspaces-json": "saved_connector"}
"""By the name that the configuration gives, the module of this package."""
