"""
What to tell: one model of an audit (`model`), drawn in several formats; no format adds a fact.

It knows `policies` for severities and paths, and nothing of the application; `safe` makes harmless what it shows.
"""
