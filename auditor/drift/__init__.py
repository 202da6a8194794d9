"""Drift: changes of access between two audits, each with one cause, and what is owed."""
