"""
Read a directory with and without asking its own record when access ended, in turns, and compare.

    python benchmarks/instants.py [--users 2500] [--asked 50] [--changes 1000] [--rounds 9] [--samba]

A real OpenLDAP with its overlay accesslog is started on this machine, and `--changes` changes are written into it:
locks, unlocks, members in and out. Every round collects the whole directory; and collects it and then asks for what
the record says of `--asked` accounts, as an audit does for those of VMAs. Both are times of one process, with their
connections.
`--samba` does the same on a Samba domain (as root; it takes about two minutes to fill).

Limit: 1.5 times, for the median of the rounds' ratios. Exit code 1 when over it, 2 when something was not read whole.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

import ldap3

sys.path.insert(0, str(Path(__file__).parents[1]))  # the servers of the tests

from benchmarks.directory import population
from connectors.audit_log import LogAnswer, LogQuestion
from connectors.collect import collect
from connectors.directory.ldap import connector as ldap
from connectors.facts import Account, Collection, System, SystemKind
from connectors.read_log import read_log
from tests.servers.samba import PASSWORD, samba
from tests.servers.slapd_log import BOSS, slapd_log

LIMIT = 1.5
PASSWORD_ENV = "AUDITOR_BENCH_LDAP_PASSWORD"
SYSTEM = System("directory", SystemKind.DIRECTORY, "ldap", "Directory", holds_phi=False)
LOCK = "pwdAccountLockedTime"


@contextmanager
def openldap(folder: Path, options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Run it with a record that is not empty; yield the settings that read it."""
    with slapd_log(folder, population(options.users, 100, 2 * options.users)) as server:
        client = ldap3.Connection(ldap3.Server(server.host, server.port, get_info=ldap3.NONE), BOSS, "boss")
        client.bind()
        for n in range(options.changes):
            person = f"uid=person{n // 4 % options.users:05},ou=people,dc=t"
            group = {"member": [((ldap3.MODIFY_ADD, ldap3.MODIFY_DELETE)[n % 2], [person])]}
            lock = {LOCK: [(ldap3.MODIFY_REPLACE, ["000001010000Z"] if n % 2 == 0 else [])]}
            client.modify(*((f"cn=group{n // 4 % 100:03},ou=groups,dc=t", group) if n % 4 < 2 else (person, lock)))
        client.unbind()
        os.environ[PASSWORD_ENV] = server.password
        yield {"url": server.url, "plain": True, "base_dn": "dc=t", "bind_dn": server.bind_dn}


@contextmanager
def samba_domain(folder: Path, options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Run a domain with as many users; its metadata is the record."""
    with samba(folder) as domain:
        server = domain.server
        client = ldap3.Connection(
            ldap3.Server(server.host, 636, use_ssl=True, get_info=ldap3.NONE), "Administrator@t.test", "Passw0rd!x"
        )
        client.bind()
        for n in range(options.users):
            dn = f"CN=person{n:05},OU=Staff,DC=t,DC=test"
            client.add(dn, ["user"], {"sAMAccountName": f"person{n:05}", "userAccountControl": "514"})
        client.unbind()
        os.environ[PASSWORD_ENV] = PASSWORD
        names = {"url": server.ldaps_url, "ca_file": server.ca_file, "base_dn": "DC=t,DC=test"}
        yield {**names, "bind_dn": "auditor@t.test"}


def read(settings: dict[str, object]) -> tuple[Collection, float]:
    """Collect the directory; return how long it took."""
    started = perf_counter()
    found = collect(connected(settings))
    return found, perf_counter() - started


def asked(settings: dict[str, object], accounts: tuple[Account, ...]) -> tuple[object, float]:
    """Collect it and ask for the record; return the answer, and how long both took."""
    started = perf_counter()
    connector = connected(settings)
    found = collect(connector)
    answer = read_log(connector, LogQuestion(accounts, found.entitlements))
    return answer, perf_counter() - started


def connected(settings: dict[str, object]) -> ldap.LdapDirectory:
    """Return a fresh connector."""
    return ldap.connect(SYSTEM, ldap.Settings.model_validate({**settings, "password_env": PASSWORD_ENV}), Path("/"))


def times(settings: dict[str, object], options: argparse.Namespace) -> float | None:
    """Run both in turns and print each round; return the median of the ratios, `None` when something was not whole."""
    whole, _ = read(settings)
    if not whole.complete or len(whole.accounts) < options.users:
        print(f"not whole: {whole.completeness}")
        return None
    accounts = tuple(a for a in whole.accounts if a.login.startswith("person"))[: options.asked]
    ratios = []
    for number in range(1, options.rounds + 1):
        _, without = read(settings)
        answer, both = asked(settings, accounts)
        if not isinstance(answer, LogAnswer) or not answer.events:
            print(f"the record was not read: {answer}")
            return None
        ratios.append(both / without)
        print(
            f"round {number}: {without:.3f} s without, {both:.3f} s with {len(answer.events)} events of "
            f"{len(accounts)} accounts: {ratios[-1]:.2f} times"
        )
    return median(ratios)


def main() -> int:
    """Start the server, read it in turns, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=2_500)
    parser.add_argument("--asked", type=int, default=50)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--samba", action="store_true")
    options = parser.parse_args()
    server = samba_domain if options.samba else openldap
    with tempfile.TemporaryDirectory() as folder, server(Path(folder), options) as settings:
        ratio = times(settings, options)
    if ratio is None:
        return 2
    print(f"{ratio:.2f} times as long with instants as without, median of {options.rounds}; limit {LIMIT}")
    return 1 if ratio > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
