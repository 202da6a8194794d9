"""
Catalogs: what the native entitlements of a product let a person do, in capabilities.

A catalog knows exact keys only. What no catalog lists is `Unclassified`, never harmless: harmless is a line that says
so (`gives: []`) and why. A practice's own catalogs stand over the shipped ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from connectors.facts import Entitlement, System
from policies.catalogs.file import Acceptance, CatalogFile, KnownEntitlement, load_catalog, refuse_doubles
from policies.catalogs.installed import installed_catalogs
from policies.catalogs.shelf import (
    Reading,
    Shelf,
    Unclassified,
)
from policies.permissions.documents import DocumentReader
from policies.vocabulary import Vocabulary

__all__ = ["Catalogs", "KnownEntitlement", "Reading", "Unclassified"]

SHIPPED = Path(__file__).parent


class Catalogs:
    """All catalogs in force."""

    def __init__(self, shipped: Mapping[str, CatalogFile], own: Sequence[CatalogFile], phi: int = 0) -> None:
        """Take the shipped files by product, the own ones, and the set of all capabilities that reach PHI."""
        self._phi = phi
        self._shipped = shipped
        self._own = tuple(own)
        self._shelves: dict[tuple[str, str], Shelf] = {}

    @classmethod
    def load(cls, vocabulary: Vocabulary, own: Sequence[Path] = ()) -> "Catalogs":
        """
        Load the shipped catalogs, and the practice's own files over them.

        Two own files may speak of one product, but not of the same entitlement in the same system. Raises `InputError`
        naming file, line and key.
        """
        shipped = _shipped(vocabulary)
        own_files = [load_catalog(path, vocabulary, shipped, own=True) for path in own]
        refuse_doubles(own_files)
        return cls(shipped, own_files, vocabulary.reaching_phi)

    def products(self) -> tuple[str, ...]:
        """List the products that have a catalog."""
        return tuple(sorted({*self._shipped, *(catalog.product for catalog in self._own)}))

    def has(self, product: str) -> bool:
        """Whether a product has a catalog."""
        return product in self._shipped or any(catalog.product == product for catalog in self._own)

    def read(
        self, system: System, held: Sequence[Entitlement], effective: Mapping[str, Any] | None = None
    ) -> dict[str, Reading]:
        """
        Say what everything that ONE account holds in ONE system gives, by entitlement id.

        Policy documents are judged together, because a denial or a boundary in one limits what the others give;
        `effective` says of some of them what they really give, by the evaluator of their provider.
        """
        return self._shelf_of(system).read(held, effective)

    def gives(self, system: System, possible: object) -> Reading:
        """Say what is given by something that no account holds, as the evaluator of its provider found it."""
        return self._shelf_of(system).gives(possible)

    def documents(self, system: System) -> DocumentReader | None:
        """Return the reader of a system's policy documents; `None` where its product has none."""
        return self._shelf_of(system).documents

    def named(self, system: System, entitlement: Entitlement) -> KnownEntitlement | None:
        """Return what a catalog says of an entitlement by its name: of a policy, for when its document is not read."""
        return self._shelf_of(system).named(entitlement)

    def unknown_in(self, system: System, entitlement: Entitlement) -> str:
        """List what the document of an entitlement names and its provider does not know; empty when there is none."""
        if entitlement.document is None:
            return ""
        reading = self.read(system, [entitlement]).get(entitlement.id)
        return reading.unknown if isinstance(reading, KnownEntitlement) else ""

    def accepted(self, system: System, entitlement: Entitlement) -> Acceptance | None:
        """Return the practice's word that this right cannot be finer in this product, if it has given it."""
        return self._shelf_of(system).accepted(entitlement)

    def indivisible(self, system: System, entitlement: Entitlement, needed: int, beyond: int) -> bool:
        """
        Whether `needed` cannot be given without `beyond`: the practice has said so, or the vendor's rights are fixed.

        Of fixed rights each is asked: one capability that no right gives without something of `beyond` is enough.
        """
        return bool(needed) and self._shelf_of(system).indivisible(entitlement, needed, beyond)

    def may_be_indivisible(self, system: System) -> bool:
        """Whether any right of this system can be one that its product cannot split; `False`: nobody need be asked."""
        return self._shelf_of(system).may_be_indivisible

    def _shelf_of(self, system: System) -> "Shelf":
        shelf = self._shelves.get((system.product, system.id))
        if shelf is None:
            shelf = self._shelves[system.product, system.id] = self._shelf(system)
        return shelf

    def _shelf(self, system: System) -> "Shelf":
        own = [c for c in self._own if c.product == system.product and c.applies_to(system.id)]
        shipped = self._shipped.get(system.product)
        return Shelf(system.product, own, [shipped] if shipped else [], self._phi)


class _ShippedCatalogs(Mapping[str, CatalogFile]):
    """
    The shipped catalogs by product, each read when it is first asked for: a practice needs three of them or four.

    And those of installed packages, which say only inside of which product they are. Raises `AuditorError` naming the
    package where one cannot be used, or is of a product that has one.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._paths = {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}
        self._read: dict[str, CatalogFile] = {}
        for offer, path in installed_catalogs():
            with offer.named():
                catalog = load_catalog(path, vocabulary)
            if catalog.product in self._paths:
                raise offer.refuse(f"there is a catalog for `{catalog.product}` already beside its `{path.name}`")
            self._paths[catalog.product], self._read[catalog.product] = path, catalog

    def __getitem__(self, product: str) -> CatalogFile:
        if product not in self._read:
            self._read[product] = load_catalog(self._paths[product], self._vocabulary)
        return self._read[product]

    def __contains__(self, product: object) -> bool:
        return product in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


@lru_cache(maxsize=2)
def _shipped(vocabulary: Vocabulary) -> _ShippedCatalogs:
    """Return the shipped catalogs, and those of packages: a run over many practices needs the same ones each time."""
    return _ShippedCatalogs(vocabulary)
