"""
The harnesses of what is saved of Entra ID and of Google Workspace.

No such server runs here: a tenant that is made up changes its users, and writes each change down as the vendor
documents it. What is tried is the reading, from files, of both.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.audit_log import LogKind
from connectors.connector import Connector
from connectors.directory.entra import connector as entra_export
from connectors.directory.google import connector as google_export
from connectors.testing.audit_log import Act
from tests.contract.harnesses_clouds import ENTRA, GOOGLE
from tests.servers import activity, entra, google

SUBJECT, BYSTANDER = "maria2", "zoe"


@dataclass
class EntraTenant:
    """A tenant of Entra; the portal's CSV instead of Graph's JSON where `portal`."""

    folder: Path
    portal: bool = False
    files: dict[str, Any] = field(default_factory=entra.files)
    entries: list[Any] = field(default_factory=list)
    subject = entra.upn(SUBJECT)
    bystander = entra.upn(BYSTANDER)
    entitlement = entra.GROUPS["empty"]
    tells = dict[Act, LogKind]()
    cannot = dict[Act, str]()
    secrets = frozenset({"new-password"})
    actor = activity.BOSS

    def act(self, act: Act) -> None:
        now = datetime.now(UTC)
        match act:
            case Act.GIVE | Act.TAKE:
                joined = act is Act.GIVE
                self.entries.append(activity.membership(now, SUBJECT, "empty", joined=joined))
                members = [entra.member(entra.USERS[SUBJECT])] if joined else []
                self.files[f"group-members/{self.entitlement}.json"] = entra.answer(members)
            case Act.DISABLE | Act.ENABLE:
                self._user()["accountEnabled"] = act is Act.ENABLE
                self.entries += activity.status(now, SUBJECT, act is Act.ENABLE)
            case Act.AGAIN:
                nothing = ("Included Updated Properties", None, "")
                self.entries.append(activity.audit("Update user", now, SUBJECT, nothing))
            case Act.REFUSED:
                self.entries += activity.status(now, SUBJECT, True, result="failure")
            case Act.PASSWORD:
                self.entries.append(activity.audit("Reset user password", now, SUBJECT))

    def _user(self) -> dict[str, Any]:
        users: list[dict[str, Any]] = self.files["users.json"]["value"]
        return next(user for user in users if user["id"] == entra.USERS[SUBJECT])

    def written(self) -> object:
        return sorted((path.name, path.read_bytes()) for path in self.folder.rglob("*.*"))

    def connector(self) -> Connector:
        files = dict(self.files)
        if self.portal:
            files["directory-audits.csv"] = activity.portal_csv(self.entries)
        else:
            files["directory-audits.json"] = activity.saved_audits(self.entries)
        entra.write(self.folder, files)
        return entra_export.connect(ENTRA, entra_export.Settings(folder=self.folder), Path())


@dataclass
class GoogleTenant:
    """An organization of Google Workspace."""

    folder: Path
    files: dict[str, Any] = field(default_factory=google.files)
    entries: list[Any] = field(default_factory=list)
    subject = google.email(SUBJECT)
    bystander = google.email(BYSTANDER)
    entitlement = f"group:{google.GROUPS['helpdesk']}"
    tells = dict[Act, LogKind]()
    cannot = {Act.REFUSED: "what is refused is not in Google's activity"}
    secrets = frozenset({"new-password"})
    actor = activity.BOSS

    def act(self, act: Act) -> None:
        names = {Act.GIVE: "ADD_GROUP_MEMBER", Act.TAKE: "REMOVE_GROUP_MEMBER", Act.ENABLE: "UNSUSPEND_USER",
                 Act.PASSWORD: "CHANGE_PASSWORD"}  # fmt: skip
        group = {"GROUP_EMAIL": google.email("helpdesk")} if act in (Act.GIVE, Act.TAKE) else {}
        name = names.get(act, "SUSPEND_USER")
        self.entries.append(activity.did(name, datetime.now(UTC), USER_EMAIL=self.subject, **group))
        if name.endswith("SUSPEND_USER"):
            users: list[dict[str, Any]] = self.files["users.json"]["users"]
            next(user for user in users if user["id"] == google.USERS[SUBJECT])["suspended"] = act is not Act.ENABLE

    def written(self) -> object:
        return sorted((path.name, path.read_bytes()) for path in self.folder.rglob("*.*"))

    def connector(self) -> Connector:
        files = {**self.files, "admin-activity.json": activity.saved_activity(self.entries)}
        google.write(self.folder, files)
        settings = google_export.Settings(folder=self.folder, expect_accounts=len(google.LOGINS))
        return google_export.connect(GOOGLE, settings, Path())


class EntraExportLogHarness:
    name = "entra-export"

    @contextmanager
    def start(self, folder: Path) -> Iterator[EntraTenant]:
        yield EntraTenant(folder / "export")


class EntraPortalLogHarness:
    name = "entra-export"

    @contextmanager
    def start(self, folder: Path) -> Iterator[EntraTenant]:
        yield EntraTenant(folder / "export", portal=True)


class GoogleExportLogHarness:
    name = "google-export"

    @contextmanager
    def start(self, folder: Path) -> Iterator[GoogleTenant]:
        yield GoogleTenant(folder / "export")
