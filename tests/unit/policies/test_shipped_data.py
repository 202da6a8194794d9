"""What the shipped policy says; a practice's compliance officer would sign these sentences."""

from itertools import combinations

from connectors.facts import Entitlement, EntitlementKind, System, SystemKind
from policies.catalogs.catalog import Catalogs, KnownEntitlement
from policies.citations import Citations
from policies.roles.prohibited import ProhibitedCapabilities
from policies.roles.separation import load_conflicts
from policies.roles.template import Templates, check
from policies.vocabulary import Risk, Vocabulary
from tests.each import each

WORDS = Vocabulary.load()
CATALOGS = Catalogs.load(WORDS)
TEMPLATES = Templates.load(WORDS)
NEVER = ProhibitedCapabilities.load(WORDS)
CONFLICTS = load_conflicts(WORDS)
OPENEMR = System("ehr", SystemKind.EHR, "openemr", "OpenEMR", holds_phi=True)
AD = System("directory", SystemKind.DIRECTORY, "active-directory", "AD", holds_phi=False)

ROLES = (
    *("front_desk", "scheduler", "patient_communication", "insurance_verification", "prior_authorization"),
    *("medical_scribe", "billing", "payment_posting", "referral_coordinator", "generalist", "team_lead"),
    *("coder", "records_release", "remote_monitoring", "chronic_care", "refills", "telehealth_support"),
    *("credentialing", "phone_quality"),
)
BASE = ("directory.read", "desktop.use", "vpn.use", "mail.use", "task.read")

# From: OpenEMR 8.2.0-dev, library/classes/Installer.class.php, install_gacl(); `multipledb` is of older versions.
LEVELS = ("view", "addonly", "wsome", "write")
ACOS = {
    "acct": "bill disc eob rep rep_a",
    "admin": "super calendar database forms practice superbill users batchcom language drugs acl multipledb menu"
    " manage_modules",
    "encounters": "auth auth_a coding coding_a notes notes_a date_a relaxed",
    "lists": "default state country language ethrace",
    "patients": "appt demo med trans docs docs_rm notes sign reminder alert disclosure rx amendment lab pat_rep",
    "sensitivities": "normal high",
    "placeholder": "filler",
    "nationnotes": "nn_configure",
    "patientportal": "portal",
    "menus": "modle",
    "groups": "gadd gcalendar glog gdlog gm",
    "inventory": "lots sales purchases transfers adjustments consumption destruction reporting",
}
ALL_ACOS = tuple(f"{section}/{value}" for section, values in ACOS.items() for value in values.split())
FRONT = "patients/alert:view patients/appt:write patients/demo:write groups/gcalendar:write"
BACK = (
    "patients/alert:view acct/bill:write acct/disc acct/eob acct/rep acct/rep_a admin/practice admin/superbill"
    " encounters/auth_a encounters/coding_a:write encounters/date_a patients/appt:write patients/demo:write"
)

# What a VMA in each role is given in OpenEMR.
GIVEN = {
    "front_desk": "patients/appt:write patients/demo:write patients/alert:view patients/notes:addonly",
    "scheduler": "patients/appt:write patients/demo:view",
    "patient_communication": "patients/appt:view patients/demo:view patients/notes:addonly patients/reminder:addonly"
    " patients/alert:view",
    "insurance_verification": "patients/appt:view patients/demo:write patients/docs:addonly",
    "prior_authorization": "patients/demo:view patients/med:view patients/docs:addonly patients/lab:view"
    " patients/trans:view encounters/notes_a:view sensitivities/normal",
    "medical_scribe": "patients/appt:view patients/demo:view patients/med:addonly patients/docs:addonly"
    " patients/lab:view encounters/notes:addonly encounters/relaxed:addonly sensitivities/normal",
    "billing": "acct/bill:write acct/rep patients/demo:view",
    "payment_posting": "acct/eob patients/demo:view",
    "referral_coordinator": "patients/trans:write patients/demo:view patients/appt:write patients/docs:addonly"
    " patients/med:view",
    "generalist": "patients/appt:write patients/demo:write patients/alert:view patients/notes:addonly"
    " patients/reminder:addonly",
    "team_lead": "patients/appt:view patients/demo:view",
}

# Words that no shipped file gives, allows or forbids, kept for the catalogs of practices.
UNUSED: set[str] = set()


def openemr(entitlements: str) -> int:
    held = [Entitlement("ehr", id_, id_, EntitlementKind.PRIVILEGE) for id_ in entitlements.split()]
    mask = 0
    for id_, reading in CATALOGS.read(OPENEMR, held).items():
        assert isinstance(reading, KnownEntitlement), id_
        mask |= reading.mask
    return mask


def broken(mask: int) -> set[str]:
    return {conflict.id for conflict in CONFLICTS if conflict.broken_by(mask)}


def test_the_roles_that_vmas_work_in_all_have_a_template() -> None:
    assert set(TEMPLATES.ids) == set(ROLES)


