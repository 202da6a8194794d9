"""An account of which it is not settled whose it is, for a machine."""

from dataclasses import dataclass

from policies.engine.candidates import Open
from policies.engine.candidates_wording import how_to_settle


@dataclass(frozen=True, slots=True)
class UnsettledData:
    """An account that could be theirs."""

    system: str
    login: str
    reason: str
    to_do: str


@dataclass(frozen=True, slots=True)
class VmaUnsettledData:
    """An account that could be somebody's, and whose."""

    vma: str
    system: str
    login: str
    reason: str
    to_do: str


def unsettled_data(question: Open) -> UnsettledData:
    """Return the question for a machine, where it is known whom it is about."""
    return UnsettledData(question.system, question.login, question.reason, how_to_settle(question))


def vma_unsettled_data(question: Open) -> VmaUnsettledData:
    """Return the question for a machine."""
    return VmaUnsettledData(question.person, question.system, question.login, question.reason, how_to_settle(question))
