"""Which AWS account, and as whom: settings and sessions that the live connectors of AWS share."""

import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from connectors.cloud.aws.calls import CallAccount
from connectors.cloud.aws.client import ask
from connectors.connector import Endpoint, Transport
from connectors.errors import SourceDenied
from connectors.http.credentials import is_loopback
from connectors.inputs.strict import Settings

ROLE = r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$"
REGION = r"^[a-z]{2,4}(-[a-z]+)+-\d$"


class AwsAccess(Settings):
    """Which account, and as whom. There is no place for keys here: see `profile`."""

    profile: str | None = None
    """A profile of the AWS configuration of this machine; without it, boto3's own chain decides."""
    role_arn: str | None = Field(None, pattern=ROLE)
    """A role to become first, for reading the account of a practice from that of an agency."""
    external_id: str | None = Field(None, min_length=2, max_length=1224, pattern=r"^[A-Za-z0-9_+=,.@:/-]+$")
    """The external id that the trust of the role asks for, so that nobody else can have the auditor take it."""
    region: str | None = Field(None, pattern=REGION)
    """Where the account's own services run; for IAM only its partition matters."""
    endpoint_url: str | None = None
    """Another address than AWS's own, for private endpoints and tests."""
    account_id: str | None = Field(None, pattern=r"^\d{12}$")
    """The account that it must be; another one is refused."""
    timeout_s: float = Field(60, gt=0, le=600)
    """For connecting, and between two parts of an answer."""
    call_limit_s: float = Field(600, gt=0, le=3600)
    """For one call with all its retries."""
    max_attempts: int = Field(10, ge=1, le=10)
    """How often one call is tried; AWS slows down whoever asks too fast."""

    @field_validator("endpoint_url")
    @classmethod
    def _encrypted(cls, value: str | None) -> str | None:
        if value is None:
            return None
        url = urlsplit(value)
        if url.username or url.password or not url.hostname:
            raise ValueError("an address such as `https://iam.amazonaws.com`, without name and password")
        if url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname)):
            return value
        raise ValueError("an address that starts with `https://` (`http://` only for this machine)")


