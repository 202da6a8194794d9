"""One catalog file: its form, and what is refused in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from connectors.inputs.strict import Strict
from connectors.inputs.yaml import Document, load_yaml
from connectors.unread import is_unread
from policies.permissions.documents.smart import SmartScopes
from policies.vocabulary import Text, Vocabulary

FIRST_OWN_RID = 1000
"""Windows gives groups of a domain's own making a relative id from here on (MS-DTYP 2.4.2.4)."""
LONGEST = timedelta(days=365)
"""How long what a product cannot split is accepted at most: our proposal, no rule names a number."""
_ANY_DOMAIN = re.compile(r"S-1-5-21-\*-(\d{1,10})")


@dataclass(frozen=True, slots=True)
class KnownEntitlement:
    """What an entitlement gives, and why we say so."""

    mask: int
    why: str
    keys: tuple[tuple[str, int], ...] = ()
    """For documents: which key of the catalog gave which capabilities."""
    notes: tuple[tuple[str, str], ...] = ()
    """For documents: what such a key depends on."""
    unknown: str = ""
    """For documents: what it names and its provider does not know, which gives nothing as far as is known."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The practice's word that a right cannot be finer in a product, given once for everybody who needs it."""

    reason: str
    by: str
    on: date
    until: date
    """The last day on which it holds; from the next on it is asked again."""

    def holds_on(self, day: date) -> bool:
        """Whether it was given by then, and is not over."""
        return self.on <= day <= self.until

    @property
    def said(self) -> str:
        """Who accepted it, when, until when and why."""
        return f"{self.by} accepted it on {self.on} until {self.until} ({self.reason})"


@dataclass(frozen=True)
class CatalogFile:
    """One catalog as it was read."""

    product: str
    title: str
    version: int
    source: str
    systems: frozenset[str] | None
    """The systems that it speaks of; `None` for all of the product."""
    documents: str | None
    entitlements: Mapping[str, KnownEntitlement]
    access: Mapping[str, int]
    """For documents: what each key gives."""
    document: Document
    """The file, for complaints about it."""
    fixed: bool = False
    """Whether the rights are the vendor's, so that nobody can make a finer one."""
    accepted: Mapping[str, Acceptance] = field(default_factory=dict)

    def applies_to(self, system: str) -> bool:
        """Whether it speaks of a system."""
        return self.systems is None or system in self.systems

    def overlaps(self, other: "CatalogFile") -> bool:
        """Whether both speak of one system."""
        if self.product != other.product:
            return False
        return self.systems is None or other.systems is None or bool(self.systems & other.systems)


class _Entry(Strict):
    gives: list[str]
    why: Annotated[str, StringConstraints(strip_whitespace=True)]
    any_level: bool = False

    @property
    def unfilled(self) -> bool:
        """Whether nobody has decided it yet: a line of a catalog that was written to be filled in."""
        return not self.gives and not self.why


class _Access(Strict):
    gives: list[str]
    why: Text


class _Accepted(Strict):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=20)]
    by: Text
    on: date
    until: date | None = None


class _File(Strict):
    product: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Text
    version: int = Field(ge=1)
    source: Text
    systems: Annotated[list[str], Field(min_length=1)] | None = None
    documents: Literal["aws", "smart"] | None = None
    levels: list[Text] = []
    entitlements: dict[str, _Entry] = {}
    access: dict[str, _Access] = {}
    fixed: bool = False
    accepted: dict[str, _Accepted] = {}


def load_catalog(
    path: Path, vocabulary: Vocabulary, shipped: Mapping[str, CatalogFile] | None = None, *, own: bool = False
) -> CatalogFile:
    """
    Load one catalog; raises `InputError` naming file, line and key.

    The `shipped` catalog of its product says in which language its documents are. An `own` file must list something,
    and its `access` keys must name actions that exist. An own line that is not filled in yet says nothing: its
    entitlement stays unclassified.
    """
    document = load_yaml(path)
    file = document.validate(_File)
    language: str | None = file.documents
    if language is None and shipped is not None and file.product in shipped:
        language = shipped[file.product].documents
    if own and not (file.entitlements or file.access or file.accepted):
        document.refuse((), "the catalog lists nothing", expected="`entitlements`, each with `gives` and `why`")
    if file.access and language is None:
        document.refuse(("access",), "the product has no policy documents", expected="`entitlements` instead")
    access = {
        key: vocabulary.mask_at(document, ("access", key, "gives"), entry.gives) for key, entry in file.access.items()
    }
    if language == "smart":
        _check_scopes(document, access)
    elif own and access:
        _check_access(document, access)
    return CatalogFile(
        product=file.product,
        title=file.title,
        version=file.version,
        source=file.source,
        systems=frozenset(file.systems) if file.systems is not None else None,
        documents=language,
        entitlements=_entitlements(document, file, vocabulary, own=own),
        access=access,
        document=document,
        fixed=file.fixed,
        accepted={key: _acceptance(document, key, word) for key, word in file.accepted.items()},
    )


