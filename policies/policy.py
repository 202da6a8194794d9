"""Everything that says what should be, loaded once and named by one digest."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from policies.catalogs.catalog import Catalogs
from policies.catalogs.installed import installed_catalogs
from policies.citations import Citations
from policies.families import RuleData, families
from policies.remedies import Remedies
from policies.roles.default_accounts import DefaultAccounts
from policies.roles.generic_logins import GenericNames
from policies.roles.privileged import PrivilegedCapabilities
from policies.roles.prohibited import ProhibitedCapabilities
from policies.roles.separation import Conflict, load_conflicts
from policies.roles.template import Templates, check
from policies.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Policy:
    """Vocabulary, catalogs, role templates, never-list, separation of duties, citations, remedies."""

    vocabulary: Vocabulary
    catalogs: Catalogs
    templates: Templates
    never: ProhibitedCapabilities
    conflicts: tuple[Conflict, ...]
    citations: Citations
    generic_names: GenericNames
    remedies: Remedies
    privileged: PrivilegedCapabilities
    default_accounts: DefaultAccounts
    digest: str
    """SHA-256 over every policy file, shipped and own, in the order of their names, and over what is installed."""
    rules: Mapping[str, RuleData] = field(default_factory=dict)
    """The data of each rule, by its id."""
    installed_rules: Mapping[str, str] = field(default_factory=dict)
    """By id of each rule that is not shipped: the package that offers it, with its version."""


def load_policy(catalogs: Sequence[Path] = (), roles: Path | None = None) -> Policy:
    """
    Load the shipped policy, with the practice's own catalogs and role templates over it.

    Raises `InputError` naming file, line and key for anything that cannot be used.
    """
    vocabulary = Vocabulary.load()
    templates = Templates.load(vocabulary, roles)
    never = ProhibitedCapabilities.load(vocabulary)
    conflicts = load_conflicts(vocabulary)
    check(templates, never, conflicts)
    return Policy(
        vocabulary=vocabulary,
        catalogs=Catalogs.load(vocabulary, catalogs),
        templates=templates,
        never=never,
        conflicts=conflicts,
        citations=Citations.load(),
        generic_names=GenericNames.load(),
        remedies=Remedies.load(),
        privileged=PrivilegedCapabilities.load(vocabulary),
        default_accounts=DefaultAccounts.load(),
        digest=_digest([*catalogs, *(sorted(roles.glob("*.yaml")) if roles else ())]),
        rules={id_: data for each in families() for id_, data in each.data.rules.items()},
        installed_rules={
            id_: each.family.offer.source for each in families() if each.family.offer for id_ in each.data.rules
        },
    )


def _digest(own: Sequence[Path]) -> str:
    digest, installed = _shipped()
    digest = digest.copy()
    for path in own:
        digest.update(f"{path.name} {_content(path)}\n".encode())
    digest.update(installed)
    return digest.hexdigest()


@cache
def _shipped() -> tuple["hashlib._Hash", bytes]:
    """Return the digest over what is shipped, and what of installed packages follows; kept, as what they say is."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.yaml")):
        digest.update(f"{path.name} {_content(path)}\n".encode())
    catalogs = "".join(f"{offer} {_content(path)}\n" for offer, path in installed_catalogs())
    rules = "".join(each.family.digest() for each in families() if each.family.offer is not None)
    return digest, f"{catalogs}{rules}".encode()


def _content(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
