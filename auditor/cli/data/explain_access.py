"""What `auditor explain --principal` tells a machine."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policies.permissions.aws.access.question import Answer, PlaceAllowed
from policies.permissions.decision import Deciding, Decision
from reports.as_json import SPREAD, Keys


@dataclass(frozen=True, slots=True)
class AccessQuestionData:
    """What was asked; the resource `*`: all at once, or none was named."""

    principal: str
    action: str
    resource: str


@dataclass(frozen=True, slots=True)
class BecomingData:
    """Whether the principal can become the role."""

    certain: bool
    depends_on: frozenset[str]


@dataclass(frozen=True, slots=True)
class AnswerData:
    """The answer for one principal itself."""

    principal: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class RoleAnswerData:
    """The answer for what the principal can become."""

    roles: tuple[str, ...]
    becoming: BecomingData
    decision: Decision


@dataclass(frozen=True, slots=True)
class PlaceData:
    """One pattern of resources on which it is allowed."""

    principal: str
    resource: str
    policy: str
    certain: bool
    depends_on: frozenset[str]
    roles: tuple[str, ...]
    becoming: BecomingData


@dataclass(frozen=True, slots=True)
class AccessData:
    """The answer about one resource."""

    question: AccessQuestionData
    answers: tuple[AnswerData, ...]
    through_roles: tuple[RoleAnswerData, ...]
    not_read: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlacesData:
    """Where it is allowed: of one resource nothing was asked, so `answers` and `through_roles` are empty."""

    question: AccessQuestionData
    answers: tuple[AnswerData, ...]
    through_roles: tuple[RoleAnswerData, ...]
    where: tuple[PlaceData, ...]
    not_read: Mapping[str, str]


KEYS: Keys = {
    Decision: {"keys": "depends_on"},
    Deciding: {"document": "policy", "keys": "depends_on"},
    AnswerData: {"decision": SPREAD},
    RoleAnswerData: {"decision": SPREAD},
}


def access_data(question: AccessQuestionData, answers: Iterable[Answer], not_read: Mapping[str, str]) -> AccessData:
    """Return the answers for a machine."""
    all_ = tuple(answers)
    return AccessData(
        question=question,
        answers=tuple(AnswerData(a.principal, a.decision) for a in all_ if not a.roles),
        through_roles=tuple(
            RoleAnswerData(a.roles, BecomingData(a.certain, a.keys), a.decision) for a in all_ if a.roles
        ),
        not_read=not_read,
    )


def places_data(
    question: AccessQuestionData, places: Iterable[PlaceAllowed], not_read: Mapping[str, str]
) -> PlacesData:
    """Return where it is allowed for a machine."""
    return PlacesData(question, (), (), tuple(_place(place) for place in places), not_read)


def _place(place: PlaceAllowed) -> PlaceData:
    return PlaceData(
        principal=place.principal,
        resource=place.where.pattern,
        policy=place.where.policy,
        certain=place.where.certain,
        depends_on=place.where.keys,
        roles=place.roles,
        becoming=BecomingData(place.certain, place.keys),
    )
