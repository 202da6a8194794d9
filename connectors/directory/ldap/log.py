"""Reads when access changed, live: the record of each kind of directory, put together as one answer."""

from datetime import datetime

from connectors.audit_log import LogAnswer
from connectors.directory.changes.answer import answer_of
from connectors.directory.changes.lives_on import BY_KIND
from connectors.directory.ldap import record_389, record_ad, record_openldap
from connectors.directory.ldap.record import STAMP, DirectoryClock, Recorded

ACCESSLOG = "cn=accesslog"


def read_log(recorded: Recorded, base: str | None, now: datetime) -> LogAnswer:
    """Read the record of the directory that this is; `base` is where OpenLDAP keeps it. Raises `SourceError`."""
    kind = recorded.scope.flavour.attributes
    dn, attribute, by = {"ad": record_ad.CLOCK, "openldap": record_openldap.CLOCK}.get(kind, record_389.CLOCK)
    clock = DirectoryClock(recorded.wire, dn, attribute, by)
    if kind == "ad":
        record_ad.read(recorded)
    elif kind == "openldap":
        record_openldap.read(recorded, base or ACCESSLOG)
    elif kind in {"389", "freeipa"}:
        record_389.read(recorded)
    else:
        recorded.find((STAMP,))
        recorded.touch()
        recorded.sources.append(STAMP)
        recorded.gaps.append("this server keeps no record that is known: a time is that of the last change of any kind")
    clock.settle(closely=recorded.question.closely)
    if clock.trouble:
        recorded.gaps.append(f"its clock was not measured: {clock.trouble}")
    offset = clock.looked.offset(recorded.hosts)
    return answer_of(recorded, recorded.names(), now, clock=offset, lives_on=BY_KIND.get(kind, ()))
