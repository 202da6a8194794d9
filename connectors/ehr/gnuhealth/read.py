"""Reads the tables of a Tryton server that say who may do what, each to the server's own count."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connectors.ehr.gnuhealth.access import RIGHTS, AccessRow, GnuHealthGroup, GnuHealthGroups, ModelAccess
from connectors.ehr.gnuhealth.models import (
    LOG,
    LOG_DOMAIN,
    PATIENT,
    READ_MODELS,
    TrytonModel,
    covers,
    with_patient_data,
)
from connectors.ehr.gnuhealth.rpc import EVERY, Domain, Session, TrytonRecord
from connectors.ehr.gnuhealth.rules import RecordReach, RowRules, RuleGroup
from connectors.errors import SourceDenied, SourceMalformed

POINTERS = ["OR", ["access", "=", True], ["ttype", "in", ["many2one", "one2one", "reference"]]]
SET_UP = "run the set-up that `auditor connect` prints; it may be run again, and has to be after a new module"


@dataclass(frozen=True, slots=True)
class Operation:
    """A button, wizard or report that its groups may use, whatever they may do with the model."""

    kind: str
    name: str
    title: str
    groups: frozenset[int]


@dataclass(frozen=True, slots=True)
class FieldAccess:
    """The access rows of one field; they only take away from what the model's rows give."""

    model: str
    name: str
    rows: tuple[AccessRow, ...]


@dataclass(frozen=True, slots=True)
class Server:
    """What the tables say, and the groups of the auditor's own account."""

    models: dict[str, TrytonModel]
    patient_data: frozenset[str]
    groups: GnuHealthGroups
    access: ModelAccess
    fields: tuple[FieldAccess, ...]
    tasks: tuple[Operation, ...]
    rules: RowRules
    own_groups: frozenset[int]

    def rights(self, model: str, groups: frozenset[int]) -> str:
        """Return what a user in these groups may do with at least one record of a model, of `rwcd`."""
        return "".join(r for r in self.access.rights(model, groups) if not self.shut(model, r, groups))

    def shut(self, model: str, right: str, groups: frozenset[int]) -> bool:
        """Whether row rules leave no record for that."""
        return self.rules.reach(model, right, groups) is RecordReach.NONE


def read_server(system: str, session: Session, uid: int) -> Server:
    """
    Read who may do what.

    Raises `SourceDenied` when the auditor's account could read patient data, or when row rules hide something from it,
    `SourceMalformed` when the server itself judges its access rows otherwise than we do.
    """
    models, names = _models(session)
    covered, patient_data = covers(models), with_patient_data(models)
    groups = read_groups(session)
    rules = RowRules(read_rules(session, names), covered)
    own = groups.effective(own_groups(session, uid, groups, system))
    reachable = sorted(name for name, model in models.items() if model.reachable)
    said = {name: _letters(row, RIGHTS.values()) for name, row in session.effective(reachable).items()}
    _refuse_patients(system, said, patient_data, rules, own)
    _see_everything(system, rules, own)
    rows = _access_rows(session, names)
    bare = _checked(system, said, ModelAccess(rows, covered, {}), own)
    return Server(
        models=models,
        patient_data=patient_data,
        groups=groups,
        access=ModelAccess(rows, covered, bare),
        fields=_field_access(session, names),
        tasks=_tasks(session, names),
        rules=rules,
        own_groups=own,
    )


def _models(session: Session) -> tuple[dict[str, TrytonModel], dict[int, str]]:
    """Return the models by name, and their names by id."""
    callable_ = session.methods()
    models: dict[str, TrytonModel] = {}
    names: dict[int, str] = {}
    for row in session.table("ir.model", ["model", "name", "module"]):
        name = row.text("model")
        reachable = f"model.{name}.read" in callable_
        models[name] = TrytonModel(name, row.text_or_none("name") or name, row.text_or_none("module") or "", reachable)
        names[row.number("id")] = name
    for row in session.table("ir.model.field", ["model", "name", "ttype", "relation", "access"], POINTERS):
        model, target = models[_known(row, "model", names)], row.text_or_none("relation")
        if target and row.text("ttype") in ("many2one", "one2one"):
            model.points_to.add(target)
        if target and row.flag("access", default=False):
            model.access_by.add(target)
        if row.text("ttype") == "reference":
            model.hangs_on_any = True
    return models, names


def _known(row: TrytonRecord, key: str, names: dict[int, str]) -> str:
    """Return the name of the model that a record belongs to."""
    name = names.get(row.number(key))
    return name if name is not None else row.refuse(key, "not the id of a model")


def read_groups(session: Session) -> GnuHealthGroups:
    """Read all groups."""
    found = {}
    for row in session.table("res.group", ["name", "active", "parent"], [EVERY]):
        id_ = row.number("id")
        found[id_] = GnuHealthGroup(id_, row.text("name"), row.flag("active"), row.link("parent"))
    return GnuHealthGroups(found)


PERMISSIONS = [f"perm_{right}" for right in RIGHTS.values()]
ACTIVE = [["active", "=", True]]


def _letters(row: TrytonRecord, keys: Iterable[str]) -> str:
    """Return the rights that a record gives; `keys` are its fields for reading, writing, creating, deleting."""
    return "".join(letter for letter, key in zip(RIGHTS, keys, strict=True) if row.flag(key, default=False))


