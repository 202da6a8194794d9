"""Amazon Connect, live or from saved answers: its own users and security profiles, which are none of IAM."""

CONNECTORS = {"amazon-connect": "connector", "amazon-connect-json": "saved_connector"}
"""By the name that the configuration gives, the module of this package."""
