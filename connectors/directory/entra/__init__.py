"""Microsoft Entra ID, from saved answers of Graph or the CSV files of its portal."""

CONNECTORS = {"entra-export": "connector"}
"""By the name that the configuration gives, the module of this package."""
