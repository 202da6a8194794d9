"""
AWS users, groups and policies from files that the AWS command line saved.

For practices that hand out no credentials. The files come from `aws iam get-account-authorization-details`,
`get-credential-report` (after `generate-credential-report`), `list-virtual-mfa-devices` and `get-account-summary`.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, Self

from pydantic import Field, model_validator

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.cloud.aws.authorization_details import AuthorizationDetails
from connectors.cloud.aws.collect_estate import CollectionScope, collect_estate
from connectors.cloud.aws.credential_report import Row, parse_report
from connectors.cloud.aws.estate import AwsEstate
from connectors.cloud.aws.folder import AwsFolder, Choosing, place_of, refuse_other
from connectors.cloud.aws.pages import saved_details
from connectors.cloud.aws.policy import policies
from connectors.cloud.aws.saved import SavedResponses
from connectors.cloud.aws.scope import Choice, EstatePart, parts_of
from connectors.cloud.aws.setup import steps_text
from connectors.cloud.aws.summary import check_counts
from connectors.cloud.aws.trail.reading import NOT_SAVED, from_files
from connectors.cloud.aws.trail.translate import Standing, answer_of
from connectors.connector import Page
from connectors.errors import InputError, SourceTruncated
from connectors.facts import Evidence, System
from connectors.inputs.files import modified_at, opened, read_text, sha256_of
from connectors.inputs.json import load_json


class Settings(Choice):
    """Which files to read."""

    folder: Path | None = None
    """The folder with the saved answers, `<service>.<Operation>.json`; instead of the single files below."""
    authorization_details: Path | None = None
    """The answer of `aws iam get-account-authorization-details`."""
    credential_report: Path | None = None
    """The CSV, or the JSON answer that holds it; without it, status, last sign-in and MFA are unknown."""
    virtual_mfa_devices: Path | None = None
    """The answer of `aws iam list-virtual-mfa-devices`."""
    account_summary: Path | None = None
    """How many users there are: the proof that none is missing."""
    cloudtrail: Path | None = None
    """A file of CloudTrail, or a folder of them such as a copy of `AWSLogs`: when access changed, and by whom."""
    canary: str | None = None
    """A user who must be in the files."""
    account_id: str | None = Field(None, pattern=r"^\d{12}$")
    """The account that it must be; files of another one are refused."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        single = (self.authorization_details, self.credential_report, self.virtual_mfa_devices, self.account_summary)
        if self.folder is None and self.authorization_details is None:
            raise ValueError("`folder`, or `authorization_details` and the other single files")
        if self.folder is not None and any(path is not None for path in single):
            raise ValueError("either `folder` or single files, not both")
        return self

    @property
    def parts(self) -> frozenset[EstatePart]:
        """What is read beyond users, groups, roles and policies: from a folder everything that may be there."""
        if self.folder is None or self.collect is not None:
            return parts_of(self)
        return frozenset(part for part in EstatePart if part is not EstatePart.RESOURCES or self.phi is not None)


def connect(system: System, settings: Settings, folder: Path) -> "AwsJson | AwsFolder":
    """Return a connector; nothing is read yet."""
    if settings.folder is not None:
        trail = folder / settings.cloudtrail if settings.cloudtrail else None
        scope = Choosing(settings, settings.parts, settings.account_id, settings.canary, trail)
        return AwsFolder(system, scope, folder / settings.folder)
    return AwsJson(system, settings, folder)


def setup(system: System, settings: Settings) -> str:
    """Return the policy of whoever saves the answers, and where the commands stand."""
    granted = policies(settings.parts, settings.phi, apart=False)
    text = steps_text(system.title, [("whoever saves the answers", d) for d in granted.values()], [], None)
    return f"{text}\n2. Save the answers with the commands in docs/connect-aws.md.\n"


