"""
Looks at an export of any product, proposes how to read it, and proves that it can be read so.

It writes nothing of its own accord, and shows no value of a cell.
"""
