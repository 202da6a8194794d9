"""What a collection of Google Workspace tells of somebody, and of itself."""

from connectors.facts import Collection, Complete, System, SystemKind
from policies.catalogs.catalog import Catalogs, KnownEntitlement
from policies.vocabulary import Vocabulary
from tests.servers.google import GROUPS, USERS

SYSTEM = System("directory", SystemKind.DIRECTORY, "google-workspace", "Google Workspace", holds_phi=False)


WORDS = Vocabulary.load()


CATALOGS = Catalogs.load(WORDS)


def by_login(collection: Collection):
    assert isinstance(collection.completeness, Complete), collection.completeness
    return {account.login.partition("@")[0]: account for account in collection.accounts}


def held(collection: Collection, login: str) -> dict[str, tuple[str, ...]]:
    id_ = USERS.get(login, login)
    return {g.entitlement: g.path for g in collection.grants if g.account == id_}


def readings(collection: Collection, login: str):
    return CATALOGS.read(SYSTEM, [collection.entitlements[id_] for id_ in held(collection, login)])


def gives(collection: Collection, login: str) -> set[str]:
    mask = 0
    for reading in readings(collection, login).values():
        mask |= reading.mask if isinstance(reading, KnownEntitlement) else 0
    return set(WORDS.names(mask))


def group(name: str) -> str:
    return f"group:{GROUPS[name]}"
