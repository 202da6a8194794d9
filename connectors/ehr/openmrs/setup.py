"""The least that the auditor's user needs in OpenMRS, and what it must not have."""

from json import dumps

from connectors.facts import System

# From: openmrs-core, PrivilegeConstants: what shows patients or their records.
_PATIENT_DATA = frozenset(
    {
        "Get Allergies",
        "Get Conditions",
        "Get Diagnoses",
        "Get Encounters",
        "Get HL7 Inbound Archive",
        "Get HL7 Inbound Exception",
        "Get HL7 Inbound Queue",
        "Get Medication Dispense",
        "Get Notes",
        "Get Observations",
        "Get Orders",
        "Get Patient Cohorts",
        "Get Patient Identifiers",
        "Get Patient Programs",
        "Get Patients",
        "Get Problems",
        "Get Relationships",
        "Get Visits",
        "Manage HL7 Messages",
        "SQL Level Access",
    }
)
# Older cores called them `View …`.
PATIENT_DATA = _PATIENT_DATA | {name.replace("Get ", "View ", 1) for name in _PATIENT_DATA}


def least_privilege(system: System, username: str, *, names: bool) -> str:
    """Say which role and user to make in OpenMRS; `names` adds the privilege that persons' names need."""
    privileges = ["Get Users", "Get People"] if names else ["Get Users"]
    listed = "".join(f"       {privilege}\n" for privilege in privileges)
    return f"""\
For {system.title} (OpenMRS), signed in as an administrator:

  1. Administration > Manage Roles > Add Role
     Role: Access Audit; it inherits from no other role. Its privileges, and nothing else:
{listed}\
     The list of roles needs `Manage Roles`, with which roles can be changed: do not give it, the roles are read
     with the users. `Get People` (only for `names: true`) reaches patients too: leave it out if you can.
  2. Administration > Manage Users > Add User
     Username: {username}
     Roles: Access Audit; no other, above all not Provider and not System Developer.
  3. See what the role Authenticated carries: everybody has it, the auditor's user too.

The same by REST, as an administrator:

  POST /ws/rest/v1/role
  {dumps({"name": "Access Audit", "description": "reads who has access", "privileges": privileges})}
"""
