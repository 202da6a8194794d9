"""
The chain of agreements that a VMA's work needs, by how the VMA is engaged.

It follows the engagement (45 CFR 160.103, definitions of workforce, business associate and subcontractor):

| engagement                    | legs of the chain                                                        |
|-------------------------------|--------------------------------------------------------------------------|
| employee of the practice      | none: workforce                                                          |
| contractor of the practice    | practice → person: BAA, or workforce attestation                         |
| employee of an agency         | practice → agency: BAA                                                   |
| contractor of an agency       | as above, and agency → person: subcontractor BAA or workforce attestation |
| through a chain of agencies   | practice → first: BAA, and a subcontractor BAA for each further link      |

The roster may state the whole chain (`agency: Harbor Assist LLC > Harbor Manila Inc`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from connectors.facts import Employment, Engagement
from policies.agreements.days import FOREVER, Days, Interval, union
from policies.agreements.register import LINK, PRACTICE, AgreementKind


@dataclass(frozen=True, slots=True)
class Leg:
    """One agreement that a chain needs."""

    giver: str
    receiver: str
    kinds: frozenset[AgreementKind]
    text: str
    """Such as "BAA between the practice and Harbor Assist LLC"."""
    person: bool = False
    """Whether the receiver is a VMA, by id, and no organisation."""


_BAA = frozenset({AgreementKind.BAA})
_PERSON = frozenset({AgreementKind.BAA, AgreementKind.SUBCONTRACTOR_BAA, AgreementKind.WORKFORCE_ATTESTATION})


def engagement_type(engagement: Engagement) -> str:
    """Name the legal reading of an engagement, by which citations are chosen."""
    by_agency = engagement.agency is not None
    if engagement.employment is Employment.EMPLOYEE:
        return "agency-employee" if by_agency else "practice-workforce"
    return "agency-contractor" if by_agency else "direct-contractor"


def legs(engagement: Engagement, links: Sequence[str] | None = None, name: str = "") -> tuple[Leg, ...]:
    """
    Return the agreements that this engagement needs, through the agencies of the roster, or through `links`.

    The text has the VMA's `name`, or the id where none is given.
    """
    vma, links = engagement.vma, engagement.agencies if links is None else links
    name = name or vma
    if not links:
        if engagement.employment is Employment.EMPLOYEE:
            return ()
        text = f"BAA (or workforce attestation) between the practice and {name}"
        return (Leg(PRACTICE, vma, _PERSON, text, person=True),)
    chain = [Leg(PRACTICE, links[0], _BAA, f"BAA between the practice and {links[0]}")]
    chain += [Leg(a, b, LINK, f"subcontractor BAA between {a} and {b}") for a, b in pairwise(links)]
    if engagement.employment is not Employment.EMPLOYEE:
        text = f"subcontractor BAA or workforce attestation between {links[-1]} and {name}"
        chain.append(Leg(links[-1], vma, _PERSON, text, person=True))
    return tuple(chain)


def engaged(engagement: Engagement) -> Days:
    """Return the days of an engagement."""
    interval: Interval = (engagement.start, engagement.end or FOREVER)
    return union([interval])
