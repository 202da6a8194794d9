"""
The models of a GNU Health server, and which of them hold patient data.

A model holds patient data when it is the patient, when it points to one that does, or when it describes a person:
in GNU Health every patient is a `party.party`. What hangs on any record (attachments, notes) holds it too. No record
is asked for to know this, only the descriptions of the fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class Model:
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
    """Each of its records belongs to a record of any other model, like an attachment."""


def with_patient_data(models: Mapping[str, Model]) -> frozenset[str]:
    """Return the models that hold patient data and can be reached."""
    reachable = {m.name: m for m in models.values() if m.reachable}
    found = {PATIENT} & reachable.keys()
    new = set(found)
    while new:
        new = {m.name for m in reachable.values() if m.points_to & new} - found
        found |= new
    people = {PERSON, *HOMES}
    about = {m.name for m in reachable.values() if m.points_to & people} - set(OTHER_PARTIES)
    hanging = {m.name for m in reachable.values() if m.hangs_on_any}
    return frozenset(found | about | hanging | ((people | set(COPIES)) & reachable.keys()))


def covers(models: Mapping[str, Model]) -> dict[str, frozenset[str]]:
    """Return, for each model, itself and the models whose access counts for it too, to any depth."""
    return {name: _reached(name, models) for name in models}


def _reached(name: str, models: Mapping[str, Model]) -> frozenset[str]:
    seen, todo = {name}, [name]
    while todo:
        model = models.get(todo.pop())
        new = model.access_by - seen if model else set()
        seen |= new
        todo += new
    return frozenset(seen)
