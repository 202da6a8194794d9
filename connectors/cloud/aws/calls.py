"""
The calls to AWS as data: what is asked, which right that needs, how it is paged, and which question it answers.

Each service family lists its own. The policy that the auditor needs is printed from these tables, and nothing is
called that is not in one.
"""

from dataclasses import dataclass
from enum import StrEnum

from connectors.errors import SourceDenied

# From: Service Authorization Reference, where the prefix of an action is not the name of the client.
PREFIXES = {"sso-admin": "sso", "resourcegroupstaggingapi": "tag", "s3control": "s3"}
REGION = "Region"
"""In a request: which region to ask, where it is not the account's own."""


class CallAccount(StrEnum):
    """Which account is asked."""

    ACCOUNT = "account"
    """The one that is audited."""
    ORGANIZATION = "organization"
    """The management account, or the one to which Organizations and Identity Center are delegated."""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of AWS that only reads."""

    service: str
    """As boto3 and the command line call it, such as `sso-admin`."""
    operation: str
    """As AWS writes it, such as `ListUsers`."""
    question: str = ""
    """Which name goes into `AwsEstate.unread` when it is refused; empty: without it nothing is evaluated."""
    by: tuple[str, ...] = ()
    """Which parts of the request tell its answers apart."""
    items: str = ""
    """The list in the answer that is wanted; empty: the answer is one thing."""
    more_at: str = ""
    """Where the answer says that there is more; empty: it has one page."""
    sends: str = ""
    """What the next request calls that token, where it differs."""
    truncates: bool = False
    """Whether the answer must say by `IsTruncated` if there is more; elsewhere the absence of the token says it too."""
    needs: str = ""
    """The action to allow, where it is not `prefix:Operation`."""
    absent: frozenset[str] = frozenset()
    """Error codes that say: there is no such thing here."""
    place: CallAccount = CallAccount.ACCOUNT

    @property
    def action(self) -> str:
        """The action to allow, such as `sso:ListInstances`."""
        return self.needs or f"{PREFIXES.get(self.service, self.service)}:{self.operation}"

    @property
    def name(self) -> str:
        """The name under which its answers are saved, such as `sso-admin.ListInstances`."""
        return f"{self.service}.{self.operation}"


class CallRefused(SourceDenied):
    """One call was refused, or its answer was not saved: the questions that need it go unanswered, and only those."""

    def __init__(self, call: Call, code: str) -> None:
        self.call, self.code = call, code
        super().__init__(
            f"`{call.action}` was refused: `{code}`",
            hint=f"allow `{call.action}` in the policy of the auditor's user or role; see docs/connect-aws.md",
        )


class NotSaved(CallRefused):
    """An answer is not among the saved files."""

    def __init__(self, call: Call, what: str) -> None:
        super().__init__(call, "not saved")
        self.message = what
        self.hint = f"save it as `{call.name}.json`; see docs/connect-aws.md"