def test_no_template_contradicts_the_never_list_or_the_separation_of_duties() -> None:
    check(TEMPLATES, NEVER, CONFLICTS)


BOTH = {"billing": {"SOD-5"}}
"""Roles of which each duty is real work by itself; whoever holds them all is told."""


@each(ROLES)
def test_nobody_who_holds_all_that_a_role_allows_breaks_the_separation_of_duties(role: str) -> None:
    assert broken(TEMPLATES[role].allows) == BOTH.get(role, set())
    assert broken(TEMPLATES[role].requires) == set()


def test_a_biller_enters_charges_and_submits_claims_and_only_the_payments_beside_them_are_a_conflict() -> None:
    needs = TEMPLATES["billing"].requires | WORDS.mask(["charge.write"])
    assert WORDS.names(needs & ~TEMPLATES["billing"].allows) == ()
    assert broken(needs) == set()
    assert broken(TEMPLATES["billing"].requires | WORDS.mask(["payment.post"])) == set()
    for beside, conflicts in (
        (["payment.post"], {"SOD-5"}),
        (["adjustment.write"], {"SOD-5"}),
        (["payment.post", "adjustment.write"], {"SOD-1", "SOD-5"}),
        (["payment.post", "payment.refund"], {"SOD-2", "SOD-5"}),
    ):
        assert broken(needs | WORDS.mask(beside)) == conflicts, beside


def test_a_coder_who_posts_payments_is_told_also_where_somebody_else_submits() -> None:
    assert broken(TEMPLATES["coder"].requires | TEMPLATES["payment_posting"].requires) == {"SOD-5"}


@each(ROLES)
def test_every_role_may_sign_in_to_a_desktop_and_needs_a_second_factor(role: str) -> None:
    template = TEMPLATES[role]
    assert WORDS.mask(BASE) & ~template.allows == 0
    assert template.controls.mfa
    assert (template.controls.dormant_after_days, template.controls.first_login_within_days) == (90, 14)


def test_what_no_role_may_hold_is_on_a_never_list_and_nothing_on_that_of_everybody_is_allowed() -> None:
    allowed, never = 0, NEVER.mask
    for role in ROLES:
        allowed |= TEMPLATES[role].allows
        never |= TEMPLATES[role].never
    assert WORDS.names(WORDS.all & ~allowed & ~never) == ()
    assert WORDS.names(allowed & NEVER.mask) == ()


def test_who_only_prepares_does_not_sign_and_who_releases_one_record_exports_none() -> None:
    for role, may, never in (
        ("refills", ["prescription.pend", "order.pend", "pdmp.query"], ["prescription.write", "order.write"]),
        ("records_release", ["record.release"], ["record.export"]),
        ("scheduler", ["demographics.write"], ["note.sign"]),
        ("front_desk", ["eligibility.check", "payment.collect", "document.add", "reminder.send"], ["record.export"]),
        ("patient_communication", ["portal.read", "schedule.write"], ["prescription.write"]),
        ("team_lead", ["recording.read"], ["user.admin"]),
        ("coder", ["charge.write"], ["note.sign"]),
        ("remote_monitoring", ["device.read"], ["order.write"]),
        ("telehealth_support", ["telehealth.host"], ["note.sign"]),
        ("credentialing", ["payer.portal", "vault.use"], ["secret.read"]),
        ("phone_quality", ["recording.read"], ["record.export"]),
        ("chronic_care", ["note.draft"], ["note.sign"]),
    ):
        assert WORDS.names(WORDS.mask(may) & ~TEMPLATES[role].allows) == (), role
        assert WORDS.names(WORDS.mask(never) & ~NEVER.mask) == (), role


def test_the_report_of_one_patient_is_no_bulk_export() -> None:
    assert WORDS.names(openemr("patients/pat_rep")) == ("record.read", "record.release")


@each(GIVEN)
def test_what_a_role_is_given_in_openemr_is_all_it_requires_and_nothing_it_does_not_allow(role: str) -> None:
    template, held = TEMPLATES[role], openemr(GIVEN[role])
    assert WORDS.names(template.requires & ~held) == ()
    assert WORDS.names(held & ~template.allows) == ()
    assert WORDS.names(held & (NEVER.mask | template.never)) == ()


def test_the_front_office_group_of_openemr_fits_the_front_desk_and_shows_a_scheduler_clinical_alerts() -> None:
    held = openemr(FRONT)
    assert WORDS.names(held & ~TEMPLATES["front_desk"].allows) == ()
    assert WORDS.names(held & ~TEMPLATES["scheduler"].allows) == ("alert.read",)
    assert WORDS.names(held & (TEMPLATES["scheduler"].never | NEVER.mask)) == ()


def test_the_accounting_group_of_openemr_as_shipped_breaks_the_separation_of_duties() -> None:
    held = openemr(BACK)
    assert {"SOD-1", "SOD-4", "SOD-5", "SOD-10"} <= broken(held)
    assert {"note.sign", "note.amend", "fee.manage"} <= set(WORDS.names(held & NEVER.mask))


