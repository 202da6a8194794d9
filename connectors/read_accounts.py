"""Asking a system for a few known accounts: never raises, closes what was opened, takes no answer about others."""

from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from datetime import datetime

from connectors.collect import utc_now
from connectors.connector import Closes, Connector
from connectors.errors import AuditorError
from connectors.facts import Account
from connectors.one_account import AccountsNow, AccountsUnread, ReadsOneAccount

WHOLE_ONLY = "it cannot be asked for one account"


def read_accounts(
    connector: Connector, accounts: Sequence[Account], *, clock: Callable[[], datetime] = utc_now
) -> AccountsNow | AccountsUnread:
    """Ask one system for some accounts, by their native ids; for a source that fails, say why."""
    id_ = connector.system.id
    if not isinstance(connector, ReadsOneAccount):
        return AccountsUnread(id_, WHOLE_ONLY, "it needs a whole read: `auditor audit`")
    began = clock()
    try:
        with closing(connector) if isinstance(connector, Closes) else nullcontext():
            found = connector.read_accounts(accounts)
    except AuditorError as error:
        return AccountsUnread(id_, error.message, error.hint)
    except Exception as error:  # noqa: BLE001 - a connector's bug must leave its answer out, not end the command
        # The text of a foreign exception may hold a secret or patient data: only its type is told.
        return AccountsUnread(id_, f"the connector failed with {type(error).__name__}", "run again, or report it")
    asked = {account.id for account in accounts}
    shown = {key: now for key, now in found.items() if now is not None}
    if found.keys() - asked or any(key != now.account.id for key, now in shown.items()):
        return AccountsUnread(id_, "it answered about an account that was not asked for", "report it")
    return AccountsNow(id_, connector.source, began, shown, frozenset(found.keys() - shown.keys()))
