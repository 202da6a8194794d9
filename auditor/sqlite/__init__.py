"""
SQLite, and nothing else: its files, their rights, its pragmas, its catalogue and its errors.

What is stored, and how it is asked for, stands elsewhere and knows no database. `engine` opens a file to be written by
SQLAlchemy; with the standard library alone, `untrusted` reads one that somebody hands over, and `work_file` keeps what
a process must not forget. Imports `connectors` only.
"""