class AwsJson:
    """Reads the saved answers; one page."""

    def __init__(self, system: System, settings: Settings, folder: Path) -> None:
        self._system = system
        self._settings = settings
        self._details = folder / (settings.authorization_details or "")
        self._estate: AwsEstate | None = None
        self._report = folder / settings.credential_report if settings.credential_report else None
        self._devices = folder / settings.virtual_mfa_devices if settings.virtual_mfa_devices else None
        self._summary = folder / settings.account_summary if settings.account_summary else None
        self._trail = folder / settings.cloudtrail if settings.cloudtrail else None

    @property
    def system(self) -> System:
        """The system that it reads."""
        return self._system

    @property
    def source(self) -> str:
        """The file that it reads."""
        return f"AWS IAM, from the file {self._details.name}"

    @property
    def canary(self) -> str | None:
        """A user who must be in the files."""
        return self._settings.canary

    @property
    def estate(self) -> AwsEstate | None:
        """What effective permission depends on, as far as these files say; after the last page."""
        return self._estate

    def as_of(self) -> datetime:
        """Return when the oldest of the files was saved."""
        files = (self._details, self._report, self._devices, self._summary)
        return min(modified_at(path) for path in files if path is not None)

    def read_page(self, token: str | None) -> Page:  # noqa: ARG002 - a file has one page
        """Read everything; raises `InputError` for a file that cannot be used, `SourceTruncated` for a part."""
        rows = self._rows()
        details = AuthorizationDetails(self._system.id, rows, self._mfa())
        accounts = saved_details(self._details, details)
        if not accounts and rows is None:
            self._without_users(details)
        root = details.root()
        entitlements, grants = details.finish()
        users, proof = self._count(details)
        self._estate = self._built(details)
        return Page(
            accounts=(*accounts, root) if root else accounts,
            entitlements=entitlements,
            grants=grants,
            total=None if users is None else users + (root is not None),
            evidence=(
                Evidence("end", "the file says nothing of more to come"),
                Evidence("sha256", sha256_of(self._details)),
                Evidence("roles", f"{details.roles} roles are not accounts of people and are not audited as such"),
                *proof,
            ),
        )

    def read_log(self, question: LogQuestion) -> LogAnswer:
        """Return what saved files of CloudTrail say; raises `InputError` where none are configured."""
        if self._trail is None:
            raise InputError(self._details.name, "nothing of CloudTrail was saved beside it", hint=NOT_SAVED)
        if self._estate is None:
            self.read_page(None)
        estate = self._estate
        arn = f"arn:{estate.partition}:iam::{estate.account}:" if estate else "arn:aws:iam:::"
        place = place_of(self._system.id, arn, question, estate)
        return answer_of(from_files(self._trail, place), question, Standing(place, self.as_of()))

    def _without_users(self, details: AuthorizationDetails) -> None:
        """Take an account without users for whole where the summary counts none: roles, and its root, can be open."""
        if self._summary is None:
            raise SourceTruncated(
                f"`{self._system.id}` has no user in {self._details.name}, and nothing says that the account has none",
                hint="one saved with `--filter` looks the same: give `account_summary` or `credential_report` as well",
            )
        details.assume_root(None)

    def _built(self, details: AuthorizationDetails) -> AwsEstate:
        partition, account = details.account or ("aws", "")
        refuse_other(self._details, account, self._settings.account_id)
        scope = CollectionScope(account, partition, "us-east-1", self._settings, frozenset())
        unread = {} if self._report else {"credential-report": "there is no file of it"}
        return collect_estate(SavedResponses(self._details.parent), scope, details, unread).estate

    def _count(self, details: AuthorizationDetails) -> tuple[int | None, tuple[Evidence, ...]]:
        if self._summary is not None:
            return check_counts(self._system.id, load_json(self._summary), details)
        if gone := details.vanished():
            # With a summary the users are counted, and these are users deleted since the report; without, who knows.
            raise SourceTruncated(
                f"`{self._system.id}` has {gone} users in the credential report who are not in {self._details.name}",
                hint="save both again on the same day, or give `account_summary` as well",
            )
        return None, ()

    def _load(self, path: Path) -> dict[str, Any]:
        data = load_json(path)
        if data.get("IsTruncated", False) is not False or data.get("Marker") or data.get("NextToken"):
            raise SourceTruncated(
                f"`{self._system.id}` has more than the file {path.name} holds: it is one page of several",
                hint="save it again without `--max-items` and `--no-paginate`; the command then turns all pages",
            )
        return data

    def _rows(self) -> Mapping[str, Row] | None:
        if self._report is None:
            return None
        path = self._report

        def refuse(problem: str, line: int) -> NoReturn:
            raise InputError(path, problem, line=line, hint="save the credential report again")

        return parse_report(_report_text(path), refuse)

    def _mfa(self) -> dict[str, bool]:
        if self._devices is None:
            return {}
        devices = self._load(self._devices).get("VirtualMFADevices")
        if not isinstance(devices, list) or not all(isinstance(device, dict) for device in devices):
            raise InputError(
                self._devices,
                "there is no list `VirtualMFADevices`",
                expected="the answer of `aws iam list-virtual-mfa-devices`",
            )
        owners = [device.get("User") for device in devices]
        # Whoever is not in the list may have a hardware device: that is unknown, not "no".
        return {str(owner["Arn"]): True for owner in owners if isinstance(owner, dict) and "Arn" in owner}


def _report_text(path: Path) -> str:
    """Return the CSV of a credential report, saved as it is or as the answer that carries it in base64."""
    if not path.is_file() or _first_character(path) != "{":
        return read_text(path)
    content = load_json(path).get("Content")
    try:
        return base64.b64decode(str(content), validate=True).decode()
    except (binascii.Error, ValueError):
        raise InputError(
            path,
            "`Content` is not a credential report",
            expected="the answer of `aws iam get-credential-report`",
        ) from None


def _first_character(path: Path) -> str:
    with opened(path) as file:
        start = file.read(16)
    # As UTF-8, or as Windows PowerShell saves it.
    return start.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1].decode("latin-1")
