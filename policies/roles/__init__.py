"""Roles: the templates (the YAML files here), what no VMA may hold, and what no one person may hold together."""
