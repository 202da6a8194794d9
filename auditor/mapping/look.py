"""Looks at one export: proposes a mapping, reads the export by it, and lists what nobody has classified yet."""

import re
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from auditor.mapping.catalog_draft import UnknownEntitlement, catalog_skeleton, unclassified
from auditor.mapping.text import mapping_text
from connectors.collect import collect
from connectors.connector import BY_FILE, BY_PRINT
from connectors.errors import AuditorError
from connectors.facts import Account, Collection, Partial, System, SystemKind
from connectors.generic.table.connector import Settings, connect_to_look
from connectors.generic.table.infer.propose import Proposal, propose
from connectors.generic.table.preset import Preset, load_preset, preset_names
from connectors.generic.table.unread import NOT_READ
from policies.catalogs.catalog import Catalogs
from policies.vocabulary import Vocabulary

UNNAMED = "my-ehr"
"""The product of a report when nobody has said which one it comes from."""
SYSTEM_ID = "ehr"

_PRODUCT = re.compile(r"[a-z][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Look:
    """What was understood of an export."""

    proposal: Proposal
    product: str
    mapping: str
    """The mapping file, as YAML with its reasons."""
    collection: Collection | None
    """What the mapping reads from the export; `None` while the mapping is not whole."""
    refused: str
    """Why the export cannot be read by it; empty when it can."""
    unknown: tuple[UnknownEntitlement, ...]
    """What no catalog classifies."""
    catalog: str
    """The catalog that is ready to fill, as YAML; empty when everything is classified."""

    @property
    def whole(self) -> bool:
        """Whether the mapping reads the export to its end."""
        return self.collection is not None and self.collection.complete

    @property
    def settled(self) -> bool:
        """Whether it is read whole, and nothing is left to ask."""
        return self.whole and not self.proposal.asked

    @property
    def kind(self) -> SystemKind:
        """What kind of system the accounts are of, as far as the headings tell."""
        product = self.proposal.product
        return SystemKind(product.kind) if product is not None and product.kind else SystemKind.EHR

    @property
    def dated(self) -> str:
        """By what it is known of when the report is."""
        return BY_PRINT if "printed" in self.proposal.mapping else BY_FILE

    @property
    def accounts(self) -> tuple[Account, ...]:
        """All accounts that were read."""
        return self.collection.accounts if self.collection is not None else ()

    def statuses(self) -> dict[str, int]:
        """Count the accounts by status."""
        return dict(sorted(Counter(account.status.value for account in self.accounts).items()))

    def not_said(self) -> tuple[str, ...]:
        """List what the report says of no account, in words."""
        if not self.accounts:
            return ()
        asked = {(question.column, question.about) for question in self.proposal.asked}
        columns = self.proposal.mapping.get("columns", {})

        def unasked(meaning: str, about: str) -> bool:
            """Whether no column of the report could say it: what is asked about stands in the report."""
            return columns.get(meaning) is None and not any(about == other for _, other in asked)

        questions = {
            "whether an account is active": unasked("status", "status")
            and all(a.status.value == "unknown" for a in self.accounts),
            "the last sign-in": unasked("last_login", "") and all(a.last_login is None for a in self.accounts),
            "whether there is a second factor": unasked("mfa", "factor") and all(a.mfa is None for a in self.accounts),
            "e-mail addresses": unasked("email", "") and all(a.email is None for a in self.accounts),
            "when an account was made": unasked("created", "") and all(a.created is None for a in self.accounts),
        }
        unsaid = [question for question, is_unsaid in questions.items() if is_unsaid]
        if self.proposal.mapping.get("rights") == "elsewhere":
            unsaid.insert(0, "what an account may do")
        return tuple(unsaid)


def look(file: Path, product: str | None) -> Look:
    """
    Look at an export; with the name of a preset as `product`, what that one knows goes over what was found.

    Raises `AuditorError` for a product that is no word, and `InputError` for a file that holds no table.
    """
    preset = _preset(product)
    proposal = propose(file, preset, named=product is not None)
    found = proposal.product.product if proposal.product is not None else None
    named = preset.product if preset is not None else (product or found or UNNAMED)
    text = mapping_text(proposal, preset)
    kind = SystemKind(proposal.product.kind or "ehr") if proposal.product is not None else SystemKind.EHR
    system = System(SYSTEM_ID, kind, named, preset.title if preset is not None else named, holds_phi=True)
    collection = None if proposal.missing else _read(file, text, system)
    refused = ""
    if collection is not None and isinstance(collection.completeness, Partial):
        refused = f"{collection.completeness.reason}\n{collection.completeness.hint}".strip()
    unknown: tuple[UnknownEntitlement, ...] = ()
    catalog = ""
    if collection is not None and collection.complete:
        catalogs = Catalogs.load(Vocabulary.load())
        said = _said(collection)
        unknown, catalog = unclassified(said, catalogs), catalog_skeleton(said, catalogs, every_system=True)
    return Look(proposal, named, text, collection, refused, unknown, catalog)


def _said(collection: Collection) -> Collection:
    """Leave out what stands for rights that were not read: no catalog can say what they give."""
    kept = {id_: e for id_, e in collection.entitlements.items() if id_ not in NOT_READ}
    return replace(
        collection, entitlements=kept, grants=tuple(g for g in collection.grants if g.entitlement not in NOT_READ)
    )


def _preset(product: str | None) -> Preset | None:
    if product is None:
        return None
    if not _PRODUCT.fullmatch(product):
        raise AuditorError(
            f"`{product[:80]}` is no name of a product",
            hint="small letters, digits and hyphens, such as `athenahealth`; it is also the name of its catalog",
        )
    return load_preset(product) if product in preset_names() else None


def _read(file: Path, mapping: str, system: System) -> Collection:
    """Read the export by the very file that is written, as an audit would."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mapping.yaml").write_text(mapping, encoding="utf-8")
        settings = Settings(file=file.resolve(), mapping=Path("mapping.yaml"))
        return collect(connect_to_look(system, settings, Path(folder)))
