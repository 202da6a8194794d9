"""Asking for answers, live or saved: turn every page to its end, and take the values out of them safely."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from connectors.cloud.aws.calls import Call
from connectors.errors import SourceMalformed

MAX_PAGES = 100_000

Response = Mapping[str, Any]


class ResponsePage(NamedTuple):
    """One page of an answer."""

    answer: Response | None
    """`None`: AWS says that there is no such thing."""
    more: str | None
    """Where the rest is; `None`: the source said that this is the end."""


class ResponseSource(Protocol):
    """Where answers come from."""

    @property
    def live(self) -> bool:
        """Whether an answer that is not finished can be waited for."""

    def page(self, call: Call, request: Mapping[str, Any], token: str | None) -> ResponsePage:
        """Read one page; raises `Refused` for a refusal, `SourceError` or `InputError` for all else that fails."""


def pages(answers: ResponseSource, call: Call, **request: Any) -> Iterator[Response]:
    """
    Read all pages to the end marker; a short or an empty page ends nothing.

    Raises `SourceMalformed` for a token that comes again, and whatever reading a page raises.
    """
    token: str | None = None
    seen: set[str] = set()
    for _ in range(MAX_PAGES):
        answer, token = answers.page(call, request, token)
        if answer is not None:
            yield answer
        if token is None:
            return
        if token in seen:
            raise SourceMalformed(
                f"`{call.action}` gave the same page token twice", hint="run again; if it stays, report it"
            )
        seen.add(token)
    raise SourceMalformed(f"`{call.action}` still had more after {MAX_PAGES} pages")


def items(answers: ResponseSource, call: Call, **request: Any) -> list[Any]:
    """Read the wanted list of all pages."""
    found: list[Any] = []
    for answer in pages(answers, call, **request):
        part = answer.get(call.items, [])
        if not isinstance(part, list):
            raise malformed(call, call.items)
        found += part
    return found


def records(answers: ResponseSource, call: Call, **request: Any) -> list[Mapping[str, Any]]:
    """Read a list of records of all pages."""
    found = items(answers, call, **request)
    if not all(isinstance(item, dict) for item in found):
        raise malformed(call, call.items)
    return found


def one(answers: ResponseSource, call: Call, **request: Any) -> Response | None:
    """Read an answer of one page; `None` where there is no such thing."""
    return answers.page(call, request, None).answer


def malformed(call: Call, where: str) -> SourceMalformed:
    """Return the error for an answer that is not as documented."""
    return SourceMalformed(
        f"`{call.action}` answered with a `{where}` that is not as documented",
        hint="is something between here and AWS that answers in its place? saved files must not be edited",
    )


def text(call: Call, record: Mapping[str, Any], key: str) -> str:
    """Return a text that must be there."""
    value = record.get(key)
    if not isinstance(value, str) or not value:
        raise malformed(call, key)
    return value


def text_or_none(call: Call, record: Mapping[str, Any], key: str) -> str | None:
    """Return a text that may be missing or empty."""
    value = record.get(key)
    if value is None or value == "":
        return None
    return text(call, record, key)


def record(call: Call, answer: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return a record inside an answer; an empty one where it is missing."""
    value = answer.get(key, {})
    if not isinstance(value, dict):
        raise malformed(call, key)
    return value


def moment(call: Call, record: Mapping[str, Any], key: str) -> datetime | None:
    """Return a time, as boto3 gives it or as the command line writes it."""
    value = record.get(key)
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            value = datetime.fromtimestamp(value, UTC)
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise malformed(call, key)
