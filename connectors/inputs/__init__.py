"""
What people wrote, tools exported and servers answered: CSV, XLSX, YAML, JSON, text, and the fields of JSON objects.

Bounded, strict, clear about faults: file, line, field, what was found and expected. It knows facts and errors only.
"""
