"""Users of Entra ID, from a saved answer of Graph or from the portal's CSV of all users."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from connectors.directory.entra.answers import CountedAnswers, identifier, read_answers
from connectors.errors import InputError, SourceTruncated
from connectors.facts import NEVER, Account, Entitlement, EntitlementKind, Evidence, Never, Status
from connectors.inputs.fields import Fields
from connectors.inputs.tables import Table, read_table, require
from connectors.unproven import like_a_page

SUCCESS_SINCE = datetime(2023, 12, 1, tzinfo=UTC)
"""From then on Graph keeps the last successful sign-in; before, attempts only (signInActivity resource type)."""
KEPT_SINCE = datetime(2020, 5, 1, tzinfo=UTC)
"""Entra ID has kept sign-ins of all kinds since then, so of a younger account nothing is missing."""
LAG_DAYS = 1
"""A sign-in can take up to 24 hours to show (Entra, "How to detect and investigate inactive user accounts")."""
USER_TYPES = ("Member", "Guest")
EXTERNAL, INVITATION = "#EXT#", "Invitation"
"""In the user principal name, and as `creationType`: of whoever is at home in another directory."""
_FLAGS = {"true": True, "false": False}


@dataclass(slots=True)
class EntraUsers:
    """Everybody who was read, by object id, and what was noticed on the way."""

    system: str
    accounts: dict[str, Account] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    """By object id: `Member` or `Guest`; missing where the directory does not say."""
    external: set[str] = field(default_factory=set)
    """Object ids of those who are at home in another directory, whatever their type."""
    one_page: bool = False
    """Whether they came on a single page, of which nothing but the missing link says that it is the last."""
    counted: bool = False
    """Whether the source said how many there are, so that none can be missing."""
    noticed: Counter[str] = field(default_factory=Counter)

    def add(self, account: Account, kind: str | None, path: Path, *, invited: bool = False) -> None:
        """Take in one user; raises `InputError` when it stands there twice."""
        if account.id in self.accounts:
            raise InputError(path, "a user stands twice", expected="each user once", hint="save it again in one go")
        self.accounts[account.id] = account
        if kind:
            self.types[account.id] = kind
            self.noticed["guests"] += kind == "Guest"
        if kind == "Guest" or invited or EXTERNAL in account.login.upper():
            self.external.add(account.id)
            self.noticed["external-members"] += kind != "Guest"

    def entitlements(self) -> dict[str, Entitlement]:
        """Describe the kinds of users, which decide what everybody may do unless somebody changed it."""
        return {
            kind: Entitlement(
                self.system, f"user-type:{kind}", f"{kind.lower()} of the directory", EntitlementKind.ROLE
            )
            for kind in sorted(set(self.types.values()))
        }

    def evidence(self) -> tuple[Evidence, ...]:
        """Tell what was noticed."""
        texts = {
            "guests": "{} users are guests from other directories",
            "external-members": "{} users are at home in another directory, and are no guests by `userType`",
            "on-premises": "{} users come from a directory on premises: theirs are changed there",
            "attempts-only": "{} users have attempts to sign in of which none is known to have succeeded",
        }
        return tuple(
            Evidence(name, text.format(self.noticed[name])) for name, text in texts.items() if self.noticed[name]
        )


def read_users(system: str, path: Path, expected: int | None) -> EntraUsers:
    """Read users.json or users.csv; raises `InputError`, and `SourceTruncated` when some are missing."""
    users = EntraUsers(system)
    if path.suffix == ".csv":
        _read_csv(users, path, expected)
    else:
        _read_answers(users, path, read_answers(path, "user"))
    if expected is not None and expected != len(users.accounts):
        raise SourceTruncated(
            f"{path}: `expect_accounts` says there are {expected} users, but the file holds {len(users.accounts)}",
            hint="save all users again, without a filter",
        )
    users.counted = users.counted or expected is not None
    if users.one_page and not users.counted and like_a_page(len(users.accounts)):
        raise SourceTruncated(
            f"{path} holds {len(users.accounts)} users, which is a usual length of a page, and nothing says how many "
            "there are",
            hint="save users again with `$count=true`, or set `expect_accounts` to the number that the portal shows",
        )
    return users


def read_registrations(users: EntraUsers, path: Path) -> Evidence:
    """
    Say of each user in the report whether a second factor is registered that the policy allows (`isMfaCapable`).

    Raises `SourceTruncated` when it names users who are not among the users, and nothing proves that none is missing.
    """
    seen: set[str] = set()
    strangers = 0
    for entry in read_answers(path, "registration").entries:
        id_ = identifier(entry, "id")
        if id_ in seen:
            raise InputError(path, "a user stands twice", expected="each user once", hint="save it again in one go")
        seen.add(id_)
        capable = entry.flag_or_none("isMfaCapable")
        if id_ in users.accounts:
            users.accounts[id_] = replace(users.accounts[id_], mfa=capable)
        else:
            strangers += 1
    if strangers and not users.counted:
        raise SourceTruncated(
            f"{path} names {strangers} users who are not among the users",
            hint="save the users again, with `$count=true`, and this report right after it",
        )
    return Evidence("mfa", f"registration details of {len(seen) - strangers} of {len(users.accounts)} users")


def _read_answers(users: EntraUsers, path: Path, answers: CountedAnswers) -> None:
    users.counted, users.one_page = answers.stated is not None, answers.pages == 1
    # Where the licence or the permission for it is missing, nobody has it; then it says of nobody "never".
    kept = any(entry.holds("signInActivity") for entry in answers.entries)
    for entry in answers.entries:
        created = entry.instant("createdDateTime")
        login = entry.text("userPrincipalName")
        account = Account(
            system=users.system,
            id=identifier(entry, "id"),
            login=login,
            name=entry.text_or_none("displayName") or login,
            status=_status(entry.flag_or_none("accountEnabled")),
            email=entry.text_or_none("mail"),
            employee_id=entry.text_or_none("employeeId"),
            created=created,
            last_login=_last_login(users, entry, created) if kept else None,
            last_login_lag_days=LAG_DAYS if kept else 0,
        )
        users.noticed["on-premises"] += bool(entry.flag_or_none("onPremisesSyncEnabled"))
        kind = entry.text_or_none("userType")
        if kind is not None and kind not in USER_TYPES:
            entry.refuse("userType", "not a known one", " or ".join(USER_TYPES))
        users.add(account, kind, path, invited=entry.text_or_none("creationType") == INVITATION)


def _last_login(users: EntraUsers, entry: Fields, created: datetime | None) -> datetime | Never | None:
    """
    Return the last sign-in that succeeded.

    The property is not returned for who has never signed in, or last did before April 2020 (user resource type).
    Attempts do not prove a sign-in once successes are kept: then it is unknown, not the time of an attempt.
    """
    activity = entry.part("signInActivity")
    keys = ("lastSuccessfulSignInDateTime", "lastSignInDateTime", "lastNonInteractiveSignInDateTime")
    success, *attempts = [activity.instant(key) for key in keys] if activity else [None]
    if success is not None:
        return success
    tried = max((moment for moment in attempts if moment is not None), default=None)
    if tried is None:
        return NEVER if created is not None and created >= KEPT_SINCE else None
    if tried < SUCCESS_SINCE:
        return tried
    users.noticed["attempts-only"] += 1
    return None


def _read_csv(users: EntraUsers, path: Path, expected: int | None) -> None:
    """Source: Entra, "Download a list of users": columns; only these are used."""
    if expected is None:
        raise SourceTruncated(
            f"{path}: a CSV does not say how many users there are",
            hint="set `expect_accounts` to the number that the portal shows above the list",
        )
    table = read_table(path)
    id_column = "objectId" if "objectId" in table.header else "id"
    require(table, ("userPrincipalName", "displayName", id_column, "accountEnabled"))
    for line, row in table.rows:
        login = table.value(line, row, "userPrincipalName", required=True)
        kind = table.value(line, row, "userType") if "userType" in row else ""
        if kind and kind not in USER_TYPES:
            table.refuse(line, "userType", "not a known kind of user", found=kind, expected=" or ".join(USER_TYPES))
        account = Account(
            system=users.system,
            id=table.value(line, row, id_column, required=True).lower(),
            login=login,
            name=table.value(line, row, "displayName") or login,
            status=_status(_flag(table, line, row)),
            email=(table.value(line, row, "mail") if "mail" in row else "") or None,
        )
        invited = "creationType" in row and table.value(line, row, "creationType") == INVITATION
        users.add(account, kind or None, path, invited=invited)


def _flag(table: Table, line: int, row: dict[str, str]) -> bool | None:
    text = table.value(line, row, "accountEnabled")
    if text and text.lower() not in _FLAGS:
        table.refuse(line, "accountEnabled", "neither true nor false", found=text, expected="True or False")
    return _FLAGS[text.lower()] if text else None


def _status(enabled: bool | None) -> Status:
    if enabled is None:
        return Status.UNKNOWN
    return Status.ACTIVE if enabled else Status.DISABLED
