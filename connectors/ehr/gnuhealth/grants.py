"""
What each GNU Health account holds, as entitlements and grants.

- `group:7`: a group. It carries its access rows, which are listed one by one: `gnuhealth.patient:rwc`.
- `everyone`: carries the access rows that belong to no group, which count for everybody.
- `open-to-all`: carries the models that no access row keeps from this account, and that hold patient data or belong to
  Tryton's own administration: Tryton then allows everything.
- `button:…`, `wizard:…`, `report:…`: kept for certain groups. `model/field:rw`: a field with access rows of its own.
- `rule:9`: a row rule about patient data that holds for the account. It takes away, and gives nothing.

The letters are Tryton's rights: read, write, create, delete.
"""

from collections.abc import Iterator

from connectors.ehr.gnuhealth.access import RIGHTS, GnuHealthGroup
from connectors.ehr.gnuhealth.read import Server
from connectors.ehr.gnuhealth.rules import RuleGroup
from connectors.facts import Entitlement, EntitlementKind

EVERYONE, OPEN = "everyone", "open-to-all"
CONTROL = ("ir", "res")
"""Tryton's own modules: whoever may write there may change who may do what."""
RULE_KEY = "row rule"
"""The key by which the catalog knows every row rule."""

Holding = tuple[str, tuple[str, ...]]
"""An entitlement id, and the path to it."""


class GroupHoldings:
    """What follows from being in certain groups; worked out once for each combination of groups."""

    def __init__(self, system: str, server: Server) -> None:
        self._system, self._server = system, server
        self._known: dict[tuple[frozenset[int], bool], tuple[Holding, ...]] = {}
        self.entitlements: dict[str, Entitlement] = {}
        """Everything that was named so far."""

    def of(self, groups: frozenset[int], *, active: bool) -> tuple[Holding, ...]:
        """Return what an account in these groups holds; one that is switched off keeps only what its groups give."""
        if (groups, active) not in self._known:
            self._known[groups, active] = tuple(dict.fromkeys(self._holdings(groups, active)))
        return self._known[groups, active]

    def _holdings(self, direct: frozenset[int], active: bool) -> Iterator[Holding]:
        effective = self._server.groups.effective(direct)
        for id_ in sorted(direct):
            path: tuple[str, ...] = ()
            for group in self._server.groups.chain(id_):
                name = self._group(group)
                yield name, path
                path = (*path, name)
                if group.active:
                    yield from self._given(group.id, effective, path)
        if active:
            yield self._container(EVERYONE, "everyone (access rows without a group)"), ()
            yield from self._given(None, effective, (EVERYONE,))
            yield from self._open(effective)

    def _given(self, group: int | None, effective: frozenset[int], path: tuple[str, ...]) -> Iterator[Holding]:
        for model, given in self._server.access.given_by(group):
            rights = "".join(r for r in given if not self._server.shut(model, r, effective))
            if rights and self._server.models[model].reachable:
                yield self._right(model, rights), path
        for guarded in self._server.fields:
            allowed = self._server.rights(guarded.model, effective)
            for row in guarded.rows:
                rights = "".join(r for r in row.rights if r in allowed)
                if row.group == group and rights:
                    yield self._field(guarded.model, guarded.name, rights), path
        for task in self._server.tasks:
            if group in task.groups:
                kind = EntitlementKind.PRIVILEGE
                yield self._add(f"{task.kind}:{task.name}", f"{task.kind} {task.name} ({task.title})", kind), path
        for rule in self._server.rules.about(self._server.patient_data, effective):
            if group in rule.groups or (group is None and (rule.everywhere or rule.default)):
                yield self._rule(rule), path

    def _open(self, effective: frozenset[int]) -> Iterator[Holding]:
        for name, model in sorted(self._server.models.items()):
            told = name in self._server.patient_data or model.module in CONTROL
            if told and model.reachable and self._server.access.is_open(name, effective):
                rights = self._server.rights(name, effective)
                if rights:
                    yield self._container(OPEN, "open to all (models without an access row)"), ()
                    yield self._right(name, rights), (OPEN,)

    def _group(self, group: GnuHealthGroup) -> str:
        # Not the bare name: by that the catalog knows what a group gives as GNU Health ships it, for lists of users
        # that say no more. What this one gives is read from its rows.
        name = f"group {group.name}" if group.active else f"group {group.name} (switched off)"
        return self._container(group_id(group.id), name)

    def _container(self, id_: str, name: str) -> str:
        return self._add(id_, name, EntitlementKind.GROUP, container=True)

    def _right(self, model: str, rights: str) -> str:
        words = ", ".join(RIGHTS[r] for r in rights)
        name = f"{words}: {self._server.models[model].title} ({model})"
        return self._add(f"{model}:{rights}", name, EntitlementKind.PRIVILEGE, self._keys(model, rights))

    def _field(self, model: str, name: str, rights: str) -> str:
        words = ", ".join(RIGHTS[r] for r in rights)
        title = f"{words}: {name} of {self._server.models[model].title} ({model})"
        return self._add(f"{model}/{name}:{rights}", title, EntitlementKind.PRIVILEGE, self._keys(model, rights))

    def _keys(self, model: str, rights: str) -> tuple[str, ...]:
        """Return the keys by which the catalog knows a right: the model's own, and its module's for mere settings."""
        keys = [f"{model}:{level(rights)}"]
        if model not in self._server.patient_data:
            keys.append(f"module {self._server.models[model].module}:{'read' if rights == 'r' else 'change'}")
        return tuple(keys)

    def _rule(self, rule: RuleGroup) -> str:
        words = ", ".join(RIGHTS[r] for r in rule.rights) or "nothing"
        title = f"row rule {rule.name} on {rule.model} (to {words})"
        return self._add(f"rule:{rule.id}", title, EntitlementKind.BOUNDARY, (RULE_KEY,))

    def _add(
        self, id_: str, name: str, kind: EntitlementKind, aliases: tuple[str, ...] = (), *, container: bool = False
    ) -> str:
        if id_ not in self.entitlements:
            self.entitlements[id_] = Entitlement(self._system, id_, name, kind, aliases, container=container)
        return id_


def group_id(id_: int) -> str:
    """Return the native id of a group as an entitlement."""
    return f"group:{id_}"


def level(rights: str) -> str:
    """Return the level by which the catalog knows a combination of rights: the highest that is among them."""
    return "delete" if "d" in rights else "write" if {"w", "c"} & set(rights) else "read"
