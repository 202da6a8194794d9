"""Google Workspace, from saved answers of its Directory API, GAM's CSV files or the console's list."""

CONNECTORS = {"google-export": "connector"}
"""By the name that the configuration gives, the module of this package."""
