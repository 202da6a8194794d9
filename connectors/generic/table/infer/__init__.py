"""Proposes a mapping for a report that nobody has described: what is sure, and what must be asked."""
