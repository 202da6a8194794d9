"""`ldap` on a real slapd: 30 accounts in pages of 7, two with one name, one disabled, groups in groups."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from connectors.directory.ldap import connector as ldap
from connectors.facts import Collection, System, SystemKind
from connectors.testing import LdapSource, Population, Target
from tests.contract.environment import environment
from tests.integration.slapd import slapd
from tests.servers.ds389 import ds389
from tests.servers.samba import PASSWORD, samba

SYSTEM = System("directory", SystemKind.DIRECTORY, "ldap", "Directory", holds_phi=False)
PASSWORD_ENV = "AUDITOR_CONTRACT_LDAP_PASSWORD"
CANARY = "uid=zoe,ou=people,dc=t"


def person(uid: str, name: str = "", extra: str = "") -> str:
    return (
        f"dn: uid={uid},ou=people,dc=t\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {name or uid}\nsn: x\n"
        f"mail: {uid}@practice.test\nemployeeNumber: E-{uid}\nuserPassword: {uid}\n{extra}\n"
    )


def group(cn: str, *members: str) -> str:
    lines = "".join(f"member: {member}\n" for member in members)
    return f"dn: cn={cn},ou=groups,dc=t\nobjectClass: groupOfNames\ncn: {cn}\n{lines}\n"


ENTRIES = (
    "".join(f"dn: ou={ou},dc=t\nobjectClass: organizationalUnit\nou: {ou}\n\n" for ou in ("people", "groups"))
    + "".join(person(f"va{n:02}") for n in range(20))
    + person("maria1", "Maria Santos")
    + person("maria2", "Maria Santos")
    + person("left", extra="pwdAccountLockedTime: 000001010000Z\n")
    + group("inner", "uid=va01,ou=people,dc=t", "cn=outer,ou=groups,dc=t")
    + group("middle", "cn=inner,ou=groups,dc=t")
    + group("outer", "cn=middle,ou=groups,dc=t")
    + "".join(group(f"g{n}", f"uid=va{n:02},ou=people,dc=t") for n in range(9))
    + person("zoe")
)
POPULATION = Population(
    logins=frozenset(
        {*(f"va{n:02}" for n in range(20)), "maria1", "maria2", "left", "zoe", "reader", "small", "blind"}
    ),
    disabled=frozenset({"left"}),
    namesakes=("maria1", "maria2"),
    held={"va03": frozenset({"g3"}), "va01": frozenset({"inner", "middle", "outer", "g1"})},
    nested=("va01", "outer"),
    canary="zoe",
    secrets=frozenset({"password-of-nobody"}),
)


def lasting(collection: Collection) -> Collection:
    """Leave out the sign-in of the reader itself, which is newer after every read."""
    accounts = tuple(
        replace(a, last_login=None) if a.login in ("reader", "auditor") else a for a in collection.accounts
    )
    return replace(collection, accounts=accounts)


def same(truth: Collection, read: Collection) -> bool:
    one, two = lasting(truth), lasting(read)
    return (one.accounts, one.entitlements, one.grants) == (two.accounts, two.entitlements, two.grants)


def connector(at: Target, base: str, bind_dn: str, canary: str, folder: Path) -> ldap.LdapDirectory:
    settings = ldap.Settings(
        url=f"{'ldaps' if at.tls else 'ldap'}://{at.host}:{at.port}",
        base_dn=base,
        bind_dn=bind_dn,
        password_env=PASSWORD_ENV,
        plain=not at.tls,
        ca_file=at.ca_file,
        page_size=7,
        timeout_s=at.patience_s / 3,
        canary=canary,
    )
    return ldap.connect(SYSTEM, settings, folder)


class LdapHarness:
    """A harness for `ldap`."""

    name, kind = "ldap", "directory"

    @contextmanager
    def start(self, folder: Path) -> Iterator[LdapSource]:
        def connect(at: Target) -> ldap.LdapDirectory:
            return connector(at, "dc=t", "uid=reader,dc=t", "zoe", folder)

        with environment(**{PASSWORD_ENV: "reader"}), slapd(folder / "slapd", ENTRIES, security="") as server:
            yield LdapSource(Target(server.host, server.port), connect, POPULATION, CANARY, folder, same=same)


class Ds389Harness:
    """A further harness for `ldap`: 389 Directory Server, whose cookie is the same on every page."""

    name, kind = "ldap", "directory"
    further = "LdapOn389"

    @contextmanager
    def start(self, folder: Path) -> Iterator[LdapSource]:
        def connect(at: Target) -> ldap.LdapDirectory:
            return connector(at, "dc=t", "uid=reader,dc=t", "zoe", folder)

        entries = ENTRIES.replace("pwdAccountLockedTime: 000001010000Z", "nsAccountLock: true")
        population = replace(POPULATION, logins=POPULATION.logins - {"small", "blind"})
        with environment(**{PASSWORD_ENV: "reader"}), ds389(folder / "389", entries) as server:
            upstream = Target(server.host, server.ldaps_port, tls=True, ca_file=server.ca_file)
            yield LdapSource(upstream, connect, population, CANARY, folder, same=same)


class SambaHarness:
    """A further harness for `ldap`: a Samba domain, which is to the connector an Active Directory."""

    name, kind = "ldap", "directory"
    further = "LdapOnSamba"

    @contextmanager
    def start(self, folder: Path) -> Iterator[LdapSource]:
        def connect(at: Target) -> ldap.LdapDirectory:
            return connector(at, "DC=t,DC=test", "auditor@t.test", "never", folder)

        population = Population(
            logins=SAMBA_LOGINS,
            disabled=frozenset({"Guest", "krbtgt", "disabled", "expired"}),
            held={"va02": frozenset({"mfa", "Partners"})},
            nested=("va01", "Outer"),
            canary="never",
            secrets=frozenset({PASSWORD}),
        )
        canary_dn = "CN=Name of never,OU=Staff,DC=t,DC=test"
        with environment(**{PASSWORD_ENV: PASSWORD}), samba(folder / "samba") as domain:
            server = domain.server
            upstream = Target(server.host, server.ldaps_port, tls=True, ca_file=server.ca_file)
            yield LdapSource(upstream, connect, population, canary_dn, folder, same=same)


SAMBA_LOGINS = frozenset(
    {
        *("Administrator", "Guest", "krbtgt", "auditor", "va01", "va02", "boss", "clerk", "disabled", "expired"),
        *("forever", "locked", "unlocked", "signedin", "lagging", "never", "oldpass", "mustchange", "card", "gmsa$"),
        *("dns-dc1", "S-1-5-21-111-222-333-1105"),  # of Samba itself; a member of another domain
        "cn=name of unseen,ou=staff,dc=t,dc=test",  # whom the reader may not see, and a group names
    }
)
