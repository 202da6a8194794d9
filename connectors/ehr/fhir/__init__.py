"""FHIR R4 with SMART scopes: who is listed and who signed in; FHIR does not say what they may do."""

CONNECTORS = {"fhir": "connector"}
"""By the name that the configuration gives, the module of this package."""
