"""What may stand in the configuration of the live OpenEMR, and what the product prints for it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.connector import HasCanary, HasEndpoint, Probes
from connectors.ehr.openemr.connector import Settings, connect, setup
from connectors.ehr.openemr.log_views import VIEWS
from connectors.facts import System, SystemKind

EHR = System("ehr", SystemKind.EHR, "openemr", "OpenEMR", holds_phi=True)
NETWORK: dict[str, Any] = {"host": "db.example.org", "password_env": "OPENEMR_PASSWORD"}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "either `host` or `socket`"),
        ({**NETWORK, "socket": "/run/s"}, "either `host` or `socket`"),
        ({"host": "db.example.org"}, "`password_env`, the name of the environment variable"),
        ({**NETWORK, "plain": True}, "only with a loopback `host`"),
        ({"socket": "/run/s", "plain": True}, "only with a loopback `host`"),
        ({**NETWORK, "password_env": "p4ss word!"}, "password_env"),
        ({**NETWORK, "password": "p4ss word!"}, "password"),
        ({**NETWORK, "database": "openemr`; DROP"}, "database"),
        ({**NETWORK, "user": "a'@'%"}, "user"),
        ({**NETWORK, "client_host": "x' IDENTIFIED"}, "client_host"),
        ({**NETWORK, "timezone": "Mars/Base"}, "timezone"),
    ],
)
def test_settings_that_cannot_be_are_refused_and_no_secret_is_shown(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as error:
        Settings.model_validate(settings)
    assert told in str(error.value)
    assert "p4ss word!" not in str(error.value)


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_over_the_network_the_account_must_use_tls_and_its_host_is_asked_for() -> None:
    text = setup(EHR, Settings.model_validate(NETWORK))
    assert "CREATE USER 'access_audit'@'%' IDENTIFIED BY '…' REQUIRE SSL;" in text
    assert "set `client_host`" in text
    text = setup(EHR, Settings.model_validate({**NETWORK, "client_host": "10.0.0.7", "user": "aud", "database": "oe"}))
    assert "CREATE USER 'aud'@'10.0.0.7' IDENTIFIED BY '…' REQUIRE SSL;" in text
    assert "ON `oe`.`gacl_acl` TO 'aud'@'10.0.0.7';" in text
    assert "OPENEMR_PASSWORD" in text


def test_on_the_same_machine_the_account_may_sign_in_without_a_password() -> None:
    text = setup(EHR, Settings.model_validate({"socket": "/run/mysqld/mysqld.sock"}))
    assert "CREATE USER 'access_audit'@'localhost' IDENTIFIED VIA unix_socket;" in text


def test_the_printed_statements_give_columns_of_tables_and_never_a_table_or_a_database() -> None:
    views = ("CREATE OR REPLACE SQL SECURITY DEFINER VIEW ", "  ")
    whole = tuple(f"GRANT SELECT ON `openemr`.`{view}` " for view in VIEWS)
    for line in setup(EHR, Settings.model_validate(NETWORK)).splitlines():
        assert line.startswith(("--", "CREATE USER ", "GRANT SELECT (`", *views, *whole))
    assert "`log`" not in setup(EHR, Settings.model_validate({**NETWORK, "last_login": False}))


def test_making_a_connector_connects_nowhere(tmp_path: Path) -> None:
    network = connect(EHR, Settings.model_validate(NETWORK), tmp_path)
    local = connect(EHR, Settings.model_validate({"socket": "s"}), tmp_path)
    assert isinstance(network, HasEndpoint)
    assert not isinstance(local, HasEndpoint)
    for one in (network, local):
        assert isinstance(one, Probes)
        assert isinstance(one, HasCanary)
    assert network.source == "database openemr at db.example.org port 3306"
