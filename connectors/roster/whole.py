"""A roster that proves no end is refused: somebody who is not on it counts as gone."""

from typing import NoReturn

from connectors.errors import SourceTruncated

NAME = "the roster"


def refuse_unproven(read: int) -> NoReturn:
    """Raise `SourceTruncated` for a list of people that may be the first page of a longer one."""
    raise SourceTruncated(
        f"{NAME} gave {read} people, and nothing shows that there are no more: it ends in the same way after a first "
        "page, and whoever is missing would count as gone",
        hint="set `total` or `next` where the answers state one; or ask whoever runs the service whether it answers "
        "with everybody at once, and if so set `whole: true`",
    )
