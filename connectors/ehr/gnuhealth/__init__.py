"""GNU Health, over the JSON-RPC of Tryton."""

CONNECTORS = {"gnuhealth": "connector"}
"""By the name that the configuration gives, the module of this package."""