def test_a_generalist_is_a_bounded_union_without_clinical_notes_and_money() -> None:
    parts = TEMPLATES.combine(["front_desk", "patient_communication", "insurance_verification"])
    assert TEMPLATES["generalist"].allows & ~parts.allows == 0
    reach = WORDS.phi(TEMPLATES["generalist"].allows)
    assert not {"notes", "results", "claims", "ledger", "sensitive"}.intersection(reach)


def test_front_desk_and_patient_communication_together_break_nothing() -> None:
    assert broken(TEMPLATES.combine(["front_desk", "patient_communication"]).allows) == set()


def test_the_front_desk_may_not_also_post_payments() -> None:
    assert "SOD-4" in broken(TEMPLATES.combine(["front_desk", "payment_posting"]).requires)


def test_no_two_roles_together_break_a_critical_conflict() -> None:
    critical = {conflict.id for conflict in CONFLICTS if conflict.severity == "critical"}
    for one, other in combinations(ROLES, 2):
        assert not critical & broken(TEMPLATES.combine([one, other]).allows), (one, other)


def test_whatever_can_do_critical_harm_is_forbidden_to_every_vma() -> None:
    critical = WORDS.mask(c.id for c in WORDS.capabilities if c.risk is Risk.CRITICAL)
    assert WORDS.names(critical & ~NEVER.mask) == ()


def test_the_never_list_rests_on_provisions_that_bind_agencies_as_well() -> None:
    assert Citations.load()
    for name in WORDS.names(NEVER.mask):
        assert NEVER.why(name)
        assert not any(c.id.startswith(("164.514", "164.530")) for c in NEVER.citations(name)), name


@each(ALL_ACOS)
def test_every_right_of_openemr_is_classified_at_every_level(aco: str) -> None:
    bare, view, addonly, wsome, write = (openemr(key) for key in (aco, *(f"{aco}:{level}" for level in LEVELS)))
    # OpenEMR asks these for `write`, or only to look: the name alone stands for the right to write (`_openemr_asked`).
    asked_in_two_ways = aco in ("acct/eob", "admin/superbill") or aco.startswith("groups/")
    assert bare == (write if asked_in_two_ways else view)
    assert view & ~addonly == 0
    assert (addonly | wsome) & ~write == 0


def test_the_openemr_catalog_lists_no_right_that_openemr_does_not_have() -> None:
    listed = {key.partition(":")[0] for key in CATALOGS._shipped["openemr"].entitlements}
    assert listed - {"group"} == set(ALL_ACOS)


def test_a_superuser_of_openemr_holds_whatever_anybody_else_could() -> None:
    everything = openemr(" ".join(f"{aco}:write" for aco in ALL_ACOS if aco != "admin/super"))
    assert WORDS.names(everything & ~openemr("admin/super")) == ()
    assert {"system.admin", "user.admin", "record.delete", "audit.disable"} <= set(WORDS.names(openemr("admin/super")))


def test_only_a_few_rights_of_openemr_are_said_to_be_harmless() -> None:
    harmless = {aco for aco in ALL_ACOS if openemr(f"{aco}:write") == 0}
    assert harmless == {"sensitivities/normal", "placeholder/filler"}


@each(
    [
        *(f"S-1-5-21-10-20-30-{rid}" for rid in (498, 512, 516, 517, 518, 519, 520, 521, 522, 526, 527)),
        *(f"S-1-5-32-{rid}" for rid in (544, 547, 548, 549, 550, 551, 555, 578, 580)),
    ]
)
def test_every_operator_group_of_active_directory_is_forbidden_to_vmas(sid: str) -> None:
    group = Entitlement("directory", "cn=g,dc=x", "g", EntitlementKind.GROUP, aliases=(sid,))
    reading = CATALOGS.read(AD, [group])[group.id]
    assert isinstance(reading, KnownEntitlement)
    assert reading.mask & NEVER.mask


def test_being_a_user_of_the_domain_is_allowed_in_every_role() -> None:
    for sid in ("S-1-5-21-10-20-30-513", "S-1-5-32-545", "S-1-5-11"):
        group = Entitlement("directory", "cn=g,dc=x", "g", EntitlementKind.GROUP, aliases=(sid,))
        reading = CATALOGS.read(AD, [group])[group.id]
        assert isinstance(reading, KnownEntitlement)
        assert all(reading.mask & ~TEMPLATES[role].allows == 0 for role in ROLES)


def test_every_word_of_the_vocabulary_is_used_or_unused_on_purpose() -> None:
    used = NEVER.mask
    for template in TEMPLATES:
        used |= template.allows | template.never
    for conflict in CONFLICTS:
        for side in conflict.sides:
            used |= side
    for catalog in CATALOGS._shipped.values():
        for known in catalog.entitlements.values():
            used |= known.mask
    assert set(WORDS.names(WORDS.all & ~used)) == UNUSED
