"""Accounts of AWS itself that deliver logs and reports to a bucket: `delivery_accounts.yaml`, with sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).parent / "delivery_accounts.yaml"


@dataclass(frozen=True, slots=True)
class _Delivery:
    actions: Mapping[str, frozenset[str]]
    """By account, in lower case, what delivering needs."""
    users: frozenset[str]


def only_delivers(account: str, action: str) -> bool:
    """Whether an account is one of AWS's own and its service needs the action to deliver."""
    return action.lower() in _delivery().actions.get(account, frozenset())


def delivers(canonical_user: str) -> bool:
    """Whether a canonical user id is that of a service of AWS that delivers logs."""
    return canonical_user in _delivery().users


@cache
def _delivery() -> _Delivery:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load(FILE.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader, in C where there is one
    found: dict[str, frozenset[str]] = {}
    for service in data["services"]:
        for account in service["accounts"].values():
            found[account] = frozenset(action.lower() for action in service["actions"])
    return _Delivery(found, frozenset(data["canonical_users"]))
