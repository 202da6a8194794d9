"""Groups in groups: everything that is reached from what is held directly. Pure, and safe against cycles."""

from collections.abc import Iterable, Mapping

Path = tuple[str, ...]


def transitive_groups(direct: Iterable[str], parents: Mapping[str, Iterable[str]]) -> dict[str, Path]:
    """
    Return every group reached from the groups held directly, each with a shortest path to it.

    `parents` maps a group to the groups that list it as a member. A path runs from the group held directly to the
    last before the one reached, and is empty for those held directly. Among paths of equal length the one that is
    first in the order of ids wins, so the answer does not depend on the order in which a source lists things.
    """
    paths: dict[str, Path] = dict.fromkeys(sorted(set(direct)), ())
    frontier = list(paths)
    while frontier:
        reached = []
        for group in frontier:
            for parent in sorted(parents.get(group, ())):
                if parent not in paths:
                    paths[parent] = (*paths[group], group)
                    reached.append(parent)
        frontier = reached
    return paths
