"""Whose a record of IAM is: it names users by their name, which can be changed, and taken by somebody else later."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from connectors.audit_log import SECOND
from connectors.cloud.aws.authorization_details import ROOT
from connectors.cloud.aws.trail.records import TrailRecord, part_in, text_in
from connectors.facts import Account

IAM, SIGN_IN = "iam", "signin"
RENAMED = "UpdateUser"
OF_THE_CALLER = frozenset(
    [
        *("CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"),
        *("UploadSigningCertificate", "UpdateSigningCertificate", "DeleteSigningCertificate"),
    ]
)
"""From: IAM API Reference: without `UserName` these are about the user whose key signed the call."""
_ANSWERS = ("user", "accessKey", "certificate", "loginProfile")


def user_named(record: TrailRecord) -> str:
    """Return the name of the user whom a record is about, `<root_account>` for the root user; empty where none is."""
    if record.source == SIGN_IN:
        return ROOT if record.root else record.caller
    named = record.asked("userName") or _answered(record)
    if named or record.name not in OF_THE_CALLER:
        return named
    return ROOT if record.root else record.caller


def renamed_to(record: TrailRecord) -> str:
    """Return the new name of a user; empty where the record is of no renaming."""
    return record.asked("newUserName") if record.source == IAM and record.name == RENAMED else ""


class Subjects:
    """The accounts that were asked for, by the names under which records have them."""

    def __init__(self, accounts: Iterable[Account], renamings: Sequence[TrailRecord]) -> None:
        """Take renamings in the order of their times."""
        self._now: dict[str, list[Account]] = {}
        for account in accounts:
            self._now.setdefault(account.login.casefold(), []).append(account)
        self.earlier: dict[str, int] = {}
        """By name: records of somebody who had it before whoever was asked for."""
        for record in renamings:
            old, new = user_named(record).casefold(), renamed_to(record).casefold()
            # Seen last under the old name; who was made since then only has it again.
            found = [a for a in self._now.get(old, ()) if _lived(a, record.at)]
            if new and found and new not in self._now:
                self._now[old] = [a for a in self._now[old] if a not in found]
                self._now[new] = found

    def backwards(self, records: Sequence[TrailRecord]) -> Iterator[tuple[TrailRecord, Account]]:
        """Yield the records that are about the accounts, the newest first; takes them in the order of their times."""
        names = {name: list(accounts) for name, accounts in self._now.items()}
        for record in reversed(records):
            name = user_named(record).casefold()
            if (new := renamed_to(record).casefold()) and name != new and new in names:
                names.setdefault(name, []).extend(names.pop(new))
            account = self._of(names.get(name, ()), record.at, name)
            if account is not None:
                yield record, account

    def _of(self, accounts: Sequence[Account], at: datetime, name: str) -> Account | None:
        lived = [account for account in accounts if _lived(account, at)]
        if accounts and not lived:
            self.earlier[name] = self.earlier.get(name, 0) + 1
        return max(lived, key=_born) if lived else None


def _lived(account: Account, at: datetime) -> bool:
    return account.created is None or at + SECOND >= account.created


def _born(account: Account) -> float:
    return account.created.timestamp() if account.created else 0.0


def _answered(record: TrailRecord) -> str:
    return next((name for key in _ANSWERS if (name := text_in(part_in(record.response, key), "userName"))), "")
