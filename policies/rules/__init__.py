"""The rules: one file a family, its words and provisions in the YAML beside it. Nothing imports one: they are found."""
