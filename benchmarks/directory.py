"""
Read a directory of 20,000 users, 500 groups and 40,000 memberships whole, live, and compare with `ldapsearch`.

    python benchmarks/directory.py [--users 20000] [--groups 500] [--memberships 40000] [--rounds 9] [--tls]

A real OpenLDAP of its own is started on this machine. Every round runs, one after the other, `ldapsearch -E
pr=1000/noprompt` for the groups and for the users, with the connector's own filters and attributes and its text thrown
away, and a fresh Python process that collects with the connector as it is delivered.

Limit: 8 times the wall time of `ldapsearch`, for the median of the rounds' ratios. Both are wall times of whole
processes, from start to exit: starting Python and loading the libraries count. What the collection alone took stands
beside it.

Memory: a process that reads the pages and forgets them may have needed, after the last user, at most a twentieth more
than after the first quarter of the users. The keys of all memberships are kept from before the first user on; what
grows in a real run is the collection itself.

Exit code 1 when over a limit, 2 when a read was not whole.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the servers of the tests

from connectors.directory.schema.attributes import GROUP_ATTRIBUTES, GROUP_FILTER, USER_ATTRIBUTES, USER_FILTER
from tests.integration.slapd import DirectoryServer, slapd

LIMIT = 8.0
MEMORY_LIMIT = 1.05
PASSWORD_ENV = "AUDITOR_BENCH_LDAP_PASSWORD"
READ = Path(__file__).parent / "_directory_read.py"
SEARCHES = ((GROUP_FILTER, GROUP_ATTRIBUTES["openldap"]), (USER_FILTER, USER_ATTRIBUTES["openldap"]))
OUS = "".join(f"dn: ou={ou},dc=t\nobjectClass: organizationalUnit\nou: {ou}\n\n" for ou in ("people", "groups"))


def population(users: int, groups: int, memberships: int) -> str:
    """Return the directory as LDIF: people with nearly all that the connector asks for, and groups of them."""
    chosen = random.Random(4)
    entries = [OUS]
    for n in range(users):
        name, day = f"Given{n % 700} Family{n:05}", n % 28 + 1
        entries.append(
            f"dn: uid=person{n:05},ou=people,dc=t\nobjectClass: inetOrgPerson\nuid: person{n:05}\ncn: {name}\n"
            f"sn: Family{n:05}\ndisplayName: {name}\nmail: person{n:05}@practice.test\nemployeeNumber: {100_000 + n}\n"
            f"pwdLastSuccess: 202611{day:02}080000Z\npwdChangedTime: 202601{day:02}080000Z\n\n"
        )
    for n in range(groups):
        share = memberships * (n + 1) // groups - memberships * n // groups
        members = "".join(f"member: uid=person{m:05},ou=people,dc=t\n" for m in chosen.sample(range(users), share))
        entries.append(f"dn: cn=group{n:03},ou=groups,dc=t\nobjectClass: groupOfNames\ncn: group{n:03}\n{members}\n")
    return "".join(entries)


class Readers:
    """The two readers of one server."""

    def __init__(self, server: DirectoryServer, *, tls: bool) -> None:
        self._server = server
        self._url = server.ldaps_url if tls else server.url
        self._environment = {PASSWORD_ENV: server.password, "LDAPTLS_CACERT": str(server.ca_file)}
        secured = {"ca_file": str(server.ca_file)} if tls else {"plain": True}
        names = {"url": self._url, "base_dn": server.base_dn, "bind_dn": server.bind_dn}
        self._settings = json.dumps({**names, "password_env": PASSWORD_ENV, **secured})

    def ldapsearch(self) -> float:
        """Return how long `ldapsearch` takes for what the connector reads."""
        server = self._server
        started = perf_counter()
        for search_filter, attributes in SEARCHES:
            who = ("-x", "-H", self._url, "-D", server.bind_dn, "-w", server.password, "-b", server.base_dn)
            self._run(["ldapsearch", *who, "-E", "pr=1000/noprompt", search_filter, *attributes], subprocess.DEVNULL)
        return perf_counter() - started

    def connector(self, how: str) -> tuple[float, dict[str, Any]]:
        """Return how long a process with the connector takes, and what it told."""
        started = perf_counter()
        told = self._run([sys.executable, str(READ), how], subprocess.PIPE)
        return perf_counter() - started, json.loads(told)

    def _run(self, command: Sequence[str], output: int) -> bytes:
        environment = os.environ | self._environment
        done = subprocess.run(command, input=self._settings.encode(), env=environment, stdout=output, check=True)
        return done.stdout or b""


def times(readers: Readers, options: argparse.Namespace) -> list[float] | None:
    """Run both in turns, print each round, and return the ratios; `None` when a read was not whole."""
    readers.ldapsearch()  # once for the caches of the machine
    readers.connector("keep")
    ratios = []
    told: dict[str, Any] = {}
    for number in range(1, options.rounds + 1):
        theirs = readers.ldapsearch()
        ours, told = readers.connector("keep")
        if not told["whole"] or told["accounts"] < options.users or told["grants"] != options.memberships:
            print(f"not whole: {told}")
            return None
        ratios.append(ours / theirs)
        print(
            f"round {number}: ldapsearch {theirs:.3f} s, connector {ours:.3f} s, of which loading {told['load_s']:.3f} "
            f"and collecting {told['collect_s']:.3f}: {ratios[-1]:.1f} times, {told['collect_s'] / theirs:.1f} without "
            "the start"
        )
    print(
        f"{told['accounts']} accounts, {told['entitlements']} groups, {told['grants']} grants; "
        f"{told['peak_kb'] / 1024:.0f} MiB at most, with the collection"
    )
    return ratios


def memory(readers: Readers) -> float:
    """Print the peaks of a process that keeps nothing; return by how much the last is above that of a quarter."""
    _, told = readers.connector("drop")
    users = told["accounts"]
    quarter = next(kb for accounts, kb in told["peaks"] if accounts >= users // 4)
    last = told["peaks"][-1][1]
    print(
        f"{quarter / 1024:.1f} MiB at most for the first {users // 4} users, {last / 1024:.1f} MiB for all {users}, "
        f"when pages are forgotten: {last / quarter:.2f} times, limit {MEMORY_LIMIT}"
    )
    return float(last / quarter)


def main() -> int:
    """Build the directory, read it in turns, print the figures, and judge them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--groups", type=int, default=500)
    parser.add_argument("--memberships", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--tls", action="store_true", help="both read over LDAPS")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        entries = population(options.users, options.groups, options.memberships)
        with slapd(Path(folder) / "slapd", entries, security="") as server:
            readers = Readers(server, tls=options.tls)
            ratios = times(readers, options)
            if ratios is None:
                return 2
            growth = memory(readers)
    over = median(ratios) > LIMIT or growth > MEMORY_LIMIT
    verdict = "OVER" if over else "within"
    print(f"median {median(ratios):.1f} times the wall time of ldapsearch, limit {LIMIT:.0f}: {verdict}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
