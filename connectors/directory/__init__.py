"""Directories: one file a protocol or export format."""
