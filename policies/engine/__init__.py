"""The engine: a case in, findings, satisfied and not evaluated out. Pure: no clock, no file, no network."""
