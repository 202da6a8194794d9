"""
The models of a GNU Health server, and which of them hold patient data.

A model holds patient data when it is the patient, a person (in GNU Health every patient is a `party.party`), a family
or a home, and when it points to one that holds it, over however many others: the causes of a death point to the
certificate, and that to the person. What hangs on any record (attachments, notes) holds it too. No record is asked for
to know this, only the descriptions of the fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

READ_MODELS = (
    *("res.user", "res.group", "ir.model", "ir.model.field", "ir.model.access", "ir.model.field.access"),
    *("ir.model.button", "ir.rule.group", "ir.rule", "ir.action.wizard", "ir.action.report"),
)
"""Everything that is ever asked for; it says who has access, whatever a module lets it point to."""
PATIENT, PERSON = "gnuhealth.patient", "party.party"
HOMES = ("gnuhealth.family", "gnuhealth.du")
"""Families and domiciliary units: who lives with whom, and where, though they point to nobody."""
COPIES = ("gnuhealth.federation.queue", "gnuhealth.federation.object", "calendar.event")
"""Copies of records on their way to other servers, and appointments as events of a calendar: they point to nobody."""
OTHER_PARTIES = (
    *("company.company", "company.employee", "gnuhealth.healthprofessional", "gnuhealth.institution"),
    *("gnuhealth.insurance.plan", "stock.shipment.in", "stock.shipment.in.return"),
)
"""They point to a party that is no patient: staff, institutions, insurers, suppliers."""
LOG = "ir.model.log"
LOG_DOMAIN = ["OR", ["resource", "like", "res.user,%"], ["resource", "like", "res.group,%"]]
"""What of Tryton's log may be seen: its rows on users and groups. It has rows on every record, patients' too."""
ACTIONS = ("ir.ui.menu", "ir.action", "ir.action.keyword")
"""They refer to actions and models of the client, and to no record of anybody."""


@dataclass(slots=True)
class TrytonModel:
    """One model."""

    name: str
    title: str
    module: str
    reachable: bool
    """Its records can be asked for from outside."""
    points_to: set[str] = field(default_factory=set)
    access_by: set[str] = field(default_factory=set)
    """Models whose access rows and row rules count for this one too."""
    hangs_on_any: bool = False
    """Each of its records may belong to a record of any other model, like an attachment."""


def with_patient_data(models: Mapping[str, TrytonModel]) -> frozenset[str]:
    """Return the models that hold patient data and can be reached."""
    reachable = {m.name: m for m in models.values() if m.reachable}
    people = {PERSON, *HOMES}
    found = _pointing_to({PATIENT}, reachable, frozenset(READ_MODELS))
    found |= _pointing_to(people, reachable, frozenset((*READ_MODELS, *OTHER_PARTIES)))
    found |= {m.name for m in reachable.values() if m.hangs_on_any and m.name not in (*READ_MODELS, *ACTIONS)}
    return frozenset(found | (set(COPIES) & reachable.keys()))


def _pointing_to(start: set[str], models: Mapping[str, TrytonModel], ends: frozenset[str]) -> set[str]:
    """Return `start` and the models that point there, over others of them; `ends` are not entered."""
    found = start & models.keys()
    new = set(start)  # what cannot be reached itself may still be pointed to
    while new:
        new = {m.name for m in models.values() if m.points_to & new} - found - ends
        found |= new
    return found


def covers(models: Mapping[str, TrytonModel]) -> dict[str, frozenset[str]]:
    """Return, for each model, itself and the models whose access counts for it too, to any depth."""
    return {name: _reached(name, models) for name in models}


def _reached(name: str, models: Mapping[str, TrytonModel]) -> frozenset[str]:
    seen, todo = {name}, [name]
    while todo:
        model = models.get(todo.pop())
        new = model.access_by - seen if model else set()
        seen |= new
        todo += new
    return frozenset(seen)
