"""Exports of OpenEMR, changed as a test wants, and what is read of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors.collect import collect
from connectors.ehr.openemr.export import Settings, connect
from connectors.facts import Account, Collection, Complete, Partial, System, SystemKind
from tests.unit.connectors.ehr.openemr_tables_made import Tables, write

EHR = System("ehr", SystemKind.EHR, "openemr", "OpenEMR", holds_phi=True)


FRONT, BACK, USERS_GROUP = 14, 15, 10


def read(folder: Path, tables: Tables, **settings: Any) -> Collection:
    write(tables, folder / "openemr")
    return collect(connect(EHR, Settings.model_validate({"folder": "openemr", **settings}), folder))


def whole(collection: Collection) -> Collection:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def refused(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial)
    assert not collection.accounts
    return f"{collection.completeness.reason}\n{collection.completeness.hint}"


def account(collection: Collection, login: str) -> Account:
    return next(a for a in collection.accounts if a.login == login)


def held(collection: Collection, login: str) -> set[str]:
    """What a login holds, without the groups through which it holds it."""
    id_ = account(collection, login).id
    return {g.entitlement for g in collection.grants if g.account == id_ and not g.entitlement.startswith("group:")}


def paths(collection: Collection, login: str, entitlement: str) -> set[tuple[str, ...]]:
    id_ = account(collection, login).id
    return {g.path for g in collection.grants if g.account == id_ and g.entitlement == entitlement}


def drop(tables: Tables, name: str, where: Callable[[dict[str, object]], bool]) -> None:
    tables[name] = [row for row in tables[name] if not where(row)]
