"""What makes a cell harmless for a spreadsheet, in one place for every table."""

from reports.safe import one_line

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With one of these at its beginning, a spreadsheet takes a cell for a formula and runs it (OWASP, CSV injection)."""


def harmless(text: str) -> str:
    """Return a text on one line that a spreadsheet takes for text: what it would run begins with an apostrophe."""
    text = one_line(text)
    return f"'{text}" if text.startswith(_FORMULA) else text
