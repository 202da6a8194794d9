"""The catalogs that count for a saved AWS account: the shipped ones, and those of the practice whose account it is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.errors import AuditorError
from connectors.facts import Entitlement, EntitlementKind, System, SystemKind
from policies.catalogs.catalog import Catalogs
from policies.permissions.documents import DocumentReader
from policies.vocabulary import Vocabulary

if TYPE_CHECKING:
    from auditor.config import Config

SAVED = System("cloud", SystemKind.CLOUD, "aws", "the saved account", holds_phi=True)
"""What is judged where no practice is named."""


@dataclass(frozen=True, slots=True)
class OwnCatalogs:
    """Whose own catalogs count as well: those of a configuration, for the one of its systems that is the account."""

    config: Path
    system: str | None = None
    """`None`: the only one that is AWS."""


def load_catalogs(words: Vocabulary, wanted: OwnCatalogs | None) -> tuple[DocumentReader, Callable[[str], int | None]]:
    """
    Return what the catalogs that an audit uses make of policies, and what they say of a policy by its name.

    Raises `InputError` for a configuration or catalog that cannot be used, `AuditorError` where it is not said which
    system the account is.
    """
    system, own = SAVED, tuple[Path, ...]()
    if wanted is not None:
        from auditor.config import load_config  # noqa: PLC0415 - only for who names one

        config = load_config(wanted.config, check_files=False)
        system, own = _system_of(config, wanted.system), config.catalogs
    catalogs = Catalogs.load(words, own)
    reader = catalogs.documents(system)
    if reader is None:
        raise AuditorError("there is no catalog of AWS")

    def named(policy: str) -> int | None:
        owner, inline, name = policy.rpartition("/policy/")
        # As the connector names what stands inside a user.
        id_ = f"{owner}#{name}" if inline else policy
        entitlement = Entitlement(system.id, id_, policy.rpartition("/")[2], EntitlementKind.POLICY)
        known = catalogs.named(system, entitlement)
        return None if known is None else known.mask

    return reader, named


def _system_of(config: "Config", wanted: str | None) -> System:
    """Return the system of a configuration that the saved account is."""
    systems = {id_: s.connector.system for id_, s in config.sources.items() if s.connector.system.product == "aws"}
    if wanted is None and len(systems) == 1:
        return next(iter(systems.values()))
    if wanted is None or wanted not in systems:
        known = ", ".join(f"`{id_}`" for id_ in systems) or "none is AWS"
        raise AuditorError("which system of the practice is the saved account?", hint=f"--system: {known}")
    return systems[wanted]
