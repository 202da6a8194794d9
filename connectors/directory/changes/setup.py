"""What a directory must keep, and show to the auditor's account, to tell when access ended; as text ready to paste."""

from connectors.directory.changes import changelog

HIDDEN = "^(userPassword|pwdHistory|sambaNTPassword)[:;].*"
"""Values of `reqMod` and `reqOld` that nobody needs to see."""
COPIES = (
    f"nsuniqueid:{changelog.ID}",
    f"nsAccountLock:{changelog.LOCK}",
    f"modifiersName:{changelog.ACTOR}",
    f"modifyTimestamp:{changelog.STAMP}",
    f"objectClass:{changelog.CLASS}",
)
GROUP_CLASSES = ("groupOfNames", "groupOfUniqueNames", "posixGroup")

START = "# When access ended"
"""How each text begins."""

_OPENLDAP = """\
# When access ended, OpenLDAP tells to the microsecond once it keeps a log of changes. In a file of its own, with your
# own numbers, after `install -d -o openldap -g openldap -m 700 /var/lib/ldap/accesslog`. The first two rules hide
# passwords, which the log holds in clear: without them the auditor refuses to read it.
dn: cn=module{{0}},cn=config
changetype: modify
add: olcModuleLoad
olcModuleLoad: accesslog
olcModuleLoad: back_monitor

dn: olcDatabase={{2}}mdb,cn=config
changetype: add
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {{2}}mdb
olcSuffix: cn=accesslog
olcRootDN: cn=accesslog
olcDbDirectory: /var/lib/ldap/accesslog
olcDbMaxSize: 1073741824
olcDbIndex: reqStart,reqResult,reqDN,reqEntryUUID,entryCSN eq
olcLimits: {{0}}dn.exact="{who}" size=unlimited
olcAccess: {{0}}to attrs=reqMod val.regex="{hidden}" by * none
olcAccess: {{1}}to attrs=reqOld val.regex="{hidden}" by * none
olcAccess: {{2}}to * by dn.exact="{who}" read by * none

dn: olcOverlay=accesslog,olcDatabase={{1}}mdb,cn=config
changetype: add
objectClass: olcOverlayConfig
objectClass: olcAccessLogConfig
olcOverlay: accesslog
olcAccessLogDB: cn=accesslog
olcAccessLogOps: writes
olcAccessLogSuccess: TRUE
olcAccessLogOld: (objectClass=*)
olcAccessLogPurge: 90+00:00 1+00:00

# Its clock:
dn: olcDatabase={{3}}monitor,cn=config
changetype: add
objectClass: olcDatabaseConfig
objectClass: olcMonitorConfig
olcDatabase: {{3}}monitor
olcAccess: {{0}}to * by dn.exact="{who}" read by * none
"""

_SERVER_389 = """\
# When access ended, 389 tells to the second once it keeps a changelog. In a file of its own; then restart the server.
# Do not set nsslapd-exclude-attrs: with 2.3.1 accounts that are added then get no password.
dn: cn=Retro Changelog Plugin,cn=plugins,cn=config
changetype: modify
replace: nsslapd-pluginEnabled
nsslapd-pluginEnabled: on
-
replace: nsslapd-changelogmaxage
nsslapd-changelogmaxage: 90d
-
replace: nsslapd-attribute
{copies}

# After the restart: `changes`, which holds password hashes, is shown of groups alone.
dn: cn=changelog
changetype: modify
add: aci
aci: (targetattr != "changes")(version 3.0; acl "access auditor reads what changed";
  allow (read, search, compare) userdn="ldap:///{who}";)
aci: (targetattr="changes")
 (targetfilter="(&(|{classes})
 (!({class_}=person)))")(version 3.0; acl "access auditor reads changes of groups";
  allow (read, search, compare) userdn="ldap:///{who}";)

# Who did it, and every lock and unlock, is in the audit file (`nsslapd-auditlog-logging-enabled: on` in cn=config),
# which holds password hashes as well: give a copy of it as `log_files`, with the server's own zone as `log_zone`.
"""

_ACTIVE_DIRECTORY = """\
# When access ended: the account above reads the replication metadata of whoever is there, to the second, and no name.
# Of accounts that were deleted it needs to see what the domain keeps of them. As a domain administrator:
dsacls "CN=Deleted Objects,{base}" /takeownership
dsacls "CN=Deleted Objects,{base}" /G "{domain}\\{name}:LCRP"

# Samba tells who did it, and who left a group, in its audit log alone. On each domain controller, in smb.conf:
#   log level = 1 dsdb_json_audit:5@/var/log/samba/dsdb.json dsdb_group_json_audit:5@/var/log/samba/group.json \\
#       auth_json_audit:5@/var/log/samba/auth.json
# and in the configuration of the auditor, of copies that it may read: log_files: [dsdb.json, group.json, auth.json]
"""

_FREEIPA = """\
# When access ended: FreeIPA is asked for no more than when an account was written last (modifyTimestamp), which any
# user may read. The audit file of its directory server tells more: `nsslapd-auditlog-logging-enabled: on` in cn=config,
# and in the configuration of the auditor a copy of it as `log_files`, with the server's own zone as `log_zone`.
"""


def record_text(product: str, values: dict[str, str]) -> str:
    """Return the set-up for the product that the configuration names; `values` are `base`, `who`, `name`, `domain`."""
    match product:
        case "active-directory":
            return _ACTIVE_DIRECTORY.format(**values)
        case "freeipa":
            return _FREEIPA
        case "ds389":
            copies = "\n".join(f"nsslapd-attribute: {copy}" for copy in COPIES)
            classes = "".join(f"({changelog.CLASS}={name})" for name in GROUP_CLASSES)
            return _SERVER_389.format(copies=copies, classes=classes, class_=changelog.CLASS, **values)
        case _:
            return _OPENLDAP.format(hidden=HIDDEN, **values)
