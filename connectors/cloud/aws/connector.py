"""
One AWS account, live, through boto3: its users, the people who enter through Identity Center, and what limits them.

Reads `iam:GetAccountAuthorizationDetails`, the credential report, MFA devices of users newer than the report, and
`iam:GetAccountSummary` as proof; the rest is what `collect` asks for. Credentials come from boto3's own chain (profile,
environment, SSO, role of the machine), never from the configuration. `setup` prints the rights that it needs.
Source: the API Reference of each service.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import Field

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.cloud.aws.access import REGION, ROLE, AwsAccess, Sessions, as_whom, endpoint
from connectors.cloud.aws.calls import Call, CallAccount
from connectors.cloud.aws.collect_estate import CALLS, CollectionScope
from connectors.cloud.aws.estate import AwsEstate
from connectors.cloud.aws.folder import place_of
from connectors.cloud.aws.iam import SUMMARY, WHO
from connectors.cloud.aws.live import LiveResponses
from connectors.cloud.aws.one_account import users_now
from connectors.cloud.aws.policy import account_calls, policies
from connectors.cloud.aws.reading import AccountReading, own_user
from connectors.cloud.aws.responses import one
from connectors.cloud.aws.saved import ResponseRecorder
from connectors.cloud.aws.scope import Choice, EstatePart, parts_of
from connectors.cloud.aws.setup import steps_text
from connectors.cloud.aws.trail.reading import Regions, both, from_files, from_history
from connectors.cloud.aws.trail.translate import Standing, answer_of
from connectors.collect import utc_now
from connectors.connector import Endpoint, Page, ProbeStep
from connectors.facts import Account, System
from connectors.one_account import AccountNow

DIRECTORY = ("sso-admin", "identitystore", "account-access")
# From: AWS General Reference, IAM endpoints: one address for all regions of a partition.
HOSTS = {"us-gov-": "iam.us-gov.amazonaws.com", "cn-": "iam.cn-north-1.amazonaws.com.cn"}
PROBES: Mapping[EstatePart, Call] = {
    part: CALLS[part][0] for part in (EstatePart.ORGANIZATION, EstatePart.IDENTITY_CENTER, EstatePart.ACCOUNT_ACCESS)
}
"""The first call of each part that needs nothing to be known."""


class Settings(AwsAccess, Choice):
    """Which account, as whom, and what of it."""

    canary: str | None = None
    """A user who must be in the answer; by default the auditor's own IAM user."""
    organization_role_arn: str | None = Field(None, pattern=ROLE)
    """A role in the management account of the organization, or in the one to which Organizations and Identity Center
    are delegated; without it, the account itself is asked."""
    identity_center_region: str | None = Field(None, pattern=REGION)
    """Where Identity Center is at home; without it, `region`."""
    cloudtrail: Path | None = None
    """A file of CloudTrail, or a folder of them such as a copy of `AWSLogs`, read beside its history of 90 days."""
    record: Path | None = None
    """A folder in which to keep the answers, for `aws-json` to read again: names and rights of staff, no secrets."""

    @property
    def parts(self) -> frozenset[EstatePart]:
        """What is read beyond users, groups, roles and policies."""
        return parts_of(self, organization=self.organization_role_arn is not None)


def connect(system: System, settings: Settings, folder: Path) -> "Aws":
    """Return a connector; nothing is read yet."""
    return Aws(system, settings, folder)


def setup(system: System, settings: Settings) -> str:
    """Return the exact policy for what is chosen, and, with roles, who may take them."""
    apart = settings.organization_role_arn is not None
    whom = {
        CallAccount.ACCOUNT: "the role in the audited account" if settings.role_arn else "the auditor's user or role",
        CallAccount.ORGANIZATION: "the role in the management account",
    }
    granted = policies(settings.parts, settings.phi, apart=apart)
    roles = [role for role in (settings.role_arn, settings.organization_role_arn) if role]
    return steps_text(system.title, [(whom[place], d) for place, d in granted.items()], roles, settings.external_id)