def _acceptance(document: Document, key: str, word: _Accepted) -> Acceptance:
    """Return the practice's word with its end: after a year nobody remembers why, so it is asked again by then."""
    _refuse_unread(document, "accepted", key)
    latest = word.on + LONGEST
    until = word.until or latest
    if not word.on <= until <= latest:
        document.refuse(
            ("accepted", key, "until"),
            "nothing is accepted for ever",
            found=until,
            expected=f"a day from {word.on} to {latest}: at most {LONGEST.days} days after `on`",
        )
    return Acceptance(word.reason, word.by, word.on, until)


def refuse_doubles(own: Sequence[CatalogFile]) -> None:
    """Refuse two own files that say something about the same entitlement of the same system."""
    for place, later in enumerate(own):
        for earlier in own[:place]:
            if not earlier.overlaps(later):
                continue
            for section in ("entitlements", "access"):
                listed = {key.casefold(): key for key in getattr(earlier, section)}
                for key in getattr(later, section):
                    if key.casefold() in listed:
                        line = earlier.document.line((section, listed[key.casefold()]))
                        later.document.refuse(
                            (section, key),
                            "two own catalogs say something about it",
                            expected=f"it once: it is in {earlier.document.path}, line {line} already",
                        )


def _refuse_unread(document: Document, section: str, key: str) -> None:
    """Refuse a word about rights that were not read: it would turn what is unproven into what is known."""
    if is_unread(key):
        document.refuse(
            (section, key),
            "this stands for rights that were not read, and nobody knows what these give",
            expected="a right of the product itself",
            hint="let the connector read them: the finding `unclassified-entitlement` says what it needs",
        )


def _entitlements(document: Document, file: _File, vocabulary: Vocabulary, *, own: bool) -> dict[str, KnownEntitlement]:
    found: dict[str, KnownEntitlement] = {}
    folded: set[str] = set()
    for key, entry in file.entitlements.items():
        where = ("entitlements", key)
        if not (own and entry.unfilled):
            _refuse_unread(document, "entitlements", key)
        wildcard = _ANY_DOMAIN.fullmatch(key)
        if wildcard and int(wildcard[1]) >= FIRST_OWN_RID:
            document.refuse(
                where,
                "this relative id means another group in each domain",
                expected="the whole SID of the group",
                hint="`S-1-5-21-*-…` is for the groups that every domain has, such as 512",
            )
        if not entry.why and not (own and entry.unfilled):
            document.refuse(
                (*where, "why"),
                "nobody has said why",
                expected="who decided it, and from what",
                hint="`gives: []` with a `why` is harmless; with neither it is not filled in, and stays unclassified",
            )
        if entry.any_level and not file.levels:
            document.refuse((*where, "any_level"), "the catalog has no `levels`", expected="a list of them")
        known = KnownEntitlement(vocabulary.mask_at(document, (*where, "gives"), entry.gives), entry.why)
        levels = [f"{key}:{level}" for level in file.levels] if entry.any_level else []
        for name in (key, *levels):
            if name.casefold() in folded:
                document.refuse(where, "the entitlement stands twice", found=name, expected="each one once")
            folded.add(name.casefold())
            if not entry.unfilled:
                found[name] = known
    return found


def _check_scopes(document: Document, access: Mapping[str, int]) -> None:
    for key in access:
        try:
            SmartScopes({key: 0})
        except ValueError as error:
            document.refuse(("access", key), "this is no key", expected=str(error))


def _check_access(document: Document, access: Mapping[str, int]) -> None:
    from policies.permissions.aws.documents import AwsDocuments  # noqa: PLC0415 - its tables are large

    for key in access:
        try:
            AwsDocuments({key: 0})
        except ValueError as error:
            document.refuse(("access", key), "this is no key", expected=str(error))
    for key in AwsDocuments(access).unknown_keys():
        document.refuse(("access", key), "no such service or action", expected="one that AWS lists")
