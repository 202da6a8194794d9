"""A folder of saved answers, read as the live connector reads AWS."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.cloud.aws.collect_estate import CollectionScope
from connectors.cloud.aws.estate import AwsEstate
from connectors.cloud.aws.iam import DETAILS, WHO
from connectors.cloud.aws.reading import AccountReading, own_user
from connectors.cloud.aws.responses import Response, one, pages, text
from connectors.cloud.aws.saved import SavedResponses
from connectors.cloud.aws.scope import Choice, EstatePart
from connectors.cloud.aws.trail.iam_events import Place
from connectors.cloud.aws.trail.reading import from_folder
from connectors.cloud.aws.trail.translate import Standing, answer_of
from connectors.connector import Page
from connectors.errors import InputError
from connectors.facts import Evidence, System

ACCOUNT = re.compile(r"arn:[^:]+:[^:]+::\d{12}:")
"""An ARN of IAM or STS, which names its account."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """What of a folder is read."""

    choice: Choice
    parts: frozenset[EstatePart]
    account_id: str | None
    canary: str | None
    cloudtrail: Path | None = None
    """Files of a trail, besides the folder."""


class AwsFolder:
    """Reads a folder of saved answers, as the live connector reads AWS."""

    def __init__(self, system: System, chosen: Choosing, folder: Path) -> None:
        self._system = system
        self._chosen = chosen
        self._folder = folder
        self._answers = SavedResponses(folder)
        self._reading: AccountReading | None = None
        self._self: str | None = None

    @property
    def system(self) -> System:
        """The system that it reads."""
        return self._system

    @property
    def source(self) -> str:
        """The folder that it reads."""
        return f"AWS IAM, from the folder {self._folder.name}"

    @property
    def canary(self) -> str | None:
        """A user who must be in the files: by default whoever saved them, when that is an IAM user."""
        return self._chosen.canary or self._self

    @property
    def estate(self) -> AwsEstate | None:
        """What effective permission depends on; after the last page."""
        return self._reading.estate if self._reading else None

    def as_of(self) -> datetime:
        """Return when the oldest of the files was saved."""
        return self._answers.as_of()

    def read_page(self, token: str | None) -> Page:
        """Read one saved page; raises `InputError` for a file that cannot be used, `SourceTruncated` for a part."""
        if self._reading is None:
            self._reading = self._open()
        return self._reading.page(token)

    def read_log(self, question: LogQuestion) -> LogAnswer:
        """Return what the saved records of CloudTrail say; raises `InputError` where there are none."""
        arn = self._identity()
        place = place_of(self._system.id, arn, question, self.estate)
        trail = from_folder(self._answers, self._chosen.cloudtrail, question, place)
        return answer_of(trail, question, Standing(place, self.as_of()))

    def _open(self) -> AccountReading:
        arn = self._identity()
        account, partition = arn.split(":")[4], arn.split(":")[1]
        refuse_other(self._folder, account, self._chosen.account_id)
        # Where nobody says which region is asked, all that was saved is of that one.
        scope = CollectionScope(account, partition, "us-east-1", self._chosen.choice, self._chosen.parts)
        end = Evidence("end", "no saved answer says that there is more")
        return AccountReading(self._system.id, self._answers, scope, end=end)

    def _identity(self) -> str:
        """Return an ARN of the account: of whoever saved the files, or of anything in it."""
        if self._answers.has(WHO):
            arn = text(WHO, one(self._answers, WHO) or {}, "Arn")
            self._self = own_user(arn)
        else:
            arn = next((a for answer in pages(self._answers, DETAILS) for a in arns_in(answer)), "")
        if not ACCOUNT.match(arn):
            raise InputError(
                self._folder,
                "nothing in the files says of which account they are",
                expected="`sts.GetCallerIdentity.json`, or a user, group or role with its ARN",
            )
        return arn


def place_of(system: str, arn: str, question: LogQuestion, estate: AwsEstate | None) -> Place:
    """Return which account it is, by the ARN of something in it, and what its users can hold."""
    roles = {role.permission_set: role.arn for role in (estate.roles if estate else ()) if role.permission_set}
    return Place(system, arn.split(":")[4], arn.split(":")[1], question.entitlements, question.held, roles)


def arns_in(answer: Response) -> Iterator[str]:
    """Yield the ARNs of all identities in an answer."""
    for name in ("UserDetailList", "RoleDetailList", "GroupDetailList"):
        found = answer.get(name, [])
        yield from (str(item.get("Arn")) for item in found if isinstance(item, dict)) if isinstance(found, list) else ()


def refuse_other(file: Path, found: str, wanted: str | None) -> None:
    """Raise `InputError` when the files are of another account than the one that is wanted."""
    if wanted not in (None, found):
        raise InputError(file, "it is of another account", found=found, expected=f"the account `{wanted}`")
