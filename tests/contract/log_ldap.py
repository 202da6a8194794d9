"""When access changed, by the records of directories: changed by an LDAP client at a known second."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ldap3

from connectors.audit_log import LogKind
from connectors.directory.ldap import connector as ldap
from connectors.testing.audit_log import Act
from tests.contract.environment import environment
from tests.contract.harness_ldap import ENTRIES, PASSWORD_ENV, SYSTEM
from tests.integration.slapd import DirectoryServer
from tests.servers.ds389 import MANAGER, MANAGER_PASSWORD, add, ds389
from tests.servers.samba import PASSWORD, samba
from tests.servers.slapd_log import BOSS, slapd_log

NEW_PASSWORD = "Neues-Kennwort-4711!"
ADD, DELETE, REPLACE = ldap3.MODIFY_ADD, ldap3.MODIFY_DELETE, ldap3.MODIFY_REPLACE
Change = tuple[str, Mapping[str, Any]]


@dataclass
class Directory:
    """A directory in which somebody administers accounts, and somebody else tries to."""

    server: DirectoryServer
    settings: Mapping[str, object]
    boss: ldap3.Connection
    nobody: ldap3.Connection
    changes: Mapping[Act, Change]
    written: Callable[[], object]
    actor: str | None
    subject: str = "va05"
    bystander: str = "va06"
    entitlement: str = "cn=g1,ou=groups,dc=t"
    tells: Mapping[Act, LogKind] = field(default_factory=dict)
    cannot: Mapping[Act, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset({NEW_PASSWORD})

    def connector(self) -> ldap.LdapDirectory:
        given = {"password_env": PASSWORD_ENV, "timeout_s": 15, "page_size": 500, **self.settings}
        return ldap.connect(SYSTEM, ldap.Settings.model_validate(given), Path("/"))

    def act(self, act: Act) -> None:
        dn, change = self.changes[act]
        who = self.nobody if act is Act.REFUSED else self.boss
        assert bool(who.modify(dn, change)) is (act is not Act.REFUSED), who.result


@contextmanager
def bound(server: DirectoryServer, dn: str, password: str, *, tls: bool) -> Iterator[ldap3.Connection]:
    port = server.ldaps_port if tls else server.port
    client = ldap3.Connection(ldap3.Server(server.host, port, use_ssl=tls, get_info=ldap3.NONE), dn, password)
    assert client.bind(), client.result
    try:
        yield client
    finally:
        client.unbind()


def changes(dn: str, group: str, off: Mapping[str, Any], on: Mapping[str, Any], password: Mapping[str, Any]) -> Any:
    return {
        Act.PASSWORD: (dn, password),
        Act.GIVE: (group, {"member": [(ADD, [dn])]}),
        Act.DISABLE: (dn, off),
        Act.AGAIN: (dn, off),
        Act.ENABLE: (dn, on),
        Act.REFUSED: (dn, on),
        Act.TAKE: (group, {"member": [(DELETE, [dn])]}),
    }


def count(client: ldap3.Connection, base: str, search_filter: str = "(objectClass=*)") -> Callable[[], object]:
    """Return what counts the entries below a base."""

    def counted() -> object:
        client.search(base, search_filter, attributes=["1.1"])
        return len(client.entries)

    return counted


BOSS_MAY = (
    "dn: dc=t\nchangetype: modify\nadd: aci\n"
    f'aci: (targetattr="*")(version 3.0; acl "boss"; allow (all) userdn="ldap:///{BOSS}";)\n\n'
)
VA05, G1 = "uid=va05,ou=people,dc=t", "cn=g1,ou=groups,dc=t"


class OpenLdapLogHarness:
    """OpenLDAP with `cn=accesslog`."""

    name = "openldap"

    @contextmanager
    def start(self, folder: Path) -> Iterator[Directory]:
        lock = "pwdAccountLockedTime"
        with (
            environment(**{PASSWORD_ENV: "reader"}),
            slapd_log(folder, ENTRIES) as server,
            bound(server, BOSS, "boss", tls=False) as boss,
            bound(server, "uid=reader,dc=t", "reader", tls=False) as reader,
            bound(server, "uid=va07,ou=people,dc=t", "va07", tls=False) as nobody,
        ):
            off, on = {lock: [(REPLACE, ["000001010000Z"])]}, {lock: [(DELETE, [])]}
            yield Directory(
                server,
                {"url": server.url, "plain": True, "base_dn": "dc=t", "bind_dn": server.bind_dn},
                boss,
                nobody,
                changes(VA05, G1, off, on, {"userPassword": [(REPLACE, [NEW_PASSWORD])]}),
                # The sign-in of whoever reads is itself written: it is no change by reading the log.
                count(reader, "cn=accesslog", "(!(reqDN=uid=reader,dc=t))"),
                BOSS,
            )


class SambaLogHarness:
    """A Samba domain with its JSON audit logs: a true record of all that happens."""

    name, slow = "samba-files", True
    files = ("dsdb.json", "group.json")
    tells = dict[Act, LogKind]()
    cannot = dict[Act, str]()
    actor: str | None = "Administrator"

    @contextmanager
    def start(self, folder: Path) -> Iterator[Directory]:
        with (
            environment(**{PASSWORD_ENV: PASSWORD}),
            samba(folder, logs=True) as domain,
            bound(domain.server, "Administrator@t.test", "Passw0rd!x", tls=True) as boss,
            bound(domain.server, "auditor@t.test", PASSWORD, tls=True) as nobody,
        ):
            server, staff = domain.server, "OU=Staff,DC=t,DC=test"
            dn, group = f"CN=Name of never,{staff}", f"CN=Outer,{staff}"
            off, on = ({"userAccountControl": [(REPLACE, [value])]} for value in ("514", "512"))
            password = {"unicodePwd": [(REPLACE, [f'"{NEW_PASSWORD}"'.encode("utf-16-le")])]}
            files = [folder / name for name in self.files]
            given = {"url": server.ldaps_url, "ca_file": server.ca_file, "base_dn": "DC=t,DC=test"}
            yield Directory(
                server,
                {**given, "bind_dn": "auditor@t.test", "log_files": files},
                boss,
                nobody,
                changes(dn, group, off, on, password),
                # Of one who has signed in already, whose sign-in is not written again for days.
                (folder / "dsdb.json").read_bytes,
                self.actor,
                subject="never",
                bystander="boss",
                entitlement="cn=outer,ou=staff,dc=t,dc=test",
                tells=self.tells,
                cannot=self.cannot,
            )


class SambaMetadataLogHarness(SambaLogHarness):
    """The same domain without log files: replication metadata, which keeps the last change and nobody's name."""

    name = "samba-metadata"
    files = ()
    cannot = {
        Act.GIVE: "Samba tells no time of a member over LDAP",
        Act.TAKE: "Samba tells no time of a member over LDAP",
    }
    actor = None


