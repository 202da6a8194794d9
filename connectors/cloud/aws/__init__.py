"""AWS accounts, live or from saved answers, with the estate on which effective permission depends."""

CONNECTORS = {"aws": "connector", "aws-json": "saved_connector"}
"""By the name that the configuration gives, the module of this package."""
