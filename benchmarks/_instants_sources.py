"""The systems whose record `benchmarks/instants.py` reads: real servers on this machine, and saved files."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import ldap3

from benchmarks.directory import population
from benchmarks.openemr import statements
from connectors.cloud.aws.trail import lookup
from connectors.connector import Connector
from connectors.directory.ldap import connector as ldap
from connectors.ehr.openemr import connector as openemr
from connectors.facts import System, SystemKind
from connectors.testing.audit_log import Act
from tests.servers import mariadb_openemr as openemr_server
from tests.servers.samba import PASSWORD, samba
from tests.servers.slapd_log import BOSS, slapd_log

PASSWORD_ENV = "AUDITOR_BENCH_LDAP_PASSWORD"
SYSTEM = System("directory", SystemKind.DIRECTORY, "ldap", "Directory", holds_phi=False)
LOCK = "pwdAccountLockedTime"


@dataclass(frozen=True)
class Size:
    """How much there is to read."""

    users: int
    asked: int
    changes: int
    rows: int


@dataclass(frozen=True)
class Source:
    """A system that is up; `asked` begins the logins of those who are asked for."""

    connect: Callable[[], Connector]
    asked: str = ""
    change: Callable[[], None] = lambda: None
    """Something happens to one of them, before each reading."""


Start = Callable[[Path, Size], AbstractContextManager[Source]]


@contextmanager
def openldap(folder: Path, size: Size) -> Iterator[Source]:
    """OpenLDAP with its overlay accesslog, into which changes were written: locks, unlocks, members in and out."""
    with slapd_log(folder, population(size.users, 100, 2 * size.users)) as server:
        client = ldap3.Connection(ldap3.Server(server.host, server.port, get_info=ldap3.NONE), BOSS, "boss")
        client.bind()
        numbers = count()

        def change() -> None:
            n = next(numbers)
            person = f"uid=person{n // 4 % size.users:05},ou=people,dc=t"
            group = {"member": [((ldap3.MODIFY_ADD, ldap3.MODIFY_DELETE)[n % 2], [person])]}
            lock = {LOCK: [(ldap3.MODIFY_REPLACE, ["000001010000Z"] if n % 2 == 0 else [])]}
            client.modify(*((f"cn=group{n // 4 % 100:03},ou=groups,dc=t", group) if n % 4 < 2 else (person, lock)))

        for _ in range(size.changes):
            change()
        os.environ[PASSWORD_ENV] = server.password
        settings = {"url": server.url, "plain": True, "base_dn": "dc=t", "bind_dn": server.bind_dn}
        yield Source(lambda: _ldap(settings), "person", change)
        client.unbind()


@contextmanager
def samba_domain(folder: Path, size: Size) -> Iterator[Source]:
    """A Samba domain with as many users; its replication metadata is the record."""
    with samba(folder) as domain:
        server = domain.server
        where = ldap3.Server(server.host, 636, use_ssl=True, get_info=ldap3.NONE)
        client = ldap3.Connection(where, "Administrator@t.test", "Passw0rd!x")
        client.bind()
        numbers = count()
        for n in range(size.users):
            dn = f"CN=person{n:05},OU=Staff,DC=t,DC=test"
            client.add(dn, ["user"], {"sAMAccountName": f"person{n:05}", "userAccountControl": "514"})

        def change() -> None:
            given = {"accountExpires": [(ldap3.MODIFY_REPLACE, [str(next(numbers))])]}
            client.modify("CN=person00000,OU=Staff,DC=t,DC=test", given)

        os.environ[PASSWORD_ENV] = PASSWORD
        names = {"url": server.ldaps_url, "ca_file": server.ca_file, "base_dn": "DC=t,DC=test"}
        yield Source(lambda: _ldap({**names, "bind_dn": "auditor@t.test"}), "person", change)
        client.unbind()


def _ldap(settings: Mapping[str, object]) -> Connector:
    given = ldap.Settings.model_validate({**settings, "password_env": PASSWORD_ENV})
    return ldap.connect(SYSTEM, given, Path("/"))


@contextmanager
def openemr_log(folder: Path, size: Size) -> Iterator[Source]:
    """OpenEMR's tables on MariaDB, and a log of which nearly all rows are of no interest."""
    forms_of = import_module("tests.contract.log_openemr")
    signed = max(1, size.rows // (2 * size.users))
    with openemr_server.mariadb_openemr(folder, sql=statements(size.users, signed)) as db:
        db.admin("UPDATE globals SET gl_value = 'America/Chicago' WHERE gl_name = 'gbl_time_zone'")
        forms = forms_of.OpenEmrForms(db, zone="America/Chicago")
        settings = openemr.Settings.model_validate(db.settings())
        turns = count()

        def change() -> None:
            forms.save("vfront", active=next(turns) % 2 == 1, groups=("front",))

        for _ in range(max(2, size.changes // 20)):
            change()
        yield Source(lambda: openemr.connect(openemr_server.SYSTEM, settings, folder), "vfront", change)
        forms.close()


def harness(module: str, name: str) -> Start:
    """Return a small system of the contract's tests, in which somebody is given and taken something and ends."""

    @contextmanager
    def start(folder: Path, _: Size) -> Iterator[Source]:
        with getattr(import_module(f"tests.contract.{module}"), name)().start(folder) as source:
            turns = count()

            def change() -> None:
                source.act((Act.GIVE, Act.TAKE)[next(turns) % 2] if Act.GIVE not in source.cannot else Act.DISABLE)

            change()
            yield Source(source.connector, source.subject, change)

    return start


@contextmanager
def cloudtrail(folder: Path, size: Size) -> Iterator[Source]:
    """A small AWS account on moto, in which nothing happens, with the pause that CloudTrail asks for."""
    pause = lookup.PAUSE_S  # which the harness of the tests takes away
    with harness("log_aws", "CloudTrailLogHarness")(folder, size) as source:

        def waiting() -> Connector:
            lookup.PAUSE_S = pause
            return source.connect()

        # Where one of those asked for was changed since, it is asked as at the first read of a large account.
        with patch.object(lookup, "PAUSE_S", pause):
            yield replace(source, connect=waiting, change=lambda: None)


SOURCES: Mapping[str, tuple[Start, bool]] = {
    "openldap": (openldap, True),
    "samba": (samba_domain, True),
    "openemr": (openemr_log, True),
    "gnuhealth": (harness("log_gnuhealth", "GnuHealthLogHarness"), False),
    "ds389": (harness("log_ldap", "Ds389ChangelogLogHarness"), False),
    "aws": (cloudtrail, False),
    "openmrs": (harness("log_openmrs", "OpenMrsLogHarness"), False),
    "fhir": (harness("log_fhir", "FhirLogHarness"), False),
    "entra": (harness("log_exports", "EntraExportLogHarness"), False),
    "ldif": (harness("log_ldif", "LdifAccesslogLogHarness"), False),
    "google": (harness("log_exports", "GoogleExportLogHarness"), False),
}
"""By name, and whether it is as large as a practice's: a small one is over in a moment, of which any part is much."""


def processor_s(folder: Path) -> float:
    """Return the processor time of servers that were started over a folder, or below this process, so far."""
    mine: dict[str, str] = {}
    used: dict[str, float] = {}
    named = set[str]()
    for path in Path("/proc").iterdir() if Path("/proc").is_dir() else ():
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split() if path.name.isdecimal() else None
            command = (path / "cmdline").read_bytes() if fields else b""
        except OSError:
            continue  # it has ended meanwhile
        if fields:
            mine[path.name], used[path.name] = fields[1], (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            named |= {path.name} if str(folder).encode() in command else set()
    return sum(spent for pid, spent in used.items() if pid != str(os.getpid()) and _below(pid, mine, named))


def _below(pid: str, parents: Mapping[str, Any], named: set[str]) -> bool:
    seen = set[str]()
    while pid in parents and pid not in seen:
        if pid in named or parents[pid] == str(os.getpid()):
            return True
        seen.add(pid)
        pid = parents[pid]
    return False
