"""Looks at an export of any product, proposes how to read it, and proves that it can be read so."""
