"""
AWS users, groups and policies, live, through boto3.

Reads `iam:GetAccountAuthorizationDetails`, the credential report, MFA devices of users newer than the report, and
`iam:GetAccountSummary` as proof. Credentials come from boto3's own chain (profile, environment, SSO, role of the
machine), never from the configuration. The rights that it needs are in docs/connect-aws.md.
Source: IAM API Reference.
"""

import ipaddress
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.cloud._authorization_details import AuthorizationDetails
from connectors.cloud._aws_client import ask, code_of
from connectors.cloud._credential_report import Row, parse_report
from connectors.cloud._summary import check_counts
from connectors.connector import Page
from connectors.errors import SourceDenied, SourceMalformed, SourceTruncated, SourceUnreachable
from connectors.facts import Evidence, System

REPORT_TRIES = 60
REPORT_WAIT_S = 2.0
"""AWS makes a report within seconds, in a large account within a minute."""

MAX_DEVICE_PAGES = 20


class Settings(BaseModel):
    """Which account, and as whom. There is no place for keys here: see `profile`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    profile: str | None = None
    """A profile of the AWS configuration of this machine; without it, boto3's own chain decides."""
    role_arn: str | None = Field(None, pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$")
    """A role to become first, for reading the account of a practice from that of an agency."""
    region: str | None = Field(None, pattern=r"^[a-z]{2,4}(-[a-z]+)+-\d$")
    endpoint_url: str | None = None
    account_id: str | None = Field(None, pattern=r"^\d{12}$")
    """The account that it must be; another one is refused."""
    canary: str | None = None
    timeout_s: float = Field(60, gt=0, le=600)
    """For connecting, and between two parts of an answer."""
    call_limit_s: float = Field(600, gt=0, le=3600)
    """For one call with all its retries."""
    max_attempts: int = Field(10, ge=1, le=10)

    @field_validator("endpoint_url")
    @classmethod
    def _encrypted(cls, value: str | None) -> str | None:
        if value is None:
            return None
        url = urlsplit(value)
        if url.username or url.password or not url.hostname:
            raise ValueError("an address such as `https://iam.amazonaws.com`, without name and password")
        if url.scheme == "https" or (url.scheme == "http" and _loopback(url.hostname)):
            return value
        raise ValueError("an address that starts with `https://` (`http://` only for this machine)")


def connect(system: System, settings: Settings, folder: Path) -> "Aws":  # noqa: ARG001 - no files
    """Return a connector; nothing is read yet."""
    return Aws(system, settings)


class Aws:
    """Reads one AWS account."""

    def __init__(self, system: System, settings: Settings) -> None:
        self._system = system
        self._settings = settings
        self._iam: Any = None
        self._details: AuthorizationDetails | None = None
        self._account = settings.account_id
        self._self: str | None = None
        self._clients: list[Any] = []

    @property
    def system(self) -> System:
        """The system that it reads."""
        return self._system

    @property
    def source(self) -> str:
        """The account that it reads."""
        account = f", account {self._account}" if self._account else ""
        return f"AWS IAM{account}" + (f", at {self._settings.endpoint_url}" if self._settings.endpoint_url else "")

    @property
    def canary(self) -> str | None:
        """A user who must be in the answer: by default the auditor's own, when it is an IAM user."""
        return self._settings.canary or self._self

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients:
            client.close()

    def read_page(self, token: str | None) -> Page:
        """
        Read one page of GetAccountAuthorizationDetails; before the first, the credential report.

        Raises `SourceDenied` naming the action to allow, `SourceUnreachable`, `SourceMalformed`, `SourceTruncated`.
        """
        if self._details is None:
            self._open()
            self._details = AuthorizationDetails(self._system.id, self._credential_report())
        details = self._details
        paging = {"Marker": token} if token else {}
        answer = self._ask(
            "GetAccountAuthorizationDetails", lambda: self._iam.get_account_authorization_details(**paging)
        )
        page = details.parse(answer)
        details.learn_mfa(self._devices(details.without_row(page)))
        accounts = details.add(page)
        if not isinstance(answer.get("IsTruncated"), bool):
            raise SourceMalformed(
                f"`{self._system.id}` did not say whether there is more (`IsTruncated`)",
                hint="is something between here and AWS that answers in its place? check `endpoint_url`",
            )
        if answer["IsTruncated"]:
            if not answer.get("Marker"):
                raise SourceMalformed(
                    f"`{self._system.id}` said that there is more, but not where (`Marker`)", hint="try again later"
                )
            return Page(accounts=accounts, next_token=answer["Marker"])
        users, proof = check_counts(
            self._system.id, self._ask("GetAccountSummary", self._iam.get_account_summary), details
        )
        root = details.root()
        entitlements, grants = details.finish()
        return Page(
            accounts=(*accounts, root) if root else accounts,
            entitlements=entitlements,
            grants=grants,
            total=users + (root is not None),
            evidence=(
                Evidence("end", "`IsTruncated` is false on the last page"),
                proof,
                Evidence("roles", f"{details.roles} roles are not accounts of people and are not audited as such"),
            ),
        )

    def _ask(self, action: str, call: Callable[[], Any], service: str = "iam") -> Any:
        return ask(self._system.id, f"{service}:{action}", call, self._settings.call_limit_s)

    def _open(self) -> None:
        """Sign in, and check that it is the right account."""
        session = self._ask("AssumeRole" if self._settings.role_arn else "GetCallerIdentity", self._session, "sts")
        sts = self._client(session, "sts")
        who = self._ask("GetCallerIdentity", sts.get_caller_identity, "sts")
        account, arn = str(who.get("Account", "")), str(who.get("Arn", ""))
        if self._settings.account_id not in (None, account):
            raise SourceDenied(
                f"the credentials are of the account `{account[:12]}`, not of `{self._settings.account_id}`",
                hint="correct `profile`, `role_arn` or `account_id`: it must be this practice's own account",
            )
        self._account = account[:12]
        # Only an IAM user is itself in the list; a role, or a session, is not.
        self._self = arn.rpartition("/")[2] if arn.split(":")[2:3] == ["iam"] and ":user/" in arn else None
        self._iam = self._client(session, "iam")

    def _session(self) -> Any:
        # Imported late: an audit without AWS does not pay for it.
        import boto3  # noqa: PLC0415

        session = boto3.Session(profile_name=self._settings.profile, region_name=self._settings.region)
        if self._settings.role_arn is None:
            return session
        sts = self._client(session, "sts")
        answer = sts.assume_role(RoleArn=self._settings.role_arn, RoleSessionName="auditor")["Credentials"]
        return boto3.Session(
            aws_access_key_id=answer["AccessKeyId"],
            aws_secret_access_key=answer["SecretAccessKey"],
            aws_session_token=answer["SessionToken"],
            region_name=self._settings.region or session.region_name,
        )

    def _client(self, session: Any, service: str) -> Any:
        from botocore.config import Config  # noqa: PLC0415

        config = Config(
            connect_timeout=self._settings.timeout_s,
            read_timeout=self._settings.timeout_s,
            retries={"mode": "adaptive", "max_attempts": self._settings.max_attempts},
        )
        region = self._settings.region or session.region_name or "us-east-1"
        client = session.client(service, region_name=region, endpoint_url=self._settings.endpoint_url, config=config)
        self._clients.append(client)
        return client

    def _credential_report(self) -> Mapping[str, Row]:
        """Have the report made, wait for it, and read it."""
        for attempt in range(REPORT_TRIES):
            if attempt:
                time.sleep(min(REPORT_WAIT_S, 0.1 * 2**attempt))
            state = self._ask("GenerateCredentialReport", self._iam.generate_credential_report).get("State")
            if state != "COMPLETE":
                continue
            answer = self._ask("GetCredentialReport", self._report_or_none)
            if answer is not None:
                return self._parsed(answer.get("Content", b""))
        raise SourceUnreachable(
            f"`{self._system.id}` did not finish its credential report", hint="try again in some minutes"
        )

    def _report_or_none(self) -> Any:
        try:
            return self._iam.get_credential_report()
        except Exception as error:
            # Between two calls a report can expire, or still be in the making: ask for a new one.
            if code_of(error) in ("ReportNotPresent", "ReportExpired", "ReportInProgress"):
                return None
            raise

    def _parsed(self, content: bytes) -> Mapping[str, Row]:
        def refuse(problem: str, line: int) -> NoReturn:
            raise SourceMalformed(
                f"`{self._system.id}` gave a credential report that cannot be read, line {line}: {problem}",
                hint="run again; if it stays, report it",
            )

        try:
            return parse_report(content.decode(), refuse)
        except UnicodeDecodeError:
            raise SourceMalformed(f"`{self._system.id}` gave a credential report that is not UTF-8") from None

    def _devices(self, users: list[tuple[str, str]]) -> dict[str, bool]:
        """Ask for the MFA devices of users whom the report does not know yet."""
        return {arn: self._has_device(name) for name, arn in users}

    def _has_device(self, name: str) -> bool:
        paging: dict[str, str] = {}
        for _ in range(MAX_DEVICE_PAGES):
            answer = self._ask("ListMFADevices", lambda: self._iam.list_mfa_devices(UserName=name, **paging))  # noqa: B023
            if answer.get("MFADevices"):
                return True
            if not answer.get("IsTruncated"):
                return False
            if not answer.get("Marker"):
                break
            paging = {"Marker": answer["Marker"]}
        raise SourceTruncated(f"`{self._system.id}` did not finish its list of MFA devices", hint="try again later")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
