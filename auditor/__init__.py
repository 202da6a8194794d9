"""The application: configuration, correlation, headcount, drift, the store, the ledger, the pipeline, the CLI."""

__version__ = "0.1.0"
