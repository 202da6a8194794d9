"""
Who is in the GNU Health of the tests. It runs inside `trytond-console`, after the demo users and groups of the modules.

What is special: groups in groups, three deep; a group that is switched off; a model with a row for one group only,
which leaves it open to all others; a field, a button, a report and records that are kept for some; and one patient.
"""

# `pool` and `transaction` are given by the console, and it reads what is printed.
# ruff: noqa: F821, T201
from datetime import date

Group, User, Model, Party = (pool.get(n) for n in ("res.group", "res.user", "ir.model", "party.party"))


def group(name):
    return Group.search([("name", "=", name), ("active", "in", [True, False])])[0].id


def model(name):
    return Model.search([("model", "=", name)])[0].id


def field(of, name):
    return pool.get("ir.model.field").search([("model.model", "=", of), ("name", "=", name)])[0].id


def row(of, to, rights):
    return {
        "model": model(of),
        "group": group(to) if to else None,
        **{f"perm_{name}": name[0] in rights for name in ("read", "write", "create", "delete")},
    }


Group.create([{"name": "VMA Base", "parent": group("Health Front Desk")}])
Group.create([{"name": "VMA Desk", "parent": group("VMA Base")}])
Group.create([{"name": "VMA Scheduling", "parent": group("VMA Desk")}])
Group.create([{"name": "Retired Group", "parent": group("Health Social Worker"), "active": False}])

Access = pool.get("ir.model.access")
Access.create([row("gnuhealth.patient.ecg", "Health Doctor", "r")])
Access.create([row("gnuhealth.vaccination", "VMA Desk", "rc"), row("gnuhealth.hospital.bed", "Retired Group", "rwcd")])
FieldAccess = pool.get("ir.model.field.access")
info = field("gnuhealth.patient", "critical_info")
FieldAccess.create(
    [
        {"field": info, "group": None, "perm_read": False, "perm_write": False},
        {"field": info, "group": group("Health Doctor"), "perm_read": True, "perm_write": True},
    ]
)
Button = pool.get("ir.model.button")
check_in = Button.search([("model.model", "=", "gnuhealth.appointment"), ("name", "=", "check_in")])
Button.write(check_in, {"groups": [("add", [group("VMA Desk")])]})
Report = pool.get("ir.action.report")
Report.write(
    Report.search([("report_name", "=", "patient.card")]), {"groups": [("add", [group("Health Back Office")])]}
)
RuleGroup = pool.get("ir.rule.group")
RuleGroup.create(
    [
        {
            "name": "Confirmed only",
            "model": model("gnuhealth.appointment"),
            "global_p": False,
            "default_p": False,
            "groups": [("add", [group("VMA Scheduling")])],
            "rules": [("create", [{"domain": '[["state", "=", "confirmed"]]'}])],
        }
    ]
)
RuleGroup.create(
    [
        {
            "name": "No patient",
            "model": model("gnuhealth.patient"),
            "global_p": False,
            "default_p": False,
            "perm_write": False,
            "perm_create": False,
            "perm_delete": False,
            "groups": [("add", [group("Health Lab")])],
            "rules": [("create", [{"domain": '[["id", "=", -1]]'}])],
        }
    ]
)

VMAS = {
    "vma_desk": ("Jenny Rose Villanueva", ["Health Front Desk"], True),
    "vma_santos": ("María Santos", ["VMA Scheduling"], True),
    "vma_santos2": ("María Santos", ["VMA Scheduling", "Health Nurse"], True),
    "vma_scribe": ("Tomás Quiroga Salas", ["Health Doctor"], True),
    "vma_lab": ("Marcus Whitfield", ["Health Lab"], True),
    "vma_party": ("Rosa Isela Camacho", ["Party Administration"], True),
    "vma_it": ("Carlos Mejía Ospina", ["Administration"], True),
    "vma_off": ("Ana Retired", ["Retired Group"], True),
    "vma_none": ("No Group", [], True),
    "vma_left": ("Denise Calloway", ["Health Back Office"], False),
    "zlast": ("Zoe Last", ["Health Nurse Administration"], True),
}
User.create(
    [
        {
            "login": login,
            "name": name,
            "email": f"{login}@agency.example",
            "password": f"the-word-of-{login}",
            "active": active,
            "groups": [("add", [group(g) for g in groups])],
        }
        for login, (name, groups, active) in VMAS.items()
    ]
)
demo = User.search([("login", "in", ["demo_frontdesk", "demo_back_office"]), ("active", "in", [True, False])])
User.write(demo, {"active": True, "password": "the-word-of-demo"})

(person,) = Party.create(
    [
        {
            "name": "Wilhelmina",
            "lastname": "Planted-Patient",
            "is_person": True,
            "is_patient": True,
            "ref": "PLANTED-1",
            "fed_country": "USA",
            "dob": date(1950, 1, 1),
            "gender": "f",
        }
    ]
)
pool.get("gnuhealth.patient").create([{"party": person.id}])
transaction.commit()
print("seeded")
