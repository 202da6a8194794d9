"""
Calls to AWS that end: in an answer, or in an error that says what to do.

No text of a foreign exception is passed on, because it may hold a key or a session token: only its code is.
"""

import ssl
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

from connectors.errors import (
    AuditorError,
    SourceDenied,
    SourceError,
    SourceMalformed,
    SourceUnreachable,
)
from connectors.http.distrust import distrust, refused_in

DENIED = frozenset(["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"])
BAD_CREDENTIALS = frozenset(
    [
        *("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"),
        *("SignatureDoesNotMatch", "IncompleteSignature", "MissingAuthenticationToken", "InvalidAccessKeyId"),
        *("InvalidToken", "OptInRequired", "RequestExpired"),
    ]
)
NO_CREDENTIALS = frozenset(
    [
        *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound"),
        *(
            "TokenRetrievalError",
            "SSOTokenLoadError",
            "UnauthorizedSSOTokenError",
            "ConfigParseError",
            "ConfigNotFound",
        ),
        *("InvalidConfigError", "SSOError", "RefreshWithMFAUnsupportedError", "LoginError", "LoginTokenLoadError"),
    ]
)
MALFORMED = frozenset(["ResponseParserError", "UnknownServiceError", "DataNotFoundError"])

Answer = TypeVar("Answer")


def ask(system: str, action: str, call: Callable[[], Answer], limit_s: float) -> Answer:
    """
    Run one call of boto3, with all its retries, within a time limit.

    Raises `SourceDenied` naming the action to allow, `SourceUnreachable` or `SourceMalformed`.
    The library's own time limits start again with every byte that arrives, so a server that sends one byte a second
    would hold the audit for ever: the call runs in a thread of its own, which is left behind when the time is over.
    """
    future: Future[Answer] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that asked
            future.set_exception(error)

    Thread(target=run, daemon=True, name=f"auditor {action}").start()
    try:
        return future.result(timeout=limit_s)
    except TimeoutError:
        raise SourceUnreachable(
            f"`{system}` did not answer `{action}` within {limit_s:.0f} s",
            hint="try again later, or raise `call_limit_s`",
        ) from None
    except AuditorError:
        raise
    except Exception as error:  # noqa: BLE001 - boto3 makes its exceptions at run time; told apart by name below
        raise _translated(system, action, error) from None


def code_of(error: BaseException) -> str:
    """Return the error code of an answer of AWS, or the name of the exception."""
    response: Any = getattr(error, "response", None)
    if isinstance(response, dict) and isinstance(response.get("Error"), dict):
        return str(response["Error"].get("Code", ""))[:60] or type(error).__name__
    return type(error).__name__


def _translated(system: str, action: str, error: Exception) -> SourceError:
    code = code_of(error)
    names = {kind.__name__ for kind in type(error).__mro__}
    if code in DENIED:
        return SourceDenied(
            f"`{system}` does not allow the auditor to call `{action}`",
            hint=f"allow `{action}` in the policy of the auditor's user or role; see docs/connect-aws.md",
        )
    if code in BAD_CREDENTIALS:
        return SourceDenied(
            f"`{system}` refuses the credentials with `{code}`",
            hint="renew the credentials of the profile, or the variables `AWS_…` of the environment; check the clock",
        )
    if names & NO_CREDENTIALS:
        return SourceDenied(
            f"there are no usable credentials for `{system}` (`{type(error).__name__}`)",
            hint="set `profile` to one of `aws configure list-profiles`, or the variables `AWS_…` of the environment",
        )
    if names & MALFORMED:
        return SourceMalformed(
            f"`{system}` answered `{action}` with something that is not what AWS documents",
            hint="is something between here and AWS that answers in its place? check `endpoint_url`",
        )
    if "ClientError" in names or names & {"HTTPClientError", "BotoCoreError", "ConnectionError", "Boto3Error"}:
        return _unreachable(system, action, code, refused_in(error), trusted="SSLError" not in names)
    return SourceMalformed(f"`{system}` could not be asked for `{action}`: `{type(error).__name__}`")


def _unreachable(
    system: str, action: str, code: str, refused: ssl.SSLCertVerificationError | None, *, trusted: bool
) -> SourceUnreachable:
    along = "is something between here and AWS that reads along? its authority goes into `AWS_CA_BUNDLE`"
    if refused is not None:
        why, advice = distrust(refused, "AWS", own_authority=False, can_name=False)
        hint = along if "signed by" in why else advice
        return SourceUnreachable(f"the certificate of `{system}` is not to be trusted: it {why}", hint=hint)
    if not trusted:
        return SourceUnreachable(
            f"the certificate or the TLS of `{system}` is not to be trusted",
            hint=along,
        )
    return SourceUnreachable(
        f"`{system}` did not answer `{action}`: `{code}`",
        hint="check the network, `region` and `endpoint_url`, and try again later",
    )
