"""
What a form holds: its token, its key, the version of what it is about; read within bounds.

The key of a form is `nonce.seconds.mac`. The nonce makes the second of two clicks known as such; it is bound to the
person before anybody sees it, so nobody can ask for the result of another's form. The seconds say when the page was
served, for the pace of decisions; the signature is made with a key of this process: nobody can date a form back.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.datastructures import FormData, UploadFile

from auditor.web.errors import Refused

TOKEN, KEY, VERSION = "form_token", "form_key", "form_version"
MAX_TEXT = 2000
"""Characters of one field, unless the page says otherwise."""

_KEY = re.compile(r"([A-Za-z0-9_-]{22})\.(\d{1,12})\.([0-9a-f]{64})")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NUMBER = re.compile(r"\d{1,15}")


class FormKeys:
    """Makes the keys of forms, and reads them; the signing key is of this process alone."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def new(self, at: datetime) -> str:
        """Return the key of a form that is served now."""
        nonce, seconds = secrets.token_urlsafe(16), str(int(at.timestamp()))
        return f"{nonce}.{seconds}.{self._mac(nonce, seconds)}"

    def served_at(self, key: str) -> datetime | None:
        """Return when a form was served; `None` when nobody can vouch for it: forged, or of an earlier process."""
        found = _KEY.fullmatch(key)
        if found is None or not hmac.compare_digest(found[3], self._mac(found[1], found[2])):
            return None
        return datetime.fromtimestamp(int(found[2]), UTC)

    def _mac(self, nonce: str, seconds: str) -> str:
        return hmac.new(self._secret, f"{nonce}.{seconds}".encode(), hashlib.sha256).hexdigest()


def bound_key(key: str, person: str) -> str:
    """Return the idempotency key of a form as it is stored: no other person's form can have it."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise Refused(400, "This form is not complete. Go back, load the page again and repeat what you did.")
    return hashlib.sha256(f"{found[1]} {person}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it came in, its token already checked."""

    data: FormData
    key: str
    """Unique to this form and this person; the same at the second of two clicks."""
    served_at: datetime | None
    """When the page with the form was served; `None` when nobody can vouch for it."""

    @property
    def version(self) -> int:
        """The version of what the form is about (`version=` of `form_fields`); raises `Refused` (400) without one."""
        text = self.text(VERSION, max_length=15)
        if not _NUMBER.fullmatch(text):
            raise Refused(400, "This form is not complete. Go back, load the page again and repeat what you did.")
        return int(text)

    def text(self, name: str, *, max_length: int = MAX_TEXT, default: str | None = None) -> str:
        """
        Return one field, trimmed, with `\\n` at the ends of lines.

        Raises `Refused` (400) when it is not there and has no `default`, stands there twice, is a file, is too long, or
        holds a control character.
        """
        values = self.data.getlist(name)
        if not values and default is not None:
            return default
        if len(values) != 1:
            raise Refused(400, f"The field `{name}` is missing, or stands in the form more than once.")
        return _clean(name, values[0], max_length)

    def texts(self, name: str, *, max_length: int = MAX_TEXT) -> tuple[str, ...]:
        """Return every field of a name, such as those of ticked boxes; raises `Refused` (400) as `text` does."""
        return tuple(_clean(name, value, max_length) for value in self.data.getlist(name))

    def names(self) -> tuple[str, ...]:
        """Return the names of all fields in their order, each once."""
        return tuple(dict.fromkeys(key for key, _ in self.data.multi_items()))

    def file(self, name: str) -> UploadFile:
        """Return an uploaded file; raises `Refused` (400) unless there is exactly one of that name."""
        values = self.data.getlist(name)
        if len(values) != 1 or not isinstance(values[0], UploadFile):
            raise Refused(400, f"Choose one file for `{name}`.")
        return values[0]


def _clean(name: str, value: UploadFile | str, max_length: int) -> str:
    if not isinstance(value, str):
        raise Refused(400, f"The field `{name}` is a file where text was expected.")
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > max_length:
        raise Refused(400, f"The field `{name}` is too long: {len(text):,} characters, at most {max_length:,}.")
    if _CONTROL.search(text):
        raise Refused(400, f"The field `{name}` holds a character that cannot be shown.")
    return text
