"""What the catalogs of OpenMRS, DrChrono and Elation say."""

from connectors.facts import Entitlement, EntitlementKind, System, SystemKind
from policies.catalogs.catalog import Catalogs, KnownEntitlement, Unclassified
from policies.roles.prohibited import ProhibitedCapabilities
from policies.roles.template import Templates
from policies.vocabulary import Vocabulary
from tests.each import each
from tests.servers.drchrono import PERMISSIONS

WORDS = Vocabulary.load()
CATALOGS = Catalogs.load(WORDS)
NEVER = ProhibitedCapabilities.load(WORDS)
TEMPLATES = Templates.load(WORDS)

# From: openmrs-core, PrivilegeConstants, and webservices.rest, RestConstants; by verb, then what it is about.
GET = """Concepts|Concept Proposals|Users|Encounters|Encounter Types|Locations|Observations|Notes|Patients
Patient Identifiers|Patient Cohorts|Orders|Forms|Identifier Types|Concept Classes|Concept Datatypes|Privileges|Roles
Field Types|Order Types|Relationship Types|Concept Sources|Concept Map Types|Concept Reference Terms|Programs
Patient Programs|Global Properties|Person Attribute Types|Provider Attribute Types|People|Relationships
Database Changes|Problems|Allergies|HL7 Source|HL7 Inbound Queue|HL7 Inbound Archive|HL7 Inbound Exception
Visit Types|Visits|Visit Attribute Types|Location Attribute Types|Providers|Encounter Roles|Order Frequencies
Care Settings|Order Sets|Concept Attribute Types|Conditions|Diagnoses|Diagnoses Attribute Types
Order Set Attribute Types|Medication Dispense"""
MANAGE = """HL7 Messages|Concepts|Concept Name tags|Encounter Types|Locations|Location Tags|Address Templates|Forms
Identifier Types|Concept Classes|Concept Datatypes|Privileges|Roles|Field Types|Order Types|Relationship Types|Alerts
Concept Sources|Concept Map Types|Concept Reference Terms|Programs|Global Properties|Modules|Scheduler
Person Attribute Types|Implementation Id|Concept Stop Words|Visit Types|Visit Attribute Types
Location Attribute Types|Providers|Encounter Roles|Order Frequencies|Search Index|Order Sets
Concept Attribute Types|Order Set Attribute Types|RESTWS"""
ADD = """Concept Proposals|Users|Encounters|Observations|Patients|Patient Identifiers|Cohorts|Orders|Patient Programs
People|Relationships|Problems|Allergies|HL7 Source|HL7 Inbound Queue|HL7 Inbound Archive|HL7 Inbound Exception|Visits"""
EDIT = """Concept Proposals|Users|User Passwords|Encounters|Observations|Notes|Patients|Patient Identifiers|Cohorts
Orders|Patient Programs|People|Relationships|Problems|Allergies|Visits|Conditions|Diagnoses|Medication Dispense"""
UPDATE = "HL7 Source|HL7 Inbound Queue|HL7 Inbound Archive|HL7 Inbound Exception"
DELETE = """Concept Proposals|Users|Encounters|Observations|Notes|Patients|Patient Identifiers|Cohorts|Orders
Patient Programs|People|Relationships|HL7 Inbound Queue|HL7 Inbound Archive|HL7 Inbound Exception|Visits|Conditions
Diagnoses|Medication Dispense"""
PURGE = """HL7 Messages|Concepts|Concept Proposals|Users|Encounters|Encounter Types|Locations|Location Tags|Observations
Patients|Patient Identifiers|Cohorts|Orders|Forms|Identifier Types|Concept Classes|Concept Datatypes|Privileges|Roles
Field Types|Order Types|Relationship Types|Concept Map Types|Concept Reference Terms|Concept Sources
Patient Programs|Global Properties|Person Attribute Types|People|Relationships|HL7 Source|HL7 Inbound Queue
HL7 Inbound Archive|HL7 Inbound Exception|Visits|Visit Attribute Types|Location Attribute Types|Providers
Encounter Roles|Order Frequencies|Concept Attribute Types|Order Set Attribute Types"""
# From: openmrs-core 1.8, PrivilegeConstants, before these were called `Get …`.
VIEW = """Concepts|Concept Proposals|Users|Encounters|Encounter Types|Locations|Observations|Patients
Patient Identifiers|Patient Cohorts|Orders|Forms|Identifier Types|Concept Classes|Concept Datatypes
Privileges|Roles|Field Types|Order Types|Relationship Types|Concept Sources|Programs
Patient Programs|Global Properties|Person Attribute Types|People|Relationships|Database Changes
Problems|Allergies"""
OTHERS = """Configure Visits|Form Entry|Create Reference Terms While Editing Concepts|View Navigation Menu
View Administration Functions|View Unpublished Forms|SQL Level Access|Remove Problems|Remove Allergies
Assign System Developer Role|Task: Modify Allergies|Provider Management API|Provider Management API - Read-only
View RESTWS|View Order Sets|Delete Order Sets"""


def _names(verb: str, nouns: str) -> list[str]:
    return [f"{verb}{noun}" for line in nouns.splitlines() for noun in line.split("|")]


OPENMRS = [
    *_names("Get ", GET),
    *_names("View ", VIEW),
    *_names("Manage ", MANAGE),
    *_names("Add ", ADD),
    *_names("Edit ", EDIT),
    *_names("Update ", UPDATE),
    *_names("Delete ", DELETE),
    *_names("Purge ", PURGE),
    *_names("", OTHERS),
]


