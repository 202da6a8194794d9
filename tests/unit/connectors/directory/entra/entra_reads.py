"""What a collection of Entra ID tells of somebody, and of itself."""

from connectors.facts import Collection, Complete, System, SystemKind
from policies.catalogs.catalog import Catalogs, KnownEntitlement
from policies.vocabulary import Vocabulary
from tests.servers.entra import USERS

SYSTEM = System("directory", SystemKind.DIRECTORY, "entra", "Microsoft 365", holds_phi=False)


WORDS = Vocabulary.load()


CATALOGS = Catalogs.load(WORDS)


def by_login(collection: Collection):
    assert isinstance(collection.completeness, Complete), collection.completeness
    return {account.login.partition("@")[0]: account for account in collection.accounts}


def held(collection: Collection, login: str) -> dict[str, tuple[str, ...]]:
    """What somebody holds by id, each with the path."""
    id_ = USERS.get(login, login)
    return {g.entitlement: g.path for g in collection.grants if g.account == id_}


def gives(collection: Collection, login: str) -> set[str]:
    """The capabilities of somebody, by the shipped catalog."""
    found = CATALOGS.read(SYSTEM, [collection.entitlements[id_] for id_ in held(collection, login)])
    mask = 0
    for reading in found.values():
        mask |= reading.mask if isinstance(reading, KnownEntitlement) else 0
    return set(WORDS.names(mask))
