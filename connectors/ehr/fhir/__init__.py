"""FHIR R4 with SMART scopes."""

CONNECTORS = {"fhir": "connector"}
"""By the name that the configuration gives, the module of this package."""