def mask(product: str, *ids: str, name: str = "", alias: str = "") -> int:
    system = System("ehr", SystemKind.EHR, product, product, holds_phi=True)
    held = [
        Entitlement("ehr", id_, name or id_, EntitlementKind.PRIVILEGE, aliases=(alias,) if alias else ())
        for id_ in ids
    ]
    found = 0
    for id_, reading in CATALOGS.read(system, held).items():
        assert isinstance(reading, KnownEntitlement), id_
        found |= reading.mask
    return found


def given(product: str, *ids: str, **more: str) -> set[str]:
    return set(WORDS.names(mask(product, *ids, **more)))


def test_every_privilege_of_openmrs_is_classified() -> None:
    assert len(OPENMRS) == len(set(OPENMRS))
    listed = CATALOGS._shipped["openmrs"].entitlements
    assert set(OPENMRS) <= set(listed)
    rest = {key for key in listed if key not in OPENMRS and not key.startswith("Patient Dashboard")}
    assert rest == {
        "role:System Developer",
        *(f"{verb} Patient Program Attribute Types" for verb in ("Get", "Manage", "Purge")),
    }


@each(_names("", VIEW))
def test_an_older_name_of_a_privilege_of_openmrs_gives_what_the_newer_one_gives(name: str) -> None:
    assert given("openmrs", f"View {name}") == given("openmrs", f"Get {name}")


def test_a_superuser_of_openmrs_holds_whatever_any_privilege_gives() -> None:
    assert WORDS.names(mask("openmrs", *OPENMRS) & ~mask("openmrs", "role:System Developer")) == ()
    assert "system.admin" in given("openmrs", "role:System Developer")


@each([n for n in OPENMRS if n.startswith(("Manage ", "Purge ", "Delete Us", "Edit User"))])
def test_nothing_that_manages_or_erases_in_openmrs_is_harmless(name: str) -> None:
    assert mask("openmrs", name) != 0


@each([n for n in OPENMRS if n.startswith(("Add ", "Edit ", "Update ", "Delete ")) and n != "Add Concept Proposals"])
def test_nothing_that_writes_in_openmrs_is_harmless(name: str) -> None:
    assert mask("openmrs", name) != 0


@each(["Add Users", "Edit User Passwords", "Manage Roles", "Manage Modules", "Purge Patients"])
def test_what_controls_openmrs_is_forbidden_to_every_vma(name: str) -> None:
    assert mask("openmrs", name) & NEVER.mask


def test_a_scheduler_can_work_in_openmrs_with_privileges_that_the_role_allows() -> None:
    held = mask(
        "openmrs", "Get Patients", "Get Visits", "Add Visits", "Edit Visits", "Get Locations", "Get Visit Types"
    )
    assert WORDS.names(TEMPLATES["scheduler"].requires & ~held) == ()
    assert WORDS.names(held & ~TEMPLATES["scheduler"].allows) == ()


def test_whoever_may_change_patients_in_openmrs_may_merge_them() -> None:
    assert "record.merge" in given("openmrs", "Edit Patients")


@each(PERMISSIONS)
def test_every_permission_of_drchronos_api_is_classified(key: str) -> None:
    mask("drchrono", key, name=key.replace("_", " "))


def test_the_api_and_the_screen_of_drchrono_are_judged_alike() -> None:
    assert given("drchrono", "access_to_erx", name="access to erx") == given("drchrono", "Access to eRx")
    assert "prescription.write" in given("drchrono", "Access to eRx")


@each(["Sign/Lock Clinical Notes", "Access to eRx", "Emergency Access", "Export Patients", "Manage Permissions"])
def test_what_only_a_provider_may_do_in_drchrono_is_forbidden_to_every_vma(name: str) -> None:
    assert mask("drchrono", name) & NEVER.mask


def test_break_glass_is_one_word_in_every_product() -> None:
    assert given("drchrono", "emergency_access", name="emergency access") == {"emergency.access"}


@each(["rxs", "orders"])
def test_signing_on_behalf_of_a_physician_in_elation_is_forbidden_to_every_vma(kind: str) -> None:
    assert mask("elation", f"delegate:{kind}:901", alias=f"delegate:{kind}") & NEVER.mask


def test_a_kind_of_delegation_that_elation_invents_later_is_unclassified() -> None:
    entitlement = Entitlement("ehr", "delegate:x:1", "x", EntitlementKind.PRIVILEGE, aliases=("delegate:x",))
    system = System("ehr", SystemKind.EHR, "elation", "Elation", holds_phi=True)
    assert isinstance(CATALOGS.read(system, [entitlement])[entitlement.id], Unclassified)


@each(["staff", "has_chart_access", "physician/regular"])
def test_who_may_only_look_in_elation_holds_less(kind: str) -> None:
    looking, all_of_it = given("elation", f"{kind}:read-only"), given("elation", kind)
    assert looking < all_of_it
    assert not any(word.endswith((".write", ".sign", ".delete", ".draft", ".send", ".add")) for word in looking)


def test_a_provider_who_does_not_prescribe_does_not_prescribe() -> None:
    assert "prescription.write" not in given("elation", "physician/ft_non_prescribing")
    assert "note.sign" in given("elation", "physician/ft_non_prescribing")
