"""What an account says of its user, and what a match with somebody is."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from connectors.facts import Account
from policies.candidates.fold import Name, address, first_value, fold, names_of, words_of_login
from policies.candidates.forms import forms_of, is_made_of
from policies.roles.generic_logins import GenericNames


class Of(StrEnum):
    """What of an account speaks for somebody."""

    RULE = "rule"
    NAME = "name"
    LOGIN = "log-in"
    ADDRESS = "e-mail address"


class Strength(IntEnum):
    """How much speaks for it."""

    STRONG = 1
    """A whole name, or the same address: enough to doubt what only a likely rule says."""
    WEAK = 2
    """It could be; enough to ask about an account of nobody."""


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody whose an account could be."""

    person: str
    reason: str
    strength: Strength
    of: Of = field(default=Of.RULE, compare=False)


@dataclass(frozen=True)
class FoldedAccount:
    """What an account says of its user, folded."""

    names: tuple[Name, ...]
    login: tuple[str, ...]
    local: tuple[str, ...]
    address: str

    @property
    def personal(self) -> bool:
        """Whether the name that the account carries can name one person."""
        return any(name.personal for name in self.names)

    def explains(self, text: str) -> bool:
        """Whether the name that the account carries is enough to understand a log-in."""
        return any(is_made_of(text, forms_of(name)) for name in self.names)

    @classmethod
    def of(cls, account: Account, generic: GenericNames) -> "FoldedAccount":
        """Fold what an account says."""
        # Whom a directory hides is only known by a DN: its first value is a name or a log-in, and nothing else is.
        login = first_value(account.login)
        # A name that only repeats the log-in is none: it would explain every log-in by itself.
        texts = [] if fold(account.name) == fold(account.login) else [account.name]
        if login != account.login:
            texts.append(login)
        return cls(
            names=tuple(
                name for text in texts for name in names_of(text) if name.personal or not generic.matches(text)
            ),
            login=_telling(login, generic),
            local=_telling(account.email or "", generic),
            address=address(account.email or ""),
        )


def _telling(text: str, generic: GenericNames) -> tuple[str, ...]:
    """Return the words of a log-in or an address without those that name a desk or a task: `frontdesk.dcalloway`."""
    return tuple(word for word in words_of_login(text) if generic.matches(word) is None)
