"""
Directories: one package a protocol or export format, on what entries mean (`schema`), on saved answers (`saved`), and
on what directories record of their own changes (`changes`).
"""
