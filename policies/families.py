"""
Families of rules: a module with `RULES`, and beside it, under the same name, a YAML file with what the rules rest on.

Those that are shipped lie in `policies/rules/`; those of other packages come by the entry-point group `auditor.rules`.
Here is their data alone: `policies.engine.rule` loads the rules themselves.
"""

import hashlib
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal, NoReturn

from pydantic import Field, StringConstraints

from connectors.errors import AuditorError
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import Document, Key, load_yaml
from connectors.installed import Extension, extensions
from policies.vocabulary import Text

ENTRY_POINTS = "auditor.rules"
SHIPPED = Path(__file__).parent / "rules"

Kind = Literal["STD", "R", "A"]
"""A standard, a required or an addressable implementation specification (45 CFR 164.306(d))."""

EngagementType = Literal[
    "practice-workforce", "direct-contractor", "agency-employee", "agency-contractor", "system", "subcontractor"
]
"""
Whom a citation binds: the practice, by how somebody is engaged; `system` where a finding is about a system or an
account and not about a VMA; `subcontractor` where a paper is missing that a business associate owes, not the practice.
"""

For = Literal["all", "others"] | EngagementType
# A cite without "45 CFR ", every level in parentheses: `164.308(a)(3)(ii)(C)`.
CitationId = Annotated[str, StringConstraints(pattern=r"^16[0-4]\.\d{3}(\([0-9A-Za-z]+\))*$")]
NistId = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}-\d+(\.\d+)?(_smt\.[a-z](\.\d+)?)?$")]
WordsOf = Literal["title", "observed", "expected", "remedy"]
SeverityByPhi = Annotated[
    str,
    StringConstraints(pattern=r"^(critical|high|medium|low)( where there is PHI, else (critical|high|medium|low))?$"),
]
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]


class Provision(Strict):
    """One provision as a file describes it."""

    kind: Kind
    checked: Literal["text", "excerpt", "references"] = "text"
    """How it was read: its text, a part of it, or only the provisions that refer to it."""
    paraphrase: Text
    nist: list[NistId] = []


class WayData(Strict):
    """What is different in the findings of one way in which a rule can be broken."""

    severity: SeverityByPhi | None = None
    title: Text | None = None
    observed: Text | None = None
    expected: Text | None = None
    remedy: Text | None = None

    def text(self, name: WordsOf) -> str | None:
        """Return what the way says as a text of its own."""
        texts = {"title": self.title, "observed": self.observed, "expected": self.expected, "remedy": self.remedy}
        return texts[name]


class RuleData(Strict):
    """What stands in the data about one rule."""

    severity: Text
    """How severe its findings are, in words; `docs/findings.md` shows it."""
    note: str = ""
    """What a reader of `docs/findings.md` must know besides its question."""
    finding: dict[WordsOf, Text] = {}
    """The words of its findings, as far as they are the same for all (`policies.engine.finding`)."""
    ways: dict[RuleId, WayData] = {}
    """Where it can be broken in several ways: what is different in the findings of each."""
    citations: dict[For, list[str]] = Field(min_length=1)
    """By type of engagement the provisions that it rests on."""


class FamilyData(Strict):
    """The data of one family."""

    version: int = Field(ge=1)
    rules: dict[RuleId, RuleData] = Field(min_length=1)
    provisions: dict[CitationId, Provision] = {}
    """Provisions that `policies/citations.yaml` does not describe."""
    remedies: dict[str, dict[str, Text]] = {}
    """Further things to do about a finding, by product; each has a `default`."""


@dataclass(frozen=True, slots=True)
class Family:
    """One module of rules with its data."""

    module: str
    file: Path
    offer: Extension | None = None
    """Who offers it; `None` for a family that is shipped."""

    @property
    def name(self) -> str:
        """What errors call it."""
        return self.file.name if self.offer is None else f"the rules {self.offer}"

    def load(self) -> ModuleType:
        """Import the module; raises `AuditorError` naming the package when it cannot be."""
        return import_module(self.module) if self.offer is None else self.offer.load()

    @property
    def data(self) -> Path:
        """The file of data beside the module."""
        return self.file.with_suffix(".yaml")

    def named(self) -> AbstractContextManager[None]:
        """Let every error within name the package that offers it."""
        return nullcontext() if self.offer is None else self.offer.named()

    def refuse(self, why: str) -> AuditorError:
        """Return the error that says by name why it cannot be used."""
        return AuditorError(f"{self.name}: {why}") if self.offer is None else self.offer.refuse(why)

    def digest(self) -> str:
        """Name in one line what an installed package judges by: its version, its module and its data."""
        digests = (hashlib.sha256(path.read_bytes()).hexdigest() for path in (self.file, self.data))
        return f"{self.offer} {' '.join(digests)}\n"


@dataclass(frozen=True, slots=True)
class Described:
    """A family with its data as it was read."""

    family: Family
    document: Document
    data: FamilyData

    def refuse(self, key: Key, problem: str, *, found: object = None, expected: str = "") -> NoReturn:
        """Raise the `InputError` that names file, line and key, and the package where one offers it."""
        with self.family.named():
            self.document.refuse(key, problem, found=found, expected=expected)

    def refuse_second(self, key: Key, what: str, other: str) -> NoReturn:
        """Raise the error that says that something which stands at `key` is described in `other` already."""
        if self.family.offer is None:
            self.refuse(key, f"{what} stands in {other} too")
        raise self.family.offer.refuse(f"{what} stands in {other} already")


@cache
def families() -> tuple[Described, ...]:
    """
    Return every family with its data: those that are shipped, then those of installed packages, in the order of names.

    Raises `InputError` for data that cannot be used, and `AuditorError` naming the package for one that is incomplete
    or offers a rule that there is already.
    """
    shipped = [
        Family(f"policies.rules.{path.stem}", path) for path in sorted(SHIPPED.glob("*.py")) if path.stem != "__init__"
    ]
    installed = [Family(offer.module, offer.file(), offer) for offer in extensions(ENTRY_POINTS)]
    found: dict[str, Described] = {}
    for family in (*shipped, *installed):
        described = describe(family)
        for id_ in described.data.rules:
            if id_ in found:
                described.refuse_second(("rules", id_), f"the rule `{id_}`", found[id_].family.name)
            found[id_] = described
    return tuple({id(each): each for each in found.values()}.values())


def describe(family: Family) -> Described:
    """Read the data of a family; raises `InputError`, which names the package where one offers it."""
    if family.offer is not None and not family.data.exists():
        raise family.offer.refuse(f"there is no file `{family.data}`, which says what its rules rest on")
    with family.named():
        document = load_yaml(family.data)
        return Described(family, document, document.validate(FamilyData))
