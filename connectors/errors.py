"""
Every error that the product raises on purpose, in one tree.

- AuditorError
  - InputError            a file that a person wrote or exported cannot be used as it is
  - SourceError           a system could not be read whole
    - SourceUnreachable   no connection, no trust, no answer in time
    - SourceDenied        the system refuses the auditor's own account
    - SourceTruncated     the system gave less than it says it has
    - SourceMalformed     the system answered something that is not what it documents

Texts are lower case, without a full stop, with values in backticks, and never hold a secret.
"""

import re
from pathlib import Path


class AuditorError(Exception):
    """The root: what happened, with its values, and what to try (`hint`)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(_printable(message))
        self.message = message
        self.hint = hint

    @property
    def message(self) -> str:
        """What happened; a control character that a file or a server put into it is escaped."""
        return self._message

    @message.setter
    def message(self, text: str) -> None:
        self._message = _printable(text)

    @property
    def hint(self) -> str:
        """What to try; escaped in the same way, because it may list the columns of a stranger's file."""
        return self._hint

    @hint.setter
    def hint(self, text: str) -> None:
        self._hint = _printable(text)

    def diagnostics(self) -> str:
        """Return the text for a person: what happened, then what to do."""
        return f"{self.message}\n  what to do: {self.hint}" if self.hint else self.message


class InputError(AuditorError):
    """
    A file cannot be used: says file, line, field, what was found, what was expected, and the remedy.

    `found` is cut to 80 characters, so that a huge or hostile value never floods the screen.
    """

    def __init__(
        self,
        file: Path | str,
        problem: str,
        *,
        line: int | None = None,
        field: str | None = None,
        found: object = None,
        expected: str = "",
        hint: str = "",
    ) -> None:
        self.file, self.line, self.field = str(file), line, field
        where = self.file + (f", line {line}" if line is not None else "")
        where += f", `{field}`" if field else ""
        text = f"{where}: {problem}"
        if found is not None:
            text += f": found {shorten(found)}"
        if expected:
            text += f"{';' if found is not None else ':'} expected {expected}"
        super().__init__(text, hint)


class SourceError(AuditorError):
    """A system could not be read whole; whatever was read before proves nothing about the rest."""


class SourceUnreachable(SourceError):
    """No connection, no trusted certificate, or no answer within the time limit."""


class SourceDenied(SourceError):
    """The system knows the auditor's account and refuses what it asked for."""


class SourceTruncated(SourceError):
    """The system says that it has more than it handed out."""


class SourceMalformed(SourceError):
    """The answer is not of the documented shape, so nothing may be concluded from it."""

    def __init__(
        self, message: str, hint: str = "run it again; if it stays, ask whoever runs or makes that system"
    ) -> None:
        super().__init__(message, hint)


_LOOKED_AT = 4096
_USER = re.compile(r"(://)[^/?#]*@")
"""To the last `@` before the path: a password may hold one, and white space, quotes and colons."""
_ASKED = re.compile(r"(://[^?#]*[?#]).+", re.DOTALL)


def shorten(value: object, limit: int = 80) -> str:
    """
    Show a value in backticks: control characters escaped, cut to `limit` characters, secrets of an address left out.

    A password stands before the `@` of an address, a token behind its `?` or `#` (RFC 3986, sections 3.2.1 and 3.4).
    """
    said = str(value)[:_LOOKED_AT]
    if "://" in said:
        said = _ASKED.sub(r"\1…", _USER.sub(r"\1…@", said))
    text = "".join(_escaped(c) for c in said[: limit + 1])
    return f"`{text[:limit]}…`" if len(text) > limit else f"`{text}`"


def _printable(text: str) -> str:
    """Escape what could drive a terminal; the ends of lines are ours."""
    return text if text.isprintable() else "".join(c if c == "\n" else _escaped(c) for c in text)


def _escaped(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()
