"""One test for many items that share an assertion: all of them are tried, and all that fail are told together."""

from collections.abc import Callable, Iterable
from functools import wraps
from inspect import signature
from typing import Any

TOLD = 20


def each(items: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """
    Make one test of a function that checks an item; where it has several parameters, an item is a tuple for them.

    What is data of the product, a line of a catalog for one, is such an item: it needs no test of its own in the
    list of tests, and 700 of them cost more than what they check. No items at all is a failure.
    """
    found = tuple(items)

    def folded(check: Callable[..., None]) -> Callable[[], None]:
        several = len(signature(check).parameters) > 1

        def test() -> None:
            failures = []
            for item in found:
                try:
                    check(*item) if several else check(item)
                except Exception as error:  # noqa: BLE001 - whatever it is, the other items are tried too
                    failures.append(f"{_name(item)}: {type(error).__name__}: {error}")
            assert found, "there is nothing to try"
            shown = "\n".join(failures[:TOLD])
            assert not failures, f"{len(failures)} of {len(found)} fail:\n{shown}"

        # Not `wraps` alone: pytest would look for the parameters of the function behind.
        test = wraps(check)(test)
        del test.__wrapped__  # type: ignore[attr-defined]
        return test

    return folded


def _name(item: Any) -> str:
    """Return what tells an item from the others: its id, where it has one."""
    parts = item if isinstance(item, tuple) else (item,)
    return " ".join(str(getattr(part, "id", part)) for part in parts)
