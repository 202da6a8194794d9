"""A report, the mapping that is written for it, and what is read by that."""

from pathlib import Path

from auditor.cli.connect_map import run_connect_map
from auditor.cli.formats import Format
from auditor.mapping.look import look
from connectors.collect import collect
from connectors.facts import Collection, Complete, System, SystemKind
from connectors.generic.table.connector import Settings, connect_to_look

EHR = System("ehr", SystemKind.EHR, "my-ehr", "My EHR", holds_phi=True)


EXPORTS = Path(__file__).parents[2] / "connectors" / "exports"


def write(folder: Path, report: str | bytes, name: str = "users.csv") -> Path:
    path = folder / name
    path.write_bytes(report if isinstance(report, bytes) else report.encode())
    return path


def mapped(folder: Path, report: str | bytes, name: str = "users.csv", product: str | None = None) -> Collection:
    """Map an export, and read it by the mapping as it was written, without an edit."""
    path = write(folder, report, name)
    code = run_connect_map(path, folder / "m.yaml", product, Format.JSON)
    collection = read(folder, name)
    asked = look(path, product).proposal.asked
    assert (code == 0) is (isinstance(collection.completeness, Complete) and not asked), collection.completeness
    return collection


def read(folder: Path, name: str = "users.csv") -> Collection:
    settings = Settings.model_validate({"file": name, "mapping": "m.yaml"})
    return collect(connect_to_look(EHR, settings, folder))


def whole(collection: Collection) -> Collection:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def held(collection: Collection) -> dict[str, set[str]]:
    logins = {account.id: account.login for account in collection.accounts}
    found: dict[str, set[str]] = {login: set() for login in logins.values()}
    for grant in collection.grants:
        found[logins[grant.account]].add(grant.entitlement)
    return found


def meanings(path: Path, product: str | None = None) -> dict[str, str]:
    return {guess.column: guess.meaning for guess in look(path, product).proposal.columns}


# Reports as products write them

WIDE = """\
Sunrise Family Practice;;;;;;
User access report, 11/02/2026;;;;;;
;;;;;;
User ID;Full Name;E-Mail;Account Status;Last Login;Roles;Two-Factor Enabled
areyes;Reyes, Ana;ana@sunrise.example;Active;10/30/2026 4:05 PM;Scheduler|Front Desk;Yes
bcruz;Cruz, Ben;ben@sunrise.example;Disabled;Never;Biller;No
kim;Kim, Grace;kim@sunrise.example;Active;11/01/2026 9:00 AM;Provider|Front Desk;Yes
Total users: 3;;;;;;
Printed on 11/02/2026;;;;;;
"""
