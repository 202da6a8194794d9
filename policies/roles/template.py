"""
Role templates: what a role requires, what it allows beyond that, and what it must never hold.

The shipped ones are proposals (45 CFR 164.514(d)(2)(i) asks a practice to name, for each class of its workforce, the
categories of PHI and the conditions): a practice approves them, or puts its own over them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache, reduce
from operator import and_, or_
from pathlib import Path

from pydantic import Field

from connectors.errors import AuditorError, InputError, shorten
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml
from policies.roles.prohibited import ProhibitedCapabilities
from policies.roles.separation import Conflict
from policies.vocabulary import Text, Vocabulary

SHIPPED = Path(__file__).parent


class Controls(Strict):
    """What every account of the role must have; the numbers are the practice's choice, no rule in force names one."""

    mfa: bool
    dormant_after_days: int = Field(ge=1, le=366)
    first_login_within_days: int = Field(ge=1, le=366)
    unused_after_days: int = Field(90, ge=1, le=366)
    """After how many days a right that was not used is to be taken away, where the source tells of its use."""


@dataclass(frozen=True)
class RoleTemplate:
    """One role."""

    id: str
    title: str
    version: int
    requires: int
    allows: int
    """Everything that it may hold: what it requires is part of it."""
    never: int
    """What this role must not hold, beyond the never-list for everybody."""
    controls: Controls
    conditions: tuple[str, ...]
    source: str
    """The name of the file that it was read from."""
    lines: Mapping[str, int]
    """The line of each capability in that file, and of `requires`, `allows` and `never`."""
    path: Path


@dataclass(frozen=True)
class Combined:
    """What several roles of one VMA come to."""

    roles: tuple[str, ...]
    requires: int
    allows: int
    never: int
    controls: Controls
    templates: tuple[RoleTemplate, ...]

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions of all roles, each once."""
        return tuple(dict.fromkeys(c for template in self.templates for c in template.conditions))

    def stated_at(self, capability_id: str) -> tuple[str, int] | None:
        """Return file and line where a role requires, allows or forbids a capability; `None` when none names it."""
        for template in self.templates:
            if capability_id in template.lines:
                return template.source, template.lines[capability_id]
        return None


class _File(Strict):
    title: Text
    version: int = Field(ge=1)
    requires: list[str] = Field(min_length=1)
    allows: list[str]
    never: list[str]
    controls: Controls
    conditions: list[Text] = Field(min_length=1)


class Templates:
    """The role templates in force, by id."""

    def __init__(self, vocabulary: Vocabulary, templates: Iterable[RoleTemplate]) -> None:
        self.vocabulary = vocabulary
        self._templates = {t.id: t for t in sorted(templates, key=lambda t: t.id)}
        self._combined: dict[tuple[str, ...], Combined] = {}

    @classmethod
    def load(cls, vocabulary: Vocabulary, own: Path | None = None) -> "Templates":
        """
        Load the shipped templates, and those of the folder `own` over them, by the name of the file.

        Raises `InputError` naming file, line and key; also for a folder that holds no template.
        """
        templates = dict(_shipped(vocabulary))
        if own is not None:
            templates |= {path.stem: _load(vocabulary, path) for path in _files(own)}
        return cls(vocabulary, templates.values())

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all roles, sorted."""
        return tuple(self._templates)

    def __contains__(self, role: object) -> bool:
        return role in self._templates

    def __getitem__(self, role: str) -> RoleTemplate:
        """Return one template; raises `AuditorError` naming the nearest ones."""
        if role not in self._templates:
            near = get_close_matches(role, self._templates, n=3) or list(self._templates)
            raise AuditorError(
                f"there is no role template for {shorten(role)}",
                hint=f"use one of: {', '.join(near)}; or write the practice's own (docs/policies.md)",
            )
        return self._templates[role]

    def combine(self, roles: Sequence[str]) -> Combined:
        """
        Return what several roles come to: everything that one requires or allows, and the strictest controls.

        `never` holds only what all of them forbid, because one role may need what another must not have. Whether the
        union breaks the separation of duties is for the rules to say. Raises `AuditorError` for no role at all.
        """
        key = tuple(dict.fromkeys(roles))
        if not key:
            raise AuditorError("a VMA without a role cannot be judged", hint="give the engagement a role in the roster")
        if key not in self._combined:
            self._combined[key] = _combine(key, tuple(self[role] for role in key))
        return self._combined[key]

    def __iter__(self) -> Iterator[RoleTemplate]:
        return iter(self._templates.values())


