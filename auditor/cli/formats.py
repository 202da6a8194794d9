"""How results are printed, and which findings count: words that several options take, without what reads options."""

from enum import StrEnum
from typing import assert_never


class Format(StrEnum):
    """How a result is printed."""

    TEXT = "text"
    JSON = "json"

    @property
    def is_json(self) -> bool:
        """Whether a machine reads it; one that is added later does not check as a type until it is told apart here."""
        match self:
            case Format.TEXT:
                return False
            case Format.JSON:
                return True
        assert_never(self)


class TableFormat(StrEnum):
    """How a result is printed that is made of tables."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


class FailOn(StrEnum):
    """The least severe finding that changes the exit code."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
