"""
Whether the groups of a directory were looked for where they may stand.

A base such as `ou=people`, or a filter for people, finds no group, and that says nothing about who is in one.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from connectors.directory.schema.attributes import GROUP_CLASSES
from connectors.directory.schema.dn import below, first_value, normalise
from connectors.errors import shorten

_TOP = frozenset({"dc", "o", "c"})
"""How the names of whole directories begin (RFC 2247, X.521); `ou=` and `cn=` name a part of one."""
_LISTED_IN = {
    "groupofuniquenames": "uniquemember",
    "posixgroup": "memberuid",
    "posixgroupinternal": "memberuid",
    "organizationalrole": "roleoccupant",
    "groupofurls": "memberurl",
    "sudorole": "sudouser",
    "nisnetgroup": "nisnetgrouptriple",
}
"""In which attribute a class of groups lists its members, where it is not `member`."""
_EVERYTHING = "(objectclass=*)"


@dataclass(frozen=True, slots=True)
class ExportSearch:
    """One search, as the header of an export tells it."""

    base: str
    filter: str
    attributes: str
    whole_tree: bool = True


def left_out_by_base(base: str, roots: Collection[str]) -> str:
    """Tell which groups a base leaves out, as a name for them; nothing when it leaves out none."""
    key = normalise(base) if base else ""
    if any(below(root, key) for root in roots) or (not roots and _is_top(key)) or _is_all_of_freeipa(key):
        return ""
    return f"groups outside of {shorten(base)}, where none were looked for"


def part_read(base: str, roots: Collection[str]) -> str:
    """
    Tell that accounts were read in one part of a directory only; nothing where its whole tree was read.

    That is whatever the search finds elsewhere: a server shows nothing of what the auditor's account may not see.
    """
    if not left_out_by_base(base, roots):
        return ""
    return f"only what stands under {shorten(base)} was read; an account may have been moved out of it"


def part_exported(searches: Iterable[ExportSearch]) -> str:
    """Tell the same of the searches of an export; nothing where one of them asked for a whole tree."""
    told = ""
    for asked in searches:
        try:
            told = part_read(asked.base, ())
        except ValueError:
            told = f"the base {shorten(asked.base)} is not understood; an account may have been moved out of it"
        if not asked.whole_tree:
            told = f"only what stands directly at {shorten(asked.base)} was read; an account may have been moved deeper"
        if not told:
            return ""
    return told


def left_out_by_searches(searches: Iterable[ExportSearch], classes: Collection[str]) -> str:
    """
    Tell which groups the searches of an export leave out; nothing when one of them covers all.

    `classes` are those of the groups in it, in small letters. An export without a header says nothing of it: then a
    group that is there is taken for all being there.
    """
    why = "" if classes else "groups, of which there is none in the file"
    for asked in searches:
        why = _left_out(asked, classes)
        if not why:
            return ""
    return why


def _left_out(asked: ExportSearch, classes: Collection[str]) -> str:
    if not _finds_groups(asked.filter):
        return f"groups that the filter {shorten(asked.filter)} leaves out"
    names = set(asked.attributes.lower().replace(",", " ").split())
    missing = {_LISTED_IN.get(name, "member") for name in GROUP_CLASSES.intersection(classes)} - names
    if missing and names and names.isdisjoint(("all", "*")):
        return f"members of groups: the export did not ask for `{min(missing)}`"
    if not asked.whole_tree:
        return f"groups below {shorten(asked.base)}: the export did not ask for the whole subtree"
    try:
        return left_out_by_base(asked.base, ())
    except ValueError:
        return f"groups: the base {shorten(asked.base)} is not understood"


def _finds_groups(search_filter: str) -> bool:
    """Whether it finds everything, or is one of alternatives of which one asks for a class of groups."""
    text = "".join(search_filter.lower().split())
    if text in {"", _EVERYTHING}:
        return True
    if any(sign in text for sign in "&!") or (text.count("(") > 1 and not text.startswith("(|(")):
        return False
    return any(f"({kind}={name})" in text for kind in ("objectclass", "objectcategory") for name in GROUP_CLASSES)


def _is_top(key: str) -> bool:
    return not key or first_value(key)[0] in _TOP


def _is_all_of_freeipa(key: str) -> bool:
    return key.startswith("cn=accounts,dc=")


_FOR_EVERYBODY = re.compile(
    r"\(objectclass=(?:\*|top|person|organizationalperson|inetorgperson|user)\)|\((?:uid|samaccountname)=\*\)"
)
"""Tests that nobody fails by being disabled, moved or taken out of a group."""


def left_out_by_export(searches: Iterable[ExportSearch]) -> str:
    """Tell by which filter an export may leave accounts out; nothing where one of its searches finds everybody."""
    why = ""
    for asked in searches:
        text = "".join(asked.filter.lower().split())
        inner = text[2:-1] if text.startswith("(|(") and text.endswith("))") else text
        simple = inner.startswith("(") and not any(sign in inner for sign in "&!|")
        if not text or (simple and _FOR_EVERYBODY.search(inner)) or _FOR_PEOPLE.fullmatch(text):
            return ""
        why = (
            f"only accounts that {shorten(asked.filter)} finds, the filter of the export; who it leaves out is unknown"
        )
    return why


_FOR_PEOPLE = re.compile(
    r"\(&(?:\(objectclass=(?:\*|top|person|organizationalperson|user)\)|\(objectcategory=person\)){1,5}\)"
)
"""How everybody is usually asked for in AD."""
