"""
SQLite, and nothing else: its files, their rights, its pragmas, its catalogue and its errors.

What is stored, and how it is asked for, stands elsewhere and knows no database. `engine` opens a file to be written by
SQLAlchemy; `untrusted` reads one that somebody hands over, with the standard library alone. Imports `connectors` only.
"""
