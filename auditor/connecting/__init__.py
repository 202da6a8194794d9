"""
Connecting a system: its settings described, tried step by step, and written into the configuration.

It asks nobody and prints nothing: `auditor.cli` does.
"""
