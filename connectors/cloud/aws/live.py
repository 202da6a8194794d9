"""Answers from AWS itself, through boto3."""

from collections.abc import Mapping
from typing import Any

from connectors.cloud.aws.access import Sessions
from connectors.cloud.aws.calls import REGION, Call, CallRefused
from connectors.cloud.aws.client import ask, code_of
from connectors.cloud.aws.responses import Response, ResponsePage
from connectors.errors import SourceMalformed

# Not a word about the one call: the sign-in has ended, or AWS wants to be asked more slowly.
NOT_OF_THE_CALL = frozenset(
    [
        *("ExpiredToken", "ExpiredTokenException", "RequestExpired", "SignatureDoesNotMatch", "IncompleteSignature"),
        *("RequestLimitExceeded", "SlowDown", "TooManyRequestsException", "TooManyRequests", "RequestTimeout"),
    ]
)


class LiveResponses:
    """Asks, one page a call."""

    live = True

    def __init__(self, system: str, sessions: Sessions, limit_s: float) -> None:
        self._system, self._sessions, self._limit_s = system, sessions, limit_s

    def page(self, call: Call, request: Mapping[str, Any], token: str | None) -> ResponsePage:
        """Ask for one page."""
        answer = ask(self._system, call.action, lambda: self._call(call, request, token), self._limit_s)
        if answer is None:
            return ResponsePage(None, None)
        return ResponsePage(answer, self._more(call, answer))

    def _call(self, call: Call, request: Mapping[str, Any], token: str | None) -> Response | None:
        from botocore import xform_name  # noqa: PLC0415

        parameters = dict(request)
        client = self._sessions.client(call.service, call.place, parameters.pop(REGION, None))
        if token is not None:
            parameters[call.sends or call.more_at] = token
        try:
            answer = getattr(client, xform_name(call.operation))(**parameters)
        except Exception as error:
            code = code_of(error)
            if code in call.absent:
                return None
            if call.question and _of_the_call(error, code):
                raise CallRefused(call, code) from None
            raise
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

    def _more(self, call: Call, answer: Response) -> str | None:
        if not call.more_at:
            return None
        token, truncated = answer.get(call.more_at), answer.get("IsTruncated")
        if call.truncates and not isinstance(truncated, bool):
            raise SourceMalformed(
                f"`{self._system}` did not say whether there is more (`IsTruncated`)",
                hint="is something between here and AWS that answers in its place? check `endpoint_url`",
            )
        if truncated is False or (truncated is None and (token is None or token == "")):
            return None
        if not isinstance(token, str) or not token:
            raise SourceMalformed(
                f"`{self._system}` said that there is more, but not where (`{call.more_at}`)", hint="try again later"
            )
        return token


def _of_the_call(error: Exception, code: str) -> bool:
    """
    Return whether AWS answers that this call cannot be had: no right, a region or a service that is switched off.

    The sign-in has worked by then, so it is not the keys. A server that fails, and one that asks for patience after all
    retries, say nothing of the question: the read as a whole has failed then.
    """
    response: Any = getattr(error, "response", None)
    metadata = response.get("ResponseMetadata", {}) if isinstance(response, dict) else {}
    status = metadata.get("HTTPStatusCode", 0)
    return 400 <= status < 500 and code not in NOT_OF_THE_CALL and "Throttl" not in code
