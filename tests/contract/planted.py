"""The commonest bugs of connectors, each planted into a connector that works: a test of the tests."""

from dataclasses import replace

from connectors.connector import Closes, Connector, HasCanary, Page
from connectors.errors import AuditorError
from connectors.facts import Evidence, Status, System

THE_END = (Evidence("end", "the list ended"),)


class Planted:
    """A connector with a bug; this one has none."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector

    @property
    def system(self) -> System:
        return self.connector.system

    @property
    def source(self) -> str:
        return self.connector.source

    @property
    def canary(self) -> str | None:
        return self.connector.canary if isinstance(self.connector, HasCanary) else None

    def read_page(self, token: str | None) -> Page:
        return self.connector.read_page(token)

    def close(self) -> None:
        if isinstance(self.connector, Closes):
            self.connector.close()


class FirstPageOnly(Planted):
    """Takes the first page with accounts for all there is; knows neither total nor canary."""

    canary = None

    def read_page(self, token: str | None) -> Page:
        page = self.connector.read_page(token)
        if not page.accounts:
            return page
        return replace(page, next_token=None, total=None, evidence=THE_END)


class TokenNotPassedOn(Planted):
    """Asks for the first page again and again, and ends when it knows everybody on it."""

    canary = None

    def __init__(self, connector: Connector) -> None:
        super().__init__(connector)
        self.known: set[str] = set()

    def read_page(self, token: str | None) -> Page:
        page = self.connector.read_page(None)
        while not page.accounts:
            page = self.connector.read_page(page.next_token)
        new = tuple(a for a in page.accounts if a.id not in self.known)
        self.known |= {a.id for a in new}
        following = f"{token or ''}+" if new else None
        return replace(page, accounts=new, next_token=following, total=None, evidence=THE_END)


class ErrorTakenForEmpty(Planted):
    """Whatever goes wrong counts as "there is no more"."""

    canary = None

    def read_page(self, token: str | None) -> Page:
        try:
            return replace(self.connector.read_page(token), total=None)
        except AuditorError:
            return Page(evidence=THE_END)


class NameUsedAsKey(Planted):
    """Knows people by their name: of two with one name it keeps one."""

    def __init__(self, connector: Connector) -> None:
        super().__init__(connector)
        self.known: dict[str, str] = {}

    def read_page(self, token: str | None) -> Page:
        page = self.connector.read_page(token)
        new = []
        for account in page.accounts:
            if account.name not in self.known.values():
                new.append(replace(account, id=account.name))
            self.known[account.id] = account.name
        grants = tuple(replace(g, account=self.known[g.account]) for g in page.grants if g.account in self.known)
        return replace(page, accounts=tuple(new), grants=grants, total=None)


class OneLevelOfNesting(Planted):
    """Follows a group in a group, and no further."""

    def read_page(self, token: str | None) -> Page:
        page = self.connector.read_page(token)
        return replace(page, grants=tuple(g for g in page.grants if len(g.path) <= 1))


class DisabledReadAsActive(Planted):
    """Does not look whether an account is disabled."""

    def read_page(self, token: str | None) -> Page:
        page = self.connector.read_page(token)
        return replace(page, accounts=tuple(replace(a, status=Status.ACTIVE) for a in page.accounts))


BUGS = (FirstPageOnly, TokenNotPassedOn, ErrorTakenForEmpty, NameUsedAsKey, OneLevelOfNesting, DisabledReadAsActive)