class Aws:
    """Reads one AWS account."""

    def __init__(self, system: System, settings: Settings, folder: Path) -> None:
        self._system = system
        self._settings = settings
        self._folder = folder
        home = settings.identity_center_region
        regions = dict.fromkeys(DIRECTORY, home) if home else {}
        self._sessions = Sessions(system.id, settings, settings.organization_role_arn, regions)
        self._account = settings.account_id
        self._self: str | None = None
        self._reading: AccountReading | None = None
        self._recorder: ResponseRecorder | None = None
        self._read_at: datetime | None = None

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

    @property
    def endpoint(self) -> Endpoint:
        """Where IAM answers."""
        region = self._settings.region or ""
        host = next((h for start, h in HOSTS.items() if region.startswith(start)), "iam.amazonaws.com")
        return endpoint(self._settings, host)

    @property
    def estate(self) -> AwsEstate | None:
        """What effective permission depends on; after the last page."""
        return self._reading.estate if self._reading else None

    def steps(self) -> Sequence[ProbeStep]:
        """Try the sign-in, the right to see the account, and the first right of each part."""
        first = ProbeStep("rights", lambda: self._probe(SUMMARY))
        parts = (part for part in PROBES if part in self._settings.parts)
        return (
            ProbeStep("sign-in", self._sign_in),
            first,
            *(ProbeStep(f"rights of {part}", lambda part=part: self._probe(PROBES[part])) for part in parts),  # type: ignore[misc]
        )

    def close(self) -> None:
        """Close the connections."""
        self._sessions.close()

    def read_page(self, token: str | None) -> Page:
        """
        Read one page of users; before the first, the credential report; with the last, everything else.

        Raises `SourceDenied` naming the action to allow, `SourceUnreachable`, `SourceMalformed`, `SourceTruncated`.
        """
        if self._reading is None:
            self._read_at = utc_now()
            self._reading = self._open()
        page = self._reading.page(token)
        if page.next_token is None and self._recorder is not None and self._settings.record is not None:
            calls = {
                WHO,
                *account_calls(frozenset(EstatePart), CallAccount.ACCOUNT),
                *(c for part in EstatePart for c in CALLS[part]),
            }
            self._recorder.save(self._folder / self._settings.record, sorted(call.name for call in calls))
        return page

    def read_accounts(self, accounts: Sequence[Account]) -> Mapping[str, AccountNow | None]:
        """Return the IAM users that are asked for; others need a whole read. Raises `SourceError`."""
        self._identify()
        return users_now(self._answers(), accounts)

    def read_log(self, question: LogQuestion) -> LogAnswer:
        """
        Return what CloudTrail says of users and of people of Identity Center; needs `cloudtrail:LookupEvents`.

        Raises `SourceDenied` naming that action, `SourceUnreachable`, `SourceMalformed`; `InputError` for saved files.
        """
        arn = self._identify()
        place = place_of(self._system.id, arn, question, self.estate)
        own = self._settings.region or self._sessions.region
        regions = Regions(own, self._settings.identity_center_region or own)
        trail = from_history(self._answers(), question, place, regions, utc_now())
        if self._settings.cloudtrail is not None:
            trail = both(trail, from_files(self._folder / self._settings.cloudtrail, place))
        return answer_of(trail, question, Standing(place, self._read_at))

    def _open(self) -> AccountReading:
        """Sign in, and check that it is the right account."""
        arn = self._identify()
        answers: Any = self._answers()
        if self._settings.record is not None:
            answers = self._recorder = ResponseRecorder(answers)
            self._recorder.keep(WHO, {"Account": self._account, "Arn": arn})
        region = self._settings.region or self._sessions.region
        scope = CollectionScope(self._account or "", arn.split(":")[1], region, self._settings, self._settings.parts)
        return AccountReading(self._system.id, answers, scope)

    def _identify(self) -> str:
        self._account, arn = self._sessions.identity()
        self._self = own_user(arn)
        return arn

    def _answers(self) -> LiveResponses:
        return LiveResponses(self._system.id, self._sessions, self._settings.call_limit_s)

    def _sign_in(self) -> str:
        arn = self._identify()
        return as_whom(self._account or "", arn)

    def _probe(self, call: Call) -> str:
        one(self._answers(), call)
        return f"`{call.action}` is allowed"
