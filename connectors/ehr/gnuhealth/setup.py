"""The least that the auditor's account needs in GNU Health: a group that sees who has access, and no patient."""

from connectors.ehr.gnuhealth.models import (
    ACTIONS,
    COPIES,
    HOMES,
    LOG,
    LOG_DOMAIN,
    OTHER_PARTIES,
    PATIENT,
    PERSON,
    READ_MODELS,
)
from connectors.facts import System

GROUP = "Access Audit"

SCRIPT = """\
# {title}: an account that sees who has access, and no patient, and that can change nothing.
#
# Save it as access-audit.py; run it on the server, as the user that runs GNU Health, with the path of its trytond.conf:
#   {variable}=… trytond-console -c trytond.conf -d {database} < access-audit.py
# Run it again after a new module was activated. It changes what its own group may do, and nobody else's rights.
import os
from trytond.model import ModelStorage
from trytond.pyson import Eval, If, In, PYSONEncoder

GROUP, LOGIN, PASSWORD = {group!r}, {user!r}, os.environ[{variable!r}]
MAY_READ = {may_read!r}
NOTHING = [["id", "=", -1]]
LOG, OF_LOG = {log!r}, {log_domain!r}
Access, Group, Model, Rule, RuleGroup, User = (
    pool.get(name)
    for name in ("ir.model.access", "res.group", "ir.model", "ir.rule", "ir.rule.group", "res.user")
)
stored = {{name: cls for name, cls in pool.iterobject() if issubclass(cls, ModelStorage) and "read" in cls.__rpc__}}
ids = {{model.model: model.id for model in Model.search([])}}

# 1. The models with patient data: the patient, persons, families and homes, what points to one of them over however
#    many others, and what hangs on any record.
points = {{
    name: {{field.model_name for field in cls._fields.values() if field._type in ("many2one", "one2one")}}
    for name, cls in stored.items()
}}
patients = set()
for start, ends in (({{{patient!r}}}, set()), (set({people!r}), set({others!r}))):
    found, new = start & set(stored), start
    while new:
        new = {{name for name in stored if points[name] & new}} - found - ends - set(MAY_READ)
        found = found | new
    patients |= found
hanging = {{name for name, cls in stored.items() if any(f._type == "reference" for f in cls._fields.values())}}
patients |= hanging - set(MAY_READ) - set({actions!r})
patients |= set({copies!r}) & set(stored)

# 2. The group: it may read what says who has access; no record with patient data, and nothing to change.
found = Group.search([("name", "=", GROUP), ("active", "in", [True, False])])
group = found[0] if found else Group.create([{{"name": GROUP}}])[0]
Group.write([group], {{"active": True, "parent": None}})
Access.delete(Access.search([("group", "=", group.id), ("active", "in", [True, False])]))
by_default = {{rules.model.model for rules in RuleGroup.search([("default_p", "=", True)])}}
Access.create([
    {{"model": ids[name], "group": group.id, "perm_read": name in (*MAY_READ, LOG)}}
    for name in sorted({{*MAY_READ, LOG, *by_default}} & set(stored))
])
RuleGroup.delete(RuleGroup.search([("groups", "=", group.id), ("name", "like", GROUP + ": %")]))
RuleGroup.create([
    {{
        "name": GROUP + (": no patient data" if name in patients else ": no change"),
        "model": ids[name], "global_p": False, "default_p": False,
        "perm_read": name in patients - {{LOG}}, "perm_write": True, "perm_create": True, "perm_delete": True,
        "groups": [("add", [group.id])], "rules": [("create", [{{"domain": PYSONEncoder().encode(NOTHING)}}])],
    }}
    for name in sorted(stored) if name in ids
])
if LOG in stored and LOG in ids:  # of the log, which is about every record, it sees what is about users and groups
    RuleGroup.create([{{
        "name": GROUP + ": users and groups", "model": ids[LOG], "global_p": False, "default_p": False,
        "perm_read": True, "perm_write": False, "perm_create": False, "perm_delete": False,
        "groups": [("add", [group.id])], "rules": [("create", [{{"domain": PYSONEncoder().encode(OF_LOG)}}])],
    }}])

# 3. It sees the wizards and reports of all groups; it may run those of its own groups only.
every = PYSONEncoder().encode(If(In(group.id, Eval("groups", [])), [], NOTHING))
for rules in RuleGroup.search([("model.model", "=", "ir.action"), ("global_p", "=", True)]):
    if every not in [rule.domain for rule in rules.rules]:
        Rule.create([{{"rule_group": rules.id, "domain": every}}])

# 4. The account.
found = User.search([("login", "=", LOGIN), ("active", "in", [True, False])])
if found:
    User.write(found, {{"active": True, "password": PASSWORD, "groups": [
        ("remove", [g.id for g in found[0].groups if g != group]), ("add", [group.id])
    ]}})
else:
    User.create([{{"login": LOGIN, "name": GROUP, "password": PASSWORD, "groups": [("add", [group.id])]}}])
transaction.commit()
print("done: " + LOGIN + " sees no record of " + str(len(patients)) + " models with patient data")
"""


def least_privilege(system: System, user: str, password_env: str, database: str) -> str:
    """Return a script for `trytond-console` that makes the group and the account; it holds no secret."""
    return SCRIPT.format(
        title=" ".join(system.title.split()),
        group=GROUP,
        user=user,
        variable=password_env,
        database=database,
        may_read=READ_MODELS,
        patient=PATIENT,
        people=(PERSON, *HOMES),
        copies=COPIES,
        others=OTHER_PARTIES,
        actions=ACTIONS,
        log=LOG,
        log_domain=LOG_DOMAIN,
    )
