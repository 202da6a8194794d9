"""OpenMRS, over its REST API."""

CONNECTORS = {"openmrs": "connector"}
"""By the name that the configuration gives, the module of this package."""
