"""Exit codes, everywhere the same; README.md lists them."""

IN_STEP = 0
"""In step, or everything works."""
FINDINGS = 1
"""Findings at or above `--fail-on`, or something left to classify."""
NOT_EVALUABLE = 2
"""Something could not be evaluated: outranks findings."""
NOT_VERIFIED = 3
"""The evidence does not verify."""
USAGE = 64
"""Wrong usage, or a file that a person wrote cannot be used."""
FAULT = 70
"""A fault in the program."""
INTERRUPTED = 130
"""Stopped by hand."""
