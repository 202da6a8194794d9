"""
HTTPS and JSON for connectors: one client that is bounded in time and size, and that trusts nobody by default.

- `https://`, or `http://` to a loopback address only; certificates are always checked; no redirect is followed.
- A call with all its retries ends within `call_limit_s`, also when the server sends one byte a second.
- 429 and 503 are tried again after `Retry-After` (RFC 9110 §10.2.3), 500, 502 and 504 after a pause that grows.
- Anything else than one whole JSON document with a status of success is an error; its body is never told, because
  it may hold patient data or a secret.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from connectors.connector import Endpoint, Transport
from connectors.errors import InputError, SourceDenied, SourceMalformed, SourceUnreachable
from connectors.http.call import Caller, HttpRequest, HttpResponse
from connectors.http.credentials import is_loopback
from connectors.inputs.json import parse_json
from connectors.inputs.strict import Settings

TRIES = 5
FIRST_PAUSE_S = 0.5
TRY_LATER = {429, 503}
TRY_AGAIN = {500, 502, 504}
MAX_SKEW_S = 300
"""A clock that is off by more makes "last sign-in" and "dormant" wrong, and is told."""

Secret = Mapping[str, str]


class WebSettings(Settings):
    """How to reach a server that speaks HTTPS; connectors add their own fields."""

    url: Annotated[str, Field(max_length=2000)]
    """The address of the service, such as `https://ehr.example.org/apis`."""
    ca_file: Path | None = None
    """PEM certificate of the authority that signed the server's; left out: those that the machine trusts."""
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 30
    """For connecting, and between two parts of an answer, in seconds."""
    call_limit_s: Annotated[float, Field(gt=0, le=3600)] = 120
    """For one call with all its retries, in seconds."""

    @field_validator("url")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        return encrypted_address(value).rstrip("/")


def encrypted_address(value: str) -> str:
    """Return the address of a server as it is; raises `ValueError` unless it is encrypted, or on this machine."""
    try:
        url = urlsplit(value)
        host, _ = url.hostname or "", url.port
    except ValueError:
        raise ValueError("an address such as `https://ehr.example.org/apis`") from None
    if url.username or url.password or not host or {"?", "#"} & set(value):
        raise ValueError("an address such as `https://ehr.example.org/apis`, without name, password, `?` and `#`")
    if url.scheme == "https" or (url.scheme == "http" and is_loopback(host)):
        return value
    raise ValueError("an address that starts with `https://` (`http://` only for this machine)")


@dataclass(frozen=True, slots=True)
class JsonResponse:
    """One answer that was accepted: its JSON, and its headers in lower case."""

    data: Any
    headers: Mapping[str, str]
    status: int = 200

    @property
    def date(self) -> datetime | None:
        """The server's time when it answered, in whole seconds (RFC 9110 §6.6.1); `None` where it does not say."""
        try:
            return parsedate_to_datetime(self.headers["date"]).astimezone(UTC)
        except (KeyError, ValueError, TypeError, OverflowError):
            return None

    def object(self, what: str) -> dict[str, Any]:
        """Return the JSON object that the answer must be; raise `SourceMalformed` naming `what` was asked for."""
        if not isinstance(self.data, dict):
            raise SourceMalformed(f"the answer to `{what}` is not a JSON object", hint="check `url`")
        return self.data


