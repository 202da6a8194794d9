"""
The engine: a case in, findings, satisfied and not evaluated out. Pure: no clock, no file, no network.

`case` and `outcomes` first, then `evaluate`; it knows no rule. What is derived from a case is a function.
"""
