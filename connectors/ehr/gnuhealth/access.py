"""
Who may do what in Tryton, by its own rules.

Of the access rows of a model, those count that belong to one of the user's groups, or to no group (everybody); a right
is held when one of them gives it. **When none counts, the user may do everything.** So a row for one group takes rights
away from that group and leaves the model open to all others.
Source: trytond 7.0, `ir/model.py`, `ModelAccess.get_access`; `res/user.py`, `User.get_groups`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

RIGHTS = {"r": "read", "w": "write", "c": "create", "d": "delete"}
EVERYTHING = "".join(RIGHTS)


@dataclass(frozen=True, slots=True)
class GnuHealthGroup:
    """One group; its members also have what its parent has."""

    id: int
    name: str
    active: bool
    parent: int | None


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One access row of a model, or of a field."""

    group: int | None
    """`None`: everybody."""
    rights: str
    """The rights that it gives, of `rwcd`."""


class GnuHealthGroups:
    """All groups, and what follows from being in some of them."""

    def __init__(self, groups: Mapping[int, GnuHealthGroup]) -> None:
        self._groups = groups

    def __getitem__(self, id_: int) -> GnuHealthGroup:
        return self._groups[id_]

    def __iter__(self) -> Iterator[int]:
        return iter(self._groups)

    def chain(self, id_: int) -> tuple[GnuHealthGroup, ...]:
        """Return a group and its parents, nearest first; a circle ends where it closes."""
        found: dict[int, GnuHealthGroup] = {}
        at: int | None = id_
        while at is not None and at not in found and at in self._groups:
            found[at] = self._groups[at]
            at = self._groups[at].parent
        return tuple(found.values())

    def effective(self, direct: frozenset[int]) -> frozenset[int]:
        """Return the groups whose rows count for a user: with parents, without those that are switched off."""
        return frozenset(g.id for id_ in direct for g in self.chain(id_) if g.active)


class ModelAccess:
    """The access rows of all models."""

    def __init__(
        self,
        rows: Mapping[str, Sequence[AccessRow]],
        covers: Mapping[str, frozenset[str]],
        bare: Mapping[str, str],
    ) -> None:
        self._rows, self._covers, self._bare = rows, covers, bare

    def is_open(self, model: str, groups: frozenset[int]) -> bool:
        """Whether no row counts for a user in these groups, so that everything is allowed."""
        return not any(self._counting(model, groups))

    def rights(self, model: str, groups: frozenset[int]) -> str:
        """Return what a user in these groups may do with a model, of `rwcd`."""
        counting = list(self._counting(model, groups))
        if not counting:
            return self._bare.get(model, EVERYTHING)
        return "".join(right for right in EVERYTHING if any(right in row.rights for row in counting))

    def given_by(self, group: int | None) -> Iterator[tuple[str, str]]:
        """Yield each model for which a group, or everybody, has a row that gives rights, with the rights."""
        for model, rows in self._rows.items():
            for row in rows:
                if row.group == group and row.rights:
                    yield model, row.rights

    def _counting(self, model: str, groups: frozenset[int]) -> Iterator[AccessRow]:
        for name in self._covers.get(model, frozenset({model})):
            for row in self._rows.get(name, ()):
                if row.group is None or row.group in groups:
                    yield row
