"""
The calls to IAM that every audit makes, and the credential report, which has to be made before it can be read.

Source: IAM API Reference.
"""

import base64
import binascii
import time
from collections.abc import Mapping
from typing import NoReturn

from connectors.cloud.aws.calls import Call
from connectors.cloud.aws.credential_report import Row, parse_report
from connectors.cloud.aws.credentials import DEVICES
from connectors.cloud.aws.responses import ResponseSource, malformed, one
from connectors.errors import SourceMalformed, SourceUnreachable

REPORT_TRIES = 60
REPORT_WAIT_S = 2.0
"""AWS makes a report within seconds, in a large account within a minute."""

DETAILS = Call("iam", "GetAccountAuthorizationDetails", more_at="Marker", truncates=True)
SUMMARY = Call("iam", "GetAccountSummary", "account-summary")
GENERATE = Call("iam", "GenerateCredentialReport", "credential-report")
REPORT = Call(
    "iam",
    "GetCredentialReport",
    "credential-report",
    # Between two calls a report can expire, or still be in the making: a new one is asked for.
    absent=frozenset(["ReportNotPresent", "ReportExpired", "ReportInProgress"]),
)
WHO = Call("sts", "GetCallerIdentity")
"""Needs no right."""
CALLS = (DETAILS, GENERATE, REPORT, SUMMARY, DEVICES)


def credential_report(answers: ResponseSource, system: str) -> Mapping[str, Row]:
    """Have the report made, wait for it, and read it; raises `Refused`, `SourceUnreachable`, `SourceMalformed`."""
    for attempt in range(REPORT_TRIES if answers.live else 1):
        if attempt:
            time.sleep(min(REPORT_WAIT_S, 0.1 * 2**attempt))
        if answers.live and (one(answers, GENERATE) or {}).get("State") != "COMPLETE":
            continue
        answer = one(answers, REPORT)
        if answer is not None:
            return _parsed(system, _content(answer.get("Content", b"")))
    raise SourceUnreachable(f"`{system}` did not finish its credential report", hint="try again in some minutes")


def _content(content: object) -> bytes:
    if isinstance(content, bytes):
        return content
    try:
        return base64.b64decode(str(content), validate=True)
    except (binascii.Error, ValueError):
        raise malformed(REPORT, "Content") from None


def _parsed(system: str, content: bytes) -> Mapping[str, Row]:
    def refuse(problem: str, line: int) -> NoReturn:
        raise SourceMalformed(
            f"`{system}` gave a credential report that cannot be read, line {line}: {problem}",
            hint="run again; if it stays, report it",
        )

    try:
        return parse_report(content.decode(), refuse)
    except UnicodeDecodeError:
        raise SourceMalformed(f"`{system}` gave a credential report that is not UTF-8") from None
