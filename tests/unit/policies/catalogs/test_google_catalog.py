"""What the catalog of Google Workspace says."""

import re

from connectors.facts import Entitlement, EntitlementKind, System, SystemKind
from policies.catalogs.catalog import Catalogs, KnownEntitlement
from policies.roles.prohibited import ProhibitedCapabilities
from policies.roles.template import Templates
from policies.vocabulary import Vocabulary
from tests.each import each

WORDS = Vocabulary.load()
CATALOGS = Catalogs.load(WORDS)
NEVER = ProhibitedCapabilities.load(WORDS)
TEMPLATES = Templates.load(WORDS)
GOOGLE = System("directory", SystemKind.DIRECTORY, "google-workspace", "Google Workspace", holds_phi=False)
API, ADMIN, VAULT = "00haapch16h1ysv", "01ci93xb3tmzyin", "03l18frh45c63dw"

# From: GAM7 wiki, Administrators, output of `gam show privileges`: the whole service admin_apis, admin and vault.
PRIVILEGES = {
    API: """ORGANIZATION_UNITS_ALL ORGANIZATION_UNITS_CREATE ORGANIZATION_UNITS_RETRIEVE ORGANIZATION_UNITS_UPDATE
        ORGANIZATION_UNITS_DELETE USERS_ALL USERS_CREATE USERS_RETRIEVE USERS_UPDATE USERS_ALIAS USERS_MOVE
        USERS_RESET_PASSWORD USERS_FORCE_PASSWORD_CHANGE USERS_ADD_NICKNAME USERS_SUSPEND
        USERS_UPDATE_CUSTOM_ATTRIBUTES_USER_PRIVILEGE_GROUP USERS_DELETE GROUPS_ALL GROUPS_CREATE GROUPS_RETRIEVE
        GROUPS_UPDATE GROUPS_DELETE USER_SECURITY_ALL DATATRANSFER_API_PRIVILEGE_GROUP DOMAIN_REGISTRATION_MANAGEMENT
        SCHEMA_MANAGEMENT SCHEMA_RETRIEVE LICENSING LICENSING_READ BILLING BILLING_READ SAML2_SERVICE_PROVIDER
        DOMAIN_MANAGEMENT UPGRADE_CONSUMER_CONVERSION TRUSTED_DOMAIN_WHITELIST_WRITE TRUSTED_DOMAIN_WHITELIST_READ
        FULL_MIGRATION_ACCESS EXECUTE_MIGRATION MODIFY_MIGRATION VIEW_MIGRATION GROUPS_MANAGE_SECURITY_LABEL
        GROUPS_MANAGE_LOCKED_LABEL ADMIN_REPORTING_ACCESS REPORTING_AUDIT_ACCESS SUPPORT_PRIVILEGE_GROUP""",
    ADMIN: "ADMIN_DASHBOARD SERVICES SECURITY_SETTINGS SUPPORT ADMIN_DOMAIN_SETTINGS REPORTS",
    VAULT: """ADMIN_MATTER REMOVE_HOLD MANAGE_SEARCHES MANAGE_EXPORTS MANAGE_RETENTION_POLICY VIEW_RETENTION_POLICY
        AUDIT_SYSTEM ACCESS_ALL_MATTERS""",
}
EVERY = [f"privilege:{service}/{name}" for service, names in PRIVILEGES.items() for name in names.split()]
HARMLESS_WORDS = re.compile(r"RETRIEVE|_READ$|^VIEW|SUPPORT|ADMIN_DASHBOARD|REPORT|AUDIT")


def known(id_: str) -> KnownEntitlement:
    found = CATALOGS.read(GOOGLE, [Entitlement("directory", id_, "x", EntitlementKind.PRIVILEGE)])[id_]
    assert isinstance(found, KnownEntitlement), id_
    return found


@each(EVERY)
def test_every_privilege_over_users_groups_and_vault_is_known(id_):
    assert known(id_).why


@each([i for i in EVERY if not HARMLESS_WORDS.search(i.rpartition("/")[2])])
def test_a_privilege_that_changes_something_is_not_for_a_vma(id_):
    name = id_.rpartition("/")[2]
    beyond = [t for t in TEMPLATES.ids if known(id_).mask & ~TEMPLATES[t].allows]
    assert len(beyond) == len(TEMPLATES.ids) > 0, name


def test_whoever_may_export_everybody_s_mail_can_export_records():
    assert "record.export" in WORDS.names(known(f"privilege:{VAULT}/MANAGE_EXPORTS").mask)


@each(["_SEED_ADMIN_ROLE", "_USER_MANAGEMENT_ADMIN_ROLE", "_HELP_DESK_ADMIN_ROLE", "_GROUPS_ADMIN_ROLE"])
def test_no_vma_may_hold_an_admin_role_that_changes_users_or_groups(role):
    assert known(f"system-role:{role}").mask & NEVER.mask


def test_a_super_admin_can_do_everything_and_a_mailbox_is_what_everybody_has():
    assert "system.admin" in WORDS.names(known("super-admin").mask)
    assert WORDS.names(known("mailbox").mask) == ("mail.use",)
