"""
What a SMART on FHIR scope lets an application do, in the person's name or in its own.

A scope is `patient/`, `user/` or `system/`, a type of resource or `*`, and what may be done with it: in SMART 2 some
of `cruds` (create, read, update, delete, search), in SMART 1 `read`, `write` or `*`. This reading is generous on
purpose: the search parameters with which SMART 2 can narrow a scope are ignored, so it may say more than the scope
gives, never less.
Source: SMART App Launch 2.2.0, "Scopes and Launch Context".
"""

import re
from collections.abc import Mapping

from policies.permissions.documents import Classified, Key, Unreadable, Verdict

LETTERS = "cruds"
V1 = {"read": "rs", "write": "cud", "*": LETTERS}
LEVELS = ("patient", "user", "system")
EVERY = "*"

_SCOPE = re.compile(
    r"(?P<level>patient|user|system)/(?P<type>\*|[A-Z][A-Za-z]{1,63})"
    r"\.(?P<what>read|write|\*|(?=[cruds])c?r?u?d?s?)(?:\?.{1,2000})?"
)
_KEY = re.compile(
    r"(?:(?P<level>patient|user|system)/)?(?P<type>\*|[A-Z][A-Za-z]{1,63})\.(?P<what>(?=[cruds])c?r?u?d?s?)"
)

Cell = tuple[str, str]
"""A level (or the empty text for all) and a letter."""


class SmartScopes:
    """
    Judges scopes with a catalog: what each letter of a type of resource gives.

    Keys are `Appointment.rs` (letters of a type, at every level), `system/Patient.s` (at one level: counts beside the
    others) and `*.d` (only for scopes of every type at once, which also give all that the types give). A later key
    stands over an earlier one letter by letter. Raises `ValueError` for a key of another shape.
    """

    def __init__(self, capabilities_of: Mapping[str, int]) -> None:
        self._types: dict[str, dict[Cell, Key]] = {}
        for key, mask in capabilities_of.items():
            match = _KEY.fullmatch(key)
            if match is None:
                raise ValueError("`Type.letters` with letters of `cruds` in this order, such as `Appointment.rs`")
            cells = self._types.setdefault(match["type"], {})
            cells |= {(match["level"] or "", letter): (key, mask) for letter in match["what"]}

    def judge(self, scope: str) -> Verdict | None:
        """Say what a scope gives; `None` when it is none of the FHIR scopes."""
        match = _SCOPE.fullmatch(scope)
        if match is None:
            return None
        letters = V1.get(match["what"], match["what"])
        found: dict[Key, None] = {}
        unknown = ""
        for letter in letters:
            cells = self._cells(match["type"], match["level"], letter)
            found |= dict.fromkeys(cells)
            unknown += "" if cells else letter
        mask = 0
        for _, given in found:
            mask |= given
        keys = tuple(sorted(found))
        if unknown:
            return Unreadable(f"the catalog does not say what `{unknown}` of `{match['type']}` gives", mask, keys)
        return Classified(mask, keys)

    def _cells(self, type_: str, level: str, letter: str) -> list[Key]:
        """Return the keys that speak of a letter; a scope of every type is spoken of by all of them."""
        own = self._types.get(type_, {})
        if type_ == EVERY and not any((place, letter) in own for place in ("", level)):
            return []  # all known types together may still be less than every type
        groups = self._types.values() if type_ == EVERY else (own,)
        return [cells[cell] for cells in groups for cell in (("", letter), (level, letter)) if cell in cells]
