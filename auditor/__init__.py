"""
The application: one audit end to end, what is asked of stored audits, reviews, notices, orders, store, ledger, CLI.

Each package says what lives there; the layers in `pyproject.toml` say what may import what.
"""

__version__ = "0.1.0"
