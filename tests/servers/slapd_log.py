"""OpenLDAP with its overlay accesslog, set up as `auditor connect` prints it, and somebody who administers accounts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.slapd import ACCESS, DirectoryServer, slapd

BOSS = "uid=boss,dc=t"
DATABASES = """\
moduleload accesslog.so
moduleload back_monitor.so
{modules}
database monitor
access to dn.subtree="cn=Monitor" by dn.exact="uid=reader,dc=t" read by * none
database mdb
suffix cn=accesslog
rootdn "cn=root,dc=t"
directory {folder}
maxsize 1073741824
dbnosync
index reqStart,reqEnd,reqResult,reqDN,reqEntryUUID,entryCSN eq
limits dn.exact="uid=reader,dc=t" size=unlimited
{hidden}
access to dn.subtree="cn=accesslog" by dn.exact="uid=reader,dc=t" read by * none
"""
HIDDEN = """\
access to dn.subtree="cn=accesslog" attrs=reqMod val.regex="^(userPassword|pwdHistory|sambaNTPassword)[:;].*" by * none
access to dn.subtree="cn=accesslog" attrs=reqOld val.regex="^(userPassword|pwdHistory|sambaNTPassword)[:;].*" by * none
"""
RIGHTS = """\
access to dn.subtree="ou=people,dc=t" attrs=userPassword by dn.exact="uid=boss,dc=t" write by anonymous auth by * none
access to dn.subtree="ou=people,dc=t" by dn.exact="uid=boss,dc=t" write by users read
access to dn.subtree="ou=groups,dc=t" by dn.exact="uid=boss,dc=t" write by users read
"""
OVERLAY = """\
overlay accesslog
logdb cn=accesslog
logops writes
logsuccess FALSE
logold "(objectClass=*)"
logoldattr member pwdAccountLockedTime
logpurge 90+00:00 1+00:00
"""
"""As it is advised, but for refused changes: they are logged as well, as many have it."""
SIDE_EFFECTS = "moduleload refint.so\nmoduleload memberof.so"
REFINT = "overlay memberof\noverlay refint\nrefint_attributes member\nrefint_nothing cn=nobody\n"


@contextmanager
def slapd_log(
    folder: Path, entries: str, *, hidden: bool = True, side_effects: bool = False, log: bool = True
) -> Iterator[DirectoryServer]:
    """Run it over the entries; `hidden`: passwords are, `side_effects`: with refint and memberof, `log`: it has one."""
    (folder / "log").mkdir(parents=True)
    boss = f"dn: {BOSS}\nobjectClass: inetOrgPerson\nuid: boss\ncn: boss\nsn: boss\nuserPassword: boss\n\n"
    databases = DATABASES.format(
        folder=folder / "log", hidden=HIDDEN if hidden else "", modules=SIDE_EFFECTS if side_effects else ""
    )
    access = f"{RIGHTS}{ACCESS}{REFINT if side_effects else ''}{OVERLAY if log else ''}"
    with slapd(folder / "slapd", boss + entries, security="", options=databases, access=access) as server:
        yield server