class Sessions:
    """Signs in once for each place, and keeps one client for each service and region."""

    def __init__(
        self,
        system: str,
        access: AwsAccess,
        organization_role: str | None = None,
        regions: Mapping[str, str] | None = None,
    ) -> None:
        self._system = system
        self._access = access
        self._regions = regions or {}
        """Services that are at home in a region of their own."""
        self._roles = {
            CallAccount.ACCOUNT: access.role_arn,
            CallAccount.ORGANIZATION: organization_role or access.role_arn,
        }
        self._sessions: dict[str | None, Any] = {}
        self._clients: dict[tuple[str, str | None, str], Any] = {}
        self._others: list[Any] = []

    def identity(self) -> tuple[str, str]:
        """
        Return account and ARN of the auditor in the account; raises `SourceDenied` when it is not the right account.

        Needs no right: Service Authorization Reference, `sts:GetCallerIdentity`.
        """
        self.ask(
            "AssumeRole" if self._access.role_arn else "GetCallerIdentity", lambda: self._session(CallAccount.ACCOUNT)
        )
        sts = self.client("sts", CallAccount.ACCOUNT)
        who = self.ask("GetCallerIdentity", sts.get_caller_identity)
        account, arn = str(who.get("Account", ""))[:12], str(who.get("Arn", ""))
        if self._access.account_id not in (None, account):
            raise SourceDenied(
                f"the credentials are of the account `{account}`, not of `{self._access.account_id}`",
                hint="correct `profile`, `role_arn` or `account_id`: it must be this practice's own account",
            )
        return account, arn

    def sign_in(self) -> str:
        """Tell, for a check, as whom the account is read; raises `SourceDenied` as `identity` does."""
        return as_whom(*self.identity())

    @property
    def region(self) -> str:
        """The region of the account's session."""
        return self._access.region or self._session(CallAccount.ACCOUNT).region_name or "us-east-1"

    def ask(self, action: str, call: Callable[[], Any]) -> Any:
        """Make one call to STS."""
        return ask(self._system, f"sts:{action}", call, self._access.call_limit_s)

    def client(self, service: str, place: CallAccount, region: str | None = None) -> Any:
        """Return the client of a service."""
        session = self._session(place)
        region = region or self._regions.get(service) or self._access.region or session.region_name or "us-east-1"
        key = (service, self._roles[place], region)
        if key not in self._clients:
            self._clients[key] = self._new_client(session, service, region)
        return self._clients[key]

    def close(self) -> None:
        """Close the connections."""
        for client in (*self._clients.values(), *self._others):
            client.close()
        self._clients.clear()
        self._others.clear()

    def _session(self, place: CallAccount) -> Any:
        role = self._roles[place]
        if role not in self._sessions:
            session = _new_session(profile_name=self._access.profile, region_name=self._access.region)
            self._sessions[role] = session if role is None else self._become(session, role)
        return self._sessions[role]

    def _become(self, session: Any, role: str) -> Any:
        region = self._access.region or session.region_name
        sts = self._new_client(session, "sts", region or "us-east-1")
        self._others.append(sts)
        external = {"ExternalId": self._access.external_id} if self._access.external_id else {}
        answer = sts.assume_role(RoleArn=role, RoleSessionName="auditor", **external)["Credentials"]
        return _new_session(
            aws_access_key_id=answer["AccessKeyId"],
            aws_secret_access_key=answer["SecretAccessKey"],
            aws_session_token=answer["SessionToken"],
            region_name=region,
        )

    def _new_client(self, session: Any, service: str, region: str) -> Any:
        from botocore.config import Config  # noqa: PLC0415

        config = Config(
            connect_timeout=self._access.timeout_s,
            read_timeout=self._access.timeout_s,
            retries={"mode": "adaptive", "max_attempts": self._access.max_attempts},
        )
        return session.client(service, region_name=region, endpoint_url=self._access.endpoint_url, config=config)


def _new_session(**fields: str | None) -> Any:
    """Return a session of boto3 that has the descriptions of AWS's services in common with those before it."""
    # Imported late: an audit without AWS does not pay for it.
    import boto3  # noqa: PLC0415
    from botocore.session import get_session  # noqa: PLC0415

    core = get_session()
    core.lazy_register_component("data_loader", lambda: _descriptions(core.get_config_variable("data_path")))
    session = boto3.Session(botocore_session=core, **fields)
    paths = core.get_component("data_loader").search_paths
    paths[:] = dict.fromkeys(paths)  # boto3 adds its own with every session
    return session


@cache
def _descriptions(data_path: str | None) -> Any:
    """
    Return what reads botocore's JSON: once for all accounts and roles.

    A session of its own for each reads and parses some megabytes each time: a quarter of a second of processor time.
    """
    from botocore.loaders import create_loader  # noqa: PLC0415

    return create_loader(data_path)


def endpoint(access: AwsAccess, host: str) -> Endpoint:
    """Return where a service answers: `host`, unless the settings name another."""
    if access.endpoint_url:
        url = urlsplit(access.endpoint_url)
        tls = url.scheme == "https"
        transport = Transport.TLS if tls else Transport.PLAIN
        return Endpoint(url.hostname or "", url.port or (443 if tls else 80), transport, _trusted())
    return Endpoint(host, 443, Transport.TLS, _trusted())


def as_whom(account: str, arn: str) -> str:
    """Say as whom an account is read."""
    return f"account {account}, as {arn.rpartition(':')[2]}"


def _trusted() -> Path | None:
    """Return the file of authorities that boto3 uses instead of its own, if the environment names one."""
    bundle = os.environ.get("AWS_CA_BUNDLE")
    return Path(bundle) if bundle else None
