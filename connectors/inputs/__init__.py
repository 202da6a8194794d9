"""Files that people wrote and tools exported: CSV, XLSX, YAML, JSON, text. Bounded, strict, clear about faults."""
