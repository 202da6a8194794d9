"""
Reads one AWS account from answers, live or saved, in the pages that the core turns.

The users come page by page; with the last page come what they hold, the people of Identity Center, and the estate.
"""

from dataclasses import dataclass, field

from connectors.cloud.aws.authorization_details import AuthorizationDetails
from connectors.cloud.aws.calls import CallRefused
from connectors.cloud.aws.collect_estate import CollectedEstate, CollectionScope, collect_estate, not_asked
from connectors.cloud.aws.credential_report import Row
from connectors.cloud.aws.credentials import has_device
from connectors.cloud.aws.estate import AwsEstate
from connectors.cloud.aws.iam import DETAILS, SUMMARY, credential_report
from connectors.cloud.aws.pages import accounts_in
from connectors.cloud.aws.people import people_of
from connectors.cloud.aws.responses import Response, ResponseSource, malformed, one, pages
from connectors.cloud.aws.scope import EstatePart
from connectors.cloud.aws.summary import check_counts
from connectors.connector import Page
from connectors.errors import SourceMalformed, SourceTruncated
from connectors.facts import Account, Evidence

END = Evidence("end", "`IsTruncated` is false on the last page")


@dataclass
class AccountReading:
    """One read of one account."""

    system: str
    answers: ResponseSource
    scope: CollectionScope
    estate: AwsEstate | None = None
    end: Evidence = END
    """What says that the list of users ended."""
    _details: AuthorizationDetails | None = None
    _unread: dict[str, str] = field(default_factory=dict)
    _rows: dict[str, Row] | None = None
    _told: set[str] = field(default_factory=set)
    """Ids of the users on earlier pages."""

    def page(self, token: str | None) -> Page:
        """Read one page; raises `SourceError`, `InputError`."""
        if self._details is None:
            self._rows = self._report()
            self._details = AuthorizationDetails(self.system, self._rows)
        answered = self.answers.page(DETAILS, {}, token)
        if answered.answer is None:
            raise malformed(DETAILS, "UserDetailList")
        accounts = self._take(self._details, answered.answer)
        self._told |= {account.id for account in accounts}
        if answered.more is not None:
            return Page(accounts=accounts, next_token=answered.more)
        return self._last(accounts)

    def _report(self) -> dict[str, Row] | None:
        try:
            return dict(credential_report(self.answers, self.system))
        except CallRefused as refused:
            self._unread[refused.call.question] = refused.message
            return None

    def _take(self, details: AuthorizationDetails, answer: Response) -> tuple[Account, ...]:
        page = details.parse(answer)
        if others := accounts_in([answer]) - {self.scope.account}:
            raise SourceMalformed(
                f"`{self.system}` is the account {self.scope.account}, and its answer speaks of {min(others)}",
                hint="save each account into a folder of its own, and configure each as a system of its own",
            )
        try:
            if "mfa-devices" not in self._unread:
                details.learn_mfa({arn: has_device(self.answers, name) for name, arn in details.without_row(page)})
        except CallRefused as refused:
            self._unread[refused.call.question] = refused.message
        return details.add(page)

    def _last(self, accounts: tuple[Account, ...]) -> Page:
        details, summary, more = self._counted()
        users, proof = (None, ()) if summary is None else check_counts(self.system, summary, details)
        if self._rows is None:
            # Left out it would seem removed. The summary says whether it has MFA (IAM API, AccountMFAEnabled).
            details.assume_root(_root_mfa(summary))
        root = details.root()
        entitlements, grants = details.finish()
        built = collect_estate(self.answers, self.scope, details, self._unread)
        self.estate = built.estate
        people, held, through = people_of(
            self.system, built.center, details, everybody=self.scope.choice.people == "all"
        )
        return Page(
            accounts=(*accounts, *more, *((root,) if root else ()), *people),
            entitlements=tuple({e.id: e for e in (*entitlements, *held)}.values()),
            grants=(*grants, *through),
            # Identity Center states no total: its people are proven by the end markers of its lists.
            total=None if users is None else users + (root is not None) + len(people),
            evidence=(self.end, *proof, *self._evidence(details, built, len(people))),
        )

    def _counted(self) -> tuple[AuthorizationDetails, Response | None, tuple[Account, ...]]:
        """
        Compare what was read with the account summary; where they differ, read everything once more.

        Somebody may have created a user between two pages. Returns what counts, the summary (`None` where it was
        refused: then only the end marker proves the lists), and the accounts that are on no earlier page; raises
        `SourceTruncated` when they differ again.
        """
        details, summary = self._details, self._summary()
        if details is None:
            raise malformed(DETAILS, "UserDetailList")
        if summary is None or not self.answers.live or self._agree(summary, details):
            return details, summary, ()
        details = AuthorizationDetails(self.system, self._rows)
        found = {
            account.id: account for answer in pages(self.answers, DETAILS) for account in self._take(details, answer)
        }
        if self._told - found.keys():
            raise SourceTruncated(
                f"`{self.system}` lost users while it was read", hint="read again when nobody is changing accounts"
            )
        new = tuple(account for id_, account in found.items() if id_ not in self._told)
        return details, self._summary(), new

    def _summary(self) -> Response | None:
        try:
            return one(self.answers, SUMMARY) or {}
        except CallRefused as refused:
            self._unread[refused.call.question] = refused.message
            return None

    def _agree(self, summary: Response, details: AuthorizationDetails) -> bool:
        try:
            users, _ = check_counts(self.system, summary, details)
        except SourceTruncated:
            return False
        return users == len(details.users)

    def _evidence(self, details: AuthorizationDetails, built: CollectedEstate, people: int) -> tuple[Evidence, ...]:
        estate = built.estate
        said = [Evidence("roles", f"{details.roles} roles are not accounts of people and are not audited as such")]
        if self._rows is not None:
            newer = sum(details.row(user) is None for user in details.users)
            gone = details.vanished()
            rows = f"{len(self._rows)} rows; {newer} users are newer than it, {gone} of its users are gone"
            said.append(Evidence("credential report", rows))
        if EstatePart.IDENTITY_CENTER in self.scope.parts and "identity-center" not in estate.unread:
            text = f"{people} people, {len(estate.assignments)} ways in, through {len(built.center.sets)} sets"
            said.append(Evidence("identity center", text))
        if estate.organization is not None:
            count = len(estate.organization.accounts)
            said.append(Evidence("organization", f"{count} accounts in the list, compared with those in the tree"))
        skipped = {not_asked(part) for part in EstatePart}
        said += (Evidence("not read", f"{name}: {why}") for name, why in estate.unread.items() if why not in skipped)
        said += (Evidence("gap", f"{gap.kind}: {gap.subject}") for gap in estate.gaps)
        return tuple(said)


def _root_mfa(summary: Response | None) -> bool | None:
    counts = {} if summary is None else summary["SummaryMap"]
    return {0: False, 1: True}.get(counts.get("AccountMFAEnabled", -1))


def own_user(arn: str) -> str | None:
    """Return the name of an IAM user; a role, or a session, is in no list of users."""
    return arn.rpartition("/")[2] if arn.split(":")[2:3] == ["iam"] and ":user/" in arn else None
