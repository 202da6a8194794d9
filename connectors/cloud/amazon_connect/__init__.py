"""Amazon Connect, live or from saved answers."""

CONNECTORS = {"amazon-connect": "connector", "amazon-connect-json": "saved_connector"}
"""By the name that the configuration gives, the module of this package."""
