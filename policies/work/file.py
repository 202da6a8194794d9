"""
The file of the work map, which a person writes.

Whatever it names must exist: a VMA, a role, a location or a capability that nobody knows is refused with its line,
because work that is owned by a misspelt name is owned by nobody.
"""

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from connectors.inputs.strict import Strict
from connectors.inputs.yaml import Document, Key, load_yaml
from policies.vocabulary import Vocabulary
from policies.work.model import Accountable, Cluster, Limits, Scoped, Task, Who, WorkMap, WorkModel

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What a work map may name."""

    people: frozenset[str]
    """Everybody on the roster, earlier or now, and in the staff file."""
    roles: tuple[str, ...]
    locations: frozenset[str]
    systems: frozenset[str]
    agreements: frozenset[str]
    vocabulary: Vocabulary


class _Work(Strict):
    """What a cluster may say for all its tasks, and a task for itself."""

    title: Name
    owner: Name | list[Name] | None = None
    backup: Name | None = None
    locations: list[Name] | None = None
    providers: list[Name] | None = None


class _Task(_Work):
    needs: Annotated[list[str], Field(min_length=1)]


class _Cluster(_Work):
    model: Literal[WorkModel.CENTRALIZED, WorkModel.DEDICATED] | None = None
    coordinator: Name | None = None
    tasks: Annotated[dict[Id, _Task], Field(min_length=1)]


class _Scoped(Strict):
    system: Name
    entitlement: Name
    locations: list[Name] = []
    providers: list[Name] = []


class _Answer(Strict):
    owner: Name
    agreement: Name | None = None
    system: Name | None = None
    account: Name | None = None
    group: Name | None = None
    key: Name | None = None


class _Left(Strict):
    name: Name
    last_day: date


class _Limits(Strict):
    span: Annotated[int, Field(ge=1, le=1000)] = 8
    clusters: Annotated[int, Field(ge=1, le=1000)] = 2
    administrators: Annotated[int, Field(ge=1, le=100)] = 2


class _File(Strict):
    model: WorkModel
    coordinator: Name | None = None
    locations: list[Name] = []
    providers: list[Name] = []
    limits: _Limits = _Limits()
    clusters: Annotated[dict[Id, _Cluster], Field(min_length=1)]
    scoped: list[_Scoped] = []
    owners: list[_Answer] = []
    left: dict[Name, _Left] = {}


def load_work_map(path: Path, known: KnownNames) -> WorkMap:
    """
    Read a work map.

    Raises `InputError` naming file, line and key for an unknown key, person, role, location, provider, system,
    agreement or capability, and for a map that gives no work to anybody.
    """
    document = load_yaml(path)
    return _Reader(document, document.validate(_File), known).read()


class _Reader:
    """Checks every name of one file against what is known."""

    def __init__(self, document: Document, file: _File, known: KnownNames) -> None:
        self._document, self._file, self._known = document, file, known
        self._locations = known.locations | set(file.locations)
        self._listed: set[tuple[str, str, str]] = set()

    def read(self) -> WorkMap:
        file = self._file
        if file.coordinator is not None:
            self._person(("coordinator",), file.coordinator)
        clusters = tuple(self._cluster(id_, cluster) for id_, cluster in file.clusters.items())
        if not any(task.owners for cluster in clusters for task in cluster.tasks):
            self._document.refuse(
                ("clusters",),
                "the work map names nobody",
                expected="an `owner` of a cluster or of a task: a role, or the id of a person",
            )
        for id_ in file.left:
            if id_ in self._known.people:
                expected = "an id that neither the roster nor the staff file has"
                self._document.refuse(("left", id_), "this person is still there", found=id_, expected=expected)
        return WorkMap(
            source=self._document.path.name,
            model=file.model,
            coordinator=file.coordinator,
            locations=tuple(sorted(self._locations)),
            limits=Limits(**file.limits.model_dump()),
            clusters=clusters,
            scoped=tuple(self._scoped(i, entry) for i, entry in enumerate(file.scoped)),
            answers=tuple(self._answer(i, entry) for i, entry in enumerate(file.owners)),
            left={id_: (entry.name, entry.last_day) for id_, entry in file.left.items()},
        )

    def _cluster(self, id_: str, raw: _Cluster) -> Cluster:
        key: Key = ("clusters", id_)
        model = raw.model or self._file.model
        if model is WorkModel.HYBRID:
            self._document.refuse(
                (*key, "model"), "a key is missing", expected="`centralized` or `dedicated`, as the map is `hybrid`"
            )
        if raw.model is not None and self._file.model not in (WorkModel.HYBRID, raw.model):
            self._document.refuse(
                (*key, "model"),
                "the cluster is not divided as the map says",
                found=raw.model.value,
                expected=f"`{self._file.model.value}`, or `model: hybrid` for the map",
            )
        if raw.coordinator is not None:
            self._person((*key, "coordinator"), raw.coordinator)
        tasks = tuple(self._task((*key, "tasks", name), name, id_, raw, task) for name, task in raw.tasks.items())
        return Cluster(id_, raw.title, model, raw.coordinator, tasks, self._document.line(key))

    def _task(self, key: Key, id_: str, cluster: str, outer: _Cluster, raw: _Task) -> Task:
        at = {field: key if getattr(raw, field) is not None else ("clusters", cluster) for field in _INHERITED}
        owner = raw.owner if raw.owner is not None else outer.owner
        backup = raw.backup if raw.backup is not None else outer.backup
        locations = raw.locations if raw.locations is not None else outer.locations
        providers = raw.providers if raw.providers is not None else outer.providers
        owners = [owner] if isinstance(owner, str) else owner or []
        return Task(
            id=id_,
            title=raw.title,
            cluster=cluster,
            needs=self._known.vocabulary.mask_at(self._document, (*key, "needs"), raw.needs),
            owners=tuple(dict.fromkeys(self._who((*at["owner"], "owner"), name) for name in owners)),
            backup=self._who((*at["backup"], "backup"), backup) if backup is not None else None,
            locations=self._places((*at["locations"], "locations"), locations or []),
            providers=self._provided((*at["providers"], "providers"), providers or []),
            line=self._document.line(key),
        )

    def _scoped(self, place: int, raw: _Scoped) -> Scoped:
        key: Key = ("scoped", place)
        self._one_of((*key, "system"), "system", raw.system, self._known.systems)
        if not raw.locations and not raw.providers:
            self._document.refuse(key, "a key is missing", expected="`locations`, `providers` or both")
        self._once(key, ("scoped", raw.system, raw.entitlement), "`locations` and `providers` of one entry")
        return Scoped(
            raw.system,
            raw.entitlement,
            self._places((*key, "locations"), raw.locations),
            self._provided((*key, "providers"), raw.providers),
            self._document.line(key),
        )

    def _answer(self, place: int, raw: _Answer) -> Accountable:
        key: Key = ("owners", place)
        given = {kind: value for kind in _ASSETS if (value := getattr(raw, kind)) is not None}
        if len(given) != 1:
            expected = f"one of: {', '.join(_ASSETS)}"
            self._document.refuse(key, "this names not one thing", found=", ".join(given) or None, expected=expected)
        ((kind, name),) = given.items()
        if kind == "agreement":
            self._one_of((*key, "agreement"), "agreement", name, self._known.agreements)
            if raw.system is not None:
                self._document.refuse((*key, "system"), "an agreement is in no system", expected="no such key")
        else:
            if raw.system is None:
                self._document.refuse(key, "a key is missing", expected="system")
            self._one_of((*key, "system"), "system", raw.system, self._known.systems)
        if raw.owner not in self._file.left:
            self._person((*key, "owner"), raw.owner, "if the person has left, say so under `left`")
        self._once(key, (kind, raw.system or "", name), "one `owner`")
        return Accountable(kind, raw.system or "", name, raw.owner, self._document.line(key))

    def _once(self, key: Key, entry: tuple[str, str, str], expected: str) -> None:
        """Refuse what is listed a second time: both would be the same finding, and the second is easily overlooked."""
        if entry in self._listed:
            _, system, name = entry
            found = f"{name} in {system}" if system else name
            self._document.refuse(key, "this is listed twice", found=found, expected=expected)
        self._listed.add(entry)

    def _who(self, key: Key, name: str) -> Who:
        if name in self._known.people and name in self._known.roles:
            self._document.refuse(key, "this is a person and a role", found=name, expected="a name of its own for each")
        if name in self._known.people:
            return Who(person=name)
        if name not in self._known.roles:
            near = get_close_matches(name, sorted([*self._known.roles, *self._known.people]), n=2)
            self._document.refuse(
                key,
                "neither a role nor a person",
                found=name,
                expected="a role that has a template, or an id of the roster or the staff file",
                hint=f"did you mean {' or '.join(f'`{n}`' for n in near)}?" if near else "",
            )
        return Who(role=name)

    def _person(self, key: Key, name: str, hint: str = "") -> None:
        if name not in self._known.people:
            near = get_close_matches(name, sorted(self._known.people), n=2)
            self._document.refuse(
                key,
                "no such person",
                found=name,
                expected="an id of the roster or the staff file",
                hint=hint or (f"did you mean {' or '.join(f'`{n}`' for n in near)}?" if near else ""),
            )

    def _places(self, key: Key, names: list[str]) -> tuple[str, ...]:
        for name in names:
            if name not in self._locations:
                self._document.refuse(
                    key,
                    "no such location",
                    found=name,
                    expected=f"one of: {', '.join(sorted(self._locations)) or 'none is known'}",
                    hint="a location where nobody works yet is added under `locations` of the map",
                )
        return tuple(dict.fromkeys(names))

    def _provided(self, key: Key, names: list[str]) -> tuple[str, ...]:
        for name in names:
            if name not in self._file.providers:
                known = ", ".join(self._file.providers) or "none is listed"
                hint = "list every provider once, under `providers` of the map"
                self._document.refuse(key, "no such provider", found=name, expected=f"one of: {known}", hint=hint)
        return tuple(dict.fromkeys(names))

    def _one_of(self, key: Key, kind: str, name: str, known: frozenset[str]) -> None:
        if name not in known:
            self._document.refuse(key, f"no such {kind}", found=name, expected=f"one of: {', '.join(sorted(known))}")


_INHERITED = ("owner", "backup", "locations", "providers")
_ASSETS = ("agreement", "account", "group", "key")
