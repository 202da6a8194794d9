"""GNU Health, over the JSON-RPC of Tryton: users, groups, and what groups may do in which model."""

CONNECTORS = {"gnuhealth": "connector"}
"""By the name that the configuration gives, the module of this package."""
