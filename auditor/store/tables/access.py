"""History of access: accounts, their last sign-ins and owners, what can be held and who holds it."""

from typing import Annotated

from auditor.store import forms
from auditor.store.forms import one_of
from auditor.store.tables.columns import At, Flag, Instant, IntervalRow, Names, indexes
from connectors.facts import EntitlementKind, PersonKind, Status


class AccountRow(IntervalRow, table=True):
    """An account, without its last sign-in."""

    __tablename__ = "account"
    __table_args__ = indexes("account")

    system: str
    account: Annotated[str, At("id")]
    login: str
    name: str
    status: Annotated[str, one_of(Status)]
    email: str | None = None
    employee_id: str | None = None
    created: Instant | None = None
    last_login_lag_days: int
    mfa: Flag | None = None
    expires: Instant | None = None
    service: Flag


class SignInRow(IntervalRow, table=True):
    """The last sign-in of an account, apart because it changes every day; no row where the source does not say."""

    __tablename__ = "sign_in"
    __table_args__ = indexes("sign_in")

    system: str
    account: str
    last_login: Annotated[str, forms.SIGN_IN]


class OwnerRow(IntervalRow, table=True):
    """To whom an account belongs."""

    __tablename__ = "owner"
    __table_args__ = indexes("owner")

    system: str
    account: str
    people: Names
    kind: Annotated[str | None, one_of(PersonKind)] = None
    reason: str


class EntitlementRow(IntervalRow, table=True):
    """Something that can be held in a system."""

    __tablename__ = "entitlement"
    __table_args__ = indexes("entitlement")

    system: str
    entitlement: Annotated[str, At("id")]
    name: str
    kind: Annotated[str, one_of(EntitlementKind)]
    aliases: Names
    document: str | None = None
    container: Flag


class GrantRow(IntervalRow, table=True):
    """An account holds an entitlement."""

    __tablename__ = "grant"
    __table_args__ = indexes("grant")

    system: str
    account: str
    entitlement: str
    path: Names
