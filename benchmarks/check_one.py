"""
Ask about one person in a directory of 20,000, live: `auditor check`, against its own start.

    python benchmarks/check_one.py [--users 20000] [--groups 500] [--memberships 40000] [--rounds 9]

A real OpenLDAP of its own is started on this machine, and audited once, so that the store knows the person's account.
Every round runs, one after the other, two whole processes, by wall time: `auditor check` of somebody of whom no account
is known (it starts, loads the configuration and the store, and asks nobody: the start), and of somebody who has one.

Limit: the median of what the second takes longer, 1 second. Printed beside it, without a limit: how many times as long
the audit took. Exit code 1 when over the limit, 2 when the account was not found as it is.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the servers of the tests

from benchmarks.directory import PASSWORD_ENV, population
from tests.integration.slapd import DirectoryServer, slapd

LIMIT_S = 1.0
AUDITOR = str(Path(sys.executable).with_name("auditor"))
CONFIG = """\
practice: {{id: bench, name: Bench Practice, timezone: America/Chicago}}
roster: {{file: roster.csv}}
agreements: agreements.yaml
systems:
  directory:
    {{kind: directory, product: ldap, title: Directory, connector: ldap, holds_phi: false,
     settings: {{url: "{url}", ca_file: "{ca}", base_dn: dc=t, bind_dn: "{dn}", password_env: {env}}}}}
"""
FILES = {
    "roster.csv": "vma_id,name,agency,employment,roles,start,logins\n"
    "VMA-1,Given17 Family10017,Harbor LLC,employee,scheduler,2026-01-05,directory:person10017\n"
    "VMA-2,Nobody Known,Harbor LLC,employee,scheduler,2026-01-05,\n",
    "agreements.yaml": "agreements:\n"
    "  - {id: B, kind: baa, between: [practice, Harbor LLC], signed_by_both: true, from: 2026-01-01}\n",
}


def run(folder: Path, server: DirectoryServer, *words: str) -> tuple[float, dict[str, Any]]:
    """Return how long a whole process takes, and what it printed."""
    environment = os.environ | {PASSWORD_ENV: server.password}
    command = [AUDITOR, *words, str(folder / "auditor.yaml"), "--format", "json"]
    started = perf_counter()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return perf_counter() - started, json.loads(done.stdout)


def main(options: argparse.Namespace) -> int:
    """Measure, print, and return the exit code."""
    entries = population(options.users, options.groups, options.memberships)
    with tempfile.TemporaryDirectory() as made, slapd(Path(made) / "slapd", entries) as server:
        folder = Path(made)
        for name, text in FILES.items():
            (folder / name).write_text(text)
        config = {"url": server.ldaps_url, "ca": server.ca_file, "dn": server.bind_dn, "env": PASSWORD_ENV}
        (folder / "auditor.yaml").write_text(CONFIG.format(**config))
        audit_s, _ = run(folder, server, "audit")
        run(folder, server, "check", "VMA-1")  # once for the caches of the machine
        longer = []
        for number in range(1, options.rounds + 1):
            start_s, _ = run(folder, server, "check", "VMA-2")
            check_s, told = run(folder, server, "check", "VMA-1")
            if [(a["login"], a["seen"]) for a in told["accounts"]] != [("person10017", "still works")]:
                print(f"not as it is: {told}")
                return 2
            longer.append(check_s - start_s)
            print(f"round {number}: start {start_s:.3f} s, with one person asked for {check_s:.3f} s")
    beyond = median(longer)
    limit = f"limit {LIMIT_S}"
    print(f"one of {options.users} people: {beyond:.3f} s beyond the start ({limit}); a whole audit {audit_s:.1f} s")
    return int(beyond > LIMIT_S)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--groups", type=int, default=500)
    parser.add_argument("--memberships", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=9)
    sys.exit(main(parser.parse_args()))
