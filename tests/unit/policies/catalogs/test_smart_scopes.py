"""What the shipped catalog makes of SMART scopes."""

from pathlib import Path

import pytest

from connectors.errors import InputError
from connectors.facts import Entitlement, EntitlementKind, System, SystemKind
from policies.catalogs.catalog import Catalogs, KnownEntitlement, Unclassified
from policies.permissions.documents.smart import SmartScopes
from policies.roles.prohibited import ProhibitedCapabilities
from policies.roles.template import Templates
from policies.vocabulary import Vocabulary
from tests.each import each

WORDS = Vocabulary.load()
SHIPPED = Catalogs.load(WORDS)
NEVER = ProhibitedCapabilities.load(WORDS)
TEMPLATES = Templates.load(WORDS)
EHR = System("ehr", SystemKind.EHR, "smart-scopes", "EHR", holds_phi=True)

# From: https://hl7.org/fhir/R4/resourcelist.html
RESOURCES = """
Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic
Binary BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry
ChargeItem ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication
CommunicationRequest CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage
CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric
DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis
Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable
ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse
HealthcareService ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation
ImplementationGuide InsurancePlan Invoice Library Linkage List Location Measure MeasureReport Media Medication
MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest MedicationStatement
MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication
MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged
MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader
MolecularSequence NamingSystem NutritionOrder Observation ObservationDefinition OperationDefinition
OperationOutcome Organization OrganizationAffiliation Parameters Patient PaymentNotice PaymentReconciliation
Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse
RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject
RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen SpecimenDefinition
StructureDefinition StructureMap Subscription Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein
SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task
TerminologyCapabilities TestReport TestScript ValueSet VerificationResult VisionPrescription
"""
ANYTHING = {"Basic", "Bundle", "Linkage", "MessageHeader", "OperationOutcome", "Parameters"}
TYPES = sorted({*RESOURCES.split()} - ANYTHING)


def read(scope: str, catalogs: Catalogs = SHIPPED) -> KnownEntitlement | Unclassified:
    return catalogs.read(EHR, [Entitlement("ehr", scope, scope, EntitlementKind.PRIVILEGE)])[scope]


def given(scope: str, catalogs: Catalogs = SHIPPED) -> set[str]:
    reading = read(scope, catalogs)
    assert isinstance(reading, KnownEntitlement), reading
    return set(WORDS.names(reading.mask))


@each(TYPES)
def test_every_type_that_applications_ask_for_is_classified_for_everything_that_can_be_done_with_it(type_: str) -> None:
    reads, writes = given(f"user/{type_}.rs"), given(f"user/{type_}.cud")
    assert given(f"user/{type_}.cruds") == reads | writes
    assert given(f"user/{type_}.r") == given(f"user/{type_}.s") == reads


@each([("read", "rs"), ("write", "cud"), ("*", "cruds")])
def test_the_words_of_smart_1_mean_what_the_letters_of_smart_2_mean(v1: str, v2: str) -> None:
    for type_ in ("Patient", "Observation", "*"):
        assert given(f"user/{type_}.{v1}") == given(f"user/{type_}.{v2}")


def test_a_scheduling_application_holds_what_a_scheduler_may() -> None:
    held = WORDS.mask(given("user/Appointment.cruds") | given("user/Slot.rs") | given("user/Patient.rs"))
    assert WORDS.names(held & ~TEMPLATES["scheduler"].allows) == ()


def test_a_scope_of_every_type_gives_all_that_any_type_gives_and_more() -> None:
    for type_ in TYPES:
        for letters in ("rs", "cud"):
            assert given(f"user/{type_}.{letters}") <= given(f"user/*.{letters}")
    assert "record.read" in given("user/*.rs")
    assert "record.export" in given("system/*.rs") - given("user/*.rs")
    assert "record.read" not in given("patient/*.rs")


@each(["user/*.*", "system/*.read", "user/AuditEvent.cud", "user/Practitioner.write"])
def test_what_no_vma_may_hold_is_seen_in_a_scope(scope: str) -> None:
    assert WORDS.mask(given(scope)) & NEVER.mask


def test_a_narrowed_scope_is_read_as_the_whole_type() -> None:
    narrowed = "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory"
    assert given(narrowed) == given("patient/Observation.rs")


@each(["openid", "fhirUser", "launch/patient", "offline_access"])
def test_scopes_that_only_identify_are_said_to_be_harmless(scope: str) -> None:
    assert given(scope) == set()


@each(
    [
        "user/Basic.rs",
        "user/patient.read",
        "user/Patient.sr",
        "user/Patient.",
        "user/Patient.rsx",
        "practice/Patient.rs",
        "system/Group.$export",
        "api:oemr",
        " user/Slot.rs",
        "user/Slot.rs\n",
    ]
)
def test_what_is_no_known_scope_is_unclassified(scope: str) -> None:
    assert isinstance(read(scope), Unclassified)


def test_the_known_part_of_a_scope_counts_and_the_rest_is_told(tmp_path: Path) -> None:
    reading = SmartScopes({"Basic.r": 5}).judge("user/Basic.cr")
    assert reading is not None
    assert (reading.mask, getattr(reading, "reason", "")) == (5, "the catalog does not say what `c` of `Basic` gives")


def test_every_type_at_once_is_unknown_until_the_catalog_speaks_of_it() -> None:
    reading = SmartScopes({"Patient.rs": 1}).judge("user/*.rs")
    assert reading is not None
    assert (reading.mask, hasattr(reading, "reason")) == (0, True)


OWN = """\
product: smart-scopes
title: What our documents are
version: 1
source: decided by the practice on 2026-11-01
access:
  {key}: {{gives: [document.read], why: only faxes are stored here}}
"""


def test_a_practices_own_line_stands_over_the_shipped_one_letter_by_letter(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(OWN.format(key="DocumentReference.r"))
    catalogs = Catalogs.load(WORDS, [path])
    assert given("user/DocumentReference.r", catalogs) == {"document.read"}
    assert given("user/DocumentReference.s", catalogs) == {"document.read", "note.read"}


@pytest.mark.parametrize("key", ["DocumentReference", "DocumentReference.read", "DocumentReference.sr", "user/x.r"])
def test_a_key_of_another_shape_is_refused_with_its_line(key: str, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(OWN.format(key=key))
    with pytest.raises(InputError, match=r"line 6.*this is no key"):
        Catalogs.load(WORDS, [path])


@each(sorted(ANYTHING))
def test_a_type_that_can_hold_anything_stays_unclassified(type_: str) -> None:
    assert isinstance(read(f"system/{type_}.rs"), Unclassified)