class Web:
    """Asks one server; opened on first use. Every error names the system and the path, never the answer's text."""

    def __init__(
        self,
        system: str,
        settings: WebSettings,
        folder: Path,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._system = system
        self._settings = settings
        self._ca_file = folder / settings.ca_file if settings.ca_file else None
        self._caller = Caller(
            system, self.endpoint, {"accept": "application/json", **(headers or {})}, settings.timeout_s
        )
        self.skew_s: float | None = None
        """How far the server's clock is ahead of ours by its `Date`, in seconds; `None` until it said so."""

    @property
    def endpoint(self) -> Endpoint:
        """Where it connects to."""
        url = urlsplit(self._settings.url)
        tls = url.scheme == "https"
        port = url.port or (443 if tls else 80)
        return Endpoint(url.hostname or "", port, Transport.TLS if tls else Transport.PLAIN, self._ca_file)

    def authorize(self, value: str) -> None:
        """Send this `Authorization` from now on, such as `Bearer …`; raises `SourceDenied` if no header can hold it."""
        if not (value.isascii() and value.isprintable()):
            raise SourceDenied(
                f"`{self._system}`: the secret holds a line end or another character that cannot be sent",
                hint="put the secret alone into the environment variable, without a line end",
            )
        self._caller.set_header("authorization", value)

    def get(
        self, path: str, params: Mapping[str, str | int] | None = None, *, accept: tuple[int, ...] = ()
    ) -> JsonResponse:
        """
        Ask for a path below `url`, or for a whole address of the same server, such as the `next` link of a page.

        `accept` names statuses beside success that are an answer too, such as 404; its JSON is then `None` where it
        has none. Raises `SourceUnreachable`, `SourceDenied`, `SourceMalformed`, `SourceTruncated`.
        """
        return self._call("GET", path, {"params": dict(params)} if params else {}, accept)

    def post(self, path: str, json: object) -> JsonResponse:
        """Send a JSON document, for protocols that read by POST (JSON-RPC); errors as `get`."""
        return self._call("POST", path, {"json": json})

    def post_form(self, path: str, form: Secret, *, accept: tuple[int, ...] = ()) -> JsonResponse:
        """Send a form, for OAuth 2.0 token endpoints (RFC 6749 §4.4.2), which refuse by 400 too; errors as `get`."""
        return self._call("POST", path, {"data": dict(form)}, accept, refusals=(400, 401, 403))

    def delete(self, path: str) -> None:
        """End what is our own, such as our session; errors as `get`."""
        self._call("DELETE", path, {}, accept=(204,))

    def close(self) -> None:
        """Close the connection."""
        self._caller.close()

    def _call(
        self,
        method: str,
        path: str,
        content: Mapping[str, Any],
        accept: tuple[int, ...] = (),
        refusals: tuple[int, ...] = (401, 403),
    ) -> JsonResponse:
        deadline = time.monotonic() + self._settings.call_limit_s
        url = self._address(path)
        request = HttpRequest(method, url, urlsplit(url).path or "/", content)
        for attempt in range(1, TRIES + 1):
            reply = self._caller.call(request, deadline)
            self._note_clock(reply.headers)
            pause = _pause(reply, attempt)
            if pause is None:
                return self._judged(reply, request.shown, accept, refusals)
            if attempt == TRIES or time.monotonic() + pause > deadline:
                raise SourceUnreachable(
                    f"`{self._system}` answered `{request.shown}` with {reply.status} at try {attempt} of {TRIES}",
                    hint="try again later; if it stays, ask the vendor about the limit for this account",
                )
            time.sleep(pause)
        raise AssertionError("unreachable")

    def _address(self, path: str) -> str:
        base = self._settings.url
        if "://" not in path.partition("?")[0]:
            return f"{base}/{path.lstrip('/')}"
        # A link in an answer is input: with it goes our authorization, so it may only name the same server.
        try:
            ours, theirs = urlsplit(base), urlsplit(path)
            same = (ours.scheme, ours.hostname, _port(ours)) == (theirs.scheme, theirs.hostname, _port(theirs))
        except ValueError:
            same = False
        if not same or theirs.username or theirs.password:
            raise SourceMalformed(
                f"`{self._system}` gave a link to another server than its own",
                hint="set `url` to the address that the server uses for itself, or mend its base address",
            )
        return path

    def _judged(
        self, reply: HttpResponse, shown: str, accept: tuple[int, ...], refusals: tuple[int, ...]
    ) -> JsonResponse:
        status = reply.status
        if status in accept:
            try:
                return JsonResponse(parse_json(reply.body.decode(), shown), reply.headers, status)
            except (UnicodeDecodeError, InputError):
                return JsonResponse(None, reply.headers, status)
        if status in refusals:
            raise SourceDenied(
                f"`{self._system}` refuses `{shown}` with {status}",
                hint="check the secret and the rights of the auditor's account (`auditor connect` prints them)"
                + self.clock_hint(),
            )
        if not 200 <= status < 300:
            hint = "`url` must be the address that it moved to" if 300 <= status < 400 else "check `url`"
            raise SourceMalformed(f"`{self._system}` answered `{shown}` with {status}", hint=hint)
        return JsonResponse(self._parsed(reply.body, shown), reply.headers, status)

    def _parsed(self, body: bytes, shown: str) -> Any:
        try:
            return parse_json(body.decode(), f"the answer to `{shown}`")
        except UnicodeDecodeError:
            raise SourceMalformed(f"`{self._system}` answered `{shown}` with text that is not UTF-8") from None
        except InputError as error:
            # Without the name of the key, which is the answer's text.
            told = error.message.replace(f", `{error.field}`", "", 1) if error.field else error.message
            raise SourceMalformed(
                f"`{self._system}`: {told}", hint="is something else answering? check `url`"
            ) from None

    def clock_hint(self) -> str:
        """Say by how much the server's clock is off, for a hint; empty when it is not, or nobody knows."""
        off = self.skew_s is not None and abs(self.skew_s) > MAX_SKEW_S
        return f"; its clock is {self.skew_s:+.0f} s off ours" if off else ""

    def _note_clock(self, headers: Mapping[str, str]) -> None:
        try:
            self.skew_s = (parsedate_to_datetime(headers["date"]) - datetime.now(UTC)).total_seconds()
        except (KeyError, ValueError, TypeError, OverflowError):
            return


def stated_time(system: str, response: JsonResponse) -> datetime:
    """Return when the server says that it answered; raises `SourceMalformed` where it does not say."""
    if response.date is None:
        raise SourceMalformed(
            f"`{system}` does not say what time it is (`Date` of its answers)", hint="does a proxy leave it out?"
        )
    return response.date


def _port(url: Any) -> int | None:
    return url.port or {"https": 443, "http": 80}.get(url.scheme)


def _pause(reply: HttpResponse, attempt: int) -> float | None:
    """How long to wait before the next try; `None`: this answer counts."""
    grown: float = FIRST_PAUSE_S * 2 ** (attempt - 1)
    if reply.status in TRY_AGAIN:
        return grown
    if reply.status not in TRY_LATER:
        return None
    stated = reply.headers.get("retry-after", "").strip()
    if stated.isdecimal() and len(stated) < 9:
        return float(stated)
    try:
        wait: float = (parsedate_to_datetime(stated) - datetime.now(UTC)).total_seconds()
        return max(0.0, wait)
    except (ValueError, TypeError, OverflowError):
        return grown
