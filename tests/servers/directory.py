"""What the tests of directories share: a small practice as LDIF, settings, and how to look at a collection."""

import ssl
import subprocess
from dataclasses import replace

import ldap3

from connectors.directory.ldap import connector as ldap
from connectors.facts import Account, Collection, Complete, System, SystemKind
from tests.integration.slapd import DirectoryServer, require

SYSTEM = System("directory", SystemKind.DIRECTORY, "ldap", "Directory", holds_phi=False)
SECRET_ENV = "AUDITOR_TEST_LDAP_PASSWORD"


def person(uid: str, extra: str = "") -> str:
    return (
        f"dn: uid={uid},ou=people,dc=t\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: Name of {uid}\nsn: x\n"
        f"mail: {uid}@practice.test\nemployeeNumber: E-{uid}\nuserPassword: {uid}\n{extra}\n"
    )


def group(cn: str, *members: str) -> str:
    return (
        f"dn: cn={cn},ou=groups,dc=t\nobjectClass: groupOfNames\ncn: {cn}\n"
        + "".join(f"member: {m}\n" for m in members)
        + "\n"
    )


KEPT = "pwdChangedTime: 20260101000000Z\n"
"""What the password policy of OpenLDAP writes for whoever has a password, and `slapadd` does not."""
OUS = "".join(f"dn: ou={ou},dc=t\nobjectClass: organizationalUnit\nou: {ou}\n\n" for ou in ("people", "groups"))
PRACTICE = (
    OUS
    + "".join(person(f"va{n:02}", KEPT) for n in range(20))
    + person("disabled", "pwdAccountLockedTime: 000001010000Z\n")
    + person("expired", "pwdEndTime: 20200101000000Z\n")
    + person("lockme")
    + "dn: uid=unix,ou=people,dc=t\nobjectClass: account\nobjectClass: posixAccount\nuid: unix\ncn: Unix\n"
    "uidNumber: 1000\ngidNumber: 500\nhomeDirectory: /home/unix\n\n"
    # A cycle: outer > middle > inner > outer. Names differ in case and spaces from those of the entries.
    + group("outer", "cn=middle,ou=groups,dc=t")
    + group("middle", "CN=Inner, OU=Groups, DC=T")
    + group("inner", "uid=va01,ou=people,dc=t", "cn=outer,ou=groups,dc=t")
    + group("mfa", "cn=inner,ou=groups,dc=t", "uid=va02,ou=people,dc=t", "uid=gone,ou=people,dc=t")
    + "".join(group(f"g{n}", f"uid=va{n:02},ou=people,dc=t") for n in range(7))
    + "dn: cn=staff,ou=groups,dc=t\nobjectClass: posixGroup\ncn: staff\ngidNumber: 500\nmemberUid: va03\n\n"
)


def bind(server: DirectoryServer, dn: str, password: str) -> bool:
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(server.ca_file))
    connection = ldap3.Connection(
        ldap3.Server(server.host, server.ldaps_port, use_ssl=True, tls=tls, get_info=ldap3.NONE), dn, password
    )
    bound = bool(connection.bind())
    connection.unbind()
    return bound


def lock(server: DirectoryServer, who: str, password: str, dn: str) -> None:
    """Lock an account as an administrator of OpenLDAP does."""
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(server.ca_file))
    connection = ldap3.Connection(
        ldap3.Server(server.host, server.ldaps_port, use_ssl=True, tls=tls, get_info=ldap3.NONE), who, password
    )
    assert connection.bind()
    assert connection.modify(dn, {"pwdAccountLockedTime": [(ldap3.MODIFY_REPLACE, ["000001010000Z"])]})
    connection.unbind()


def change(server: DirectoryServer, ldif: str, who: str, password: str) -> None:
    """Carry out changes, as a user pastes them."""
    program = require("ldapmodify", "ldap-utils")
    command = [program, "-x", "-H", server.ldaps_url, "-D", who, "-w", password]
    done = subprocess.run(
        command, input=ldif, text=True, env={"LDAPTLS_CACERT": str(server.ca_file)}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def settings_for(server: DirectoryServer, **changes: object) -> ldap.Settings:
    return ldap.Settings.model_validate(
        {
            "url": server.ldaps_url,
            "ca_file": server.ca_file,
            "base_dn": server.base_dn,
            "bind_dn": server.bind_dn,
            "password_env": SECRET_ENV,
            "timeout_s": 10,
            **changes,
        }
    )


def whole(collection: Collection) -> Collection:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def by_login(collection: Collection) -> dict[str, Account]:
    return {a.login: a for a in collection.accounts}


def lasting(collection: Collection) -> tuple[object, ...]:
    """Return the facts that two reads share; the sign-in of the reader itself is newer in the second."""
    accounts = tuple(replace(a, last_login=None) if a.login == "reader" else a for a in collection.accounts)
    return accounts, collection.entitlements, collection.grants


def held(collection: Collection, login: str) -> dict[str, tuple[str, ...]]:
    """Return cn of each group held, with the cns of the path."""
    names = {e.id: e.name for e in collection.entitlements.values()}
    account = by_login(collection)[login].id
    return {names[g.entitlement]: tuple(names[p] for p in g.path) for g in collection.grants if g.account == account}


def ldapsearch(server: DirectoryServer, *options: str, bind_dn: str = "", password: str = "") -> bytes:
    command = [
        *(require("ldapsearch", "ldap-utils"), "-x", "-H", server.ldaps_url, "-b", server.base_dn),
        *("-D", bind_dn or server.bind_dn, "-w", password or server.password),
        *(*options, "(objectClass=*)", "*", "+"),
    ]
    environment = {"LDAPTLS_CACERT": str(server.ca_file), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, capture_output=True, env=environment, check=False).stdout
