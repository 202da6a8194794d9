"""HTTPS and JSON: one bounded client, the ways of signing in, and the fields of answers."""
