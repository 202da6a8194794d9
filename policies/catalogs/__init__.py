"""Catalogs: what the native entitlements of each product let a person do. The YAML files are the data."""
