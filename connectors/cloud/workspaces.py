"""
Amazon WorkSpaces: who has a virtual desktop, in one account and region.

The people are users of a directory; here an account is a person with a desktop, disabled where every desktop of
that person is suspended or being removed. Source: WorkSpaces API Reference, DescribeWorkspaces,
DescribeWorkspacesConnectionStatus.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import Field

from connectors.cloud._aws_access import Access, Sessions, endpoint
from connectors.cloud._aws_answers import Answers, moment, records, text
from connectors.cloud._aws_calls import Call, Refused
from connectors.cloud._aws_live import LiveAnswers
from connectors.cloud._aws_policy import Document, document
from connectors.cloud._aws_setup import steps_text
from connectors.connector import Endpoint, Page, Step
from connectors.facts import NEVER, Account, Entitlement, EntitlementKind, Evidence, Grant, Never, Status, System

DESKTOPS = Call("workspaces", "DescribeWorkspaces", items="Workspaces", more_at="NextToken")
CONNECTIONS = Call(
    "workspaces",
    "DescribeWorkspacesConnectionStatus",
    "last sign-in",
    items="WorkspacesConnectionStatus",
    more_at="NextToken",
)
CALLS = (DESKTOPS, CONNECTIONS)
CLOSED = frozenset(["SUSPENDED", "TERMINATING", "TERMINATED"])
DESKTOP = "desktop"


class Settings(Access):
    """Which account and region, and as whom."""

    directory_id: str | None = Field(None, pattern=r"^(d|wsd)-[0-9a-z]{8,63}$")
    """Only the desktops of this directory; without it, those of all directories."""
    canary: str | None = None
    """A login that must be in the answer."""


def connect(system: System, settings: Settings, folder: Path) -> "Workspaces":  # noqa: ARG001 - no files
    """Return a connector; nothing is read yet."""
    return Workspaces(system, settings)


def setup(system: System, settings: Settings) -> str:
    """Return the exact policy."""
    roles = [settings.role_arn] if settings.role_arn else []
    return steps_text(system.title, [("the auditor's user or role", policy())], roles, settings.external_id)


def policy() -> Document:
    """Return the rights that it needs; neither action can be limited to a resource."""
    actions = sorted(call.action for call in CALLS)
    return document([{"Sid": "AccessGovernanceWorkSpaces", "Effect": "Allow", "Action": actions, "Resource": "*"}])


class Workspaces:
    """Reads all desktops; one page, as one person may have several."""

    def __init__(self, system: System, settings: Settings) -> None:
        self._system = system
        self._settings = settings
        self._sessions = Sessions(system.id, settings)
        self._answers: Answers = LiveAnswers(system.id, self._sessions, settings.call_limit_s)
        self._account = settings.account_id

    @property
    def system(self) -> System:
        """The system that it reads."""
        return self._system

    @property
    def source(self) -> str:
        """What it reads."""
        named = [f"account {self._account}" if self._account else "", self._settings.directory_id or ""]
        return ", ".join(["Amazon WorkSpaces", *(part for part in named if part)])

    @property
    def canary(self) -> str | None:
        """A login that must be in the answer."""
        return self._settings.canary

    @property
    def endpoint(self) -> Endpoint:
        """Where WorkSpaces answers in that region."""
        return endpoint(self._settings, f"workspaces.{self._settings.region or 'us-east-1'}.amazonaws.com")

    def steps(self) -> Sequence[Step]:
        """Try the sign-in, and the right to see desktops."""
        return (Step("sign-in", self._sign_in), Step("rights", self._see))

    def close(self) -> None:
        """Close the connections."""
        self._sessions.close()

    def read_page(self, token: str | None) -> Page:  # noqa: ARG002 - one page
        """Read all desktops to the end marker; raises `SourceError`."""
        if self._settings.role_arn or self._settings.account_id:
            self._account, _ = self._sessions.identity()
        desktops = records(self._answers, DESKTOPS, **self._asked())
        used, evidence = self._last_used({text(DESKTOPS, desktop, "WorkspaceId") for desktop in desktops})
        people: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for desktop in desktops:
            person = (text(DESKTOPS, desktop, "DirectoryId"), text(DESKTOPS, desktop, "UserName"))
            people.setdefault(person, []).append(desktop)
        accounts = tuple(self._person(*person, held, used) for person, held in people.items())
        return Page(
            accounts=accounts,
            entitlements=(Entitlement(self._system.id, DESKTOP, "virtual desktop", EntitlementKind.PRIVILEGE),),
            grants=tuple(Grant(account.id, DESKTOP) for account in accounts),
            evidence=(Evidence("end", "no `NextToken` on the last page of desktops"), *evidence),
        )

    def _asked(self) -> dict[str, str]:
        return {"DirectoryId": self._settings.directory_id} if self._settings.directory_id else {}

    def _last_used(self, listed: Set[str]) -> tuple[dict[str, datetime | None] | None, tuple[Evidence, ...]]:
        """Return when each desktop was last connected to; `None` when that was refused."""
        try:
            found = records(self._answers, CONNECTIONS)
        except Refused as refused:
            return None, (Evidence("not read", f"last sign-in: {refused.message}"),)
        last = "LastKnownUserConnectionTimestamp"
        used = {text(CONNECTIONS, one, "WorkspaceId"): moment(CONNECTIONS, one, last) for one in found}
        # Whether AWS keeps states of desktops that are gone is not documented, so a difference is told and no error.
        others = len(used.keys() - listed)
        told = f"{len(used)} connection states" + (f", {others} of desktops that are not listed" if others else "")
        return used, (Evidence("connections", told),)

    def _person(
        self, directory: str, login: str, held: Sequence[Mapping[str, Any]], used: Mapping[str, datetime | None] | None
    ) -> Account:
        states = {text(DESKTOPS, desktop, "State") for desktop in held}
        ids = [text(DESKTOPS, desktop, "WorkspaceId") for desktop in held]
        return Account(
            system=self._system.id,
            id=f"{directory}/{login}",
            login=login,
            name=login,
            status=Status.DISABLED if states <= CLOSED else Status.ACTIVE,
            last_login=_latest(ids, used),
        )

    def _sign_in(self) -> str:
        account, arn = self._sessions.identity()
        return f"account {account}, as {arn.rpartition(':')[2]}"

    def _see(self) -> str:
        self._answers.page(DESKTOPS, self._asked(), None)
        return f"`{DESKTOPS.action}` is allowed"


def _latest(ids: Sequence[str], used: Mapping[str, datetime | None] | None) -> datetime | Never | None:
    """Return the last connection to any of the desktops; unknown where AWS left one of them out."""
    if used is None or not all(id_ in used for id_ in ids):
        return None
    return max((when for id_ in ids if (when := used[id_]) is not None), default=NEVER)
