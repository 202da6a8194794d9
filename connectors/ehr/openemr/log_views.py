"""
What of OpenEMR's `log` the auditor's account may see, and the statements that make it so.

The log's comments hold whole SQL statements, those on patients' records too. So the server narrows them: a view decodes
and shows only statements on users, groups and access control lists. A second view shows three of OpenEMR's own settings
(`globals` holds secrets beside them).
"""

from collections.abc import Iterator, Mapping

from connectors.ehr.openemr.sql_text import grant, quoted

INSTANTS, SETTINGS, ENCRYPTED = "auditor_instants", "auditor_settings", "log_comment_encrypt"
VIEWS = frozenset({INSTANTS, SETTINGS})
LOG_ON, EVENTS_ON, ENCRYPTION_ON, ZONE = (
    *("enable_auditlog", "audit_events_security-administration", "enable_auditlog_encryption", "gbl_time_zone"),
)
SHOWN = (
    "^((update|delete from|insert into|replace into)[[:space:]]+`?(users|groups|gacl_[a-z_]+)`?([[:space:]]|[(])"
    "|(Added|Removed) [^ ]+ (to|from) following access group"
    f"|(Audit Logging|{EVENTS_ON}) (Enabled|Disabled))"
)
"""How a comment begins that is no patient's: the view shows these, and the auditor asks whether it shows others."""
LOG_READ: Mapping[str, tuple[str, ...]] = {
    INSTANTS: ("id", "date", "event", "actor", "success", "what"),
    SETTINGS: ("name", "value"),
    ENCRYPTED: ("log_id", "encrypt"),
    "users": ("last_updated",),
}
"""What the instants need beside the rest: all may be readable, and none must be."""
WITHOUT_RIGHTS = "run the statements below `-- When access ended` that `auditor connect` prints"


def view_statements(database: str, account: str) -> Iterator[str]:
    """Yield the statements that make the views, and let an account read them."""
    where = quoted(database)
    names = ", ".join(f"'{name}'" for name in (LOG_ON, EVENTS_ON, ENCRYPTION_ON, ZONE))
    text = "CAST({} AS CHAR CHARACTER SET utf8mb4)"  # the table may have another character set, and sort otherwise
    decoded = f"IFNULL({text.format('FROM_BASE64(comments)')}, {text.format('comments')})"
    yield "-- When access ended: the log of OpenEMR, only its statements on users, groups and access control lists."
    yield f"CREATE OR REPLACE SQL SECURITY DEFINER VIEW {where}.{quoted(INSTANTS)} AS"
    yield f"  SELECT id, date, event, user AS actor, success, {decoded} AS what"
    yield f"  FROM {where}.log WHERE event LIKE 'security-administration-%' AND {decoded}"
    yield f"  REGEXP '{SHOWN}';"
    yield f"CREATE OR REPLACE SQL SECURITY DEFINER VIEW {where}.{quoted(SETTINGS)} AS"
    yield f"  SELECT gl_name AS name, gl_value AS value FROM {where}.globals"  # noqa: S608 - quoted
    yield f"  WHERE gl_name IN ({names});"
    for view in (INSTANTS, SETTINGS):
        yield f"GRANT SELECT ON {where}.{quoted(view)} TO {account};"
    yield f"-- Leave this out where there is no `{ENCRYPTED}`:"
    yield grant(database, ENCRYPTED, LOG_READ[ENCRYPTED], account)
    yield "-- OpenEMR before 7.0.3 has no `users`.`last_updated`; leave this out there:"
    yield grant(database, "users", LOG_READ["users"], account)
