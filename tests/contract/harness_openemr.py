"""`openemr` on a real MariaDB with OpenEMR's tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.connector import Connector
from connectors.ehr.openemr import connector as openemr
from connectors.testing import MysqlSource, Population, Target
from tests.servers import mariadb_openemr as harness


def lists_accounts(statement: str) -> bool:
    return "FROM `users`" in statement and "COUNT(" not in statement.upper()


class OpenEmrHarness:
    """A harness for `openemr`."""

    name, kind = "openemr", "ehr"

    @contextmanager
    def start(self, folder: Path) -> Iterator[MysqlSource]:
        population = Population(
            logins=harness.LOGINS,
            disabled=harness.DISABLED,
            namesakes=harness.NAMESAKES,
            nested=(harness.DESK, harness.NESTED),
            canary="drkim",
            secrets=frozenset({*harness.SECRETS, harness.PASSWORD}),
        )
        with harness.mariadb_openemr(folder / "mariadb") as db:
            # The printed set-up demands TLS; the proxy reads along, so here it is the proxy that offers it.
            db.admin(f"ALTER USER '{harness.USER}'@'localhost' REQUIRE NONE", database="mysql")

            def connect(at: Target) -> Connector:
                changes = {"host": at.host, "port": at.port, "canary": "drkim", "plain": not at.tls}
                limits = {"timeout_s": at.patience_s, "call_limit_s": at.patience_s, "ca_file": at.ca_file}
                settings = openemr.Settings.model_validate(db.settings(**changes, **limits))
                return openemr.connect(harness.SYSTEM, settings, folder)

            typed = {"id": "seven", "active": "perhaps"}
            yield MysqlSource(Target(db.host, db.port), connect, population, lists_accounts, folder, typed=typed)
