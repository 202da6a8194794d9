"""
Citations: which provision a rule rests on, for whom.

Who employs a VMA decides which provisions bind: 164.514(d)(2) speaks of a practice's own workforce, 164.504(e)(2)(i) of
what a business associate's agreement permits. So a citation is asked for by rule and by engagement type.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints

from connectors.errors import AuditorError, shorten
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import Document, Key, load_yaml
from policies.vocabulary import Text

SHIPPED = Path(__file__).parent / "citations.yaml"

Kind = Literal["STD", "R", "A"]
"""A standard, a required or an addressable implementation specification (45 CFR 164.306(d))."""

EngagementType = Literal[
    "practice-workforce", "direct-contractor", "agency-employee", "agency-contractor", "system", "subcontractor"
]
"""
Whom a citation binds: the practice, by how somebody is engaged; `system` where a finding is about a system or an
account and not about a VMA; `subcontractor` where a paper is missing that a business associate owes, not the practice.
"""

ENGAGEMENT_TYPES: tuple[EngagementType, ...] = get_args(EngagementType)

For = Literal["all", "others"] | EngagementType
# A cite without "45 CFR ", every level in parentheses: `164.308(a)(3)(ii)(C)`.
CitationId = Annotated[str, StringConstraints(pattern=r"^16[0-4]\.\d{3}(\([0-9A-Za-z]+\))*$")]
NistId = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}-\d+(\.\d+)?(_smt\.[a-z](\.\d+)?)?$")]


@dataclass(frozen=True, slots=True)
class Citation:
    """One provision of 45 CFR, in our own words, with the NIST SP 800-53 Rev. 5 controls that serve it."""

    id: str
    kind: Kind
    paraphrase: str
    nist: tuple[str, ...]


class _Provision(Strict):
    kind: Kind
    checked: Literal["text", "excerpt", "references"] = "text"
    paraphrase: Text
    nist: list[NistId] = []


class _File(Strict):
    version: int = Field(ge=1)
    citations: dict[CitationId, _Provision] = Field(min_length=1)
    rules: dict[str, dict[For, list[str]]] = Field(min_length=1)


class Citations:
    """Every provision that the product cites, and which of them each rule rests on."""

    def __init__(
        self,
        citations: Mapping[str, Citation],
        rules: Mapping[tuple[str, str], tuple[Citation, ...]],
        unread: frozenset[str] = frozenset(),
    ) -> None:
        self._citations = citations
        self.unread = unread
        """The ids of the provisions whose wording was not read, or not all of it."""
        self._rules = rules
        self.rules = tuple(dict.fromkeys(rule for rule, _ in rules))
        """The ids of the rules that have citations, in the order of the file."""

    @classmethod
    def load(cls, path: Path | None = None) -> "Citations":
        """
        Load citations, by default the shipped ones.

        Raises `InputError` when a rule cites nothing for an engagement type, or cites what the file does not describe.
        """
        return _shipped() if path is None else _load(path)

    def __getitem__(self, id: str) -> Citation:  # noqa: A002 - the word of the file
        """Return one provision; raises `AuditorError` when the file does not describe it."""
        if id not in self._citations:
            raise AuditorError(f"no citation is called {shorten(id)}", hint=f"describe it in {SHIPPED.name}")
        return self._citations[id]

    def __contains__(self, id: object) -> bool:  # noqa: A002 - the word of the file
        return id in self._citations

    def for_rule(self, rule_id: str, engagement_type: str) -> tuple[Citation, ...]:
        """Return what a rule rests on for this type of engagement, most direct first; never empty."""
        if (rule_id, engagement_type) not in self._rules:
            raise AuditorError(
                f"the rule `{rule_id}` has no citations for {shorten(engagement_type)}",
                hint=f"add it under `rules` in {SHIPPED.name}; types are: {', '.join(ENGAGEMENT_TYPES)}",
            )
        return self._rules[rule_id, engagement_type]


@lru_cache(maxsize=1)
def _shipped() -> Citations:
    return _load(SHIPPED)


def _load(path: Path) -> Citations:
    document = load_yaml(path)
    file = document.validate(_File)
    citations = {
        id_: Citation(id_, entry.kind, entry.paraphrase, tuple(entry.nist)) for id_, entry in file.citations.items()
    }
    rules: dict[tuple[str, str], tuple[Citation, ...]] = {}
    for rule, by_type in file.rules.items():
        _check(document, ("rules", rule), by_type, citations)
        for type_ in ENGAGEMENT_TYPES:
            ids = [*by_type.get(type_, by_type.get("others", ())), *by_type.get("all", ())]
            if not ids:
                document.refuse(("rules", rule), "the rule cites nothing", found=type_, expected="a citation for it")
            rules[rule, type_] = tuple(citations[id_] for id_ in dict.fromkeys(ids))
    unread = frozenset(id_ for id_, entry in file.citations.items() if entry.checked != "text")
    return Citations(citations, rules, unread)


def _check(document: Document, key: Key, by_type: Mapping[For, list[str]], citations: Mapping[str, Citation]) -> None:
    for type_, ids in by_type.items():
        for place, id_ in enumerate(ids):
            if id_ not in citations:
                document.refuse(
                    (*key, type_, place), "no such citation", found=id_, expected="one that `citations` describes"
                )
