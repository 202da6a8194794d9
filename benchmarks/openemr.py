"""
Read an OpenEMR database of 5,000 users whole, live, and print how long it takes.

    python benchmarks/openemr.py [--users 5000] [--sign-ins 20] [--runs 5]

Limit: 1 second for the whole collection, from connecting over TLS to the sorted facts, for the fastest of the runs,
because whatever else the machine does only adds to it; every run is printed, with the auditor's own processor time. The
database is a MariaDB of its own on this machine, with OpenEMR's tables, and a mix of groups as in a large practice:
every user is in one default group, every tenth in two, every fourth has a second factor, every user two facilities.
Exit code 1 when over the limit, 2 when the read was not whole.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).parents[1]))  # the harness of the tests

from connectors.collect import collect
from connectors.ehr.openemr.connector import Settings, connect
from connectors.facts import Complete
from tests.servers.mariadb_openemr import SYSTEM, insert, mariadb_openemr, population, population_sql

LIMIT_S = 1.0
MIX = {"front": 50, "clin": 20, "back": 15, "doc": 10, "admin": 4, "breakglass": 1}
"""Of 100 users, how many are in which group."""
BATCH = 5_000


def statements(users: int, sign_ins: int) -> str:
    """Return the SQL that fills the database."""
    tables = population()
    chosen = random.Random(4)
    ids = {str(g["value"]): int(str(g["id"])) for g in tables["gacl_aro_groups"]}
    rows: dict[str, list[dict[str, object]]] = {}

    def add(table: str, **row: object) -> None:
        rows.setdefault(table, []).append(row)

    for number in range(1000, 1000 + users - len(tables["users"]) + 1):
        login = f"person{number:05}"
        add("users", id=number, username=login, fname="Given", lname=f"Name {number}", facility_id=3, active=1)
        add("users_secure", id=number, username=login, password="$2y$10$x", last_update_password="2026-01-05 08:00:00")
        add("groups", name="Default", user=login)
        add("gacl_aro", id=number, section_value="users", value=login)
        groups = set(chosen.choices(list(MIX), list(MIX.values()), k=2 if number % 10 == 0 else 1))
        for group in groups:
            add("gacl_groups_aro_map", group_id=ids[group], aro_id=number)
        add("users_facility", tablename="users", table_id=number, facility_id=4)
        if number % 4 == 0:
            add("login_mfa_registrations", user_id=number, name="phone", method="TOTP", var1="secret")
        for day in range(sign_ins):
            date = f"2026-{day % 12 + 1:02}-{day % 28 + 1:02} 08:00:00"
            add("log", date=date, event="login", user=login, success=1, comments="success: 10.0.0.1")
            add("log", date=date, event="view", user=login, success=1, comments="x" * 200)
    parts = [population_sql(tables)]
    for table, all_rows in rows.items():
        parts += [insert(table, all_rows[i : i + BATCH]) for i in range(0, len(all_rows), BATCH)]
    return "\n".join(parts)


def main() -> int:
    """Build the database, read it, print the figures, and judge them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=5_000)
    parser.add_argument("--sign-ins", type=int, default=20)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started = perf_counter()
        with mariadb_openemr(Path(folder), sql=statements(options.users, options.sign_ins)) as db:
            print(f"database built in {perf_counter() - started:.1f} s")
            settings = Settings.model_validate(db.settings())
            times: list[float] = []
            for number in range(1, options.runs + 1):
                started, before = perf_counter(), process_time()
                collection = collect(connect(SYSTEM, settings, Path(folder)))
                times.append(perf_counter() - started)
                own = process_time() - before
                if not isinstance(collection.completeness, Complete):
                    print(f"not whole: {collection.completeness.reason}")
                    return 2
                print(
                    f"run {number}: {times[-1]:.3f} s, {own:.3f} s of them the auditor's own, for "
                    f"{len(collection.accounts)} accounts and {len(collection.grants)} grants"
                )
            for evidence in collection.completeness.evidence:
                print(f"  {evidence.name}: {evidence.detail}")
    over = min(times) > LIMIT_S
    verdict = "OVER" if over else "within"
    print(f"fastest {min(times):.3f} s, median {median(times):.3f} s, limit {LIMIT_S:.1f} s: {verdict}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
