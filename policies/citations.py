"""
Citations: which provision a rule rests on, for whom.

Who employs a VMA decides which provisions bind: 164.514(d)(2) speaks of a practice's own workforce, 164.504(e)(2)(i) of
what a business associate's agreement permits. So a citation is asked for by rule and by engagement type.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import get_args

from pydantic import Field

from connectors.errors import AuditorError, shorten
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml
from policies.families import CitationId, Described, EngagementType, For, Kind, Provision, families

SHIPPED = Path(__file__).parent / "citations.yaml"

ENGAGEMENT_TYPES: tuple[EngagementType, ...] = get_args(EngagementType)


@dataclass(frozen=True, slots=True)
class Citation:
    """One provision of 45 CFR, in our own words, with the NIST SP 800-53 Rev. 5 controls that serve it."""

    id: str
    kind: Kind
    paraphrase: str
    nist: tuple[str, ...]


class _File(Strict):
    version: int = Field(ge=1)
    citations: dict[CitationId, Provision] = Field(min_length=1)


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
        """The ids of the rules that have citations, family by family."""

    @classmethod
    def load(cls, path: Path | None = None, rules: Iterable[Described] | None = None) -> "Citations":
        """
        Load citations, by default the shipped ones, of every rule that there is, shipped or installed.

        Raises `InputError` when a rule cites nothing for an engagement type, or cites what no file describes.
        """
        return _shipped() if path is None and rules is None else _load(path or SHIPPED, rules or ())

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
                hint=f"add it to the data beside the rule; types are: {', '.join(ENGAGEMENT_TYPES)}",
            )
        return self._rules[rule_id, engagement_type]


@lru_cache(maxsize=1)
def _shipped() -> Citations:
    return _load(SHIPPED, families())


def _load(path: Path, families_: Iterable[Described]) -> Citations:
    known = dict(load_yaml(path).validate(_File).citations)
    families_ = tuple(families_)
    for family in families_:
        for id_, provision in family.data.provisions.items():
            if known.setdefault(id_, provision) != provision:
                family.refuse_second(("provisions", id_), f"another wording of {id_}", path.name)
    citations = {id_: Citation(id_, entry.kind, entry.paraphrase, tuple(entry.nist)) for id_, entry in known.items()}
    rules: dict[tuple[str, str], tuple[Citation, ...]] = {}
    for family in families_:
        for rule, data in family.data.rules.items():
            _check(family, rule, data.citations, citations)
            for type_ in ENGAGEMENT_TYPES:
                ids = [*data.citations.get(type_, data.citations.get("others", ())), *data.citations.get("all", ())]
                if not ids:
                    family.refuse(("rules", rule), "the rule cites nothing", found=type_, expected="a citation for it")
                rules[rule, type_] = tuple(citations[id_] for id_ in dict.fromkeys(ids))
    unread = frozenset(id_ for id_, entry in known.items() if entry.checked != "text")
    return Citations(citations, rules, unread)


def _check(family: Described, rule: str, by_type: Mapping[For, list[str]], citations: Mapping[str, Citation]) -> None:
    for type_, ids in by_type.items():
        for place, id_ in enumerate(ids):
            if id_ not in citations:
                family.refuse(
                    ("rules", rule, "citations", type_, place),
                    "no such citation",
                    found=id_,
                    expected=f"one that {SHIPPED.name} describes, or `provisions` here",
                )
