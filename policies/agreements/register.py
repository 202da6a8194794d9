"""
Agreements: Business Associate Agreements, subcontractor agreements and workforce attestations, as a register.

A BAA has no end by law; its dates, systems, PHI categories, people and headcount are facts of the contract.
Sources: 45 CFR 164.308(b)(1)-(3), 164.314(a), 164.502(e), 164.504(e); definitions in 45 CFR 160.103.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from connectors.inputs.strict import Strict
from connectors.inputs.yaml import Document, load_yaml
from policies.agreements import organisations
from policies.agreements.days import FOREVER, Days, before, contains
from policies.agreements.organisations import Organisations
from policies.vocabulary import Vocabulary

PRACTICE = organisations.PRACTICE
"""How agreements and systems name the practice itself."""


class AgreementKind(StrEnum):
    """What a document promises."""

    BAA = "baa"
    """Business Associate Agreement: who gives PHI, then who receives it."""
    SUBCONTRACTOR_BAA = "subcontractor-baa"
    """The same terms between a business associate and its own subcontractor (164.314(a)(2)(iii))."""
    WORKFORCE_ATTESTATION = "workforce-attestation"
    """A signed statement that a contractor works under direct control, as workforce (160.103)."""


LINK = frozenset({AgreementKind.BAA, AgreementKind.SUBCONTRACTOR_BAA})
"""What binds one organisation to the next."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One signed document, in force from `start` to `end`, both inclusive."""

    id: str
    kind: AgreementKind
    giver: str
    """Who lets the other handle PHI: `practice`, or an agency."""
    receiver: str
    """Who handles it: an agency, a vendor, or a VMA (id or name)."""
    signed: bool
    start: date
    end: date | None
    systems: frozenset[str] | None
    """`None` means all."""
    phi: frozenset[str] | None
    """PHI categories; `None` means all."""
    headcount: int | None
    """How many people it covers at once; `None` means no cap."""
    people: frozenset[str] | None
    """VMA ids or names that it names; `None` means that it names nobody in particular."""
    line: int
    """Where it stands in the register."""
    signed_on: date | None = None
    """The day of the last signature; `None` when the register does not say, and then `start` is taken."""

    @property
    def first_day(self) -> date:
        """
        The first day on which it protects anybody: not before it is signed, whatever day its text names.

        The assurances are obtained before the PHI is given (45 CFR 164.308(b)(1), (b)(3), 164.502(e)).
        """
        return max(self.start, self.signed_on or self.start)

    @property
    def days(self) -> Days:
        """The days on which it is in force; none when it is not signed by both."""
        return ((self.first_day, self.end or FOREVER),) if self.signed else ()

    def state(self, day: date) -> str:
        """Say in words whether it is in force on that day, and if not, why."""
        if not self.signed:
            return "not signed by both parties"
        if contains(self.days, day):
            return "in force" + (f" until {self.end}" if self.end else "")
        if self.end and self.end < self.start:
            return "terminated before it began"
        if self.end and self.end < self.first_day:
            return f"signed on {self.signed_on}, when it had ended"
        if self.end and self.end < day:
            return f"ended on {self.end}"
        return f"starts on {self.start}" if self.start > day else f"signed only on {self.signed_on}"


Party = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class _Entry(Strict):
    model_config = ConfigDict(populate_by_name=True)

    id: Annotated[str, Field(min_length=1, max_length=100)]
    kind: AgreementKind
    between: Annotated[list[Party], Field(min_length=2, max_length=2)]
    signed_by_both: bool
    start: Annotated[date, Field(alias="from")]
    to: date | None = None
    terminated: date | None = None
    systems: Literal["all"] | list[str] = "all"
    phi: Literal["all"] | list[str] = "all"
    headcount: Annotated[int, Field(ge=1)] | None = None
    people: list[Party] | None = None
    signed_on: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to is not None and self.to < self.start:
            raise ValueError(f"`to` on or after `from` ({self.start})")
        if self.signed_on is not None and not self.signed_by_both:
            raise ValueError(f"no `signed_on` ({self.signed_on}) while `signed_by_both` is `false`")
        return self

    def agreement(self, line: int, party: Callable[[str], str]) -> Agreement:
        # The day of termination is the first day without it.
        ends = [d for d in (self.to, before(self.terminated) if self.terminated else None) if d]
        return Agreement(
            id=self.id,
            kind=self.kind,
            giver=party(self.between[0]),
            receiver=party(self.between[1]),
            signed=self.signed_by_both,
            start=self.start,
            end=min(ends) if ends else None,
            systems=None if self.systems == "all" else frozenset(self.systems),
            phi=None if self.phi == "all" else frozenset(self.phi),
            headcount=self.headcount,
            people=None if self.people is None else frozenset(self.people),
            line=line,
            signed_on=self.signed_on,
        )


