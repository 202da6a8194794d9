"""
HTTPS and JSON: one bounded client, the ways of signing in, and why a server is not trusted.

What an answer holds is read by `connectors.inputs.fields`.
"""