class Ds389LogHarness:
    """389 Directory Server with its audit file, in a zone far from UTC."""

    name, slow = "ds389-file", True
    zone = "America/New_York"
    file = True
    unlocked = ""
    tells = dict[Act, LogKind]()
    actor: str | None = BOSS

    @contextmanager
    def start(self, folder: Path) -> Iterator[Directory]:
        boss_entry = f"dn: {BOSS}\nobjectClass: inetOrgPerson\nuid: boss\ncn: boss\nsn: boss\nuserPassword: boss\n\n"
        entries = boss_entry + ENTRIES.replace("pwdAccountLockedTime: 000001010000Z", "nsAccountLock: true")
        with (
            environment(**{PASSWORD_ENV: "reader"}),
            ds389(folder, entries, records=True, zone=self.zone) as server,
        ):
            add(server, BOSS_MAY)
            with (
                bound(server, BOSS, "boss", tls=True) as boss,
                bound(server, "uid=va07,ou=people,dc=t", "va07", tls=True) as nobody,
                bound(server, MANAGER, MANAGER_PASSWORD, tls=True) as manager,
            ):
                off, on = (
                    {"nsAccountLock": [(REPLACE, ["true"])]},
                    {"nsAccountLock": [(REPLACE, [self.unlocked] if self.unlocked else [])]},
                )
                logs = {"log_files": [folder / "log" / "audit"], "log_zone": self.zone} if self.file else {}
                yield Directory(
                    server,
                    {"url": server.ldaps_url, "ca_file": server.ca_file, "base_dn": "dc=t", **logs}
                    | {"bind_dn": server.bind_dn},
                    boss,
                    nobody,
                    changes(VA05, G1, off, on, {"userPassword": [(REPLACE, [NEW_PASSWORD])]}),
                    count(manager, "cn=changelog", "(!(targetDn=uid=reader,dc=t))"),
                    self.actor,
                    tells=self.tells,
                )


class Ds389ChangelogLogHarness(Ds389LogHarness):
    """The same server by its retro changelog, which copies the lock: that it was written again it cannot tell apart."""

    name, file, unlocked = "ds389-changelog", False, "false"
    tells = {Act.AGAIN: LogKind.STATUS_SET}
