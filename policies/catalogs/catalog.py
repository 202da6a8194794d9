"""
Catalogs: what the native entitlements of a product let a person do, in capabilities.

A catalog knows exact keys only. What no catalog lists is `Unclassified`, never harmless: harmless is a line that says
so (`gives: []`) and why. A practice's own catalogs stand over the shipped ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_
from pathlib import Path
from typing import Any

from connectors.errors import shorten
from connectors.facts import Entitlement, EntitlementKind, System
from connectors.unread import is_unread
from policies.catalogs.file import Acceptance, CatalogFile, KnownEntitlement, load_catalog, refuse_doubles
from policies.catalogs.installed import installed_catalogs
from policies.permissions.documents import Classified, DocumentReader, Verdict
from policies.permissions.documents.smart import SmartScopes
from policies.vocabulary import Vocabulary

__all__ = ["Catalogs", "KnownEntitlement", "Reading", "Unclassified"]

SHIPPED = Path(__file__).parent
CONTAINER = KnownEntitlement(0, "it only carries other entitlements, and each of those is read")


@dataclass(frozen=True, slots=True)
class Unclassified:
    """No catalog can say what it gives; the account that holds it is not evaluated whole."""

    reason: str
    mask: int = 0
    """What the part of a document that was understood gives: at least that, perhaps more."""
    keys: tuple[tuple[str, int], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()


Reading = KnownEntitlement | Unclassified


class Catalogs:
    """All catalogs in force."""

    def __init__(self, shipped: Mapping[str, CatalogFile], own: Sequence[CatalogFile], phi: int = 0) -> None:
        """Take the shipped files by product, the own ones, and the set of all capabilities that reach PHI."""
        self._phi = phi
        self._shipped = shipped
        self._own = tuple(own)
        self._shelves: dict[tuple[str, str], _Shelf] = {}

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

    def _shelf_of(self, system: System) -> "_Shelf":
        shelf = self._shelves.get((system.product, system.id))
        if shelf is None:
            shelf = self._shelves[system.product, system.id] = self._shelf(system)
        return shelf

    def _shelf(self, system: System) -> "_Shelf":
        own = [c for c in self._own if c.product == system.product and c.applies_to(system.id)]
        shipped = self._shipped.get(system.product)
        return _Shelf(system.product, own, [shipped] if shipped else [], self._phi)


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


class _Shelf:
    """The catalogs of one system, own before shipped, and what they said before."""

    def __init__(self, product: str, own: Sequence[CatalogFile], shipped: Sequence[CatalogFile], phi: int) -> None:
        self._product = product
        catalogs = [*own, *shipped]
        self._empty = not catalogs
        self._own = _Table(own)
        self._shipped = _Table(shipped)
        self._seen: dict[str, tuple[Entitlement, Reading]] = {}
        self._fixed = any(c.fixed for c in catalogs)
        self._accepted = {key.casefold(): word for c in own for key, word in c.accepted.items()}
        language = next((c.documents for c in catalogs if c.documents), None)
        access = {key: mask for catalog in [*shipped, *own] for key, mask in catalog.access.items()}
        self._documents = _reader(language, tuple(access.items()), phi) if language else None
        self._scopes = SmartScopes(access) if language == "smart" else None

    def accepted(self, entitlement: Entitlement) -> Acceptance | None:
        names = (entitlement.id, *entitlement.aliases, entitlement.name)
        return next((word for name in names if (word := self._accepted.get(name.casefold()))), None)

    @property
    def may_be_indivisible(self) -> bool:
        return self._fixed or bool(self._accepted)

    def indivisible(self, entitlement: Entitlement, needed: int, beyond: int) -> bool:
        if self.accepted(entitlement):
            return True
        if not self._fixed or self._own.find(entitlement) is self._shipped.find(entitlement) is None:
            return False
        within = [mask & needed for mask in (*self._own.masks(), *self._shipped.masks()) if not mask & beyond]
        return bool(needed & ~reduce(or_, within, 0))

    def read(self, held: Sequence[Entitlement], effective: Mapping[str, Any] | None) -> dict[str, Reading]:
        readings: dict[str, Reading] = {}
        documents = []
        for entitlement in held:
            if self._documents and not entitlement.container and entitlement.kind in _DOCUMENT_KINDS:
                documents.append(entitlement)
            else:
                readings[entitlement.id] = self._look_up(entitlement)
        return readings | self._judge(documents, effective) if documents else readings

    @property
    def documents(self) -> DocumentReader | None:
        return self._documents

    def named(self, entitlement: Entitlement) -> KnownEntitlement | None:
        # Whatever a catalog says by its name: what was not read gives nobody knows what.
        return None if is_unread(entitlement.id) else self._own.find(entitlement) or self._shipped.find(entitlement)

    def gives(self, possible: object) -> Reading:
        if self._documents is None:
            return Unclassified("its product has no catalog that reads policy documents")
        return _reading(self._documents.gives(possible), "it")

    def _look_up(self, entitlement: Entitlement) -> Reading:
        seen = self._seen.get(entitlement.id)
        # One id may mean another thing in the next collection (a renamed group), so the whole fact is compared.
        if seen is not None and (seen[0] is entitlement or seen[0] == entitlement):
            return seen[1]
        reading = self._find(entitlement)
        self._seen[entitlement.id] = entitlement, reading
        return reading

    def _find(self, entitlement: Entitlement) -> Reading:
        if is_unread(entitlement.id):
            return Unclassified(f"they were not read: {shorten(entitlement.name)}")
        known = self.named(entitlement)
        if known is not None:
            return known
        if entitlement.container:
            return CONTAINER
        verdict = self._scopes.judge(entitlement.id) if self._scopes else None
        if verdict is not None:
            return _reading(verdict, "its scope")
        if self._empty:
            return Unclassified(f"there is no catalog for the product {shorten(self._product)}")
        return Unclassified(f"no catalog of `{self._product}` says what {shorten(entitlement.name)} gives")

    def _judge(self, documents: Sequence[Entitlement], effective: Mapping[str, Any] | None) -> dict[str, Reading]:
        assert self._documents is not None  # noqa: S101 - only called with a reader
        readings: dict[str, Reading] = {}
        for id_, verdict in self._documents.read(documents, effective).items():
            readings[id_] = _reading(verdict, "its document")
        for entitlement in documents:
            # A document that cannot be read may still be named in a catalog: somebody has looked at it.
            if isinstance(readings.get(entitlement.id), Unclassified | None) and not is_unread(entitlement.id):
                fallback = Unclassified("the document was not judged")
                readings[entitlement.id] = self.named(entitlement) or readings.get(entitlement.id, fallback)
        return readings


def _reading(verdict: Verdict, what: str) -> Reading:
    if isinstance(verdict, Classified):
        keys = ", ".join(key for key, _ in verdict.keys)
        why = f"{what} allows {keys}" if keys else f"{what} gives nothing to this account"
        return KnownEntitlement(verdict.mask, why, verdict.keys, verdict.notes, verdict.unknown)
    return Unclassified(verdict.reason, verdict.mask, verdict.keys, verdict.notes)


_DOCUMENT_KINDS = (EntitlementKind.POLICY, EntitlementKind.BOUNDARY)


class _Table:
    """Look-up by exact key for ids and aliases, and by name whatever its case."""

    def __init__(self, catalogs: Sequence[CatalogFile]) -> None:
        self._exact: dict[str, KnownEntitlement] = {}
        for catalog in catalogs:
            self._exact |= catalog.entitlements
        self._by_name = {k.casefold(): known for k, known in self._exact.items() if not k.startswith(_SID)}

    def masks(self) -> Iterator[int]:
        """Yield what each entitlement gives."""
        return (known.mask for known in self._exact.values())

    def find(self, entitlement: Entitlement) -> KnownEntitlement | None:
        """
        Look for the id, then the aliases, then the name.

        A SID counts only where the first SID of the entitlement stands: whoever creates a group could otherwise call it
        `S-1-5-32-545` and have it taken for a harmless one.
        """
        keys = (entitlement.id, *entitlement.aliases)
        sid = next((key for key in keys if key.startswith(_SID)), "")
        for key in keys:
            if key.startswith(_SID) and key != sid:
                continue
            known = self._exact.get(key) or (self._exact.get(_any_domain(sid)) if key == sid else None)
            if known is not None:
                return known
        return self._by_name.get(entitlement.name.casefold())


_SID = "S-1-"


def _any_domain(sid: str) -> str:
    """Return the key for a well-known group of any Windows domain: `S-1-5-21-*-512` for Domain Admins."""
    domain, _, rid = sid.rpartition("-")
    return f"S-1-5-21-*-{rid}" if domain.startswith("S-1-5-21-") and domain.count("-") == 6 else ""


@lru_cache(maxsize=4)
def _reader(language: str, access: tuple[tuple[str, int], ...], phi: int) -> DocumentReader | None:
    """
    Return the reader of a language of documents; it is imported here because its tables are large.

    Kept, because it sorts the actions of a service by the keys of the catalog once: a watch asks the same at each look.
    """
    if language == "aws":
        from policies.permissions.aws.actions.index import shared_index  # noqa: PLC0415
        from policies.permissions.aws.documents import AwsDocuments  # noqa: PLC0415

        return AwsDocuments(dict(access), phi, shared_index())
    return None