def check(templates: Templates, never: ProhibitedCapabilities, conflicts: Sequence[Conflict]) -> None:
    """
    Refuse templates that contradict the rest of the policy.

    Raises `InputError` when a template requires or allows what the never-list forbids, or when what it requires
    already breaks the separation of duties: nobody could then hold the role without a finding.
    """
    for template in templates:
        for forbidden in templates.vocabulary.names(template.allows & never.mask):
            raise InputError(
                template.path,
                "the role allows what the never-list forbids to every VMA",
                line=template.lines[forbidden],
                found=forbidden,
                expected=f"a role without it: {never.why(forbidden)}",
                hint="take it out of the template; for a VMA who needs it for a time, keep the approval",
            )
        for conflict in conflicts:
            if conflict.broken_by(template.requires):
                raise InputError(
                    template.path,
                    f"the role cannot be held without breaking {conflict.id}",
                    line=template.lines["requires"],
                    field="requires",
                    expected=f"a role that never {conflict.title}",
                    hint="split the role, or move one of the duties to another person",
                )


@lru_cache(maxsize=2)
def _shipped(vocabulary: Vocabulary) -> Mapping[str, RoleTemplate]:
    """Return the shipped templates, by id: a run over many practices, and a watch, need the same ones each time."""
    return {path.stem: _load(vocabulary, path) for path in _files(SHIPPED)}


def _files(folder: Path) -> list[Path]:
    """List the templates in a folder; an empty one is an error, because nothing would be judged by it."""
    if not folder.is_dir():
        raise InputError(folder, "there is no such folder", expected="a folder of role templates")
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise InputError(folder, "the folder holds no role template", expected="at least one file `<role>.yaml`")
    return paths


def _load(vocabulary: Vocabulary, path: Path) -> RoleTemplate:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", path.stem):
        raise InputError(
            path, "the name of the file is not the id of a role", expected="lower case letters, digits and `_`"
        )
    document = load_yaml(path)
    file = document.validate(_File)
    lines: dict[str, int] = {}
    masks = {}
    for section, names in (("requires", file.requires), ("allows", file.allows), ("never", file.never)):
        masks[section] = vocabulary.mask_at(document, (section,), names)
        lines[section] = document.line((section,))
        for place, name in enumerate(names):
            if name in lines:
                document.refuse(
                    (section, place),
                    "the capability stands twice",
                    found=name,
                    expected=f"it once: it is on line {lines[name]} already (what is required is allowed too)",
                )
            lines[name] = document.line((section, place))
    return RoleTemplate(
        id=path.stem,
        title=file.title,
        version=file.version,
        requires=masks["requires"],
        allows=masks["requires"] | masks["allows"],
        never=masks["never"],
        controls=file.controls,
        conditions=tuple(file.conditions),
        source=path.name,
        lines=lines,
        path=path,
    )


def _combine(roles: tuple[str, ...], templates: tuple[RoleTemplate, ...]) -> Combined:
    return Combined(
        roles=roles,
        requires=reduce(or_, (t.requires for t in templates)),
        allows=reduce(or_, (t.allows for t in templates)),
        never=reduce(and_, (t.never for t in templates)),
        controls=Controls(
            mfa=any(t.controls.mfa for t in templates),
            dormant_after_days=min(t.controls.dormant_after_days for t in templates),
            first_login_within_days=min(t.controls.first_login_within_days for t in templates),
            unused_after_days=min(t.controls.unused_after_days for t in templates),
        ),
        templates=templates,
    )
