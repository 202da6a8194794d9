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
from queue import Empty, Queue
from threading import Thread
from typing import Annotated, Any, NoReturn
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.connector import Endpoint, Transport
from connectors.credentials import is_loopback
from connectors.errors import InputError, SourceDenied, SourceMalformed, SourceTruncated, SourceUnreachable
from connectors.json_input import parse_json

MAX_ANSWER_BYTES = 64 * 2**20
TRIES = 5
FIRST_PAUSE_S = 0.5
TRY_LATER = {429, 503}
TRY_AGAIN = {500, 502, 504}
MAX_SKEW_S = 300
"""A clock that is off by more makes "last sign-in" and "dormant" wrong, and is told."""

Secret = Mapping[str, str]


class WebSettings(BaseModel):
    """How to reach a server that speaks HTTPS; connectors add their own fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

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
        try:
            url = urlsplit(value)
            host, _ = url.hostname or "", url.port
        except ValueError:
            raise ValueError("an address such as `https://ehr.example.org/apis`") from None
        if url.username or url.password or not host or url.query or url.fragment:
            raise ValueError("an address such as `https://ehr.example.org/apis`, without name, password, `?` and `#`")
        if url.scheme == "https" or (url.scheme == "http" and is_loopback(host)):
            return value.rstrip("/")
        raise ValueError("an address that starts with `https://` (`http://` only for this machine)")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of success: its JSON, and its headers in lower case."""

    data: Any
    headers: Mapping[str, str]

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
        self._headers = {"accept": "application/json", **(headers or {})}
        self._client: Any = None
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
        """Send this `Authorization` from now on, such as `Bearer …`."""
        self._headers["authorization"] = value
        if self._client is not None:
            self._client.headers["authorization"] = value

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        """
        Ask for a path below `url`, or for a whole address of the same server, such as the `next` link of a page.

        Raises `SourceUnreachable`, `SourceDenied`, `SourceMalformed`, `SourceTruncated`.
        """
        return self._call("GET", path, {"params": dict(params)} if params else {})

    def post(self, path: str, json: object) -> Answer:
        """Send a JSON document, for protocols that read by POST (JSON-RPC); errors as `get`."""
        return self._call("POST", path, {"json": json})

    def post_form(self, path: str, form: Secret) -> Answer:
        """Send a form, for OAuth 2.0 token endpoints (RFC 6749 §4.4.2); errors as `get`."""
        return self._call("POST", path, {"data": dict(form)}, refusals=(400, 401, 403))

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _call(
        self, method: str, path: str, content: Mapping[str, Any], refusals: tuple[int, ...] = (401, 403)
    ) -> Answer:
        deadline = time.monotonic() + self._settings.call_limit_s
        url = self._address(path)
        shown = urlsplit(url).path or "/"
        for attempt in range(1, TRIES + 1):
            status, headers, body = self._in_time(method, url, content, shown, deadline)
            pause = _pause(status, headers, attempt)
            if pause is None:
                return self._judged(status, headers, body, shown, refusals)
            if attempt == TRIES or time.monotonic() + pause > deadline:
                raise SourceUnreachable(
                    f"`{self._system}` answered `{shown}` with {status} and was given {attempt} tries",
                    hint="try again later; if it stays, ask the vendor about the limit for this account",
                )
            time.sleep(pause)
        raise AssertionError("unreachable")

    def _address(self, path: str) -> str:
        base = self._settings.url
        if "://" not in path:
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

    def _in_time(
        self, method: str, url: str, content: Mapping[str, Any], shown: str, deadline: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        """
        One try that ends by the deadline whatever the server does.

        The client's own time-out starts anew with every byte, and looking up a name has none; so the try runs beside
        us, and is left behind when it is late.
        """
        result: Queue[tuple[int, Mapping[str, str], bytes] | Exception] = Queue()

        def run() -> None:
            try:
                result.put(self._once(method, url, content, shown, deadline))
            except Exception as error:  # noqa: BLE001 - raised again below, in the thread that asked
                result.put(error)

        Thread(target=run, daemon=True).start()
        try:
            outcome = result.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            self._client = None  # still in the hands of the late try
            self._late(shown)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _once(
        self, method: str, url: str, content: Mapping[str, Any], shown: str, deadline: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        import httpx  # noqa: PLC0415 - imported late: an audit of files does not pay for it

        if self._client is None:
            self._client = self._open()
        body = bytearray()
        try:
            with self._client.stream(method, url, **content) as answer:
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > MAX_ANSWER_BYTES:
                        raise SourceMalformed(
                            f"`{self._system}` sent more than {MAX_ANSWER_BYTES >> 20} MiB for `{shown}`",
                            hint="lower `page_size`",
                        )
                    if time.monotonic() > deadline:
                        self._late(shown)
                return answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, bytes(body)
        except httpx.TimeoutException:
            self._late(shown)
        except httpx.RemoteProtocolError:
            raise SourceTruncated(
                f"`{self._system}` broke off its answer to `{shown}`", hint="try again; if it stays, ask the vendor"
            ) from None
        except httpx.DecodingError:
            raise SourceMalformed(f"`{self._system}` sent an answer to `{shown}` that cannot be unpacked") from None
        except httpx.HTTPError as error:
            self._unreachable(error, shown)

    def _open(self) -> Any:
        import httpx  # noqa: PLC0415

        endpoint = self.endpoint
        return httpx.Client(
            headers=self._headers,
            timeout=self._settings.timeout_s,
            verify=_trust(self._system, self._ca_file) if endpoint.transport is Transport.TLS else True,
            follow_redirects=False,
            # A proxy of the environment must not see what never leaves this machine.
            trust_env=not is_loopback(endpoint.host),
        )

    def _late(self, shown: str) -> NoReturn:
        raise SourceUnreachable(
            f"`{self._system}` did not answer `{shown}` in time",
            hint="raise `timeout_s` or `call_limit_s` for this system, or ask why it is slow",
        ) from None

    def _unreachable(self, error: Exception, shown: str) -> NoReturn:
        text = str(error).lower()
        if "certificate" in text or "ssl" in text or "tls" in text:
            raise SourceUnreachable(
                f"the certificate or the TLS of `{self._system}` is not to be trusted",
                hint="set `ca_file` to the authority that signed it, and use the name that is on the certificate",
            ) from None
        host = self.endpoint
        raise SourceUnreachable(
            f"`{self._system}` cannot be reached for `{shown}`: {type(error).__name__}",
            hint=f"check that {host.host} answers on port {host.port} from this machine",
        ) from None

    def _judged(
        self, status: int, headers: Mapping[str, str], body: bytes, shown: str, refusals: tuple[int, ...]
    ) -> Answer:
        self._note_clock(headers)
        if status in refusals:
            raise SourceDenied(
                f"`{self._system}` refuses `{shown}` with {status}",
                hint="check the secret and the rights of the auditor's account (`auditor connect` prints them)"
                + (f"; its clock is {self.skew_s:+.0f} s off ours" if self._clock_is_off() else ""),
            )
        if not 200 <= status < 300:
            hint = "`url` must be the address that it moved to" if 300 <= status < 400 else "check `url`"
            raise SourceMalformed(f"`{self._system}` answered `{shown}` with {status}", hint=hint)
        try:
            return Answer(parse_json(body.decode(), f"the answer to `{shown}`"), headers)
        except UnicodeDecodeError:
            raise SourceMalformed(f"`{self._system}` answered `{shown}` with text that is not UTF-8") from None
        except InputError as error:
            raise SourceMalformed(
                f"`{self._system}`: {error.message}", hint="is something else answering? check `url`"
            ) from None

    def _note_clock(self, headers: Mapping[str, str]) -> None:
        try:
            self.skew_s = (parsedate_to_datetime(headers["date"]) - datetime.now(UTC)).total_seconds()
        except (KeyError, ValueError, TypeError, OverflowError):
            return

    def _clock_is_off(self) -> bool:
        return self.skew_s is not None and abs(self.skew_s) > MAX_SKEW_S


def _port(url: Any) -> int | None:
    return url.port or {"https": 443, "http": 80}.get(url.scheme)


def _pause(status: int, headers: Mapping[str, str], attempt: int) -> float | None:
    """How long to wait before the next try; `None`: this answer counts."""
    grown: float = FIRST_PAUSE_S * 2 ** (attempt - 1)
    if status in TRY_AGAIN:
        return grown
    if status not in TRY_LATER:
        return None
    stated = headers.get("retry-after", "").strip()
    if stated.isdecimal() and len(stated) < 9:
        return float(stated)
    try:
        wait: float = (parsedate_to_datetime(stated) - datetime.now(UTC)).total_seconds()
        return max(0.0, wait)
    except (ValueError, TypeError, OverflowError):
        return grown


def _trust(system: str, ca_file: Path | None) -> Any:
    import ssl  # noqa: PLC0415

    if ca_file is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError):
        raise SourceUnreachable(
            f"`{system}`: the file `{ca_file}` that `ca_file` names holds no certificate that can be read",
            hint="a PEM file that starts with `-----BEGIN CERTIFICATE-----`",
        ) from None
