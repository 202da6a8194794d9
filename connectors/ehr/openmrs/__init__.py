"""OpenMRS, over its REST API: users, roles within roles, privileges."""

CONNECTORS = {"openmrs": "connector"}
"""By the name that the configuration gives, the module of this package."""
