"""Access levels that an action has beyond those that AWS lists for it, as `access_levels.yaml` has them."""

from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "access_levels.yaml"


@cache
def further_levels() -> dict[str, tuple[str, ...]]:
    """
    Return them by lower-case action.

    The file is part of the product and checked by its tests against the Service Authorization Reference.
    """
    # Imported late: one question about one action does not pay for it.
    import yaml  # noqa: PLC0415

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load(FILE.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader, in C where there is one
    found: dict[str, tuple[str, ...]] = {}
    for level, entries in data.items():
        for entry in entries if isinstance(entries, list) else ():
            for action in entry["actions"]:
                found[action.lower()] = (*found.get(action.lower(), ()), level)
    return found
