"""The catalogs of one product, one over the other, as one table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from connectors.errors import shorten
from connectors.facts import Entitlement, EntitlementKind
from connectors.unread import is_unread
from policies.catalogs.file import Acceptance, CatalogFile, KnownEntitlement
from policies.permissions.documents import Classified, DocumentReader, Verdict
from policies.permissions.documents.smart import SmartScopes

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


class Shelf:
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
        """Return the practice's word that an entitlement cannot be finer, whether it still holds or not."""
        names = (entitlement.id, *entitlement.aliases, entitlement.name)
        return next((word for name in names if (word := self._accepted.get(name.casefold()))), None)

    @property
    def may_be_indivisible(self) -> bool:
        """Whether `indivisible` can be true of anything there."""
        return self._fixed or bool(self._accepted)

    def indivisible(self, entitlement: Entitlement, needed: int, beyond: int) -> bool:
        """Whether nothing there gives all that is needed without all that is beyond it, or the practice says so."""
        if self.accepted(entitlement):
            return True
        if not self._fixed or self._own.find(entitlement) is self._shipped.find(entitlement) is None:
            return False
        within = [mask & needed for mask in (*self._own.masks(), *self._shipped.masks()) if not mask & beyond]
        return bool(needed & ~reduce(or_, within, 0))

    def read(self, held: Sequence[Entitlement], effective: Mapping[str, Any] | None) -> dict[str, Reading]:
        """Say what each thing that one account holds gives; policy documents are read together."""
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
        """What reads policy documents, where the product has them."""
        return self._documents

    def named(self, entitlement: Entitlement) -> KnownEntitlement | None:
        """Return what a catalog says of an entitlement by its id or name."""
        # Whatever a catalog says by its name: what was not read gives nobody knows what.
        return None if is_unread(entitlement.id) else self._own.find(entitlement) or self._shipped.find(entitlement)

    def gives(self, possible: object) -> Reading:
        """Say what a set of actions gives."""
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
