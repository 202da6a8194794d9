"""The first lines of a list, and how long the list is: nothing is cut silently."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ListPart(Generic[T]):
    """The first lines of a list, and how long the list is."""

    items: tuple[T, ...]
    total: int

    @property
    def left(self) -> int:
        """How many are not shown."""
        return self.total - len(self.items)


def top(items: tuple[T, ...], limit: int) -> ListPart[T]:
    """Keep the first `limit` lines."""
    return ListPart(items[:limit], len(items))
