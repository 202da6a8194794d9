"""Since when an account exists and is used, and how the sign-in to it happens."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connectors.facts import Account, Never, System
from policies.agreements.chain import engagement_type
from policies.breach import ASSESS, clocks
from policies.engine.answers import Unknown
from policies.engine.case import Case
from policies.engine.rule import Item


def created_on(case: Case, account: Account) -> date | None:
    """Return the day on which an account was made; a day to come is an error of the source, and tells nothing."""
    day = case.day_of(account.created) if account.created else None
    return day if day is None or day <= case.today else None


def used_on(case: Case, account: Account) -> date | None:
    """Return the day of the last sign-in; `None` where there was none, or the source does not say."""
    return case.day_of(account.last_login) if isinstance(account.last_login, datetime) else None


def last_day(case: Case, vma: str) -> date:
    """Return the last day of a VMA who has left, or is going to."""
    end = case.engagements[vma].end
    assert end is not None  # noqa: S101
    return end


def assessment(case: Case, vma: str) -> str:
    """Say that a breach is to be assessed, and by when it would have to be told, by how a VMA is engaged."""
    return f"{ASSESS}; {clocks(engagement_type(case.engagements[vma]))}"


@dataclass(frozen=True, slots=True)
class Use:
    """How long an account may go without a sign-in, and since when it has."""

    begin: date
    said: str
    limit: int
    """Days, the lag among them."""
    lag: int

    @property
    def way(self) -> str:
        """In which way it is too long."""
        return "reported-late" if self.lag else ""

    @property
    def late(self) -> date:
        """The first day on which that is too long."""
        return self.begin + timedelta(days=self.limit + 1)


def use_of(case: Case, item: Item) -> Use | Unknown:
    """Return the last use of a VMA's account, or its creation where there was none, with the template's limit."""
    account, controls = case.accounts[item.account], case.template(item.vma).controls
    system, here = case.systems[item.system].title, case.here_since(item.vma)
    match account.last_login:
        case None:
            return Unknown(f"{system} does not say when an account was last used")
        case Never.NEVER if account.created is None:
            return Unknown(f"never used, and {system} does not say since when the account exists")
        case datetime() as last:
            # A sign-in before the engagement was for other work: the clock starts with the engagement.
            lag, said = account.last_login_lag_days, f"last used on {case.day_of(last)}"
            use = Use(max(case.day_of(last), here), said, controls.dormant_after_days + lag, lag)
        case _:
            assert account.created is not None  # noqa: S101
            # An account may be made ready before the first day: the clock starts with the engagement.
            begin = max(case.day_of(account.created), here)
            use = Use(begin, f"never used since {begin}", controls.first_login_within_days, 0)
    if use.begin > case.today:
        # A date to come would hold the account for in use until then.
        return Unknown(f"{system} gives {use.begin} for it, a day to come: check its clock and the format of its dates")
    return use


@dataclass(frozen=True, slots=True)
class Factor:
    """Where the sign-in to an account happens, and whether it takes a second factor there."""

    where: System
    taken: bool
    way: str
    """`elsewhere` where people sign in through another system."""
    remedy: str


def factor_of(case: Case, item: Item) -> Factor | Unknown:
    """Ask an account, or with single sign-on the VMA's accounts in the system where the sign-in happens."""
    account, system = case.accounts[item.account], case.systems[item.system]
    where, taken = system, account.mfa
    if taken is None and system.sign_in is not None:
        where = case.systems[system.sign_in]
        answers = {case.accounts[key].mfa for key in case.live_accounts_of(item.vma, where.id)}
        taken = False if False in answers else (True if answers == {True} else None)
    if taken is None:
        return Unknown(_untold(case, item, where))
    remedy = case.policy.remedies.text("enforce-mfa", where, login=account.login)
    return Factor(where, taken, "" if where is system else "elsewhere", remedy)


def _untold(case: Case, item: Item, where: System) -> str:
    """Say why it is not known whether a sign-in takes a second factor."""
    if where.id in case.incomplete:
        return f"the sign-in happens in {where.title}, which was not read"
    if where.id != item.system and not case.live_accounts_of(item.vma, where.id):
        return f"the sign-in happens in {where.title}, where {case.people[item.vma].name} has no live account"
    return f"{where.title} does not say whether {case.accounts[item.account].login} uses a second factor"