class _Register(Strict):
    agreements: list[_Entry]
    also_known_as: dict[Party, list[Party]] = {}
    """Under which further names a party trades: `Harbor Assist LLC: [Port VA]`."""


def load_agreements(
    path: Path, vocabulary: Vocabulary, systems: frozenset[str], practice: str = ""
) -> tuple[Agreement, ...]:
    """
    Read the register of agreements of a practice, which may stand in it by its own name.

    Raises `InputError` for an unknown key, system or PHI category, two agreements with one id, or an end before
    the start. A register without agreements is accepted: then nobody is covered, which is what the audit will say.
    """
    document = load_yaml(path)
    register = document.validate(_Register)
    seen: dict[str, int] = {}
    for i, entry in enumerate(register.agreements):
        line = document.line(("agreements", i))
        if entry.id in seen:
            document.refuse(
                ("agreements", i, "id"),
                "two agreements have one id",
                found=entry.id,
                expected=f"another id than the agreement of line {seen[entry.id]}",
            )
        seen[entry.id] = line
        for field, values, known in (
            ("systems", entry.systems, sorted(systems)),
            ("phi", entry.phi, sorted(vocabulary.phi_categories)),
        ):
            for value in () if values == "all" else values:
                if value not in known:
                    expected = f"`all`, or a list of: {', '.join(known)}"
                    document.refuse(("agreements", i, field), "unknown name", found=value, expected=expected)
    trading = {name: "".join(f" dba {trade}" for trade in more) for name, more in register.also_known_as.items()}
    further = [f"{name}{more}" for name, more in trading.items()]
    parties = [party for entry in register.agreements for party in entry.between]
    names = Organisations([practice, *parties, *further])
    beside = {names.key(name): more for name, more in trading.items()}
    for name in register.also_known_as:
        if names.key(name) not in map(names.key, parties):
            expected = "a party of an agreement"
            document.refuse(("also_known_as", name), "no agreement is with this name", found=name, expected=expected)

    def party(name: str) -> str:
        itself = name.casefold() == PRACTICE or (practice and names.key(name) == names.key(practice))
        return PRACTICE if itself else name + beside.get(names.key(name), "")

    found = tuple(e.agreement(document.line(("agreements", i)), party) for i, e in enumerate(register.agreements))
    _refuse_circles(document, found, names)
    return amended(found, names)


def amended(agreements: Sequence[Agreement], names: Organisations) -> tuple[Agreement, ...]:
    """
    Let a later paper that lowers the seats decide from its first day: the earlier one ends the day before.

    Only where both say the same of systems, PHI and people, so that they are one agreement and its amendment, and the
    later one, signed by both, lasts at least as long. A paper for more people takes nothing away.
    """
    alike: dict[object, list[Agreement]] = {}
    for a in agreements:
        key = (a.kind, names.key(a.giver), names.key(a.receiver), a.systems, a.phi, a.people)
        alike.setdefault(key, []).append(a)
    ended: dict[str, date] = {}
    for found in alike.values():
        for a in found:
            later = [b.first_day for b in found if _lowers(b, a)]
            if later:
                ended[a.id] = before(min(later))
    return tuple(replace(a, end=ended[a.id]) if a.id in ended else a for a in agreements)


def _lowers(later: Agreement, earlier: Agreement) -> bool:
    """Whether a paper is a later one that gives fewer seats while the earlier one is still in force."""
    if not (later.signed and earlier.signed) or later.headcount is None or later.first_day <= earlier.first_day:
        return False
    fewer = earlier.headcount is None or later.headcount < earlier.headcount
    lasts = later.end is None or (earlier.end is not None and later.end >= earlier.end)
    return fewer and lasts and (earlier.end is None or later.first_day <= earlier.end)


def _refuse_circles(document: Document, agreements: Sequence[Agreement], names: Organisations) -> None:
    """Refuse organisations that work through each other: no chain from the practice to a person leads through that."""
    receivers: TopologicalSorter[str] = TopologicalSorter()
    for i, agreement in enumerate(agreements):
        giver, receiver = names.key(agreement.giver), names.key(agreement.receiver)
        if agreement.kind in LINK and PRACTICE not in (agreement.giver, agreement.receiver):
            if giver == receiver:
                found = " and ".join(dict.fromkeys((agreement.giver, agreement.receiver)))
                document.refuse(
                    ("agreements", i, "between"),
                    "the two parties are one",
                    found=found,
                    expected="who gives PHI, then who receives it",
                )
            receivers.add(receiver, giver)
    try:
        receivers.prepare()
    except CycleError as error:
        circle = {*error.args[1]}
        at = max(
            i
            for i, a in enumerate(agreements)
            if a.kind in LINK and {names.key(a.giver), names.key(a.receiver)} <= circle
        )
        document.refuse(
            ("agreements", at, "between"),
            "these organisations work through each other in a circle",
            found=" > ".join((agreements[at].giver, agreements[at].receiver)),
            expected="who gives PHI, then who receives it, from the practice outwards",
        )