def _access_rows(session: Session, names: dict[int, str]) -> dict[str, list[AccessRow]]:
    rows: dict[str, list[AccessRow]] = defaultdict(list)
    for row in session.table("ir.model.access", ["model", "group", *PERMISSIONS], ACTIVE):
        rows[_known(row, "model", names)].append(AccessRow(row.link("group"), _letters(row, PERMISSIONS)))
    return dict(rows)


def _field_access(session: Session, names: dict[int, str]) -> tuple[FieldAccess, ...]:
    rows: dict[int, list[AccessRow]] = defaultdict(list)
    for row in session.table("ir.model.field.access", ["field", "group", *PERMISSIONS], ACTIVE):
        # Creating and deleting mean nothing for a field.
        rights = "".join(r for r in _letters(row, PERMISSIONS) if r in "rw")
        rows[row.number("field")].append(AccessRow(row.link("group"), rights))
    ids = sorted(rows)
    found = []
    for row in session.table("ir.model.field", ["model", "name"], [["id", "in", ids]]) if ids else []:
        guarded = tuple(rows[row.number("id")])
        found.append(FieldAccess(_known(row, "model", names), row.text("name"), guarded))
    return tuple(found)


def _tasks(session: Session, names: dict[int, str]) -> tuple[Operation, ...]:
    """Read the buttons, wizards and reports that are kept for certain groups."""
    kept = [["groups", "!=", None]]
    found = []
    for row in session.table("ir.model.button", ["model", "name", "string", "groups"], [*ACTIVE, *kept]):
        name = f"{_known(row, 'model', names)}/{row.text('name')}"
        title = row.text_or_none("string") or row.text("name")
        found.append(Operation("button", name, title, frozenset(row.links("groups"))))
    for kind, key in (("wizard", "wiz_name"), ("report", "report_name")):
        rows = session.table(f"ir.action.{kind}", ["name", key, "groups"], [*ACTIVE, *kept])
        found += [Operation(kind, row.text(key), row.text("name"), frozenset(row.links("groups"))) for row in rows]
    return tuple(found)


def read_rules(session: Session, names: dict[int, str], which: Domain = ()) -> list[RuleGroup]:
    """Read the row rules, all or those that a search finds; `names` are those of the models by id."""
    fields = ["name", "model", "global_p", "default_p", "groups", *PERMISSIONS]
    groups = session.table("ir.rule.group", fields, which)
    theirs = [["rule_group", "in", [row.number("id") for row in groups]]] if which else []
    domains: dict[int, list[str]] = defaultdict(list)
    for row in session.table("ir.rule", ["rule_group", "domain"], theirs):
        domains[row.number("rule_group")].append(row.long_text("domain"))
    return [
        RuleGroup(
            id=row.number("id"),
            name=row.text("name"),
            model=_known(row, "model", names),
            rights=_letters(row, PERMISSIONS),
            everywhere=row.flag("global_p", default=False),
            default=row.flag("default_p", default=False),
            groups=frozenset(row.links("groups")),
            domains=tuple(domains[row.number("id")]),
        )
        for row in groups
    ]


def own_groups(session: Session, uid: int, groups: GnuHealthGroups, system: str) -> frozenset[int]:
    """Return the groups that the auditor's account is in; raises `SourceDenied` when they are hidden from it."""
    found = session.table("res.user", ["login", "groups"], [["id", "=", uid]])
    if not found:
        raise SourceDenied(f"`{system}` does not show the auditor's account its own record", hint=SET_UP)
    direct = frozenset(found[0].links("groups"))
    if not direct <= set(groups):
        raise SourceDenied(f"`{system}` does not show the auditor's account its own groups", hint=SET_UP)
    return direct


def _refuse_patients(
    system: str, said: Mapping[str, str], patient_data: frozenset[str], rules: RowRules, own: frozenset[int]
) -> None:
    found = [m for m in sorted(patient_data) if "r" in said[m] and rules.reach(m, "r", own) is not RecordReach.NONE]
    if LOG in found and rules.limits(LOG, "r", own, LOG_DOMAIN):
        found.remove(LOG)
    if found:
        shown = "`, `".join(sorted(found, key=lambda model: model != PATIENT)[:3])
        raise SourceDenied(
            f"`{system}`: the auditor's account can read {len(found)} models with patient data, such as `{shown}`; "
            "no record of them was asked for",
            hint=SET_UP,
        )


def _see_everything(system: str, rules: RowRules, own: frozenset[int]) -> None:
    for model in READ_MODELS:
        if rules.reach(model, "r", own) is not RecordReach.ALL:
            raise SourceDenied(
                f"`{system}`: a row rule hides records of `{model}` from the auditor's account, so nothing proves "
                "that what it sees is the whole",
                hint=SET_UP,
            )


def _checked(system: str, said: Mapping[str, str], access: ModelAccess, own: frozenset[int]) -> dict[str, str]:
    """
    Compare with what the server itself says that our account may do; return what it allows where no row counts.

    There Tryton allows everything, but of a table that is computed only reading, and of settings no second record.
    """
    bare = {model: rights for model, rights in said.items() if access.is_open(model, own)}
    others = [model for model in said if model not in bare and said[model] != access.rights(model, own)]
    if others:
        raise SourceMalformed(
            f"`{system}` does not judge its access rows as Tryton 7.0 does: of {len(others)} models, such as "
            f"`{others[0]}`, it allows our own account something else",
            hint="run again when nobody is changing rights; if it stays, report it with the version of Tryton",
        )
    return bare
